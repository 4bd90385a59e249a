// SPDX-License-Identifier: Apache-2.0
// From an open file to the frames of its video.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/luma_plane.h"
#include "decode/decode.h"
#include "decode/sniff.h"
#include "semblance/limits.h"
#include "semblance/result.h"

namespace semblance::decode {

/// What a file says of its video before the first frame.
struct VideoInfo {
  std::string codec;        // of the first video stream, libavcodec's word, such as `h264`
  std::string decoder;      // library and version, such as `libavcodec 59.37.100`
  std::uint32_t width = 0;  // of the first video stream as coded, before any rotation; pixels
  std::uint32_t height = 0;
  std::uint32_t duration_ms = 0;     // stated; 0 if unknown
  std::uint32_t frame_rate_num = 0;  // stated average, frames a second; 0/1 if unknown
  std::uint32_t frame_rate_den = 1;
  int rotation = 0;                 // degrees clockwise, 0..359, that a player turns it by
  std::uint32_t video_streams = 0;  // attached pictures do not count
};

/// How decoded pixels become RGB.
struct RgbForm {
  enum class Filter : std::uint8_t { kArea, kBicubic };
  std::uint32_t width = 0;  // pixels; 0: the frame's own
  std::uint32_t height = 0;
  Filter filter = Filter::kArea;
  bool upright = false;  // turned as the file says, by quarter turns
};

/// One decoded frame, valid during the call that gives it.
class DecodedFrame {
 public:
  virtual ~DecodedFrame() = default;

  std::uint32_t stream = 0;    // which of the video streams, from 0
  std::uint32_t number = 0;    // of its stream, by order of display, from 0; 0 with kKeyframes
  std::int64_t start_us = 0;   // when it is shown, from the start of the file; never negative
  std::int64_t length_us = 0;  // how long, as stated; 0 if unknown
  bool key = false;

  /// Its luma: the decoder's own plane where that is 8-bit luma, else converted. A frame whose
  /// pixels cannot be converted is Errc::kUnsupported. The plane lives as long as the frame.
  virtual Result<LumaPlane> luma() const = 0;

  /// Its planes, if they are what rgb(), at the frame's own size and by kArea, makes R, G, B of as
  /// kernels/luma/yuv.h says: 8-bit 4:2:0. Else nothing. They live as long as the frame.
  virtual std::optional<YuvPlanes> planes() const { return std::nullopt; }

  /// Gives its pixels as R, G, B, by libswscale as the reference calls it: exactly `height` rows,
  /// without RowSink::begin.
  virtual Status rgb(const RgbForm& form, RowSink& rows) const = 0;
};

/// Receives what a file shows, in order of time within each stream.
class FrameSink {
 public:
  virtual ~FrameSink() = default;

  /// Once, before any frame; not where the file has no video stream, or cannot be opened.
  virtual void begin(const VideoInfo& info) = 0;

  /// The coded bytes of a picture that the file carries beside its streams, such as cover art.
  virtual void attached(std::span<const std::uint8_t> coded) = 0;

  /// A frame; an error ends the reading with it.
  virtual Status frame(const DecodedFrame& frame) = 0;
};

/// Which frames are decoded.
enum class Reading : std::uint8_t {
  kEveryFrame,  // all, of every stream
  // Key frames; where more than kMaxGapMs lies between the end of one and the next, as many others
  // as leave no more than that from frame to frame. Two a second where all are key frames. Where
  // stamps cannot be believed, everything is decoded and chosen from.
  kKeyframes,
};

struct ReadPlan {
  Reading reading = Reading::kEveryFrame;
  // As the reference reads a file: the first video stream alone, and what edit lists show of it.
  bool first_stream_only = false;
};

/// How reading a video ended, once its first frame had been given.
struct VideoEnd {
  // Partial: damaged (kDecode), cut short (kTruncated), stopped at a limit (kLimit: of pixels,
  // frames or streams; kTimeout: of seconds), a stream of a coding that there is no decoder for
  // (kUnsupported), or a file that could not be read on (kIo).
  DecodeEnd end;
  std::uint32_t reached_ms = 0;  // up to where it was looked at
  std::uint32_t frames = 0;      // given, over all streams
};

/// Reads the video, animation, or audio with attached pictures in the first `bytes` bytes of the
/// file open at `descriptor`, which sniffed as `format`.
///
/// Nothing else is opened, whatever the file names. One thread, no hardware: the same bytes give
/// the same frames everywhere. Times are those of the file's time stamps; within a stream they
/// grow, whatever the stamps do. What a file carries and asks players not to show, as by an edit
/// list of MP4, is given all the same, at its time among the rest, unless first_stream_only.
/// Without any frame: kDecode, kTruncated, kUnsupported (no video stream: attached pictures were
/// given all the same), kLimit, kTimeout, kIo, or the error of the sink.
///
/// Damage is told where libav tells it: by its result, on the frame, or in its log. kKeyframes does
/// not see damage in what it leaves undecoded. A transport or program stream that was cut between
/// two of its packets, or any file so that it looks like a shorter one, ends as a whole one.
Result<VideoEnd> read_video(int descriptor, std::uint64_t bytes, Format format,
                            const ReadPlan& plan, const Limits& limits, FrameSink& sink);

/// Whether read_video handles it: video and audio containers, and pictures that can be animated.
bool has_frames(Format format) noexcept;

}  // namespace semblance::decode
