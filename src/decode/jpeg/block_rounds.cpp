// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/block_rounds.h"

#include <cstring>
#include <utility>

namespace semblance::decode::jpeg {
namespace {

// Where a lane is in its block, in one word, so that one addition of a window's entry moves it on.
// Fields, from the lowest: 6 bits of nothing; the number of the next coefficient, 1..63; one bit
// that says that it has passed 63; whether the DC symbol is read; the number of the pair.
// All but the coefficient's is the offset of the windows to use next.
constexpr std::uint32_t kFirstCoefficient = 1u << skip::kAdvanceShift;
constexpr std::uint32_t kPassed = skip::kStuck;
constexpr std::uint32_t kInside = skip::kEnters;
constexpr std::uint32_t kWindowsOffset = ~(kInside - 1);
static_assert(sizeof(Windows) == kInside * 2);

// Where a lane is in the bits and which slot it fills, in one word, to the same end. Fields: 15
// bits from the lane's first byte on, then slots.
constexpr std::uint32_t kSlotShift = 15;
constexpr std::uint32_t kBits = (1u << kSlotShift) - 1;
static_assert(skip::kEnds == 1u << kSlotShift);
static_assert(BlockRounds::kReachBytes * 8 < kBits);
static_assert(57 - (Lane::kSteps - 1) * skip::kMaxBits >= kWindowBits);

[[gnu::always_inline]] inline std::uint32_t entry_of(const unsigned char* windows,
                                                     std::uint32_t place,
                                                     std::uint64_t bits) noexcept {
  std::uint16_t entry;
  std::memcpy(&entry,
              windows + (place & kWindowsOffset) + (bits >> (64 - kWindowBits)) * sizeof entry,
              sizeof entry);
  return entry;
}

}  // namespace

BlockRounds::BlockRounds(const std::uint8_t* bytes, const McuCodes& codes) noexcept
    : bytes_(bytes),
      codes_(codes),
      windows_(reinterpret_cast<const unsigned char*>(codes.windows.data())) {
  for (std::size_t slot = 0; slot < kSlots; ++slot) {
    const std::uint32_t pair = codes.pair_of[(slot + 1) % codes.period];
    place_behind_[slot] = pair * static_cast<std::uint32_t>(sizeof(Windows)) | kFirstCoefficient;
  }
}

BlockRounds::Symbol BlockRounds::read_symbol(std::uint32_t place, std::uint32_t at) const noexcept {
  constexpr Symbol kFailed{1u | skip::kEnds, true};  // from the next bit on, as good as any
  const McuCodes::Pair& pair = codes_.pairs[place / sizeof(Windows)];
  const std::uint32_t next = static_cast<std::uint32_t>(load_bits(bytes_, at) >> 48);
  if ((place & kInside) == 0) {
    const HuffmanCode::Symbol symbol = pair.dc.first_of(next);
    if (symbol.length == 0 || symbol.value > kMaxDcSize) return kFailed;
    return {(std::uint32_t{symbol.length} + symbol.value) | skip::kEnters, false};
  }
  const HuffmanCode::Symbol symbol = pair.ac.first_of(next);
  const AcSymbol means = AcSymbol::of(symbol.value);
  if (symbol.length == 0 || !means.usual) return kFailed;
  const std::uint32_t bits = std::uint32_t{symbol.length} + means.size;
  if (means.ends) return {bits | skip::kEnds, false};
  const std::uint32_t coefficient =
      (place >> skip::kAdvanceShift & skip::kMaxAdvance) + means.advance;
  if (coefficient < kBlockValues) {
    return {bits | std::uint32_t{means.advance} << skip::kAdvanceShift, false};
  }
  // The last coefficient ends a block too; a run of zeros may not.
  if (coefficient == kBlockValues && means.size > 0) return {bits | skip::kEnds, false};
  return kFailed;
}

BlockRounds::Position BlockRounds::redo(Position from, const std::uint8_t* first, Lane& lane,
                                        std::uint32_t* starts) const noexcept {
  for (int step = 0; step < Lane::kSteps; ++step) {
    std::uint32_t entry = entry_of(windows_, from.place, load_bits(first, from.at & kBits));
    if (((from.place + (entry & ~skip::kBits)) & kPassed) != 0) {
      const std::uint32_t at = static_cast<std::uint32_t>(first - bytes_) * 8 + (from.at & kBits);
      const Symbol symbol = read_symbol(from.place, at);
      entry = symbol.entry;
      if (symbol.failed && !lane.failed) {
        lane.failed = true;
        lane.failed_at = at;
      }
    }
    const std::uint32_t slot = from.at >> kSlotShift;
    from.at += entry & (skip::kEnds | skip::kBits);
    starts[slot] = from.at;
    from.place =
        (entry & skip::kEnds) != 0 ? place_behind_[slot] : from.place + (entry & ~skip::kBits);
  }
  return from;
}

// Every index below is bounded whatever the bits are: `place` gains at most 63 coefficients a step,
// three steps after each check, so that its offset stays within four windows; a lane's slot gains
// one a step; and its bits at most 63.
template <std::size_t kLanes>
void BlockRounds::run(std::array<Lane*, kLanes> lanes) const noexcept {
  // A loop over the lanes whose counter is a constant, so that each lane lives in registers.
  const auto each = [](auto use) __attribute__((always_inline)) {
    [&]<std::size_t... kLane>(std::index_sequence<kLane...>) __attribute__((always_inline)) {
      (use(std::integral_constant<std::size_t, kLane>()), ...);
    }
    (std::make_index_sequence<kLanes>());
  };
  const unsigned char* const windows = windows_;
  std::array<std::uint32_t, kSlots> place_behind = place_behind_;
  const std::uint8_t* first[kLanes];
  std::uint64_t bits[kLanes];
  Position now[kLanes];
  Position old[kLanes];
  std::uint32_t passed[kLanes];
  std::uint32_t starts[kLanes][kSlots];
  each([&](auto i) __attribute__((always_inline)) {
    const Lane& lane = *lanes[i];
    first[i] = bytes_ + lane.at / 8;
    now[i] = {lane.at % 8 | lane.slot << kSlotShift, lane.place};
    lanes[i]->failed = false;
  });

  const auto step = [&](auto i) __attribute__((always_inline)) {
    const std::uint32_t entry = entry_of(windows, now[i].place, bits[i]);
    bits[i] <<= entry & skip::kBits;
    const std::uint32_t moved = now[i].place + (entry & ~skip::kBits);
    passed[i] |= moved;
    const std::uint32_t slot = now[i].at >> kSlotShift;
    now[i].at += entry & (skip::kEnds | skip::kBits);
    // Written at every step: the one that ends the block writes last.
    starts[i][slot] = now[i].at;
    // As good as random: a jump would be mispredicted once a block.
    const std::uint32_t behind = place_behind[slot];
    const bool ends = (entry & skip::kEnds) != 0;
    now[i].place = __builtin_expect_with_probability(ends, 1, 0.5) ? behind : moved;
  };
  for (int group = 0; group < Lane::kGroups; ++group) {
    each([&](auto i) __attribute__((always_inline)) {
      bits[i] = load_bits(first[i], now[i].at & kBits);
      old[i] = now[i];
      passed[i] = 0;
    });
    each(step);
    each(step);
    each(step);
    std::uint32_t any = 0;
    each([&](auto i) __attribute__((always_inline)) { any |= passed[i]; });
    if ((any & kPassed) != 0) [[unlikely]] {
      each([&](auto i) __attribute__((always_inline)) {
        if ((passed[i] & kPassed) != 0) now[i] = redo(old[i], first[i], *lanes[i], starts[i]);
      });
    }
  }

  each([&](auto i) {
    Lane& lane = *lanes[i];
    const std::uint32_t base = static_cast<std::uint32_t>(first[i] - bytes_) * 8;
    const std::uint32_t slot = now[i].at >> kSlotShift;
    lane.found = slot - lane.slot;
    for (std::uint32_t j = 0; j < lane.found; ++j) {
      lane.starts[j] = base + (starts[i][lane.slot + j] & kBits);
    }
    lane.at = base + (now[i].at & kBits);
    lane.slot = slot % static_cast<std::uint32_t>(codes_.period);
    lane.place = now[i].place;
  });
}

template void BlockRounds::run(std::array<Lane*, 1> lanes) const noexcept;
template void BlockRounds::run(std::array<Lane*, 2> lanes) const noexcept;
template void BlockRounds::run(std::array<Lane*, 3> lanes) const noexcept;
template void BlockRounds::run(std::array<Lane*, 4> lanes) const noexcept;

}  // namespace semblance::decode::jpeg
