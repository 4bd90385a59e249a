// SPDX-License-Identifier: Apache-2.0
#include "datasets/print_scan.h"

#include <algorithm>
#include <cstddef>

#include "datasets/cosine.h"
#include "datasets/tone.h"

namespace semblance::datasets {
namespace {

using Matrix = std::array<double, 9>;  // row-major

// Takes the unit square to the quadrilateral.
Matrix square_to(const std::array<Corner, 4>& q) {
  const double sum_x = q[0].x - q[1].x + q[2].x - q[3].x;
  const double sum_y = q[0].y - q[1].y + q[2].y - q[3].y;
  const double x1 = q[1].x - q[2].x;
  const double x2 = q[3].x - q[2].x;
  const double y1 = q[1].y - q[2].y;
  const double y2 = q[3].y - q[2].y;
  const double area = x1 * y2 - x2 * y1;
  const double g = (sum_x * y2 - x2 * sum_y) / area;
  const double h = (x1 * sum_y - sum_x * y1) / area;
  return {q[1].x - q[0].x + g * q[1].x,
          q[3].x - q[0].x + h * q[3].x,
          q[0].x,
          q[1].y - q[0].y + g * q[1].y,
          q[3].y - q[0].y + h * q[3].y,
          q[0].y,
          g,
          h,
          1.0};
}

// The inverse, but for a factor, which a map of the plane does not notice.
Matrix adjugate(const Matrix& m) {
  return {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
}

void sample(const Picture& picture, double x, double y, std::uint8_t* out) {
  const double right = picture.width - 1.0;
  const double bottom = picture.height - 1.0;
  const double from_x = std::clamp(x, 0.0, right);
  const double from_y = std::clamp(y, 0.0, bottom);
  const auto left = std::min(static_cast<std::size_t>(from_x), std::size_t{picture.width} - 2);
  const auto top = std::min(static_cast<std::size_t>(from_y), std::size_t{picture.height} - 2);
  const double u = from_x - static_cast<double>(left);
  const double v = from_y - static_cast<double>(top);
  const std::uint8_t* above = picture.at(left, top);
  const std::uint8_t* below = picture.at(left, top + 1);
  for (std::size_t c = 0; c < 3; ++c) {
    const double upper = above[c] + (above[c + 3] - above[c]) * u;
    const double lower = below[c] + (below[c + 3] - below[c]) * u;
    out[c] = to_sample(static_cast<float>(upper + (lower - upper) * v));
  }
}

}  // namespace

Picture seen_from_aside(const Picture& picture, const std::array<Corner, 4>& corners,
                        const Colour& around) {
  Picture out = plain(picture.width, picture.height, around);
  if (picture.width < 2 || picture.height < 2) return picture;
  const Matrix back = adjugate(square_to(corners));
  for (std::size_t row = 0; row < out.height; ++row) {
    for (std::size_t column = 0; column < out.width; ++column) {
      const double x = (static_cast<double>(column) + 0.5) / out.width;
      const double y = (static_cast<double>(row) + 0.5) / out.height;
      const double w = back[6] * x + back[7] * y + back[8];
      const double u = (back[0] * x + back[1] * y + back[2]) / w;
      const double v = (back[3] * x + back[4] * y + back[5]) / w;
      if (!(u >= 0.0 && u < 1.0 && v >= 0.0 && v < 1.0)) continue;
      sample(picture, u * picture.width - 0.5, v * picture.height - 0.5, out.at(column, row));
    }
  }
  return out;
}

Picture seen_from_aside(const Picture& picture, double strength, Random& random) {
  const auto inwards = [&] { return random.uniform(0.0, strength); };
  std::array<Corner, 4> corners{};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const double x = inwards();
    const double y = inwards();
    corners[i] = {i == 1 || i == 2 ? 1.0 - x : x, i >= 2 ? 1.0 - y : y};
  }
  const Colour around = random.below(2) == 0 ? gray(235) : any_colour(random);
  return seen_from_aside(picture, corners, around);
}

Picture halftoned(const Picture& picture, double cell, double depth) {
  Picture out = picture;
  const double turns = 0.7071067811865476 / cell;  // of the screen, along its lines at 45 degrees
  for (std::size_t y = 0; y < out.height; ++y) {
    for (std::size_t x = 0; x < out.width; ++x) {
      const auto column = static_cast<double>(x);
      const auto line = static_cast<double>(y);
      const double wave =
          cosine((column + line) * turns) + cosine((column - line) * turns);  // -2..2
      const double threshold = 127.5 + 63.75 * wave;
      std::uint8_t* pixel = out.at(x, y);
      for (std::size_t c = 0; c < 3; ++c) {
        // Dots have soft edges: ink does not end within a pixel.
        const double ink = std::clamp(127.5 + 3.0 * (pixel[c] - threshold), 0.0, 255.0);
        pixel[c] = to_sample(static_cast<float>(pixel[c] + depth * (ink - pixel[c])));
      }
    }
  }
  return out;
}

Picture printed_and_scanned(const Picture& picture, Random& random) {
  const double cell = random.uniform(3.0, 5.0);
  const Picture print = blurred(halftoned(gamma_adjusted(picture, 5), cell, 0.7), 3);
  const Picture askew = seen_from_aside(print, 0.03, random);
  // Paper is no pure white and ink no pure black.
  const Picture faded = contrasted(askew, static_cast<float>(random.uniform(0.7, 0.9)));
  return noisy(brightened(faded, static_cast<float>(random.uniform(0.95, 1.15))), 5.0F, random);
}

}  // namespace semblance::datasets
