// SPDX-License-Identifier: Apache-2.0
#include "decode/decode.h"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "decode/picture.h"

namespace semblance::decode {
namespace {

Result<DecodeEnd> dispatch(Bytes bytes, Format format, const Limits& limits, RowSink& sink) {
  switch (format) {
    case Format::kJpeg:
      return decode_jpeg(bytes, limits, sink);
    case Format::kPng:
      return decode_png(bytes, limits, sink);
    case Format::kGif:
      return decode_gif(bytes, limits, sink);
    case Format::kWebp:
      return decode_webp(bytes, limits, sink);
    case Format::kBmp:
      return decode_bmp(bytes, limits, sink);
    case Format::kTiff:
      return decode_tiff(bytes, limits, sink);
    case Format::kHeic:
    case Format::kAvif:
      return decode_heif(bytes, format, limits, sink);
    default:
      return decode_error(Errc::kUnsupported, name(format), "no decoder for this format");
  }
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (c < 0x20 || c > 0x7e) c = ' ';  // a library may quote the file
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

}  // namespace

Error decode_error(Errc code, std::string_view format, std::string_view cause) {
  std::string what = "decode ";
  what += format.empty() ? std::string_view("picture") : format;
  return {code, what + ": " + one_line(cause)};
}

DecodeEnd partial_end(Errc code, std::string_view format, std::string_view cause) {
  DecodeEnd end;
  end.partial = true;
  end.code = code == Errc::kTruncated ? Errc::kTruncated : Errc::kDecode;
  end.detail = decode_error(code, format, cause).what;
  return end;
}

Status check_size(std::uint64_t width, std::uint64_t height, std::uint64_t file_bytes,
                  const Limits& limits, std::string_view format) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width == 0 || height == 0) return decode_error(Errc::kDecode, format, size);
  if (std::max(width, height) > kMaxSide) {
    return decode_error(Errc::kLimit, format,
                        size + ": a side is over " + std::to_string(kMaxSide));
  }
  if (width > limits.max_pixels / height) {
    return decode_error(Errc::kLimit, format,
                        size + " are more than " + std::to_string(limits.max_pixels));
  }
  const std::uint64_t decoded = width * height * 3;
  const bool inflated = (decoded - 1) / std::max<std::uint64_t>(file_bytes, 1) >= limits.max_ratio;
  if (decoded > kFreeDecodedBytes && inflated) {
    return decode_error(Errc::kLimit, format,
                        size + " in " + std::to_string(file_bytes) + " bytes: decoded, over " +
                            std::to_string(limits.max_ratio) + " times as many");
  }
  return ok();
}

Status admit(std::uint64_t width, std::uint64_t height, Bytes file, const Limits& limits,
             RowSink& sink, std::string_view format) {
  constexpr std::uint64_t kTop = UINT32_MAX;
  sink.sized(static_cast<std::uint32_t>(std::min(width, kTop)),
             static_cast<std::uint32_t>(std::min(height, kTop)));
  return check_size(width, height, file.size(), limits, format);
}

Status check_memory(std::uint64_t bytes, const Limits& limits, std::string_view format) {
  if (bytes <= limits.max_picture_bytes) return ok();
  return decode_error(Errc::kLimit, format,
                      "needs " + std::to_string(bytes) + " bytes at once, more than " +
                          std::to_string(limits.max_picture_bytes));
}

ZeroedBytes make_zeroed(std::size_t bytes) {
  ZeroedBytes memory(static_cast<std::uint8_t*>(std::calloc(bytes, 1)), &std::free);
  if (!memory) throw std::bad_alloc();
  return memory;
}

Result<DecodeEnd> decode_picture(std::span<const std::uint8_t> bytes, Format format,
                                 const Limits& limits, RowSink& sink) {
  // A refused allocation in our own buffers is a bound like any other.
  try {
    return dispatch(bytes, format, limits, sink);
  } catch (const std::bad_alloc&) {
    return decode_error(Errc::kLimit, name(format), "out of memory");
  } catch (const std::length_error&) {
    return decode_error(Errc::kLimit, name(format), "out of memory");
  }
}

std::string decoder_versions() {
  std::string lines;
  for (const std::string& library :
       {jpeg_library(), png_library(), gif_library(), webp_library(), bmp_library(), tiff_library(),
        heif_library(), container_library(), scaler_library()}) {
    lines += library + '\n';
  }
  return lines;
}

}  // namespace semblance::decode
