// SPDX-License-Identifier: Apache-2.0
#include "decode/video/pixels.h"

#include <algorithm>

#include "decode/picture.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace semblance::decode {
namespace {

// libswscale writes whole vectors: beyond the end of a row, and of the last one.
constexpr std::size_t kRowAlign = 64;
constexpr std::size_t kBlockPixels = 32;

std::size_t round_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

Error refused(const AVFrame& frame) {
  const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
  return decode_error(Errc::kUnsupported, "video",
                      std::string("pixels of the format ") + (name == nullptr ? "?" : name));
}

/// Whether black is 16, as libswscale has it: some formats say by their name that it is not.
bool is_limited(const AVFrame& frame, const AVPixFmtDescriptor& format) {
  if (frame.color_range == AVCOL_RANGE_JPEG) return false;
  if (frame.color_range == AVCOL_RANGE_MPEG) return true;
  switch (frame.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return false;
    default:
      return format.nb_components > 2;  // gray is full
  }
}

/// Whether the first plane is luma and nothing else, in samples of `bytes` bytes.
bool has_luma_plane(const AVPixFmtDescriptor& format, int bytes) {
  constexpr std::uint64_t kOther =
      AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
      AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BE;
  const AVComponentDescriptor& luma = format.comp[0];
  const bool wide = luma.depth > 8;
  return (format.flags & kOther) == 0 && luma.plane == 0 && luma.offset == 0 &&
         luma.step == bytes && wide == (bytes == 2) && (wide || luma.depth == 8);
}

/// A row of samples of `depth` bits that start `shift` bits up, rounded to 8 bits.
void narrow_row(const std::uint8_t* in, std::uint8_t* out, std::size_t width, int shift,
                int depth) {
  const int drop = depth - 8;
  const unsigned half = 1u << (drop - 1), mask = (1u << depth) - 1;
  for (std::size_t x = 0; x < width; ++x) {
    const unsigned sample = (in[2 * x] | static_cast<unsigned>(in[2 * x + 1]) << 8) >> shift;
    out[x] = static_cast<std::uint8_t>(std::min(((sample & mask) + half) >> drop, 255u));
  }
}

/// Whether the samples are red, green and blue of 8 bits each, wherever they lie.
bool is_rgb(const AVPixFmtDescriptor& format) {
  constexpr std::uint64_t kOther = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                                   AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER;
  if ((format.flags & AV_PIX_FMT_FLAG_RGB) == 0 || (format.flags & kOther) != 0) return false;
  return format.nb_components >= 3 &&
         std::all_of(format.comp, format.comp + 3, [](const AVComponentDescriptor& component) {
           return component.depth == 8 && component.shift == 0;
         });
}

/// Full-range luma as BT.601 weighs it, rounded.
template <std::size_t Step>
void weigh_row(const std::array<const std::uint8_t*, 3>& in, std::uint8_t* out, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x) {
    const std::uint32_t sum =
        19'595u * in[0][x * Step] + 38'470u * in[1][x * Step] + 7'471u * in[2][x * Step] + 32'768u;
    out[x] = static_cast<std::uint8_t>(sum >> 16);
  }
}

void weigh_row(const AVFrame& frame, const AVPixFmtDescriptor& format, int y, std::uint8_t* out) {
  std::array<const std::uint8_t*, 3> in{};
  for (std::size_t i = 0; i < in.size(); ++i) {
    const AVComponentDescriptor& component = format.comp[i];
    in[i] = frame.data[component.plane] +
            static_cast<std::ptrdiff_t>(y) * frame.linesize[component.plane] + component.offset;
  }
  const auto width = static_cast<std::size_t>(frame.width);
  switch (format.comp[0].step) {
    case 1:
      return weigh_row<1>(in, out, width);
    case 3:
      return weigh_row<3>(in, out, width);
    default:
      return weigh_row<4>(in, out, width);
  }
}

}  // namespace

std::string scaler_library() { return av_library("libswscale", swscale_version()); }

Result<SwsContext*> Pixels::scaler_for(const Scaling& wanted) {
  for (Slot& slot : slots_) {
    if (slot.scaler && slot.scaling == wanted) return slot.scaler.get();
  }
  Slot& slot = slots_[next_slot_];
  next_slot_ = (next_slot_ + 1) % slots_.size();
  slot.scaler.reset(sws_getContext(wanted.from_width, wanted.from_height,
                                   static_cast<AVPixelFormat>(wanted.from_format), wanted.width,
                                   wanted.height, static_cast<AVPixelFormat>(wanted.format),
                                   wanted.flags, nullptr, nullptr, nullptr));
  slot.scaling = wanted;
  if (!slot.scaler) return decode_error(Errc::kUnsupported, "video", "no such conversion");
  if (wanted.matrix < 0 && wanted.range < 0) return slot.scaler.get();
  int *inverse = nullptr, *table = nullptr;
  int from_full = 0, to_full = 0, brightness = 0, contrast = 0, saturation = 0;
  if (sws_getColorspaceDetails(slot.scaler.get(), &inverse, &from_full, &table, &to_full,
                               &brightness, &contrast, &saturation) < 0) {
    return slot.scaler.get();  // of a conversion that has no colours
  }
  const int* from = wanted.matrix < 0 ? inverse : sws_getCoefficients(wanted.matrix);
  if (wanted.range == AVCOL_RANGE_JPEG) from_full = 1;
  if (wanted.range == AVCOL_RANGE_MPEG) from_full = 0;
  sws_setColorspaceDetails(slot.scaler.get(), from, from_full, table, to_full, brightness, contrast,
                           saturation);
  return slot.scaler.get();
}

