// SPDX-License-Identifier: Apache-2.0
#include "datasets/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "datasets/cosine.h"

namespace semblance::datasets {
namespace {

// The source samples that make one output sample: `first`, and their weights, which sum to 1.
struct Taps {
  std::size_t first;
  std::vector<float> weights;
};

std::vector<Taps> tent(std::size_t from, std::size_t to) {
  const double step = static_cast<double>(from) / static_cast<double>(to);
  const double reach = std::max(1.0, step);
  std::vector<Taps> all(to);
  for (std::size_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * step;
    const auto first = static_cast<std::size_t>(std::max(0.0, std::floor(centre - reach)));
    const std::size_t last = std::min(from, static_cast<std::size_t>(std::ceil(centre + reach)));
    std::vector<double> weights;
    double sum = 0.0;
    for (std::size_t s = first; s < last; ++s) {
      const double away = std::fabs(static_cast<double>(s) + 0.5 - centre) / reach;
      weights.push_back(std::max(0.0, 1.0 - away));
      sum += weights.back();
    }
    all[i].first = first;
    for (const double weight : weights) all[i].weights.push_back(static_cast<float>(weight / sum));
  }
  return all;
}

Picture copied_into(Picture canvas, const Picture& picture, std::size_t left, std::size_t top) {
  for (std::size_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(), canvas.at(left, top + y));
  }
  return canvas;
}

Picture uniform(std::uint32_t width, std::uint32_t height, std::uint8_t gray) {
  Picture canvas(width, height);
  std::fill(canvas.rgb.begin(), canvas.rgb.end(), gray);
  return canvas;
}

std::uint32_t part(std::uint32_t side, double fraction) {
  return static_cast<std::uint32_t>(static_cast<double>(side) * fraction + 0.5);
}

}  // namespace

Picture resize(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  const std::vector<Taps> columns = tent(picture.width, width);
  const std::vector<Taps> rows = tent(picture.height, height);
  Picture out(width, height);
  std::vector<float> line(picture.row_bytes());
  for (std::size_t y = 0; y < height; ++y) {
    std::fill(line.begin(), line.end(), 0.0F);
    for (std::size_t t = 0; t < rows[y].weights.size(); ++t) {
      const std::uint8_t* source = picture.row(rows[y].first + t);
      const float weight = rows[y].weights[t];
      for (std::size_t i = 0; i < line.size(); ++i) {
        line[i] += weight * static_cast<float>(source[i]);
      }
    }
    for (std::size_t x = 0; x < width; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        float sum = 0.0F;
        for (std::size_t t = 0; t < columns[x].weights.size(); ++t) {
          sum += columns[x].weights[t] * line[3 * (columns[x].first + t) + c];
        }
        out.at(x, y)[c] = to_sample(sum);
      }
    }
  }
  return out;
}

Picture rescale(const Picture& picture, double scale) {
  return resize(picture, std::max(1U, part(picture.width, scale)),
                std::max(1U, part(picture.height, scale)));
}

Picture transformed(const Picture& picture, Transform transform) {
  const bool swaps = transform == Transform::kRot90 || transform == Transform::kRot270 ||
                     transform == Transform::kFlipPlus1 || transform == Transform::kFlipMinus1;
  Picture out(swaps ? picture.height : picture.width, swaps ? picture.width : picture.height);
  const std::size_t right = picture.width - 1;
  const std::size_t bottom = picture.height - 1;
  const auto source = [&](std::size_t x, std::size_t y) -> std::pair<std::size_t, std::size_t> {
    switch (transform) {
      case Transform::kNone:
        break;
      case Transform::kRot90:
        return {right - y, x};
      case Transform::kRot180:
        return {right - x, bottom - y};
      case Transform::kRot270:
        return {y, bottom - x};
      case Transform::kFlipX:
        return {x, bottom - y};
      case Transform::kFlipY:
        return {right - x, y};
      case Transform::kFlipPlus1:
        return {y, x};
      case Transform::kFlipMinus1:
        return {right - y, bottom - x};
    }
    return {x, y};
  };
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      const auto [from_x, from_y] = source(x, y);
      std::copy_n(picture.at(from_x, from_y), 3, out.at(x, y));
    }
  }
  return out;
}

Picture turned(const Picture& picture, double turns) {
  Picture out(picture.width, picture.height);
  const double turn_x = cosine(turns);
  const double turn_y = sine(turns);
  const double middle_x = 0.5 * picture.width;
  const double middle_y = 0.5 * picture.height;
  const double right = picture.width - 1.0;
  const double bottom = picture.height - 1.0;
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      const double dx = static_cast<double>(x) + 0.5 - middle_x;
      const double dy = static_cast<double>(y) + 0.5 - middle_y;
      const double from_x = middle_x + dx * turn_x - dy * turn_y - 0.5;
      const double from_y = middle_y + dx * turn_y + dy * turn_x - 0.5;
      if (from_x < 0.0 || from_y < 0.0 || from_x >= right || from_y >= bottom) continue;
      const auto left = static_cast<std::size_t>(from_x);
      const auto top = static_cast<std::size_t>(from_y);
      const double u = from_x - static_cast<double>(left);
      const double v = from_y - static_cast<double>(top);
      const std::uint8_t* above = picture.at(left, top);
      const std::uint8_t* below = picture.at(left, top + 1);
      for (std::size_t c = 0; c < 3; ++c) {
        const double upper = above[c] + (above[c + 3] - above[c]) * u;
        const double lower = below[c] + (below[c + 3] - below[c]) * u;
        out.at(x, y)[c] = to_sample(static_cast<float>(upper + (lower - upper) * v));
      }
    }
  }
  return out;
}

Picture cropped(const Picture& picture, double fraction) {
  const std::uint32_t left = part(picture.width, fraction);
  const std::uint32_t top = part(picture.height, fraction);
  Picture out(picture.width - 2 * left, picture.height - 2 * top);
  for (std::size_t y = 0; y < out.height; ++y) {
    std::copy_n(picture.at(left, top + y), out.row_bytes(), out.row(y));
  }
  return out;
}

Picture framed(const Picture& picture, double fraction, std::uint8_t gray) {
  const std::uint32_t edge = part(std::min(picture.width, picture.height), fraction);
  return copied_into(uniform(picture.width + 2 * edge, picture.height + 2 * edge, gray), picture,
                     edge, edge);
}

Picture letterboxed(const Picture& picture, double fraction) {
  const std::uint32_t edge = part(picture.height, fraction);
  return copied_into(Picture(picture.width, picture.height + 2 * edge), picture, 0, edge);
}

Picture on_a_page(const Picture& picture) {
  const Picture half = rescale(picture, 0.5);
  return copied_into(uniform(picture.width, picture.height, 225), half,
                     (picture.width - half.width) / 2, (picture.height - half.height) / 2);
}

}  // namespace semblance::datasets
