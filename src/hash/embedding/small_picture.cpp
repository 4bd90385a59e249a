// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/small_picture.h"

#include <algorithm>
#include <string>
#include <vector>

namespace semblance::hash {
namespace {

constexpr std::size_t kSide = SmallPicture::kSide;

// So many samples of 255 fit a sum of 16 bits.
constexpr std::size_t kMostAdded = 257;

// A side of the picture in units of 1/kSide of a pixel: then each of kSide parts is a whole number
// of units, as long as the side is of pixels, and so is what a pixel gives to a part.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;

  Part(std::size_t index, std::size_t length) : begin(index * length), end(begin + length) {}
  std::size_t first() const { return begin / kSide; }     // the first pixel of it
  std::size_t last() const { return (end - 1) / kSide; }  // and the last
  std::uint32_t weight(std::size_t pixel) const {
    const std::size_t from = std::max(begin, pixel * kSide);
    return static_cast<std::uint32_t>(std::min(end, (pixel + 1) * kSide) - from);
  }
};

// The weighted sums of the rows of one part, column by column.
class RowSums {
 public:
  explicit RowSums(std::size_t samples) : sums_(samples), whole_(samples) {}

  const std::vector<std::uint32_t>& sum(const Raster& picture, const Part& part) {
    std::fill(sums_.begin(), sums_.end(), 0);
    for (std::size_t y = part.first(); y <= part.last(); ++y) {
      if (part.weight(y) == kSide) {
        add_whole(picture.row(y));
      } else {
        add_weighted(picture.row(y), part.weight(y));
      }
    }
    flush();
    return sums_;
  }

 private:
  void add_weighted(const std::uint8_t* row, std::uint32_t weight) {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += weight * row[i];
  }
  void add_whole(const std::uint8_t* row) {
    if (added_ == kMostAdded) flush();
    for (std::size_t i = 0; i < whole_.size(); ++i) {
      whole_[i] = static_cast<std::uint16_t>(whole_[i] + row[i]);
    }
    ++added_;
  }
  void flush() {
    if (added_ == 0) return;
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += std::uint32_t{kSide} * whole_[i];
    std::fill(whole_.begin(), whole_.end(), std::uint16_t{0});
    added_ = 0;
  }

  std::vector<std::uint32_t> sums_;
  std::vector<std::uint16_t> whole_;  // rows that lie within the part, not yet weighted
  std::size_t added_ = 0;
};

// The mean of each channel over a part of the columns, in 1/kUnit of a level, to the nearest.
std::array<std::int32_t, 3> means(const std::vector<std::uint32_t>& sums, const Part& part,
                                  std::size_t channels, std::uint64_t area) {
  std::array<std::uint64_t, 3> total{};
  for (std::size_t x = part.first(); x <= part.last(); ++x) {
    const std::uint64_t weight = part.weight(x);
    for (std::size_t c = 0; c < channels; ++c) total[c] += weight * sums[x * channels + c];
  }
  std::array<std::int32_t, 3> out{};
  for (std::size_t c = 0; c < channels; ++c) {
    out[c] = static_cast<std::int32_t>((total[c] * SmallPicture::kUnit + area / 2) / area);
  }
  if (channels == 1) out[1] = out[2] = out[0];
  return out;
}

// To the nearest, halves away from zero: differences of either sign are rounded alike.
std::int16_t scaled(std::int32_t value, std::int32_t by) {
  const std::int32_t half = value < 0 ? -(1 << 15) : 1 << 15;
  return static_cast<std::int16_t>((value * by + half) / (1 << 16));
}

}  // namespace

Status check(const Raster& picture) {
  const bool channels = picture.channels == 1 || picture.channels == 3;
  if (!channels || picture.width == 0 || picture.height == 0 ||
      picture.samples.size() != picture.row_bytes() * picture.height) {
    return Error{Errc::kBadArgument, "embed picture: " + std::to_string(picture.samples.size()) +
                                         " samples are not " + std::to_string(picture.width) +
                                         " x " + std::to_string(picture.height) + " pixels of " +
                                         std::to_string(picture.channels) + " channels"};
  }
  return ok();
}

// The weights of luma are those of ITU-R BT.601, and add up to 2^16; the differences are its too.
SmallPicture make_small(const Raster& picture) {
  SmallPicture out;
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::uint64_t area = std::uint64_t{picture.width} * picture.height;
  RowSums rows(picture.row_bytes());
  for (std::size_t y = 0; y < kSide; ++y) {
    const std::vector<std::uint32_t>& sums = rows.sum(picture, Part(y, picture.height));
    for (std::size_t x = 0; x < kSide; ++x) {
      const auto [r, g, b] = means(sums, Part(x, picture.width), channels, area);
      const std::int32_t luma = (19'595 * r + 38'470 * g + 7'471 * b + (1 << 15)) >> 16;
      out.luma[y * kSide + x] = static_cast<std::int16_t>(luma);
      out.blue[y * kSide + x] = scaled(b - luma, 36'962);
      out.red[y * kSide + x] = scaled(r - luma, 46'727);
    }
  }
  return out;
}

}  // namespace semblance::hash
