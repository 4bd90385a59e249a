// SPDX-License-Identifier: Apache-2.0
// The one source of chance: the same numbers from the same seed on every machine.
#pragma once

#include <cstdint>

namespace semblance::datasets {

/// A SplitMix64 generator: 64 uniform bits a step from a 64-bit state.
///
/// The standard library's distributions are left alone on purpose: their results differ between
/// implementations. Everything here is integer arithmetic, or one exact conversion to double.
/// **Source:** Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// The generator numbered `stream` of a family, independent of its neighbours.
  static Random stream(std::uint64_t seed, std::uint64_t stream) noexcept {
    return Random(mix(seed + mix(stream + kStep)));
  }

  /// 64 uniform bits.
  std::uint64_t bits() noexcept { return mix(state_ += kStep); }

  /// A uniform number in [0, 1), a multiple of 2^-53.
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// A uniform number in [low, high).
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }

  /// A number in [0, n); uniform to within n / 2^32. n is at least 1.
  std::uint32_t below(std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>(((bits() >> 32) * n) >> 32);
  }

  /// A bell-shaped number of mean 0 and deviation 1, in [-3.5, 3.5]: four uniform ones summed.
  double bell() noexcept {
    const std::uint64_t b = bits();
    const std::uint64_t sum =
        (b & 0xffff) + ((b >> 16) & 0xffff) + ((b >> 32) & 0xffff) + (b >> 48);
    return (static_cast<double>(sum) - 131070.0) * (kRootOfThree / 65536.0);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  static constexpr double kRootOfThree = 1.7320508075688772;

  static std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace semblance::datasets
