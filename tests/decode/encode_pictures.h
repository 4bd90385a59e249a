// SPDX-License-Identifier: Apache-2.0
// Small files of every format, made by the encoders of the same libraries.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "decode/collected_picture.h"

namespace semblance::decode {

/// A picture to encode: rows of `channels` samples, 8 bits each unless the function says so.
struct TestPicture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  int channels = 3;
  ByteVector pixels;
};

/// A picture with no two equal rows or columns, smooth enough for lossy coders.
TestPicture gradient_picture(std::uint32_t width, std::uint32_t height, int channels);

struct JpegOptions {
  bool progressive = false;
  bool arithmetic = false;
  int horizontal_sampling = 2;  // of luma: 1 or 2
  int vertical_sampling = 2;
  unsigned restart_interval = 0;
  bool ycck = false;  // of four channels: YCCK, else CMYK
};
/// 1 channel: gray; 3: RGB as YCbCr; 4: CMYK as Adobe writes it, that is as given.
ByteVector encode_jpeg(const TestPicture& picture, const JpegOptions& options = {});
/// What a plain loop over libjpeg makes of it: RGB, gray, or CMYK.
ByteVector plain_jpeg_pixels(const ByteVector& file);

/// `samples` are the bytes of a PNG of this colour type and depth, rows packed, 16 bits in this
/// machine's order.
struct PngOptions {
  std::uint8_t color_type = 2;
  std::uint8_t bit_depth = 8;
  bool interlaced = false;
  std::vector<std::array<std::uint8_t, 3>> palette;
  ByteVector exif;  // empty: no eXIf chunk
};
ByteVector encode_png(std::uint32_t width, std::uint32_t height, const ByteVector& samples,
                      const PngOptions& options);

struct GifFrame {
  int left = 0, top = 0, width = 1, height = 1;
  bool interlaced = false;
  int transparent = -1;
  ByteVector indices;
};
/// Four colours: black, red, green, blue.
ByteVector encode_gif(int screen_width, int screen_height, const std::vector<GifFrame>& frames);

/// Of 3 or 4 channels; colours under alpha 0 are kept.
ByteVector encode_webp(const TestPicture& picture, bool lossless = true);

struct TiffOptions {
  std::uint16_t photometric = 2;  // RGB
  std::uint16_t bits = 8;
  std::uint16_t samples = 3;
  std::uint16_t sample_format = 1;
  std::uint16_t compression = 1;
  bool separate_planes = false;
  std::uint32_t tile = 0;  // side; 0: strips
  std::uint32_t rows_per_strip = 4;
  int orientation = 0;
  int extra_sample = -1;               // kind of the last sample
  std::vector<std::uint16_t> palette;  // reds, greens, blues
};
/// `samples`: rows, packed as the file has them, 16 and 32 bits in this machine's order; of
/// separate planes one plane after the other.
ByteVector encode_tiff(std::uint32_t width, std::uint32_t height, const ByteVector& samples,
                       const TiffOptions& options);

/// HEIC or AVIF of RGB; nullopt where libheif has no encoder for it.
std::optional<ByteVector> encode_heif(const TestPicture& picture, bool avif);

}  // namespace semblance::decode
