// SPDX-License-Identifier: Apache-2.0
#include "hash/features/corners.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <opencv2/features2d.hpp>
#include <tuple>
#include <utility>

namespace semblance::hash {
namespace {

// A corner is darker or brighter than nine pixels in a row on a circle, by more than this: below it
// the noise of a compressed picture has corners everywhere.
constexpr int kFastThreshold = 10;
constexpr int kHarrisRadius = 3;
constexpr int kDiscRadius = 15;                       // of the descriptor's patch
constexpr std::size_t kMostOfSquare = 3;              // of as many squares as corners are asked for
constexpr std::size_t kLeastSquare = 8;               // pixels of its side
constexpr std::size_t kMeasured = 2 * kMostOfSquare;  // by Harris, of each square

struct Candidate {
  int x = 0;
  int y = 0;
  int contrast = 0;
};

/// Half the width of the disc at each distance from its middle row.
std::array<int, kDiscRadius + 1> disc_rows() {
  std::array<int, kDiscRadius + 1> rows{};
  for (int v = 0; v <= kDiscRadius; ++v) {
    int u = 0;
    while ((u + 1) * (u + 1) + v * v <= kDiscRadius * (kDiscRadius + 1)) ++u;
    rows[static_cast<std::size_t>(v)] = u;
  }
  return rows;
}

const std::uint8_t* pixel(const LumaPlane& plane, int x, int y) noexcept {
  return plane.data + y * plane.stride + x;
}

/// The product of the eigenvalues of the gradients' moments, less a part of the square of their
/// sum.
std::int64_t harris(const LumaPlane& plane, int x, int y) noexcept {
  std::int64_t xx = 0;
  std::int64_t yy = 0;
  std::int64_t xy = 0;
  for (int v = -kHarrisRadius; v <= kHarrisRadius; ++v) {
    const std::uint8_t* above = pixel(plane, x - kHarrisRadius, y + v - 1);
    const std::uint8_t* here = above + plane.stride;
    const std::uint8_t* below = here + plane.stride;
    for (int u = 0; u <= 2 * kHarrisRadius; ++u) {
      const int dx = 2 * (here[u + 1] - here[u - 1]) + above[u + 1] - above[u - 1] + below[u + 1] -
                     below[u - 1];
      const int dy =
          2 * (below[u] - above[u]) + below[u - 1] - above[u - 1] + below[u + 1] - above[u + 1];
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
  }
  return 25 * (xx * yy - xy * xy) - (xx + yy) * (xx + yy);  // Harris's k is 0.04
}

std::uint8_t direction(const LumaPlane& plane, int x, int y) {
  static const std::array<int, kDiscRadius + 1> rows = disc_rows();
  int across = 0;
  int down = 0;
  for (int v = -kDiscRadius; v <= kDiscRadius; ++v) {
    const int half = rows[static_cast<std::size_t>(std::abs(v))];
    const std::uint8_t* row = pixel(plane, x, y + v);
    int sum = 0;
    for (int u = -half; u <= half; ++u) {
      sum += row[u];
      across += u * row[u];
    }
    down += v * sum;
  }
  // To a 256th of a turn, so that the last bits of atan2, which libraries differ in, do not matter.
  const double turns = std::atan2(down, across) / (2 * std::numbers::pi);
  return static_cast<std::uint8_t>(std::lround(turns * 256) & 255);
}

/// The strongest of each square, by their contrast on the circle.
std::vector<std::vector<Candidate>> candidates(const LumaPlane& plane, std::size_t side) {
  const cv::Mat image(static_cast<int>(plane.height), static_cast<int>(plane.width), CV_8UC1,
                      const_cast<std::uint8_t*>(plane.data),
                      static_cast<std::size_t>(plane.stride));
  std::vector<cv::KeyPoint> found;
  cv::FAST(image, found, kFastThreshold, true);
  const std::size_t columns = (plane.width + side - 1) / side;
  const std::size_t rows = (plane.height + side - 1) / side;
  std::vector<std::vector<Candidate>> squares(columns * rows);
  for (const cv::KeyPoint& key : found) {
    const Candidate c{static_cast<int>(key.pt.x), static_cast<int>(key.pt.y),
                      static_cast<int>(key.response)};
    if (c.x < kCornerMargin || c.x >= image.cols - kCornerMargin || c.y < kCornerMargin ||
        c.y >= image.rows - kCornerMargin) {
      continue;
    }
    squares[static_cast<std::size_t>(c.y) / side * columns + static_cast<std::size_t>(c.x) / side]
        .push_back(c);
  }
  for (std::vector<Candidate>& square : squares) {
    std::sort(square.begin(), square.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(-a.contrast, a.y, a.x) < std::tuple(-b.contrast, b.y, b.x);
    });
    if (square.size() > kMeasured) square.resize(kMeasured);
  }
  return squares;
}

bool earlier(const Corner& a, const Corner& b) noexcept {
  return std::tuple(a.rank, -a.strength, a.y, a.x) < std::tuple(b.rank, -b.strength, b.y, b.x);
}

}  // namespace

std::vector<Corner> find_corners(const LumaPlane& plane, std::size_t most) {
  constexpr std::uint32_t kLeast = 2 * kCornerMargin + 1;
  if (plane.width < kLeast || plane.height < kLeast || most == 0) return {};
  // Whole numbers again: the side of a square is the root of its share, rounded down.
  const std::size_t share = std::size_t{plane.width} * plane.height / most;
  std::size_t side = kLeastSquare;
  while ((side + 1) * (side + 1) <= share) ++side;
  std::vector<Corner> corners;
  for (const std::vector<Candidate>& square : candidates(plane, side)) {
    std::vector<Corner> here;
    for (const Candidate& c : square) {
      const std::int64_t strength = harris(plane, c.x, c.y);
      if (strength <= 0) continue;  // an edge
      here.push_back(
          {static_cast<std::uint16_t>(c.x), static_cast<std::uint16_t>(c.y), 0, 0, strength});
    }
    std::sort(here.begin(), here.end(), earlier);
    if (here.size() > kMostOfSquare) here.resize(kMostOfSquare);
    for (std::size_t i = 0; i < here.size(); ++i) here[i].rank = static_cast<std::uint8_t>(i);
    corners.insert(corners.end(), here.begin(), here.end());
  }
  std::sort(corners.begin(), corners.end(), earlier);
  if (corners.size() > most) corners.resize(most);
  for (Corner& corner : corners) corner.turn = direction(plane, corner.x, corner.y);
  return corners;
}

}  // namespace semblance::hash
