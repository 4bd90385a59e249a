// SPDX-License-Identifier: Apache-2.0
#include "hash/block_hasher.h"

#include <algorithm>
#include <array>

#include "hash/block_reducer.h"
#include "hash/pdq_signal.h"

namespace semblance::hash {

namespace {

// The rule. Each line was measured: README.md in this folder has the errors.
struct Step {
  std::uint32_t fewest_blocks;  // along the shorter side
  int orders;
};
constexpr std::array kRule = {Step{160, 1}, Step{80, 2}, Step{56, 3}, Step{33, 4}};

// Where so many coefficients are so near to their median, the picture has little structure, or all
// of it in few coefficients (a bare gradient, a page of boxes): its bits follow the smallest error.
constexpr float kUnsureWithin = 1.0F;
constexpr int kMostUnsureBits = 24;

// The most that the unread bits of a progressive file's values may be worth, in steps of one.
constexpr int kMostUnread = 56;

bool is_too_coarse(const LumaBlocks& blocks) {
  for (std::size_t plane = 0; plane < blocks.kept(); ++plane) {
    const int unread = blocks.unread_bits[plane];
    if (unread != 0 && int{blocks.steps[plane]} << unread > kMostUnread) return true;
  }
  return false;
}

}  // namespace

int orders_needed(std::uint32_t width, std::uint32_t height) noexcept {
  const std::uint32_t shorter = std::min(width, height);
  const std::uint32_t blocks = (shorter + LumaBlocks::kSide - 1) / LumaBlocks::kSide;
  for (const Step& step : kRule) {
    if (blocks >= step.fewest_blocks) return step.orders;
  }
  return 0;
}

std::optional<PdqSignal> hash_blocks(const LumaBlocks& blocks) {
  if (is_too_coarse(blocks)) return std::nullopt;
  std::array<float, kReducedPixels> luma;
  reduce_blocks(blocks, luma);
  int unsure_bits = 0;
  PdqSignal signal = make_signal(luma, PdqProfile::kFull, kUnsureWithin, unsure_bits);
  if (unsure_bits > kMostUnsureBits) return std::nullopt;
  signal.orders = static_cast<std::uint8_t>(blocks.orders);
  return signal;
}

}  // namespace semblance::hash
