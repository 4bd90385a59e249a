// SPDX-License-Identifier: Apache-2.0
// How alike two videos are by their `tmk` signals.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "semblance/tmk.h"

namespace semblance {
namespace {

using Values = std::span<const float>;

// Eight sums side by side, added up at the end: a fixed order that vectors can follow.
double dot(Values a, Values b) {
  constexpr std::size_t kSums = 8;
  static_assert(kTmkDimension % kSums == 0);
  std::array<double, kSums> sums{};
  for (std::size_t d = 0; d < kTmkDimension; d += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) {
      sums[k] += static_cast<double>(a[d + k]) * static_cast<double>(b[d + k]);
    }
  }
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

// cos and sin of 2 pi offset / period, for the offsets up to half of the period. The other half
// are the negatives of these angles.
struct Angles {
  std::vector<double> cosines;
  std::vector<double> sines;
};

std::array<Angles, kTmkPeriods> make_angles() {
  std::array<Angles, kTmkPeriods> angles;
  for (std::size_t p = 0; p < kTmkPeriods; ++p) {
    for (std::int32_t offset = 0; offset <= kTmkPeriodFrames[p] / 2; ++offset) {
      const double angle = 2 * std::numbers::pi * offset / kTmkPeriodFrames[p];
      angles[p].cosines.push_back(std::cos(angle));
      angles[p].sines.push_back(std::sin(angle));
    }
  }
  return angles;
}

// The kernel of one period as a trigonometric sum: of even[j] cos(j angle) + odd[j] sin(j angle).
struct Series {
  std::array<double, kTmkCoefficients> even{};
  std::array<double, kTmkCoefficients> odd{};
};

Series make_series(const TmkSignal& query, const TmkSignal& entry, std::size_t period) {
  Series series;
  for (std::size_t j = 0; j < kTmkCoefficients; ++j) {
    const std::size_t at = (period * kTmkCoefficients + j) * kTmkDimension;
    const Values query_cos(&query.cosines[at], kTmkDimension);
    const Values query_sin(&query.sines[at], kTmkDimension);
    const Values entry_cos(&entry.cosines[at], kTmkDimension);
    const Values entry_sin(&entry.sines[at], kTmkDimension);
    series.even[j] = dot(query_cos, entry_cos);
    if (j == 0) continue;
    series.even[j] += dot(query_sin, entry_sin);
    series.odd[j] = dot(query_sin, entry_cos) - dot(query_cos, entry_sin);
  }
  return series;
}

// Clenshaw's recurrence, for some angles side by side.
double largest_of(const Series& series, const Angles& angles) {
  constexpr std::size_t kTogether = 16;
  double largest = -1;
  for (std::size_t first = 0; first < angles.cosines.size(); first += kTogether) {
    const std::size_t count = std::min(kTogether, angles.cosines.size() - first);
    std::array<double, kTogether> twice{};
    for (std::size_t k = 0; k < count; ++k) twice[k] = 2 * angles.cosines[first + k];
    std::array<double, kTogether> even{}, even_before{}, odd{}, odd_before{};
    for (std::size_t j = kTmkCoefficients - 1; j > 0; --j) {
      for (std::size_t k = 0; k < kTogether; ++k) {
        const double next_even = series.even[j] + twice[k] * even[k] - even_before[k];
        const double next_odd = series.odd[j] + twice[k] * odd[k] - odd_before[k];
        even_before[k] = even[k];
        even[k] = next_even;
        odd_before[k] = odd[k];
        odd[k] = next_odd;
      }
    }
    for (std::size_t k = 0; k < count; ++k) {
      const double cosine = angles.cosines[first + k];
      const double evens = series.even[0] + cosine * even[k] - even_before[k];
      const double odds = angles.sines[first + k] * odd[k];
      largest = std::max(largest, evens + std::abs(odds));
    }
  }
  return largest;
}

// What the kernel is of a video with itself, at no offset.
double whole() {
  double sum = static_cast<double>(kTmkFourier[0]);
  for (std::size_t j = 1; j < kTmkCoefficients; ++j) sum += 2 * static_cast<double>(kTmkFourier[j]);
  return sum;
}

}  // namespace

float tmk_level1(const TmkSignal& query, const TmkSignal& entry) {
  const double norms =
      std::sqrt(dot(query.mean, query.mean)) * std::sqrt(dot(entry.mean, entry.mean));
  if (!(norms > 0)) return 0;
  return static_cast<float>(std::clamp(dot(query.mean, entry.mean) / norms, -1.0, 1.0));
}

float tmk_level2(const TmkSignal& query, const TmkSignal& entry) {
  static const std::array<Angles, kTmkPeriods> angles = make_angles();
  for (const TmkSignal* signal : {&query, &entry}) {
    if (signal->cosines.size() != kTmkWaves || signal->sines.size() != kTmkWaves) return 0;
  }
  double largest = -1;
  for (std::size_t p = 0; p < kTmkPeriods; ++p) {
    largest = std::max(largest, largest_of(make_series(query, entry, p), angles[p]));
  }
  return static_cast<float>(largest / whole());
}

}  // namespace semblance
