// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg_luma_files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <stdexcept>

#include <jpeglib.h>

namespace semblance::decode {

namespace {

std::size_t sample_count(std::uint32_t width, std::uint32_t height, int channels) {
  return std::size_t{width} * height * static_cast<std::size_t>(channels);
}

/// A compressor that writes to memory; the library ends the process if it is used wrongly.
struct Compressor {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  std::vector<jpeg_scan_info> script;

  Compressor() {
    codec.err = jpeg_std_error(&errors);
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, &memory, &size);
  }
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
  ~Compressor() {
    jpeg_destroy_compress(&codec);
    std::free(memory);
  }

  void set_up(std::uint32_t width, std::uint32_t height, const LumaFileOptions& options);
  ByteVector take() {
    jpeg_finish_compress(&codec);
    return {memory, memory + size};
  }
};

J_COLOR_SPACE stored_colour(LumaFileColour colour) {
  switch (colour) {
    case LumaFileColour::kGray:
      return JCS_GRAYSCALE;
    case LumaFileColour::kYcc:
      return JCS_YCbCr;
    case LumaFileColour::kRgb:
      return JCS_RGB;
    case LumaFileColour::kCmyk:
      return JCS_CMYK;
    case LumaFileColour::kYcck:
      return JCS_YCCK;
  }
  throw std::logic_error("no such colour");
}

J_COLOR_SPACE given_colour(J_COLOR_SPACE stored) {
  if (stored == JCS_GRAYSCALE) return JCS_GRAYSCALE;
  return stored == JCS_CMYK || stored == JCS_YCCK ? JCS_CMYK : JCS_RGB;
}

int channels_of(J_COLOR_SPACE given) {
  if (given == JCS_GRAYSCALE) return 1;
  return given == JCS_CMYK ? 4 : 3;
}

void Compressor::set_up(std::uint32_t width, std::uint32_t height, const LumaFileOptions& options) {
  const J_COLOR_SPACE stored = stored_colour(options.colour);
  codec.image_width = width;
  codec.image_height = height;
  codec.in_color_space = given_colour(stored);
  codec.input_components = channels_of(codec.in_color_space);
  jpeg_set_defaults(&codec);
  jpeg_set_colorspace(&codec, stored);
  jpeg_set_quality(&codec, options.quality, TRUE);
  if (stored != JCS_GRAYSCALE) {
    for (int i = 0; i < codec.num_components; ++i) {
      const auto& factors = options.sampling[static_cast<std::size_t>(i)];
      codec.comp_info[i].h_samp_factor = factors[0];
      codec.comp_info[i].v_samp_factor = factors[1];
    }
  }
  codec.optimize_coding = options.optimise ? TRUE : FALSE;
  codec.arith_code = options.arithmetic ? TRUE : FALSE;
  codec.restart_interval = options.restart_interval;
  codec.restart_in_rows = options.restart_rows;
  if (!options.jfif) codec.write_JFIF_header = FALSE;
  if (options.progressive) jpeg_simple_progression(&codec);
  for (const ScanScript& scan : options.script) {
    jpeg_scan_info& info = script.emplace_back();
    info = {
        static_cast<int>(scan.components.size()), {}, scan.first, scan.last, scan.high, scan.low};
    std::copy(scan.components.begin(), scan.components.end(), info.component_index);
  }
  if (!script.empty()) {
    codec.scan_info = script.data();
    codec.num_scans = static_cast<int>(script.size());
  }
}

}  // namespace

TestPicture noise_picture(std::uint32_t width, std::uint32_t height, int channels,
                          std::uint32_t seed) {
  std::mt19937 rng(seed);
  TestPicture picture{width, height, channels, ByteVector(sample_count(width, height, channels))};
  for (std::uint8_t& sample : picture.pixels) sample = static_cast<std::uint8_t>(rng() >> 24);
  return picture;
}

TestPicture flat_picture(std::uint32_t width, std::uint32_t height, int channels,
                         std::uint8_t sample) {
  return {width, height, channels, ByteVector(sample_count(width, height, channels), sample)};
}

TestPicture scene_picture(std::uint32_t width, std::uint32_t height, int channels,
                          std::uint32_t seed) {
  std::mt19937 rng(seed);
  TestPicture picture = gradient_picture(width, height, channels);
  std::size_t i = 0;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      // Tiles of 32 pixels: smooth, a little grain, rough, and flat.
      const std::uint32_t tile = (x / 32 + 2 * (y / 32) + seed) % 4;
      const std::uint32_t grain = tile == 2 ? 96 : tile == 1 ? 12 : 1;
      for (int c = 0; c < channels; ++c, ++i) {
        const std::uint32_t base = tile == 3 ? 200 : picture.pixels[i];
        picture.pixels[i] =
            static_cast<std::uint8_t>(std::min<std::uint_fast32_t>(255, base + rng() % grain));
      }
    }
  }
  return picture;
}

