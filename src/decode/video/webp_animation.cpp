// SPDX-License-Identifier: Apache-2.0
// Animated WebP through libwebp's own compositor.
#include "decode/video/webp_animation.h"

#include <webp/demux.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/snapshot.h"
#include "decode/picture.h"
#include "decode/video/frame_picker.h"
#include "decode/video/timeline.h"

namespace semblance::decode {
namespace {

constexpr AVRational kMilliseconds = {1, 1000};

struct AnimationDeleter {
  void operator()(WebPAnimDecoder* decoder) const noexcept { WebPAnimDecoderDelete(decoder); }
};
using AnimationPtr = std::unique_ptr<WebPAnimDecoder, AnimationDeleter>;

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const noexcept { WebPDemuxDelete(demuxer); }
};

/// What the file says of itself, whole or not.
struct Stated {
  std::uint32_t width = 0, height = 0, frames = 0;
  std::uint64_t duration_ms = 0;  // of the frames that are there
  bool cut = false;
  std::size_t whole_bytes = 0;  // up to the end of the last frame that is all there
};

Result<Stated> look_at(const WebPData& file, std::string_view format) {
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const std::unique_ptr<WebPDemuxer, DemuxerDeleter> demuxer(WebPDemuxPartial(&file, &state));
  if (!demuxer || state == WEBP_DEMUX_PARSE_ERROR) {
    return decode_error(Errc::kDecode, format, "its chunks cannot be read");
  }
  Stated stated;
  stated.width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  stated.height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  stated.frames = WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT);
  stated.cut = state != WEBP_DEMUX_DONE;
  WebPIterator frame{};
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) != 0) {
    do {
      if (frame.complete == 0) break;
      stated.duration_ms += static_cast<std::uint64_t>(std::max(frame.duration, 0));
      const auto end = static_cast<std::size_t>(frame.fragment.bytes - file.bytes);
      // The byte that pads an odd size may be the first that is cut off.
      const std::size_t padded = end + frame.fragment.size + frame.fragment.size % 2;
      stated.whole_bytes = std::min(padded, file.size);
    } while (WebPDemuxNextFrame(&frame) != 0);
    WebPDemuxReleaseIterator(&frame);
  }
  return stated;
}

/// The part of a cut file that holds whole frames, as a file of its own: the compositor takes no
/// other. Nothing where there is no such part.
std::vector<std::uint8_t> without_cut_frame(const WebPData& file, std::size_t whole_bytes) {
  constexpr std::size_t kSizeField = 4, kBeforeSize = 8;
  if (whole_bytes <= kBeforeSize || whole_bytes > file.size) return {};
  std::vector<std::uint8_t> part(file.bytes, file.bytes + whole_bytes);
  if (part.size() % 2 != 0) part.push_back(0);
  const std::size_t size = part.size() - kBeforeSize;
  for (std::size_t i = 0; i < 4; ++i) {
    part[kSizeField + i] = static_cast<std::uint8_t>(size >> (8 * i));
  }
  return part;
}

/// Gives the frames of an open animation.
class Animation {
 public:
  Animation(WebPAnimDecoder* decoder, const Stated& stated, const ReadPlan& plan,
            Progress& progress)
      : decoder_(decoder),
        stated_(stated),
        plan_(plan),
        progress_(progress),
        picker_(0, Turn{}, progress),
        timeline_(kMilliseconds, AVRational{0, 1}, 0),
        view_(av_frame_alloc()) {}

  Status read() {
    if (!view_) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    std::int64_t start_ms = 0;
    for (std::uint32_t number = 0; WebPAnimDecoderHasMoreFrames(decoder_) != 0; ++number) {
      if (Status in_time = progress_.in_time(); !in_time) return in_time;
      std::uint8_t* canvas = nullptr;
      int end_ms = 0;
      if (WebPAnimDecoderGetNext(decoder_, &canvas, &end_ms) == 0) {
        progress_.note(decode_error(Errc::kDecode, progress_.format(),
                                    "frame " + std::to_string(number) + " is damaged"));
        break;
      }
      const std::int64_t length_ms = std::max<std::int64_t>(end_ms - start_ms, 0);
      if (Status given = give(canvas, number, start_ms, length_ms); !given) return given;
      start_ms = end_ms;
    }
    progress_.reach(end_us_);
    return picker_.finish(end_us_);
  }