Status Pixels::scale(const AVFrame& frame, const Scaling& scaling, int channels) {
  const Result<SwsContext*> scaler = scaler_for(scaling);
  if (!scaler) return refused(frame);
  // Where a row has no room for its last block of pixels, libswscale leaves that block unwritten.
  const std::size_t columns = round_up(static_cast<std::size_t>(scaling.width), kBlockPixels);
  plane_stride_ = round_up(columns * static_cast<std::size_t>(channels), kRowAlign);
  const std::size_t needed =
      plane_stride_ * static_cast<std::size_t>(scaling.height) + 2 * kRowAlign;
  if (plane_.size() < needed) plane_.resize(needed);
  std::uint8_t* target[4] = {plane_.data()};
  const int strides[4] = {static_cast<int>(plane_stride_)};
  const int rows = sws_scale(*scaler, frame.data, frame.linesize, 0, frame.height, target, strides);
  if (rows != scaling.height) return refused(frame);
  return ok();
}

Result<LumaPlane> Pixels::luma(const AVFrame& frame) {
  const AVPixFmtDescriptor* format = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  if (format == nullptr || frame.width <= 0 || frame.height <= 0) return refused(frame);
  LumaPlane plane;
  plane.width = static_cast<std::uint32_t>(frame.width);
  plane.height = static_cast<std::uint32_t>(frame.height);
  if (has_luma_plane(*format, 1)) {
    plane.data = frame.data[0];
    plane.stride = frame.linesize[0];
    plane.limited_range = is_limited(frame, *format);
    return plane;
  }
  const bool wide = has_luma_plane(*format, 2), colours = is_rgb(*format);
  if (wide || colours) {
    plane_stride_ = plane.width;
    plane_.resize(std::max(plane_.size(), plane_stride_ * plane.height));
    for (int y = 0; y < frame.height; ++y) {
      std::uint8_t* out = plane_.data() + static_cast<std::size_t>(y) * plane_stride_;
      if (colours) {
        weigh_row(frame, *format, y, out);
      } else {
        narrow_row(frame.data[0] + static_cast<std::ptrdiff_t>(y) * frame.linesize[0], out,
                   plane.width, format->comp[0].shift, format->comp[0].depth);
      }
    }
    plane.limited_range = wide && is_limited(frame, *format);
  } else {
    Scaling scaling{frame.width,
                    frame.height,
                    frame.format,
                    frame.width,
                    frame.height,
                    AV_PIX_FMT_GRAY8,
                    SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT};
    if (frame.color_range != AVCOL_RANGE_UNSPECIFIED) scaling.range = frame.color_range;
    if (Status scaled = scale(frame, scaling, 1); !scaled) return std::move(scaled).error();
    plane.limited_range = false;
  }
  plane.data = plane_.data();
  plane.stride = static_cast<std::ptrdiff_t>(plane_stride_);
  return plane;
}

Status Pixels::rgb(const AVFrame& frame, const RgbForm& form, Turn turn, RowSink& rows) {
  if (frame.width <= 0 || frame.height <= 0) return refused(frame);
  const bool lies = turn.quarters % 2 != 0;
  // The size before it is turned. The reference turns first and then scales: after scaling it is
  // the same picture but for rounding, and less work.
  int width = static_cast<int>(lies ? form.height : form.width);
  int height = static_cast<int>(lies ? form.width : form.height);
  if (width <= 0) width = frame.width;
  if (height <= 0) height = frame.height;
  Scaling scaling{frame.width, frame.height,     frame.format, width,
                  height,      AV_PIX_FMT_RGB24, SWS_AREA};
  if (form.filter == RgbForm::Filter::kBicubic) {
    // As the ffmpeg command does: colours by what the frame says of them, else as BT.601.
    scaling.flags = SWS_BICUBIC;
    const int stated = frame.colorspace;
    const bool known = stated >= 1 && stated <= 10 && stated != AVCOL_SPC_YCGCO;
    scaling.matrix = known ? stated : AVCOL_SPC_BT470BG;
    if (frame.color_range != AVCOL_RANGE_UNSPECIFIED) scaling.range = frame.color_range;
  }
  if (Status scaled = scale(frame, scaling, 3); !scaled) return scaled;
  if (turn == Turn{}) {
    rows.rows(plane_.data(), static_cast<std::ptrdiff_t>(plane_stride_),
              static_cast<std::uint32_t>(height));
    return ok();
  }
  const auto from_width = static_cast<std::size_t>(width);
  const auto from_height = static_cast<std::size_t>(height);
  const std::size_t to_width = lies ? from_height : from_width;
  const std::size_t to_height = lies ? from_width : from_height;
  turned_.resize(to_width * to_height * 3);
  for (std::size_t y = 0; y < to_height; ++y) {
    for (std::size_t x = 0; x < to_width; ++x) {
      const PixelPlace at = source_of({x, y}, from_width, from_height, turn);
      std::copy_n(plane_.data() + at.y * plane_stride_ + at.x * 3, 3,
                  turned_.data() + (y * to_width + x) * 3);
    }
  }
  rows.rows(turned_.data(), static_cast<std::ptrdiff_t>(to_width * 3),
            static_cast<std::uint32_t>(to_height));
  return ok();
}

}  // namespace semblance::decode
