// SPDX-License-Identifier: Apache-2.0
#include "index/key_tables.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

namespace semblance::index {
namespace {

constexpr int kFewestKeyBits = 16;
constexpr int kMostKeyBits = 24;
constexpr std::size_t kCodesABucket = 8;  // at most, on average, while keys can grow

using KeyBits = std::array<std::array<std::uint8_t, kMostKeyBits>, KeyTables::kTables>;

// The bits that make each table's keys; of shorter keys the first. Any would do that are spread:
// drawn once and for all, by a generator whose numbers the standard fixes.
const KeyBits& bits_of_keys() {
  static const KeyBits bits = [] {
    KeyBits drawn{};
    std::mt19937 random(5);
    for (auto& of_table : drawn) {
      std::array<std::uint8_t, 256> all{};
      std::iota(all.begin(), all.end(), std::uint8_t{0});
      for (std::size_t i = 0; i < of_table.size(); ++i) {
        std::swap(all[i], all[i + random() % (all.size() - i)]);
        of_table[i] = all[i];
      }
    }
    return drawn;
  }();
  return bits;
}

int key_bits_for(std::size_t codes) {
  int bits = kFewestKeyBits;
  while (bits < kMostKeyBits && codes > kCodesABucket << bits) ++bits;
  return bits;
}

Status check(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  if (codes.size() != labels.size()) {
    return Error{Errc::kBadArgument, "add codes: " + std::to_string(codes.size()) + " codes, " +
                                         std::to_string(labels.size()) + " labels"};
  }
  if (std::any_of(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; })) {
    return Error{Errc::kBadArgument, "add codes: a label is negative"};
  }
  return ok();
}

}  // namespace

KeyTables::KeyTables() : key_bits_(kFewestKeyBits) {
  for (Table& table : tables_) table.buckets.resize(std::size_t{1} << key_bits_);
}

std::uint32_t KeyTables::key(const Hash256& code, std::size_t table) const noexcept {
  const auto& bits = bits_of_keys()[table];
  std::uint32_t key = 0;
  for (int i = 0; i < key_bits_; ++i) {
    const unsigned bit = bits[static_cast<std::size_t>(i)];
    key = key << 1 | (code.bytes[bit / 8] >> (bit % 8) & 1U);
  }
  return key;
}

void KeyTables::link(std::uint32_t row) {
  for (std::size_t t = 0; t < kTables; ++t) {
    Bucket& bucket = tables_[t].buckets[key(codes_[row], t)];
    if (bucket.first == 0) {
      bucket.first = row + 1;
    } else {
      tables_[t].next[bucket.last - 1] = row + 1;
    }
    bucket.last = row + 1;
    ++bucket.codes;
    tables_[t].next.push_back(0);
  }
}

void KeyTables::build() {
  std::size_t kept = 0;
  for (std::size_t row = 0; row < codes_.size(); ++row) {
    if (labels_[row] == kWithdrawn) continue;
    codes_[kept] = codes_[row];
    labels_[kept++] = labels_[row];
  }
  codes_.resize(kept);
  labels_.resize(kept);
  withdrawn_ = 0;
  key_bits_ = std::max(key_bits_, key_bits_for(kept));
  for (Table& table : tables_) {
    table.buckets.assign(std::size_t{1} << key_bits_, {});
    table.next.clear();
    table.next.reserve(kept);
  }
  for (std::uint32_t row = 0; row < kept; ++row) link(row);
}

Status KeyTables::add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  if (auto right = check(codes, labels); !right) return right;
  const std::unique_lock lock(mutex_);
  return add_locked(codes, labels);
}

Status KeyTables::add_new(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  if (auto right = check(codes, labels); !right) return right;
  const std::unordered_set<std::int64_t> asked(labels.begin(), labels.end());
  const std::unique_lock lock(mutex_);
  std::set<std::pair<std::int64_t, std::array<std::uint8_t, Hash256::kBytes>>> here;
  for (std::size_t row = 0; row < codes_.size(); ++row) {
    if (asked.contains(labels_[row])) here.emplace(labels_[row], codes_[row].bytes);
  }
  std::vector<Hash256> new_codes;
  std::vector<std::int64_t> new_labels;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (!here.emplace(labels[i], codes[i].bytes).second) continue;
    new_codes.push_back(codes[i]);
    new_labels.push_back(labels[i]);
  }
  return add_locked(new_codes, new_labels);
}

Status KeyTables::add_locked(std::span<const Hash256> codes, std::span<const std::int64_t> labels) {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max() - 1;
  if (codes.size() > kMost - codes_.size()) return Error{Errc::kLimit, "add codes: too many"};
  auto row = static_cast<std::uint32_t>(codes_.size());
  codes_.insert(codes_.end(), codes.begin(), codes.end());
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  if (key_bits_for(codes_.size() - withdrawn_) > key_bits_) {
    build();
    return ok();
  }
  for (; row < codes_.size(); ++row) link(row);
  return ok();
}

std::size_t KeyTables::withdraw(std::span<const std::int64_t> labels) {
  const std::unordered_set<std::int64_t> gone(labels.begin(), labels.end());
  const std::unique_lock lock(mutex_);
  const std::size_t before = withdrawn_;
  for (std::size_t row = 0; row < codes_.size(); ++row) {
    if (labels_[row] == kWithdrawn || !gone.contains(labels_[row])) continue;
    labels_[row] = kWithdrawn;
    ++withdrawn_;
    for (std::size_t t = 0; t < kTables; ++t) --tables_[t].buckets[key(codes_[row], t)].codes;
  }
  const std::size_t taken = withdrawn_ - before;
  // So that what a search walks over stays less than what it looks for.
  if (withdrawn_ > (codes_.size() - withdrawn_) / 4) build();
  return taken;
}

std::size_t KeyTables::size() const {
  const std::shared_lock lock(mutex_);
  return codes_.size() - withdrawn_;
}

void KeyTables::search_one(const Hash256& query, std::uint32_t number, int max_distance,
                           std::vector<std::uint32_t>& rows, std::vector<LabelledHit>& hits) const {
  rows.clear();
  for (std::size_t t = 0; t < kTables; ++t) {
    const Bucket& bucket = tables_[t].buckets[key(query, t)];
    const std::uint32_t most = bucket.codes > kCrowd ? kOfCrowd : kCrowd;
    std::uint32_t at = bucket.first;
    for (std::uint32_t seen = 0; at != 0 && seen < most; at = tables_[t].next[at - 1]) {
      if (labels_[at - 1] == kWithdrawn) continue;
      rows.push_back(at - 1);
      ++seen;
    }
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  const std::size_t before = hits.size();
  for (const std::uint32_t row : rows) {
    const int distance = hamming_distance(query, codes_[row]);
    if (distance <= max_distance) hits.push_back({number, labels_[row], distance});
  }
  std::sort(hits.begin() + static_cast<std::ptrdiff_t>(before), hits.end(),
            [](const LabelledHit& a, const LabelledHit& b) {
              return std::pair(a.distance, a.label) < std::pair(b.distance, b.label);
            });
}

std::vector<LabelledHit> KeyTables::search(std::span<const Hash256> queries,
                                           int max_distance) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::uint32_t> rows;
  std::vector<LabelledHit> hits;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    search_one(queries[i], static_cast<std::uint32_t>(i), max_distance, rows, hits);
  }
  return hits;
}

}  // namespace semblance::index