ByteVector encode_luma_file(const TestPicture& picture, const LumaFileOptions& options) {
  Compressor out;
  out.set_up(picture.width, picture.height, options);
  if (out.codec.input_components != picture.channels) throw std::logic_error("channels");
  jpeg_start_compress(&out.codec, TRUE);
  const std::size_t stride =
      std::size_t{picture.width} * static_cast<std::size_t>(picture.channels);
  ByteVector row(stride);
  while (out.codec.next_scanline < out.codec.image_height) {
    std::memcpy(row.data(), picture.pixels.data() + out.codec.next_scanline * stride, stride);
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&out.codec, &rows, 1);
  }
  return out.take();
}

ByteVector encode_coefficients(std::uint32_t width, std::uint32_t height,
                               const LumaFileOptions& options, const BlockFiller& fill) {
  Compressor out;
  out.set_up(width, height, options);
  jpeg_compress_struct& codec = out.codec;
  int max_h = 1, max_v = 1;
  for (int i = 0; i < codec.num_components; ++i) {
    max_h = std::max(max_h, codec.comp_info[i].h_samp_factor);
    max_v = std::max(max_v, codec.comp_info[i].v_samp_factor);
  }
  const auto blocks = [](std::uint32_t side, int factor, int most) {
    const auto f = static_cast<std::uint32_t>(factor);
    const std::uint32_t unit = static_cast<std::uint32_t>(most) * DCTSIZE;
    return (side * f + unit - 1) / unit;
  };
  std::vector<jvirt_barray_ptr> arrays;
  for (int i = 0; i < codec.num_components; ++i) {
    const jpeg_component_info& part = codec.comp_info[i];
    const auto round_up = [](std::uint32_t n, int factor) {
      const auto f = static_cast<std::uint32_t>(factor);
      return (n + f - 1) / f * f;
    };
    arrays.push_back(codec.mem->request_virt_barray(
        reinterpret_cast<j_common_ptr>(&codec), JPOOL_IMAGE, TRUE,
        round_up(blocks(width, part.h_samp_factor, max_h), part.h_samp_factor),
        round_up(blocks(height, part.v_samp_factor, max_v), part.v_samp_factor),
        static_cast<JDIMENSION>(part.v_samp_factor)));
  }
  codec.mem->realize_virt_arrays(reinterpret_cast<j_common_ptr>(&codec));
  for (int i = 0; i < codec.num_components; ++i) {
    const jpeg_component_info& part = codec.comp_info[i];
    const std::uint32_t cols = blocks(width, part.h_samp_factor, max_h);
    const std::uint32_t rows = blocks(height, part.v_samp_factor, max_v);
    for (std::uint32_t row = 0; row < rows; ++row) {
      JBLOCKARRAY line =
          codec.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&codec),
                                        arrays[static_cast<std::size_t>(i)], row, 1, TRUE);
      for (std::uint32_t col = 0; col < cols; ++col) fill(i, row, col, line[0][col]);
    }
  }
  jpeg_write_coefficients(&codec, arrays.data());
  return out.take();
}

std::int16_t wild_coefficient(std::mt19937& rng) {
  const std::uint_fast32_t length = rng() % 11;
  const auto magnitude = static_cast<int>(rng() % (std::uint_fast32_t{1} << length));
  return static_cast<std::int16_t>(rng() % 2 == 0 ? magnitude : -magnitude);
}

std::size_t find_marker(std::span<const std::uint8_t> bytes, std::uint8_t code, std::size_t nth) {
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] != 0xFF || bytes[i + 1] != code) continue;
    if (nth-- == 0) return i;
  }
  return bytes.size();
}

std::vector<std::size_t> find_restarts(std::span<const std::uint8_t> bytes) {
  std::vector<std::size_t> places;
  for (std::size_t i = find_marker(bytes, 0xDA); i + 1 < bytes.size(); ++i) {
    if (bytes[i] == 0xFF && bytes[i + 1] >= 0xD0 && bytes[i + 1] <= 0xD7) places.push_back(i);
  }
  return places;
}

ByteVector spliced(const ByteVector& bytes, std::size_t from, std::size_t to,
                   const ByteVector& others) {
  if (from > to || to > bytes.size()) throw std::logic_error("spliced outside the bytes");
  ByteVector whole;
  whole.reserve(bytes.size() - (to - from) + others.size());
  std::copy_n(bytes.begin(), from, std::back_inserter(whole));
  std::copy(others.begin(), others.end(), std::back_inserter(whole));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(to), bytes.end(),
            std::back_inserter(whole));
  return whole;
}

ByteVector without_segment(const ByteVector& file, std::uint8_t code) {
  const std::size_t at = find_marker(file, code);
  if (at + 4 > file.size()) throw std::logic_error("no such segment");
  const std::size_t length = 2 + (std::size_t{file[at + 2]} << 8 | file[at + 3]);
  return spliced(file, at, at + length);
}

ByteVector with_segment(const ByteVector& file, std::size_t at, std::uint8_t code,
                        const ByteVector& body) {
  ByteVector segment = {0xFF, code, static_cast<std::uint8_t>((body.size() + 2) >> 8),
                        static_cast<std::uint8_t>(body.size() + 2)};
  std::copy(body.begin(), body.end(), std::back_inserter(segment));
  return spliced(file, at, at, segment);
}

}  // namespace semblance::decode
