// SPDX-License-Identifier: Apache-2.0
// TMK signals without a video, for the tests of matching.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "semblance/store.h"
#include "semblance/tmk.h"

namespace semblance {

/// The signal of a video that does not exist: vectors in random directions, as long as those of one
/// that does.
inline TmkSignal made_up_tmk(std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<float> normal;
  TmkSignal tmk;
  tmk.frames = 300;
  for (float& one : tmk.mean) one = normal(rng);
  for (std::vector<float>* waves : {&tmk.cosines, &tmk.sines}) {
    waves->resize(kTmkWaves);
    for (std::size_t vector = 0; vector < kTmkWaves / kTmkDimension; ++vector) {
      float* const first = waves->data() + vector * kTmkDimension;
      double squares = 0;
      for (std::size_t i = 0; i < kTmkDimension; ++i) {
        first[i] = normal(rng);
        squares += static_cast<double>(first[i]) * first[i];
      }
      const double length = std::sqrt(kTmkFourier[vector % kTmkCoefficients] / squares);
      for (std::size_t i = 0; i < kTmkDimension; ++i) {
        first[i] = static_cast<float>(first[i] * length);
      }
    }
  }
  return tmk;
}

/// A TMK as a bank keeps it.
inline BankSignal tmk_signal(const TmkSignal& tmk) {
  return {{SignalKind::kTmk, to_bytes(tmk)}, std::nullopt, std::nullopt, std::string(kTmkVersion)};
}

}  // namespace semblance
