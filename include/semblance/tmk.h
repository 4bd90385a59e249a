// SPDX-License-Identifier: Apache-2.0
// TMK+PDQF: one vector of fixed size for a whole video.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "semblance/result.h"

namespace semblance {

/// The shape of the reference's signal; another is not compared.
inline constexpr std::size_t kTmkPeriods = 4;
inline constexpr std::size_t kTmkCoefficients = 32;
inline constexpr std::size_t kTmkDimension = 256;
inline constexpr std::int32_t kTmkFramesPerSecond = 15;
inline constexpr std::size_t kTmkWaves = kTmkPeriods * kTmkCoefficients * kTmkDimension;

/// The size of a `.tmk` file of that shape, in bytes: what a signal's value is.
inline constexpr std::size_t kTmkBytes = 263'344;

/// The periods, in frames, and the Fourier coefficients of the reference.
/// **Source:** ThreatExchange tmk/cpp; Poullot et al., "Temporal matching kernel with explicit
/// feature maps", 2015, with beta = 32.
inline constexpr std::array<std::int32_t, kTmkPeriods> kTmkPeriodFrames = {2731, 4391, 9767, 14653};
extern const std::array<float, kTmkCoefficients> kTmkFourier;

/// The version of how a TmkSignal is computed.
inline constexpr std::string_view kTmkVersion = "tmk-1";

/// The `tmk` signal of one video: SignalKind::kTmk.
struct TmkSignal {
  std::int32_t frames = 0;                  // that went in, at kTmkFramesPerSecond
  std::array<float, kTmkDimension> mean{};  // of the frames' coefficients
  std::vector<float> cosines;               // kTmkWaves: [period][coefficient][dimension]
  std::vector<float> sines;                 // the same

  friend bool operator==(const TmkSignal&, const TmkSignal&) = default;
};

/// The bytes of a `.tmk` file, which are also the value of the signal.
std::vector<std::uint8_t> to_bytes(const TmkSignal& signal);

/// Reads a `.tmk` file. Errc::kBadFormat if it is none, or of another shape: which the error names.
/// Figures that are not finite are none either, nor those that are larger than any video's.
Result<TmkSignal> parse_tmk(std::span<const std::uint8_t> bytes);

/// Scores from which two videos are held to be the same, at both levels.
inline constexpr float kTmkLevel1 = 0.7F;
inline constexpr float kTmkLevel2 = 0.7F;

/// Cosine similarity of the means, -1..1; 0 if both are zero.
float tmk_level1(const TmkSignal& query, const TmkSignal& entry);

/// The largest value of the matching kernel over all periods and offsets, about 0..1.
/// **Source:** ThreatExchange tmk/cpp (features/…: computePairSimilarity, "level 2").
float tmk_level2(const TmkSignal& query, const TmkSignal& entry);

}  // namespace semblance
