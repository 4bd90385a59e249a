// SPDX-License-Identifier: Apache-2.0
#include "decode/tiff_samples.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "decode/picture.h"

namespace semblance::decode {
namespace {

/// A float of 0 to 1 as 16 bits; whatever lies outside, or is no number, becomes the nearest end.
std::uint32_t float_as_16_bits(std::uint32_t pattern) {
  const float value = std::bit_cast<float>(pattern);
  if (!(value > 0.0F)) return 0;
  return value >= 1.0F ? 65535u : static_cast<std::uint32_t>(std::lround(value * 65535.0F));
}

/// Sample `i` of a row; the upper half of one of 32 bits.
std::uint32_t raw_sample(const std::uint8_t* row, std::size_t i, unsigned bits, TiffNumber number) {
  if (bits == 8) return row[i];
  if (bits == 16) {
    std::uint16_t value = 0;
    std::memcpy(&value, row + 2 * i, sizeof value);
    return value;
  }
  if (bits == 32) {
    std::uint32_t value = 0;
    std::memcpy(&value, row + 4 * i, sizeof value);
    return number == TiffNumber::kFloat ? float_as_16_bits(value) : value >> 16;
  }
  std::uint32_t value = 0;
  for (std::size_t bit = i * bits; bit < (i + 1) * bits; ++bit) {
    value = value << 1 | (static_cast<std::uint32_t>(row[bit / 8]) >> (7 - bit % 8) & 1u);
  }
  return value;
}

std::uint8_t sample_8(const TiffRows& rows, const std::uint8_t* row, std::size_t i) {
  std::uint32_t value = raw_sample(row, i, rows.bits, rows.number);
  const unsigned bits = rows.bits > 16 ? 16 : rows.bits;
  // Of 8 bits, "signed" is a slip of the writer more often than not: ImageMagick and Pillow take
  // such samples as they are.
  if (rows.number == TiffNumber::kSigned && bits > 8) value ^= 1u << (bits - 1);
  if (bits == 8) return static_cast<std::uint8_t>(value);
  if (bits == 16) return scale_16_to_8(value);
  const std::uint32_t top = std::max((1u << bits) - 1, 1u);
  return static_cast<std::uint8_t>((value * 255 + top / 2) / top);
}

void divide_by_alpha(std::array<std::uint8_t, 5>& sample, std::size_t colours) {
  const std::uint32_t alpha = sample[colours];
  if (alpha == 0 || alpha == 255) return;
  for (std::size_t c = 0; c < colours; ++c) {
    sample[c] = static_cast<std::uint8_t>(std::min<std::uint32_t>(255, sample[c] * 255u / alpha));
  }
}

void convert_pixel(const TiffRows& rows, const std::array<std::uint8_t, 5>& sample,
                   std::uint8_t* out) {
  switch (rows.colour) {
    case TiffColour::kGray:
      out[0] = sample[0];
      return;
    case TiffColour::kInvertedGray:
      out[0] = static_cast<std::uint8_t>(255 - sample[0]);
      return;
    case TiffColour::kCmyk: {
      const std::uint32_t light = 255u - sample[3];
      for (std::size_t c = 0; c < 3; ++c) out[c] = multiply_255(255u - sample[c], light);
      return;
    }
    default:
      out[0] = sample[0];
      out[1] = sample[1];
      out[2] = sample[2];
      return;
  }
}

}  // namespace

int TiffRows::channels() const noexcept {
  return colour == TiffColour::kGray || colour == TiffColour::kInvertedGray ? 1 : 3;
}

unsigned TiffRows::colour_samples() const noexcept {
  switch (colour) {
    case TiffColour::kRgb:
      return 3;
    case TiffColour::kCmyk:
      return 4;
    default:
      return 1;
  }
}

void convert_tiff_row(const TiffRows& rows, const std::array<const std::uint8_t*, 4>& sources,
                      std::size_t pixels, std::uint8_t* out) {
  const std::size_t wanted = rows.used_samples();
  const auto channels = static_cast<std::size_t>(rows.channels());
  if (rows.colour == TiffColour::kRgb && rows.bits == 8 && rows.samples == 3 &&
      rows.number == TiffNumber::kUnsigned) {
    std::memcpy(out, sources[0], pixels * 3);
    return;
  }
  const bool separate = rows.planes > 1;
  for (std::size_t x = 0; x < pixels; ++x, out += channels) {
    if (rows.colour == TiffColour::kPalette) {
      const std::size_t i = x * rows.samples;
      const std::uint32_t index = raw_sample(sources[0], i, rows.bits, rows.number);
      std::memcpy(out, rows.palette[index].data(), 3);
      continue;
    }
    std::array<std::uint8_t, 5> sample{};
    for (std::size_t c = 0; c < wanted; ++c) {
      sample[c] =
          sample_8(rows, separate ? sources[c] : sources[0], x * rows.samples + (separate ? 0 : c));
    }
    if (rows.multiplied) divide_by_alpha(sample, wanted - 1);
    convert_pixel(rows, sample, out);
  }
}

}  // namespace semblance::decode