 private:
  Status give(std::uint8_t* canvas, std::uint32_t number, std::int64_t start_ms,
              std::int64_t length_ms) {
    view_->format = AV_PIX_FMT_RGBA;
    view_->width = static_cast<int>(stated_.width);
    view_->height = static_cast<int>(stated_.height);
    view_->data[0] = canvas;
    view_->linesize[0] = view_->width * 4;
    view_->key_frame = number == 0 ? 1 : 0;
    const std::int64_t start = timeline_.place(start_ms, length_ms);
    const std::int64_t length = timeline_.length(length_ms);
    end_us_ = start + length;
    if (plan_.reading == Reading::kKeyframes) return pick(start, length, number == 0);
    FrameView frame(*view_, Turn{}, progress_.pixels());
    frame.number = number;
    frame.start_us = start;
    frame.length_us = length;
    frame.key = number == 0;
    return progress_.give(*view_, frame);
  }

  /// The canvas is the decoder's own and changes: what may be given later is a copy.
  Status pick(std::int64_t start_us, std::int64_t length_us, bool first) {
    FramePtr copy(av_frame_alloc());
    if (!copy) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    copy->format = view_->format;
    copy->width = view_->width;
    copy->height = view_->height;
    copy->key_frame = view_->key_frame;
    if (av_frame_get_buffer(copy.get(), 0) < 0 || av_frame_copy(copy.get(), view_.get()) < 0) {
      return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    }
    return picker_.take(*copy, start_us, length_us, first);
  }

  WebPAnimDecoder* decoder_;
  const Stated& stated_;
  const ReadPlan& plan_;
  Progress& progress_;
  FramePicker picker_;
  Timeline timeline_;
  FramePtr view_;  // the decoder's canvas, not owned
  std::int64_t end_us_ = 0;
};

VideoInfo info_of(const Stated& stated) {
  VideoInfo info;
  info.codec = "webp";
  info.decoder = webp_library();
  info.width = stated.width;
  info.height = stated.height;
  info.duration_ms =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(stated.duration_ms, kLatestUs / 1000));
  info.video_streams = 1;
  return info;
}

}  // namespace

Result<VideoEnd> read_webp(int descriptor, std::uint64_t bytes, const ReadPlan& plan,
                           Progress& progress) {
  const std::string_view format = progress.format();
  if (bytes > kMaxPictureFileBytes) {
    return decode_error(Errc::kLimit, format, std::to_string(bytes) + " bytes are too many");
  }
  const Result<MappedBytes> mapped = MappedBytes::map(descriptor, bytes);
  if (!mapped) return mapped.error();
  WebPData file{mapped->bytes().data(), mapped->bytes().size()};
  const Result<Stated> stated = look_at(file, format);
  if (!stated) return stated.error();
  progress.begin(info_of(*stated));
  const std::uint64_t pixels = std::uint64_t{stated->width} * stated->height;
  if (pixels > progress.limits().max_video_pixels) {
    return progress.end(decode_error(Errc::kLimit, format,
                                     std::to_string(pixels) + " pixels are more than " +
                                         std::to_string(progress.limits().max_video_pixels)));
  }
  std::vector<std::uint8_t> part;
  if (stated->cut) {
    progress.note(decode_error(Errc::kTruncated, format, "not enough data"));
    part = without_cut_frame(file, stated->whole_bytes);
    file = {part.data(), part.size()};
  }
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) {
    return decode_error(Errc::kUnsupported, format, "another version of the library");
  }
  options.color_mode = MODE_RGBA;
  options.use_threads = 0;
  const AnimationPtr decoder(WebPAnimDecoderNew(&file, &options));
  if (!decoder) {
    return progress.end(
        stated->cut ? ok() : Status(decode_error(Errc::kDecode, format, "it cannot be opened")));
  }
  const Status read = Animation(decoder.get(), *stated, plan, progress).read();
  return progress.end(read);
}

}  // namespace semblance::decode
