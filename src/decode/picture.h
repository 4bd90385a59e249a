// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: one entry point a format, and the bounds and words they share.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "decode/decode.h"

namespace semblance::decode {

using Bytes = std::span<const std::uint8_t>;

/// Each decodes the first picture of `bytes` as decode_picture promises.
Result<DecodeEnd> decode_jpeg(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_png(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_gif(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_webp(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_bmp(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_tiff(Bytes bytes, const Limits& limits, RowSink& sink);
Result<DecodeEnd> decode_heif(Bytes bytes, Format format, const Limits& limits, RowSink& sink);

/// Each names its library and the version that runs, such as `libspng 0.7.3`. libjpeg-turbo and
/// giflib cannot be asked: theirs is the version that this build was compiled against.
std::string jpeg_library();
std::string png_library();
std::string gif_library();
std::string webp_library();
std::string bmp_library();
std::string tiff_library();
std::string heif_library();
std::string container_library();  // of video; its decoders are those of bmp_library
std::string scaler_library();

/// "decode <format>: <cause>", the cause on one line.
Error decode_error(Errc code, std::string_view format, std::string_view cause);

/// The end of a picture that is damaged or cut short.
DecodeEnd partial_end(Errc code, std::string_view format, std::string_view cause);

/// Errc::kDecode if a side is 0; kLimit if one exceeds kMaxSide, if the picture has more pixels
/// than allowed, or more of them than a file of `file_bytes` can mean.
Status check_size(std::uint64_t width, std::uint64_t height, std::uint64_t file_bytes,
                  const Limits& limits, std::string_view format);

/// Tells the sink the sides that `file` states, then checks them as check_size does. Every decoder
/// calls it before it decodes anything.
Status admit(std::uint64_t width, std::uint64_t height, Bytes file, const Limits& limits,
             RowSink& sink, std::string_view format);

/// Errc::kLimit if holding `bytes` at once is not allowed. Count what the library holds, what the
/// decoder holds, and RowWriter::band_bytes.
Status check_memory(std::uint64_t bytes, const Limits& limits, std::string_view format);

/// Memory of zeros that costs nothing where it is never touched.
using ZeroedBytes = std::unique_ptr<std::uint8_t[], decltype(&std::free)>;

/// Throws std::bad_alloc if there is none.
ZeroedBytes make_zeroed(std::size_t bytes);

/// A 16-bit sample as 8 bits: v * 255 / 65535, rounded to nearest.
constexpr std::uint8_t scale_16_to_8(std::uint32_t v) noexcept {
  return static_cast<std::uint8_t>((v + 128) / 257);
}

/// A sample of `bits` bits (1..8) as 8 bits: v * 255 / (2^bits - 1), rounded to nearest.
constexpr std::uint8_t scale_to_8(std::uint32_t v, unsigned bits) noexcept {
  const std::uint32_t top = (1u << bits) - 1;
  return static_cast<std::uint8_t>((v * 255 + top / 2) / top);
}

/// a * b / 255, rounded to nearest, for a and b in 0..255.
constexpr std::uint8_t multiply_255(std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<std::uint8_t>((a * b + 127) / 255);
}

}  // namespace semblance::decode
