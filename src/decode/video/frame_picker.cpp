// SPDX-License-Identifier: Apache-2.0
#include "decode/video/frame_picker.h"

#include <algorithm>

namespace semblance::decode {
namespace {

constexpr std::int64_t kLongestFrameUs = 100'000;  // a stated length beyond that proves nothing

}  // namespace

FramePicker::FramePicker(std::uint32_t stream, Turn turn, Progress& progress)
    : stream_(stream), turn_(turn), progress_(progress) {
  waiting_.pixels.reset(av_frame_alloc());
}

std::int64_t FramePicker::due_us() const noexcept { return given_us() + kMaxGapUs; }

Status FramePicker::take(AVFrame& pixels, std::int64_t start_us, std::int64_t length_us,
                         bool wanted) {
  if (!any_given()) return give(pixels, start_us, length_us);
  // One that is given anyway may be late by a frame's length: only what lies between two frames is
  // unseen.
  if (waiting_.held && start_us > due_us() + (wanted ? given_length_us_ : 0)) {
    if (Status given = give_waiting(); !given) return given;
  }
  if (wanted || !waiting_.pixels || (!waiting_.held && start_us > due_us())) {
    forget_waiting();
    return give(pixels, start_us, length_us);
  }
  forget_waiting();
  av_frame_move_ref(waiting_.pixels.get(), &pixels);
  waiting_.start_us = start_us;
  waiting_.length_us = length_us;
  waiting_.held = true;
  return ok();
}

Status FramePicker::finish(std::int64_t end_us) {
  if (!waiting_.held) return ok();
  const std::int64_t end = std::max(end_us, waiting_.start_us + waiting_.length_us);
  if (end - given_length_us_ <= due_us()) return ok();
  return give_waiting();
}

void FramePicker::forget_waiting() {
  if (waiting_.pixels) av_frame_unref(waiting_.pixels.get());
  waiting_.held = false;
}

Status FramePicker::give_waiting() {
  Status given = give(*waiting_.pixels, waiting_.start_us, waiting_.length_us);
  forget_waiting();
  return given;
}

Status FramePicker::give(const AVFrame& pixels, std::int64_t start_us, std::int64_t length_us) {
  FrameView frame(pixels, turn_, progress_.pixels());
  frame.stream = stream_;
  frame.start_us = start_us;
  frame.length_us = length_us;
  frame.key = pixels.key_frame != 0;
  given_us_ = start_us;
  given_length_us_ = std::min(length_us, kLongestFrameUs);
  return progress_.give(pixels, frame);
}

}  // namespace semblance::decode
