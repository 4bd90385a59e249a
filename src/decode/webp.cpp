// SPDX-License-Identifier: Apache-2.0
// WebP through libwebp: still pictures, and the first frame of an animation on its canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

#include "decode/exif.h"
#include "decode/picture.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

struct DemuxerDeleter {
  void operator()(WebPDemuxer* demuxer) const noexcept { WebPDemuxDelete(demuxer); }
};
struct DecoderDeleter {
  void operator()(WebPIDecoder* decoder) const noexcept { WebPIDelete(decoder); }
};
using DemuxerPtr = std::unique_ptr<WebPDemuxer, DemuxerDeleter>;
using DecoderPtr = std::unique_ptr<WebPIDecoder, DecoderDeleter>;

std::string version_text(int packed) {
  return std::to_string(packed >> 16) + '.' + std::to_string(packed >> 8 & 0xFF) + '.' +
         std::to_string(packed & 0xFF);
}

std::string_view words_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case VP8_STATUS_INVALID_PARAM:
      return "invalid parameter";
    case VP8_STATUS_BITSTREAM_ERROR:
      return "bitstream error";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "unsupported feature";
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "not enough data";
    default:
      return "decoder failed";
  }
}

Errc code_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return Errc::kLimit;
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return Errc::kUnsupported;
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return Errc::kTruncated;
    default:
      return Errc::kDecode;
  }
}

Error error_of(VP8StatusCode status) {
  return decode_error(code_of(status), "webp", words_of(status));
}

/// What is to be decoded: the file itself, or the first frame of an animation.
struct Still {
  Bytes stream;
  int width = 0, height = 0;  // of the stream's picture
  int left = 0, top = 0;      // of it on the canvas
};

/// Finds the first frame, and whether there are more.
Result<Still> first_frame(WebPDemuxer* demuxer, PictureInfo& info) {
  WebPIterator frame{};
  if (demuxer == nullptr || WebPDemuxGetFrame(demuxer, 1, &frame) == 0) {
    return decode_error(Errc::kTruncated, "webp", "no frame");
  }
  info.animated = WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT) > 1;
  const Still still{{frame.fragment.bytes, frame.fragment.size},
                    frame.width,
                    frame.height,
                    frame.x_offset,
                    frame.y_offset};
  WebPDemuxReleaseIterator(&frame);  // the bytes are the file's own
  const bool fits = still.left >= 0 && still.top >= 0 && still.width > 0 && still.height > 0 &&
                    still.left + std::int64_t{still.width} <= info.width &&
                    still.top + std::int64_t{still.height} <= info.height;
  if (!fits) return decode_error(Errc::kDecode, "webp", "frame lies outside its canvas");
  return still;
}

/// The chunk of the picture itself among the chunks of a still one; empty if it is not there.
///
/// Alpha has a chunk of its own beside lossy pixels. We drop it, so the decoder need not see it: it
/// would take memory, and damage in it would cost the picture.
/// **Source:** RFC 9649, 2.3 and 2.7.
Bytes picture_chunk(Bytes chunks) {
  constexpr std::size_t kHeader = 8;  // name and size
  while (chunks.size() >= kHeader) {
    const std::uint64_t size = std::uint64_t{chunks[4]} | std::uint64_t{chunks[5]} << 8 |
                               std::uint64_t{chunks[6]} << 16 | std::uint64_t{chunks[7]} << 24;
    const std::uint64_t whole = kHeader + size + size % 2;
    const Bytes chunk = chunks.first(std::min<std::uint64_t>(whole, chunks.size()));
    if (std::memcmp(chunk.data(), "VP8 ", 4) == 0 || std::memcmp(chunk.data(), "VP8L", 4) == 0) {
      return chunk;
    }
    chunks = chunks.subspan(chunk.size());
  }
  return {};
}

std::uint8_t orientation_of(WebPDemuxer* demuxer) {
  WebPChunkIterator chunk{};
  if (demuxer == nullptr || WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk) == 0) return 0;
  const std::uint8_t orientation = exif_orientation({chunk.chunk.bytes, chunk.chunk.size});
  WebPDemuxReleaseChunkIterator(&chunk);
  return orientation;
}

