// SPDX-License-Identifier: Apache-2.0
#include "hash/tmk/constant_rate.h"

#include <algorithm>
#include <cmath>

namespace semblance::hash {
namespace {

// Times are kept in 1/65536 of a frame given out, and then moved off the exact middle.
constexpr std::int64_t kPerFrame = 65'536;
constexpr double kOffMiddle = 1.0 / 131'072.0;
constexpr std::int64_t kMicroseconds = 1'000'000;

// A frame that is further than this from its place is dropped or repeated; in frames.
constexpr double kThreshold = 1.1;

// More repetitions than this of one frame are an error of the time stamps.
constexpr std::int64_t kMostRepeats = std::int64_t{3600} * 30 * 30;

// No time stamp that means anything is later: a hundred years.
constexpr std::int64_t kLatest_us = std::int64_t{100} * 366 * 86'400 * kMicroseconds;

double to_frames(std::int64_t time_us) {
  return static_cast<double>(time_us) * kTmkFramesPerSecond / static_cast<double>(kMicroseconds);
}

double place(std::int64_t time_us) {
  // In whole seconds and the rest, so that the product cannot overflow.
  constexpr std::int64_t kUnits = kPerFrame * kTmkFramesPerSecond;
  const std::int64_t units = time_us / kMicroseconds * kUnits +
                             (time_us % kMicroseconds * kUnits + kMicroseconds / 2) / kMicroseconds;
  const double frames = static_cast<double>(units) / static_cast<double>(kPerFrame);
  return frames + (units > 0 ? kOffMiddle : -kOffMiddle);
}

}  // namespace

// How many frames of the output the frame lasts. Whole numbers, where it is at least half of one:
// what looks odd is what the command does.
double ConstantRate::duration(std::int64_t start_us, std::int64_t length_us) {
  if (length_us <= 0) length_us = std::max<std::int64_t>(0, start_us - previous_us_);
  const double frames = to_frames(std::min(length_us, kLatest_us));
  const double whole = static_cast<double>(std::lrintf(static_cast<float>(frames)));
  return whole > 0 ? whole : std::min(frames, 1.0);
}

std::optional<ConstantRate::Step> ConstantRate::next(std::int64_t start_us,
                                                     std::int64_t length_us) {
  start_us = std::clamp<std::int64_t>(start_us, 0, kLatest_us);
  double drift = place(start_us) - static_cast<double>(given_);
  const double end_drift = drift + duration(start_us, length_us);
  previous_us_ = start_us;
  if (drift < 0 && end_drift > 0) drift = 0;

  std::int64_t count = 1;
  std::int64_t of_previous = 0;
  if (end_drift < -kThreshold) {
    count = 0;
  } else if (end_drift > kThreshold) {
    count = std::lrintf(static_cast<float>(end_drift));
    if (drift > kThreshold) of_previous = std::llrintf(static_cast<float>(drift - 0.6));
  }
  of_previous = std::min(of_previous, count);
  repeats_ = {of_previous, repeats_[0], repeats_[1]};
  if (count > kMostRepeats) return std::nullopt;
  given_ += count;
  return Step{static_cast<std::uint32_t>(of_previous),
              static_cast<std::uint32_t>(count - of_previous)};
}

std::uint32_t ConstantRate::finish() const {
  std::array<std::int64_t, 3> sorted = repeats_;
  std::sort(sorted.begin(), sorted.end());
  return static_cast<std::uint32_t>(std::min(sorted[1], kMostRepeats));
}

}  // namespace semblance::hash
