// SPDX-License-Identifier: Apache-2.0
#include "datasets/encode.h"

#include <algorithm>

#include "datasets/encoders.h"

namespace semblance::datasets {

std::string_view suffix(FileFormat format) noexcept {
  switch (format) {
    case FileFormat::kJpeg:
      return ".jpg";
    case FileFormat::kPng:
      return ".png";
    case FileFormat::kWebp:
      return ".webp";
    case FileFormat::kTiff:
      return ".tif";
    case FileFormat::kBmp:
      return ".bmp";
    case FileFormat::kGif:
      return ".gif";
  }
  return "";
}

Result<std::string> encode(const Picture& picture, const Encoding& encoding) {
  constexpr std::uint32_t kMaxSide = 16383;  // WebP's, the tightest
  if (picture.width == 0 || picture.height == 0 || picture.width > kMaxSide ||
      picture.height > kMaxSide) {
    return Error{Errc::kBadArgument, "encode picture: " + std::to_string(picture.width) + "x" +
                                         std::to_string(picture.height) + " is out of range"};
  }
  switch (encoding.format) {
    case FileFormat::kJpeg:
      return encode_jpeg(picture, encoding);
    case FileFormat::kPng:
      return encode_png(picture);
    case FileFormat::kWebp:
      return encode_webp(picture, encoding);
    case FileFormat::kTiff:
      return encode_tiff(picture);
    case FileFormat::kBmp:
      return encode_bmp(picture);
    case FileFormat::kGif:
      return encode_gif(picture);
  }
  return Error{Errc::kBadArgument, "encode picture: no such format"};
}

// A header of 54 bytes, then rows of B, G, R from the bottom up, each padded to four bytes.
std::string encode_bmp(const Picture& picture) {
  const std::size_t padded = (picture.row_bytes() + 3) / 4 * 4;
  const std::size_t pixels = padded * picture.height;
  std::string out;
  out.reserve(54 + pixels);
  const auto put = [&out](std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  };
  out.append("BM");
  put(54 + pixels, 4);
  put(0, 4);
  put(54, 4);  // where the pixels begin
  put(40, 4);  // size of the header that follows
  put(picture.width, 4);
  put(picture.height, 4);
  put(1, 2);   // planes
  put(24, 2);  // bits a pixel
  put(0, 4);   // not compressed
  put(pixels, 4);
  put(2835, 4);  // pixels a metre: 72 an inch
  put(2835, 4);
  put(0, 8);  // no palette
  for (std::size_t y = picture.height; y-- > 0;) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = picture.at(x, y);
      for (std::size_t c = 3; c-- > 0;) out.push_back(static_cast<char>(pixel[c]));
    }
    out.append(padded - picture.row_bytes(), '\0');
  }
  return out;
}

}  // namespace semblance::datasets