/// Decodes `still` onto the canvas and says how many of its rows came.
VP8StatusCode decode_onto(const Still& still, std::uint8_t* canvas, std::size_t bytes,
                          std::size_t stride, int& rows) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return VP8_STATUS_INVALID_PARAM;
  const std::size_t offset =
      static_cast<std::size_t>(still.top) * stride + static_cast<std::size_t>(still.left) * 3;
  config.output.colorspace = MODE_RGB;  // drops alpha, and leaves hidden colours as they are
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {canvas + offset, static_cast<int>(stride), bytes - offset};
  // The incremental decoder, unlike the plain one, keeps the rows before the damage.
  const DecoderPtr decoder(WebPIDecode(nullptr, 0, &config));
  if (!decoder) return VP8_STATUS_OUT_OF_MEMORY;
  const VP8StatusCode status = WebPIUpdate(decoder.get(), still.stream.data(), still.stream.size());
  if (WebPIDecGetRGB(decoder.get(), &rows, nullptr, nullptr, nullptr) == nullptr) rows = 0;
  if (status == VP8_STATUS_OK) rows = still.height;
  return status;
}

}  // namespace

std::string webp_library() { return "libwebp " + version_text(WebPGetDecoderVersion()); }

Result<DecodeEnd> decode_webp(Bytes bytes, const Limits& limits, RowSink& sink) {
  WebPBitstreamFeatures features{};
  VP8StatusCode status = WebPGetFeatures(bytes.data(), bytes.size(), &features);
  if (status != VP8_STATUS_OK) return error_of(status);
  PictureInfo info;
  info.width = static_cast<std::uint32_t>(features.width);
  info.height = static_cast<std::uint32_t>(features.height);
  info.decoder = webp_library();
  if (Status size = admit(info.width, info.height, bytes, limits, sink, "webp"); !size) {
    return std::move(size).error();
  }
  // Our canvas and the band; what the lossless decoder holds, one 32-bit word a pixel, which an
  // animation's frame may need; and some rows of either decoder.
  constexpr std::uint64_t kRowsHeld = 32;
  const std::uint64_t pixels = std::uint64_t{info.width} * info.height;
  const std::uint64_t working = features.format == 1 ? 0 : pixels * 4;
  const std::uint64_t rows_held = std::uint64_t{info.width} * 4 * kRowsHeld;
  if (Status held = check_memory(pixels * 3 + working + rows_held + RowWriter::band_bytes(info),
                                 limits, "webp");
      !held) {
    return std::move(held).error();
  }
  const WebPData file{bytes.data(), bytes.size()};
  WebPDemuxState state{};
  const DemuxerPtr demuxer(WebPDemuxPartial(&file, &state));
  info.orientation = orientation_of(demuxer.get());
  constexpr std::size_t kFileHeader = 12;
  Still still{bytes.subspan(std::min(bytes.size(), kFileHeader)), features.width, features.height,
              0, 0};
  if (features.has_animation != 0) {
    const Result<Still> frame = first_frame(demuxer.get(), info);
    if (!frame) return frame.error();
    still = *frame;
  }
  still.stream = picture_chunk(still.stream);
  const std::size_t stride = std::size_t{info.width} * 3;
  const std::size_t canvas_bytes = stride * info.height;
  const ZeroedBytes canvas = make_zeroed(canvas_bytes);
  int rows = 0;
  status = decode_onto(still, canvas.get(), canvas_bytes, stride, rows);
  if (status != VP8_STATUS_OK && rows <= 0) return error_of(status);
  RowWriter writer(sink, info);
  writer.give(canvas.get(), static_cast<std::ptrdiff_t>(stride), info.height);
  if (status == VP8_STATUS_OK) return DecodeEnd{};
  return partial_end(code_of(status), "webp", words_of(status));
}

}  // namespace semblance::decode
