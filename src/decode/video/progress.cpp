// SPDX-License-Identifier: Apache-2.0
#include "decode/video/progress.h"

#include <algorithm>

#include "decode/picture.h"
#include "decode/video/timeline.h"

namespace semblance::decode {

void Progress::begin(const VideoInfo& info) {
  info_ = info;
  if (info.width > 0 && info.height > 0) tell(info.width, info.height);
}

void Progress::tell(std::uint32_t width, std::uint32_t height) {
  if (!info_) return;
  info_->width = width;
  info_->height = height;
  sink_.begin(*info_);
  info_.reset();
}

Status Progress::in_time() const {
  if (!deadline_.over()) return ok();
  return decode_error(Errc::kTimeout, format_,
                      "it took longer than " + std::to_string(deadline_.seconds()) + " seconds");
}

Status Progress::give(const AVFrame& pixels, FrameView& frame) {
  const auto width = static_cast<std::uint64_t>(std::max(pixels.width, 0));
  const auto height = static_cast<std::uint64_t>(std::max(pixels.height, 0));
  if (Status in_time = this->in_time(); !in_time) return in_time;
  if (frames_ >= kMaxFrames) {
    return decode_error(Errc::kLimit, format_,
                        "more than " + std::to_string(kMaxFrames) + " frames");
  }
  if (width > kMaxSide || height > kMaxSide || width * height > limits_.max_video_pixels) {
    note(decode_error(Errc::kLimit, format_,
                      std::to_string(width) + " x " + std::to_string(height) +
                          " pixels are more than " + std::to_string(limits_.max_video_pixels)));
    return ok();  // the next frame may be smaller
  }
  if (width * height * 3 > bytes_left_) {
    return decode_error(Errc::kLimit, format_,
                        "its frames come to more than " + std::to_string(limits_.max_ratio) +
                            " bytes for each of the file");
  }
  bytes_left_ -= width * height * 3;
  tell(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height));
  Status taken = sink_.frame(frame);
  if (!taken) {
    sink_failed_ = true;
    return taken;
  }
  ++frames_;
  reach(frame.start_us + frame.length_us);
  return taken;
}

void Progress::note(const Error& damage) {
  const bool explains = damage.code == Errc::kLimit || damage.code == Errc::kTruncated;
  if (!damage_ || (explains && damage_->code == Errc::kDecode)) damage_ = damage;
}

void Progress::reach(std::int64_t us) noexcept {
  reached_us_ = std::clamp(us, reached_us_, kLatestUs);
}

Result<VideoEnd> Progress::end(const Status& stopped) {
  if (info_) tell(info_->width, info_->height);  // no frame came
  if (!stopped && sink_failed_) return stopped.error();
  // What stopped it says more than what was wrong before.
  const std::optional<Error> reason = stopped ? damage_ : std::optional(stopped.error());
  if (frames_ == 0) {
    return reason.value_or(decode_error(Errc::kDecode, format_, "no frame"));
  }
  VideoEnd end;
  end.reached_ms = static_cast<std::uint32_t>(reached_us_ / 1000);
  end.frames = frames_;
  if (reason) {
    end.end.partial = true;
    end.end.code = reason->code;
    end.end.detail = reason->what;
  }
  return end;
}

}  // namespace semblance::decode
