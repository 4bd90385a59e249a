// SPDX-License-Identifier: Apache-2.0
#include "match/geometry/plane_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace semblance::match {
namespace {

constexpr double kSingular = 1e-9;  // of numbers that are about 1

/// Solves a x = b in place by elimination with pivots; false where there is no one solution.
template <std::size_t N>
bool solve(std::array<std::array<double, N>, N>& a, std::array<double, N>& b) noexcept {
  for (std::size_t column = 0; column < N; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < N; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    if (!(std::abs(a[pivot][column]) > kSingular)) return false;
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (std::size_t row = column + 1; row < N; ++row) {
      const double part = a[row][column] / a[column][column];
      for (std::size_t i = column; i < N; ++i) a[row][i] -= part * a[column][i];
      b[row] -= part * b[column];
    }
  }
  for (std::size_t row = N; row-- > 0;) {
    for (std::size_t i = row + 1; i < N; ++i) b[row] -= a[row][i] * b[i];
    b[row] /= a[row][row];
  }
  return true;
}

/// What brings places to about the unit square about 0, in which sums of squares are well behaved.
struct Frame {
  Place middle;
  double scale = 1;

  Place in(Place p) const noexcept { return {(p.x - middle.x) * scale, (p.y - middle.y) * scale}; }
};

template <typename Of>
Frame frame_of(std::span<const PlacePair> pairs, Of of) noexcept {
  Frame frame;
  double weights = 0;
  for (const PlacePair& pair : pairs) {
    frame.middle.x += pair.weight * of(pair).x;
    frame.middle.y += pair.weight * of(pair).y;
    weights += pair.weight;
  }
  frame.middle = {frame.middle.x / weights, frame.middle.y / weights};
  double squares = 0;
  for (const PlacePair& pair : pairs) {
    const double dx = of(pair).x - frame.middle.x;
    const double dy = of(pair).y - frame.middle.y;
    squares += pair.weight * (dx * dx + dy * dy);
  }
  if (squares > 0) frame.scale = std::sqrt(2 * weights / squares);
  return frame;
}

using Matrix = std::array<double, 9>;

Matrix product(const Matrix& a, const Matrix& b) noexcept {
  Matrix c{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      for (std::size_t i = 0; i < 3; ++i) c[3 * row + column] += a[3 * row + i] * b[3 * i + column];
    }
  }
  return c;
}

std::optional<PlaneMap> to_map(const Matrix& m) noexcept {
  // The middle of a picture is never at infinity, its corner at 0, 0 neither.
  if (!(std::abs(m[8]) > kSingular * (std::abs(m[6]) + std::abs(m[7])))) return std::nullopt;
  PlaneMap map;
  for (std::size_t i = 0; i < 8; ++i) map.m[i] = m[i] / m[8];
  for (const double value : map.m) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return map;
}

/// A map between two frames as one between the planes.
std::optional<PlaneMap> between(const Frame& from, const Frame& to, const Matrix& map) noexcept {
  const double out = 1 / to.scale;
  const Matrix leave{out, 0, to.middle.x, 0, out, to.middle.y, 0, 0, 1};
  const Matrix enter{from.scale, 0,          -from.scale * from.middle.x,
                     0,          from.scale, -from.scale * from.middle.y,
                     0,          0,          1};
  return to_map(product(leave, product(map, enter)));
}

}  // namespace

Stretch stretch(const PlaneMap& map, Place at) noexcept {
  const double w = map.depth(at);
  const Place to = map(at);
  const double a = (map.m[0] - to.x * map.m[6]) / w;
  const double b = (map.m[1] - to.x * map.m[7]) / w;
  const double c = (map.m[3] - to.y * map.m[6]) / w;
  const double d = (map.m[4] - to.y * map.m[7]) / w;
  const double area = a * d - b * c;
  if (!(area > 0)) return {};
  const double half = (a * a + b * b + c * c + d * d) / 2;
  const double longest = std::sqrt(half + std::sqrt(std::max(0.0, half * half - area * area)));
  return {longest, area / longest};
}

PlaneMap similarity(Place from, Place to, double size, Place heading) noexcept {
  const double c = size * heading.x;
  const double s = size * heading.y;
  return {{c, -s, to.x - c * from.x + s * from.y, s, c, to.y - s * from.x - c * from.y, 0, 0}};
}

std::optional<PlaneMap> fit_affine(std::span<const PlacePair> pairs) {
  if (pairs.size() < 3) return std::nullopt;
  const Frame from = frame_of(pairs, [](const PlacePair& p) { return p.from; });
  const Frame to = frame_of(pairs, [](const PlacePair& p) { return p.to; });
  std::array<std::array<double, 2>, 2> squares{};
  std::array<double, 2> across{};
  std::array<double, 2> down{};
  double weights = 0;
  for (const PlacePair& pair : pairs) {
    const Place p = from.in(pair.from);
    const Place q = to.in(pair.to);
    squares[0][0] += pair.weight * p.x * p.x;
    squares[0][1] += pair.weight * p.x * p.y;
    squares[1][1] += pair.weight * p.y * p.y;
    across[0] += pair.weight * p.x * q.x;
    across[1] += pair.weight * p.y * q.x;
    down[0] += pair.weight * p.x * q.y;
    down[1] += pair.weight * p.y * q.y;
    weights += pair.weight;
  }
  for (auto& row : squares) {
    for (double& value : row) value /= weights;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    across[i] /= weights;
    down[i] /= weights;
  }
  squares[1][0] = squares[0][1];
  auto again = squares;
  if (!solve(squares, across) || !solve(again, down)) return std::nullopt;
  return between(from, to, {across[0], across[1], 0, down[0], down[1], 0, 0, 0, 1});
}

std::optional<PlaneMap> fit_projective(std::span<const PlacePair> pairs) {
  if (pairs.size() < 4) return std::nullopt;
  const Frame from = frame_of(pairs, [](const PlacePair& p) { return p.from; });
  const Frame to = frame_of(pairs, [](const PlacePair& p) { return p.to; });
  std::array<std::array<double, 8>, 8> squares{};
  std::array<double, 8> sums{};
  double weights = 0;
  for (const PlacePair& pair : pairs) {
    const Place p = from.in(pair.from);
    const Place q = to.in(pair.to);
    const std::array<std::array<double, 8>, 2> rows{
        {{p.x, p.y, 1, 0, 0, 0, -q.x * p.x, -q.x * p.y},
         {0, 0, 0, p.x, p.y, 1, -q.y * p.x, -q.y * p.y}}};
    for (std::size_t r = 0; r < 2; ++r) {
      const double known = r == 0 ? q.x : q.y;
      for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t j = 0; j < 8; ++j) squares[i][j] += pair.weight * rows[r][i] * rows[r][j];
        sums[i] += pair.weight * rows[r][i] * known;
      }
    }
    weights += pair.weight;
  }
  for (std::size_t i = 0; i < 8; ++i) {
    for (double& value : squares[i]) value /= weights;
    sums[i] /= weights;
  }
  if (!solve(squares, sums)) return std::nullopt;
  return between(from, to,
                 {sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], 1});
}

std::optional<PlaneMap> inverse(const PlaneMap& map) noexcept {
  const auto& m = map.m;
  return to_map({m[4] - m[5] * m[7], m[2] * m[7] - m[1], m[1] * m[5] - m[2] * m[4],
                 m[5] * m[6] - m[3], m[0] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
                 m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]});
}

}  // namespace semblance::match
