// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/fitted_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace semblance::hash {
namespace {

// Weights are numbers of 22 bits after the point: their sums with samples fit 32 bits.
constexpr int kBits = 22;

// What of a side is shown, in pixels.
struct Shown {
  double begin = 0;
  double length = 0;
};

// The pixels that one sample is made of, and their weights, which add up to one.
struct Taps {
  std::size_t first = 0;
  std::vector<std::uint32_t> weights;
};

std::vector<Taps> make_taps(std::uint32_t side, const Shown& shown, std::uint32_t samples) {
  const double step = shown.length / samples;
  const double reach = std::max(step, 1.0);
  std::vector<Taps> all(samples);
  std::vector<double> tent;
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double centre = shown.begin + (i + 0.5) * step;
    const double begin = std::max(std::floor(centre - reach + 0.5), 0.0);
    const double end = std::min(std::floor(centre + reach + 0.5), static_cast<double>(side));
    Taps& taps = all[i];
    taps.first = static_cast<std::size_t>(std::min(begin, side - 1.0));
    const auto count =
        static_cast<std::size_t>(std::max(end - static_cast<double>(taps.first), 1.0));
    tent.assign(count, 0);
    double sum = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const double middle = static_cast<double>(taps.first + k) + 0.5;
      tent[k] = std::max(1 - std::abs(middle - centre) / reach, 0.0);
      sum += tent[k];
    }
    if (!(sum > 0)) tent.front() = sum = 1;
    for (const double weight : tent) {
      taps.weights.push_back(static_cast<std::uint32_t>(weight / sum * (1 << kBits) + 0.5));
    }
  }
  return all;
}

constexpr std::uint32_t kHalf = 1U << (kBits - 1);

std::uint8_t sample_of(std::uint32_t sum) {
  return static_cast<std::uint8_t>(std::min((sum + kHalf) >> kBits, 255U));
}

template <std::size_t channels>
void weigh_columns(const std::vector<Taps>& columns, const std::uint8_t* from, std::uint8_t* to) {
  for (const Taps& taps : columns) {
    std::array<std::uint32_t, channels> sums{};
    const std::uint8_t* pixel = from + taps.first * channels;
    for (const std::uint32_t weight : taps.weights) {
      for (std::size_t c = 0; c < channels; ++c) sums[c] += weight * pixel[c];
      pixel += channels;
    }
    for (const std::uint32_t sum : sums) *to++ = sample_of(sum);
  }
}

void weigh_rows(const Taps& taps, const Raster& from, std::vector<std::uint32_t>& sums,
                std::uint8_t* to) {
  std::fill(sums.begin(), sums.end(), 0);
  for (std::size_t k = 0; k < taps.weights.size(); ++k) {
    const std::uint32_t weight = taps.weights[k];
    const std::uint8_t* row = from.row(taps.first + k);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weight * row[i];
  }
  std::transform(sums.begin(), sums.end(), to, sample_of);
}

Raster resample(const Raster& picture, const Shown& across, const Shown& down, std::uint32_t width,
                std::uint32_t height) {
  const auto blank = [&picture](std::uint32_t w, std::uint32_t h) {
    Raster raster{w, h, picture.channels, {}};
    raster.samples.resize(raster.row_bytes() * h);
    return raster;
  };
  const std::vector<Taps> columns = make_taps(picture.width, across, width);
  Raster narrow = blank(width, picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    const auto weigh = picture.channels == 1 ? weigh_columns<1> : weigh_columns<3>;
    weigh(columns, picture.row(y), narrow.row(y));
  }
  const std::vector<Taps> rows = make_taps(picture.height, down, height);
  Raster out = blank(width, height);
  std::vector<std::uint32_t> sums(out.row_bytes());
  for (std::size_t y = 0; y < height; ++y) weigh_rows(rows[y], narrow, sums, out.row(y));
  return out;
}

// A side of a shape that is `other` long, in the proportion of two numbers.
double in_proportion(std::uint32_t other, std::uint32_t of, std::uint32_t to) {
  return static_cast<double>(other) * of / to;
}

std::uint32_t whole_pixels(double length, std::uint32_t most) {
  return std::clamp(static_cast<std::uint32_t>(length + 0.5), 1U, most);
}

}  // namespace

FittedPicture fit_picture(const Raster& picture, std::uint32_t width, std::uint32_t height,
                          Fit fit) {
  Shown across{0, static_cast<double>(picture.width)};
  Shown down{0, static_cast<double>(picture.height)};
  const bool wider = std::uint64_t{picture.width} * height > std::uint64_t{picture.height} * width;
  FittedPicture out;
  std::uint32_t inner_width = width;
  std::uint32_t inner_height = height;
  if (fit == Fit::kCrop) {
    Shown& cut = wider ? across : down;
    const double whole = cut.length;
    cut.length = wider ? in_proportion(picture.height, width, height)
                       : in_proportion(picture.width, height, width);
    cut.begin = (whole - cut.length) / 2;
  } else if (fit == Fit::kPad) {
    if (wider) {
      inner_height = whole_pixels(in_proportion(picture.height, width, picture.width), height);
    } else {
      inner_width = whole_pixels(in_proportion(picture.width, height, picture.height), width);
    }
    out.left = (width - inner_width) / 2;
    out.top = (height - inner_height) / 2;
  }
  out.picture = resample(picture, across, down, inner_width, inner_height);
  return out;
}

}  // namespace semblance::hash
