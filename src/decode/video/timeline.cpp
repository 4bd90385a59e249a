// SPDX-License-Identifier: Apache-2.0
#include "decode/video/timeline.h"

#include <algorithm>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace semblance::decode {
namespace {

constexpr AVRational kMicroseconds = {1, 1'000'000};
constexpr std::int64_t kUsualStepUs = 40'000;
constexpr std::int64_t kShortestStepUs = 1'000;  // a thousand frames a second
constexpr std::int64_t kLongestStepUs = 10'000'000;
constexpr std::int64_t kJoinUs = 1'000'000;  // stamps that go back further are another recording

/// A time that can be added to and subtracted from others of its kind. What libav could not
/// represent is at the ends of the range, and is none.
std::optional<std::int64_t> meaningful(std::optional<std::int64_t> us) {
  constexpr std::int64_t kMeaningful = std::int64_t{1} << 60;
  if (us && (*us < -kMeaningful || *us > kMeaningful)) return std::nullopt;
  return us;
}

}  // namespace

std::optional<std::int64_t> to_us(std::int64_t ticks, AVRational time_base) {
  return meaningful(av_rescale_q(ticks, time_base, kMicroseconds));
}

Timeline::Timeline(AVRational time_base, AVRational frame_rate, std::optional<std::int64_t> base_us)
    : time_base_(time_base), base_us_(meaningful(base_us)), step_us_(kUsualStepUs) {
  if (time_base_.num <= 0 || time_base_.den <= 0) time_base_ = kMicroseconds;
  if (frame_rate.num > 0 && frame_rate.den > 0) {
    step_us_ = std::clamp(av_rescale(1'000'000, frame_rate.den, frame_rate.num), kShortestStepUs,
                          kLongestStepUs);
  }
}

std::optional<std::int64_t> Timeline::at(std::int64_t stamp) const {
  if (stamp == AV_NOPTS_VALUE) return std::nullopt;
  const auto us = to_us(stamp, time_base_);
  if (!us) return std::nullopt;
  return *us - base_us_.value_or(*us) + shift_us_;
}

std::int64_t Timeline::length(std::int64_t ticks) const {
  if (ticks <= 0) return 0;
  return std::clamp<std::int64_t>(to_us(ticks, time_base_).value_or(0), 0, kLatestUs);
}

std::int64_t Timeline::place(std::int64_t stamp, std::int64_t length_ticks) {
  if (!base_us_ && stamp != AV_NOPTS_VALUE) base_us_ = to_us(stamp, time_base_);
  std::optional<std::int64_t> time = at(stamp);
  if (time && *time > kLatestUs) time.reset();
  if (last_us_ < 0) {
    last_us_ = std::max<std::int64_t>(time.value_or(0), 0);
  } else {
    const std::int64_t step = last_length_us_ > 0
                                  ? std::clamp(last_length_us_, kShortestStepUs, kLongestStepUs)
                                  : step_us_;
    const std::int64_t next = last_us_ + step;
    if (!time) {
      last_us_ = next;
    } else if (*time > last_us_) {
      last_us_ = std::max(*time, last_us_ + kShortestStepUs);
    } else {
      if (last_us_ - *time > kJoinUs) shift_us_ += next - *time;
      last_us_ = next;
    }
  }
  last_us_ = std::min(last_us_, kLatestUs);
  last_length_us_ = length(length_ticks);
  return last_us_;
}

}  // namespace semblance::decode
