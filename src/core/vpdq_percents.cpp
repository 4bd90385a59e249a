// SPDX-License-Identifier: Apache-2.0
// The reference's vPDQ: its rule.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <set>

#include "semblance/video.h"

namespace semblance {
namespace {

struct Words {
  std::array<std::uint64_t, 4> words{};
  bool met = false;  // some hash of the other side is within reach
};

// python-threatexchange's order: of equal hashes the first stays, whatever its quality; then those
// of too little quality go.
std::vector<Words> that_count(std::span<const KnownFrame> frames, const VpdqRule& rule) {
  std::vector<Words> counted;
  std::set<Hash256> seen;
  for (const KnownFrame& frame : frames) {
    if (frame.at.form != FrameForm::kWhole) continue;
    if (rule.dedupe && !seen.insert(frame.hash).second) continue;
    if (int{frame.at.quality} < rule.quality_floor) continue;
    std::memcpy(counted.emplace_back().words.data(), frame.hash.bytes.data(), Hash256::kBytes);
  }
  return counted;
}

bool within(const Words& a, const Words& b, int most) {
  int distance = 0;
  for (std::size_t w = 0; w < a.words.size(); ++w) {
    distance += std::popcount(a.words[w] ^ b.words[w]);
    if (distance > most) return false;  // of unrelated pictures, mostly at the first word or two
  }
  return true;
}

// Marks the hashes that have one of the others within reach, by comparing all with all.
void mark_by_pairs(std::vector<Words>& hashes, const std::vector<Words>& others, int most) {
  for (Words& hash : hashes) {
    hash.met = std::any_of(others.begin(), others.end(),
                           [&](const Words& other) { return within(hash, other, most); });
  }
}

// A hash is 16 slots of 16 bits. Of two that are within 31 bits, one slot differs in at most one
// bit: so it is enough to look, for each slot, where the other has the same value but for a bit.
constexpr std::size_t kSlots = 16;
constexpr int kMostBySlots = 31;
constexpr std::uint32_t kSlotValues = 1U << 16;

std::uint32_t slot_of(const Words& hash, std::size_t slot) {
  return static_cast<std::uint32_t>(hash.words[slot / 4] >> (slot % 4 * 16)) & (kSlotValues - 1);
}

// The places of hashes by their value of one slot.
class SlotTable {
 public:
  void fill(const std::vector<Words>& hashes, std::size_t slot) {
    ends_.assign(kSlotValues + 1, 0);
    places_.resize(hashes.size());
    for (const Words& hash : hashes) ++ends_[slot_of(hash, slot) + 1];
    std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
    // From the beginnings; each ends up as the end, which is the next one's beginning.
    for (std::uint32_t place = 0; place < hashes.size(); ++place) {
      places_[ends_[slot_of(hashes[place], slot)]++] = place;
    }
  }

  std::span<const std::uint32_t> with(std::uint32_t value) const {
    const std::uint32_t begin = value == 0 ? 0 : ends_[value - 1];
    return std::span(places_).subspan(begin, ends_[value] - begin);
  }

 private:
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint32_t> places_;
};

// The same for most <= kMostBySlots.
void mark_by_slots(std::vector<Words>& hashes, const std::vector<Words>& others, int most) {
  SlotTable table;
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    table.fill(others, slot);
    for (Words& hash : hashes) {
      const auto meets = [&](std::uint32_t value) {
        const auto places = table.with(value);
        return std::any_of(places.begin(), places.end(),
                           [&](std::uint32_t place) { return within(hash, others[place], most); });
      };
      const std::uint32_t value = slot_of(hash, slot);
      hash.met = hash.met || meets(value);
      for (std::uint32_t bit = 1; bit < kSlotValues && !hash.met; bit <<= 1) {
        hash.met = meets(value ^ bit);
      }
    }
  }
}

// Pairs from which the tables are worth their making.
constexpr std::size_t kFewPairs = 250'000;

void mark(std::vector<Words>& hashes, const std::vector<Words>& others, int most) {
  if (most > kMostBySlots || hashes.size() * others.size() < kFewPairs) {
    mark_by_pairs(hashes, others, most);
  } else {
    mark_by_slots(hashes, others, most);
  }
}

double percent_met(const std::vector<Words>& hashes) {
  if (hashes.empty()) return 0;
  const auto met =
      std::count_if(hashes.begin(), hashes.end(), [](const Words& w) { return w.met; });
  return 100.0 * static_cast<double>(met) / static_cast<double>(hashes.size());
}

}  // namespace

VpdqPercents vpdq_percents(std::span<const KnownFrame> query, std::span<const KnownFrame> entry,
                           const VpdqRule& rule) {
  std::vector<Words> ours = that_count(query, rule);
  std::vector<Words> theirs = that_count(entry, rule);
  mark(ours, theirs, rule.max_distance);
  mark(theirs, ours, rule.max_distance);
  return {percent_met(ours), percent_met(theirs)};
}

}  // namespace semblance
