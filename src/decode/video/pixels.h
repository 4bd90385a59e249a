// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what is made of a decoded frame's pixels.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "decode/av.h"
#include "decode/video.h"
#include "decode/video/turn.h"

namespace semblance::decode {

/// Converts frames, one at a time, and keeps what it needs for the next of the same kind.
class Pixels {
 public:
  /// As DecodedFrame::luma; lives until the next call.
  Result<LumaPlane> luma(const AVFrame& frame);

  /// As DecodedFrame::rgb.
  Status rgb(const AVFrame& frame, const RgbForm& form, Turn turn, RowSink& rows);

 private:
  /// What decides a scaler.
  struct Scaling {
    int from_width = 0, from_height = 0, from_format = -1;
    int width = 0, height = 0, format = -1, flags = 0;
    int matrix = -1;  // AVColorSpace of the frame; -1: libswscale's own choice
    int range = -1;   // AVColorRange of the frame; -1: by its format

    friend bool operator==(const Scaling&, const Scaling&) = default;
  };
  struct Slot {
    Scaling scaling;
    ScalerPtr scaler;
  };

  Result<SwsContext*> scaler_for(const Scaling& scaling);
  Status scale(const AVFrame& frame, const Scaling& scaling, int channels);

  std::array<Slot, 4> slots_;  // whole frames and small ones, of two streams in turn
  std::size_t next_slot_ = 0;
  std::vector<std::uint8_t> plane_;  // what was converted, rows plane_stride_ bytes apart
  std::size_t plane_stride_ = 0;
  std::vector<std::uint8_t> turned_;
};

/// A frame as it is given to a sink.
class FrameView final : public DecodedFrame {
 public:
  FrameView(const AVFrame& frame, Turn turn, Pixels& pixels)
      : frame_(frame), turn_(turn), pixels_(pixels) {}

  Result<LumaPlane> luma() const override { return pixels_.luma(frame_); }
  std::optional<YuvPlanes> planes() const override {
    if (frame_.format != AV_PIX_FMT_YUV420P || frame_.width <= 0 || frame_.height <= 0) return {};
    return YuvPlanes{frame_.data[0],
                     frame_.data[1],
                     frame_.data[2],
                     frame_.linesize[0],
                     frame_.linesize[1],
                     frame_.linesize[2],
                     static_cast<std::uint32_t>(frame_.width),
                     static_cast<std::uint32_t>(frame_.height)};
  }
  Status rgb(const RgbForm& form, RowSink& rows) const override {
    return pixels_.rgb(frame_, form, form.upright ? turn_ : Turn{}, rows);
  }

 private:
  const AVFrame& frame_;
  Turn turn_;
  Pixels& pixels_;
};

}  // namespace semblance::decode
