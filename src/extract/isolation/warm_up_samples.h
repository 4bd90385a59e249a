// SPDX-License-Identifier: Apache-2.0
// Private to src/extract/isolation: one tiny picture for each way of decoding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace semblance::extract {

/// Where a decoder may run before the cage closes.
enum class Warmed : std::uint8_t {
  kInSupervisor,  // it starts no thread
  kInWorker,      // it starts one, gone when the picture is done
  kNever,         // it starts one for every CPU, but none once it may no longer count them
};

/// A whole file, made by us of a few synthetic pixels.
struct WarmUpSample {
  std::string_view name;  // the format's word in records, then what is special about it
  std::span<const std::uint8_t> bytes;
  std::size_t coded = 0;  // at this offset lie at least four bytes of coded pixels
  Warmed warmed = Warmed::kInSupervisor;
};

/// Pixels of every sample.
inline constexpr std::uint32_t kSampleWidth = 16;
inline constexpr std::uint32_t kSampleHeight = 12;

/// Every format that is decoded, and every coding within it that has code of its own.
std::span<const WarmUpSample> warm_up_samples() noexcept;

}  // namespace semblance::extract
