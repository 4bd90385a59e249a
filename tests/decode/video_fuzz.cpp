// SPDX-License-Identifier: Apache-2.0
// A video as a worker meets it: times that grow, frames within the limits, and one end.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "decode/sniff.h"
#include "decode/video.h"
#include "decode/video/stated_size.h"
#include "fuzz/fuzz.h"

namespace {

using namespace semblance;

class Checker final : public decode::FrameSink, public decode::RowSink {
 public:
  explicit Checker(const Limits& limits) : limits_(limits) { last_us_.fill(-1); }

  void begin(const decode::VideoInfo& info) override {
    SEMBLANCE_HOLDS(!begun_ && frames_ == 0 && !info.decoder.empty());
    SEMBLANCE_HOLDS(info.rotation >= 0 && info.rotation < 360 && info.frame_rate_den > 0);
    begun_ = true;
  }
  void attached(std::span<const std::uint8_t> coded) override { SEMBLANCE_HOLDS(!coded.empty()); }

  Status frame(const decode::DecodedFrame& frame) override {
    SEMBLANCE_HOLDS(begun_ && frame.stream < last_us_.size());
    SEMBLANCE_HOLDS(frame.start_us > last_us_[frame.stream] || frame.start_us == kLatest);
    SEMBLANCE_HOLDS(frame.start_us >= 0 && frame.length_us >= 0);
    last_us_[frame.stream] = frame.start_us;
    if (const auto luma = frame.luma()) {
      SEMBLANCE_HOLDS(std::uint64_t{luma->width} * luma->height <= limits_.max_video_pixels);
      const std::uint8_t* last_row =
          luma->data + static_cast<std::ptrdiff_t>(luma->height - 1) * luma->stride;
      touched_ = static_cast<std::uint8_t>(luma->data[0] ^ last_row[luma->width - 1]);
    }
    if (frames_++ % 8 == 0) {
      rows_ = 0;
      const decode::RgbForm small{16, 12, decode::RgbForm::Filter::kArea, true};
      if (frame.rgb(small, *this)) SEMBLANCE_HOLDS(rows_ == 12);
    }
    return ok();
  }

  void begin(const decode::PictureInfo&) override { SEMBLANCE_HOLDS(false); }
  void rows(const std::uint8_t* first, std::ptrdiff_t, std::uint32_t count) override {
    touched_ = first[0];
    rows_ += count;
  }

  void check(const Result<decode::VideoEnd>& end) const {
    if (!end) {
      SEMBLANCE_HOLDS(frames_ == 0 && end.error().what.starts_with("decode "));
      return;
    }
    SEMBLANCE_HOLDS(frames_ > 0 && end->frames == frames_);
    SEMBLANCE_HOLDS(end->end.partial != end->end.detail.empty());
  }

 private:
  static constexpr std::int64_t kLatest = std::int64_t{4'294'967'000} * 1000;

  const Limits& limits_;
  bool begun_ = false;
  std::uint32_t frames_ = 0;
  std::uint32_t rows_ = 0;
  std::array<std::int64_t, 8> last_us_{};
  volatile std::uint8_t touched_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Limits limits;
  limits.max_video_pixels = 1 << 16;
  limits.max_video_seconds = 2;
  const std::span<const std::uint8_t> bytes(data, size);
  const auto head = bytes.first(std::min(size, decode::kStatedSizeHead));
  decode::states_more(head, size);
  decode::Format format = decode::sniff(head);
  if (!decode::has_frames(format)) format = decode::Format::kOtherVideo;
  const int memory = ::memfd_create("video", MFD_CLOEXEC);
  if (memory < 0) return 0;
  if (::write(memory, data, size) == static_cast<ssize_t>(size)) {
    for (const auto reading : {decode::Reading::kEveryFrame, decode::Reading::kKeyframes}) {
      Checker sink(limits);
      sink.check(decode::read_video(memory, size, format, {reading, false}, limits, sink));
    }
  }
  ::close(memory);
  return 0;
}
