// SPDX-License-Identifier: Apache-2.0
#include "hash/tmk/tmk_hasher.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "dct/dct.h"
#include "hash/tmk/constant_rate.h"
#include "luma/luma.h"
#include "waves/waves.h"

namespace semblance::hash {
namespace {

using Vector = std::array<float, kTmkDimension>;

// Frames that go into the sums together.
constexpr std::size_t kBatch = 16;
static_assert(kTmkDimension == kernels::kWaveVector);

// What the number of frames can say.
constexpr std::int32_t kMostFrames = std::numeric_limits<std::int32_t>::max();

// A frame that is repeated more often than this, for over a minute, is summed in one step: no time
// stamp makes work without end. The sums are then the reference's but for its rounding.
constexpr std::uint32_t kFewRepeats = 1'000;

Vector frame_vector(std::span<const std::uint8_t> rgb) {
  constexpr std::size_t kRowBytes = std::size_t{3} * kTmkSide;
  std::array<std::uint32_t, kTmkSide> columns;
  std::iota(columns.begin(), columns.end(), 0U);
  std::array<float, kernels::kDctInputs> luma;
  for (std::size_t y = 0; y < kTmkSide; ++y) {
    kernels::pick_luma(rgb.data() + y * kRowBytes, columns.data(), columns.size(),
                       luma.data() + y * kTmkSide);
  }
  Vector vector;
  kernels::dct_64_to_16(luma.data(), vector.data());
  return vector;
}

// Scales to length `length`; a zero vector stays.
void normalize(std::span<float> vector, float length) {
  float squares = 0;
  for (const float value : vector) squares += value * value;
  if (!(squares > 0)) return;
  const float norm = std::sqrt(squares);
  for (float& value : vector) value = value / norm * length;
}

}  // namespace

struct TmkHasher::State {
  ConstantRate rate;
  Vector raw{};   // of the latest frame: its coefficients,
  Vector unit{};  // and the same at length 1
  bool any = false;

  TmkSignal sums;
  std::array<float, kBatch * kTmkDimension> batch;  // vectors, one after the other
  std::size_t batched = 0;

  State() {
    sums.cosines.assign(kTmkWaves, 0);
    sums.sines.assign(kTmkWaves, 0);
  }

  // Gives out the latest frame so often.
  void give(std::uint32_t times) {
    times = std::min(times, static_cast<std::uint32_t>(kMostFrames - sums.frames));
    if (times > kFewRepeats) return give_still(times);
    for (; times > 0; --times) {
      for (std::size_t d = 0; d < kTmkDimension; ++d) sums.mean[d] += raw[d];
      std::copy(unit.begin(), unit.end(), batch.begin() + batched * kTmkDimension);
      ++sums.frames;
      if (++batched == kBatch) flush();
    }
  }

  // Calls `add(turns, period, at)` for each wave: from one frame to the next its angle grows by
  // turns / period, and its vectors are at `at`.
  template <class Add>
  static void for_each_wave(const Add& add) {
    std::size_t at = 0;
    for (const std::int32_t period : kTmkPeriodFrames) {
      for (std::size_t j = 0; j < kTmkCoefficients; ++j, at += kTmkDimension) {
        add(2 * std::numbers::pi * static_cast<double>(j), static_cast<double>(period), at);
      }
    }
  }

  // Adds the batch to the sums, frame by frame in order within each. The angles are computed as the
  // reference does, so that they are rounded as its are.
  void flush() {
    const auto first = static_cast<double>(sums.frames) - static_cast<double>(batched);
    for_each_wave([&](double turns, double period, std::size_t at) {
      std::array<double, kBatch> cosines;
      std::array<double, kBatch> sines;
      for (std::size_t n = 0; n < batched; ++n) {
        const double angle = turns * (first + static_cast<double>(n)) / period;
        cosines[n] = std::cos(angle);
        sines[n] = std::sin(angle);
      }
      kernels::add_waves(batch.data(), cosines.data(), batched, &sums.cosines[at]);
      kernels::add_waves(batch.data(), sines.data(), batched, &sums.sines[at]);
    });
    batched = 0;
  }

  // The sum of the cosines of equally spaced angles is that of their middle, times
  // sin(count * half) / sin(half) of half the space between two; so for the sines.
  void give_still(std::uint32_t times) {
    flush();
    const auto count = static_cast<double>(times);
    const double middle = static_cast<double>(sums.frames) + (count - 1) / 2;
    for_each_wave([&](double turns, double period, std::size_t at) {
      const double half = turns / period / 2;
      const double all = half > 0 ? std::sin(count * half) / std::sin(half) : count;
      const double cosine = all * std::cos(2 * half * middle);
      const double sine = all * std::sin(2 * half * middle);
      kernels::add_waves(unit.data(), &cosine, 1, &sums.cosines[at]);
      kernels::add_waves(unit.data(), &sine, 1, &sums.sines[at]);
    });
    for (std::size_t d = 0; d < kTmkDimension; ++d) {
      sums.mean[d] += raw[d] * static_cast<float>(times);
    }
    sums.frames += static_cast<std::int32_t>(times);
  }
};

TmkHasher::TmkHasher() : state_(std::make_unique<State>()) {}
TmkHasher::~TmkHasher() = default;
TmkHasher::TmkHasher(TmkHasher&&) noexcept = default;
TmkHasher& TmkHasher::operator=(TmkHasher&&) noexcept = default;

void TmkHasher::add(std::span<const std::uint8_t, std::size_t{3} * kTmkSide * kTmkSide> rgb,
                    std::int64_t start_us, std::int64_t length_us) {
  const std::optional<ConstantRate::Step> step = state_->rate.next(start_us, length_us);
  if (!step) return;
  if (state_->any) state_->give(step->previous);
  state_->raw = frame_vector(rgb);
  state_->unit = state_->raw;
  normalize(state_->unit, 1);
  state_->give(state_->any ? step->current : step->previous + step->current);
  state_->any = true;
}

std::optional<TmkSignal> TmkHasher::finish() {
  State& state = *state_;
  if (state.any) state.give(state.rate.finish());
  if (state.sums.frames == 0) return std::nullopt;
  state.flush();
  TmkSignal signal = std::move(state.sums);
  for (float& value : signal.mean) value /= static_cast<float>(signal.frames);
  for (std::vector<float>* waves : {&signal.cosines, &signal.sines}) {
    for (std::size_t v = 0; v < kTmkPeriods * kTmkCoefficients; ++v) {
      normalize(std::span(*waves).subspan(v * kTmkDimension, kTmkDimension),
                std::sqrt(kTmkFourier[v % kTmkCoefficients]));
    }
  }
  state = State();
  return signal;
}

}  // namespace semblance::hash
