// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the inner loop of BlockWalk.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/mcu_codes.h"

namespace semblance::decode::jpeg {

/// One lane: a reader somewhere in the bits, between two calls of BlockRounds::run.
struct Lane {
  // So many windows are read on one load of bits: before the last, 11 bits of 57 are left.
  static constexpr int kSteps = 3;
  static constexpr int kGroups = 64;  // loads in one call
  static constexpr std::size_t kMaxBlocks = std::size_t{kSteps} * kGroups;

  std::uint32_t at = 0;     // bit from which to go on
  std::uint32_t slot = 0;   // of the block that it is in, below McuCodes::period
  std::uint32_t place = 0;  // in the block, as BlockRounds::start_of gives it

  // What the last call found: the bits at which blocks start, in order. After the first failure,
  // of which `failed_at` is the bit, they mean nothing.
  std::uint32_t found = 0;
  bool failed = false;
  std::uint32_t failed_at = 0;
  std::array<std::uint32_t, kMaxBlocks> starts;
};

/// Runs lanes side by side, one window each in turn, without a branch that depends on the data: the
/// CPU is busy with one while another waits for its table.
class BlockRounds {
 public:
  /// How far behind its `at` a call may look: kGroups loads of kSteps symbols, each at most a code
  /// of 16 bits and 11 more, and the last load.
  static constexpr std::size_t kReachBytes =
      std::size_t{Lane::kGroups} * Lane::kSteps * 27 / 8 + 16;
  static_assert(kReachBytes <= EntropyBits::kPadding);

  /// Both must outlive this.
  BlockRounds(const std::uint8_t* bytes, const McuCodes& codes) noexcept;

  /// The place of a lane that is at the start of a block of that slot.
  std::uint32_t start_of(std::size_t slot) const noexcept {
    return place_behind_[slot + codes_.period - 1];
  }

  /// Moves each lane on by at most Lane::kMaxBlocks windows. The `at` of none may lie behind the
  /// end of the bits, which kReachBytes follow.
  template <std::size_t kLanes>
  void run(std::array<Lane*, kLanes> lanes) const noexcept;

 private:
  /// A lane within a call: in the bits, and in its block.
  struct Position {
    std::uint32_t at;
    std::uint32_t place;
  };

  struct Symbol {
    std::uint32_t entry;  // as in Windows, but never stuck
    bool failed;
  };
  /// Goes kSteps on from a place as the loop does, but symbol by symbol where a window does not do.
  [[gnu::noinline]] Position redo(Position from, const std::uint8_t* first, Lane& lane,
                                  std::uint32_t* starts) const noexcept;

  Symbol read_symbol(std::uint32_t place, std::uint32_t at) const noexcept;

  // Slots go on counting during a call, so that no lane has to wrap them.
  static constexpr std::size_t kSlots = kMaxMcuBlocks + Lane::kMaxBlocks + 1;

  const std::uint8_t* bytes_;
  const McuCodes& codes_;
  const unsigned char* windows_;
  std::array<std::uint32_t, kSlots> place_behind_;  // by slot: the start of the block after it
};

}  // namespace semblance::decode::jpeg
