// SPDX-License-Identifier: Apache-2.0
#include "hash/video/frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "datasets/encode.h"
#include "decode/decode.h"

namespace semblance::frames {
namespace {

class Rows final : public decode::RowSink {
 public:
  explicit Rows(datasets::Picture& into) : into_(into) {}
  void begin(const decode::PictureInfo& info) override {
    into_ = datasets::Picture(info.width, info.height);
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t r = 0; r < count; ++r) {
      std::copy_n(first + static_cast<std::ptrdiff_t>(r) * stride, into_.row_bytes(),
                  into_.row(row_++));
    }
  }

 private:
  datasets::Picture& into_;
  std::size_t row_ = 0;
};

}  // namespace

Luma luma_of(const datasets::Picture& picture, bool limited_range) {
  Luma luma(picture.width, picture.height);
  luma.limited_range = limited_range;
  for (std::size_t y = 0; y < picture.height; ++y) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* rgb = picture.at(x, y);
      const double full = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
      const double value = limited_range ? 16 + full * 219 / 255 : full;
      luma.at(x, y) = static_cast<std::uint8_t>(std::lround(value));
    }
  }
  return luma;
}

datasets::Picture bordered(const datasets::Picture& picture, std::uint32_t across,
                           std::uint32_t down, std::uint8_t gray) {
  datasets::Picture out(picture.width + 2 * across, picture.height + 2 * down);
  std::fill(out.rgb.begin(), out.rgb.end(), gray);
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(), out.at(across, y + down));
  }
  return out;
}

datasets::Picture coded(const datasets::Picture& picture, int quality) {
  datasets::Encoding encoding;
  encoding.quality = quality;
  const auto bytes = datasets::encode(picture, encoding);
  EXPECT_TRUE(bytes);
  datasets::Picture out;
  if (!bytes) return out;
  Rows rows(out);
  const std::span<const std::uint8_t> file(reinterpret_cast<const std::uint8_t*>(bytes->data()),
                                           bytes->size());
  EXPECT_TRUE(decode::decode_picture(file, decode::Format::kJpeg, {}, rows));
  return out;
}

}  // namespace semblance::frames
