// SPDX-License-Identifier: Apache-2.0
// What the host checks of a batch of pictures before a GPU reads them.
#include "pdq/device_pdq.h"

namespace semblance::kernels {
namespace {

bool lies_within(const DevicePicture& picture, std::uint64_t byte_count) noexcept {
  const auto side_is_well = [](std::uint32_t side) { return side >= 1 && side <= kMaxDeviceSide; };
  if (!side_is_well(picture.width) || !side_is_well(picture.height)) return false;
  if (picture.offset > byte_count || picture.stride < picture.width) return false;
  // The last row begins at stride * (height - 1); by division, for the product may not fit.
  const std::uint64_t left = byte_count - picture.offset;
  if (left < picture.width) return false;
  const std::uint64_t steps = picture.height - 1;
  return steps == 0 || picture.stride <= (left - picture.width) / steps;
}

}  // namespace

bool are_well_formed(const DevicePictures& what) noexcept {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 48;  // more than any GPU's memory
  if (what.count > kMaxDevicePictures || what.byte_count > kMostBytes) return false;
  if (what.count > 0 && (what.bytes == nullptr || what.pictures == nullptr)) return false;
  // The GPU reads whole words.
  if (what.memory == DeviceMemory::kDevice &&
      reinterpret_cast<std::uintptr_t>(what.bytes) % 4 != 0) {
    return false;
  }
  for (std::size_t i = 0; i < what.count; ++i) {
    if (!lies_within(what.pictures[i], what.byte_count)) return false;
  }
  return true;
}

}  // namespace semblance::kernels
