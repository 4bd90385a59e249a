// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/descriptor.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include "core/gist_layout.h"
#include "hash/embedding/embedder.h"

namespace semblance::hash {
namespace {

using namespace gist;
using Plane = SmallPicture::Plane;
constexpr std::size_t kSide = SmallPicture::kSide;
constexpr std::size_t kInner = kSide - 2;  // samples of a row that have neighbours on both sides

// How much each group counts beside the gradients, which count 1.
constexpr double kLumaShare = 1.0;
constexpr double kChromaShare = 0.7;

// A cell is scaled by its sum and this part of the mean cell's: noise in plain cells stays small.
constexpr double kMeanPart = 0.25;

// Colour is scaled by its size and this: what is nearly gray stays nearly gray. About the size that
// one plain tint of four levels has.
constexpr double kPale = 64;

// Cosines and square roots are numbers of 14 bits after the point.
constexpr std::int64_t kOne = 1 << 14;
constexpr std::int64_t kRootOfTwo = 23'170;

using Cells = std::array<std::int64_t, kGradients>;

// The two cells that a row or a column lies between, and how much of it the second has, in 1/kSide.
struct Between {
  std::size_t first = 0;
  std::size_t second = 0;
  std::int64_t weight = 0;
};

constexpr Between between(std::size_t at) {
  constexpr auto kLast = static_cast<std::int64_t>(kCells) - 1;
  constexpr auto kWhole = static_cast<std::int64_t>(kSide);
  // (at + 1/2) * kCells / kSide - 1/2, in 1/kSide; above -kWhole.
  const std::int64_t position =
      (static_cast<std::int64_t>((2 * at + 1) * kCells) - kWhole) / 2 + kWhole;
  const std::int64_t cell = position / kWhole - 1;
  return {static_cast<std::size_t>(std::max(cell, std::int64_t{0})),
          static_cast<std::size_t>(std::min(cell + 1, kLast)), position % kWhole};
}
static_assert(kCells % 2 == 0);  // so that the division by two is exact

constexpr auto kBetween = [] {
  std::array<Between, kSide> all{};
  for (std::size_t at = 0; at < kSide; ++at) all[at] = between(at);
  return all;
}();

// A gradient as the sum of two vectors, one along an axis and one diagonal, that enclose it: so its
// size passes from one direction to the next without a step, and no angle is computed.
struct Gradient {
  std::size_t axis = 0;
  std::size_t diagonal = 0;
  std::int64_t along_axis = 0;  // of kOne a unit
  std::int64_t along_diagonal = 0;
};

Gradient gradient(const std::int16_t* at) {
  const std::int32_t across = at[1] - at[-1];
  const std::int32_t down = at[kSide] - *(at - kSide);
  const std::int32_t a = std::abs(across);
  const std::int32_t d = std::abs(down);
  return {a >= d ? std::size_t{0} : std::size_t{2},
          (across >= 0) == (down >= 0) ? std::size_t{1} : std::size_t{3}, std::abs(a - d) * kOne,
          std::min(a, d) * kRootOfTwo};
}

Cells sum_gradients(const Plane& luma) {
  Cells cells{};
  for (std::size_t y = 1; y <= kInner; ++y) {
    std::array<std::int64_t, kCells * kDirections> row{};
    for (std::size_t x = 1; x <= kInner; ++x) {
      const Gradient g = gradient(&luma[y * kSide + x]);
      const Between& column = kBetween[x];
      const auto add = [&](std::size_t cell, std::int64_t weight) {
        row[cell * kDirections + g.axis] += weight * g.along_axis;
        row[cell * kDirections + g.diagonal] += weight * g.along_diagonal;
      };
      add(column.first, static_cast<std::int64_t>(kSide) - column.weight);
      add(column.second, column.weight);
    }
    const Between& at = kBetween[y];
    for (std::size_t k = 0; k < row.size(); ++k) {
      cells[at.first * row.size() + k] += row[k] * (static_cast<std::int64_t>(kSide) - at.weight);
      cells[at.second * row.size() + k] += row[k] * at.weight;
    }
  }
  return cells;
}

// Scales to a length, `softened`: what is small beside its square root stays smaller.
void scale(std::span<double> group, double length, double softened) {
  double squares = softened;
  for (const double value : group) squares += value * value;
  if (!(squares > 0)) return;
  const double by = length / std::sqrt(squares);
  for (double& value : group) value *= by;
}

void describe_gradients(const Cells& cells, std::span<double> out) {
  std::int64_t total = 0;
  for (const std::int64_t value : cells) total += value;
  const double floor = kMeanPart * static_cast<double>(total) / (kCells * kCells);
  for (std::size_t cell = 0; cell < kGradients; cell += kDirections) {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < kDirections; ++d) sum += cells[cell + d];
    for (std::size_t d = 0; d < kDirections; ++d) {
      out[cell + d] =
          std::sqrt(static_cast<double>(cells[cell + d]) / (static_cast<double>(sum) + floor));
    }
  }
  scale(out, 1, 0);
}

// The square's means over kGrid x kGrid parts, and its low cosine coefficients.
constexpr std::size_t kGrid = 16;
constexpr std::size_t kPart = kSide / kGrid;
using Grid = std::array<std::int64_t, kGrid * kGrid>;

Grid sum_parts(const Plane& plane) {
  Grid grid{};
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      grid[y / kPart * kGrid + x / kPart] += plane[y * kSide + x];
    }
  }
  return grid;
}

// kOne * cos(k pi / 32), rounded, for the first quarter of the circle.
constexpr std::array<std::int64_t, kGrid + 1> kQuarter = {
    16'384, 16'305, 16'069, 15'679, 15'137, 14'449, 13'623, 12'665, 11'585,
    10'394, 9'102,  7'723,  6'270,  4'756,  3'196,  1'606,  0};

constexpr std::int64_t cosine_of(std::size_t k) {
  k %= 4 * kGrid;
  if (k > 2 * kGrid) k = 4 * kGrid - k;
  return k <= kGrid ? kQuarter[k] : -kQuarter[2 * kGrid - k];
}

constexpr Grid kWaves = [] {  // [order][at]
  Grid waves{};
  for (std::size_t order = 0; order < kGrid; ++order) {
    for (std::size_t at = 0; at < kGrid; ++at) {
      waves[order * kGrid + at] = cosine_of((2 * at + 1) * order);
    }
  }
  return waves;
}();

// Down, then across; exact, so that a turned picture gives the turned coefficients.
Grid cosine_transform(const Grid& grid, std::size_t orders) {
  Grid half{};
  for (std::size_t i = 0; i < orders; ++i) {
    for (std::size_t y = 0; y < kGrid; ++y) {
      for (std::size_t x = 0; x < kGrid; ++x) {
        half[i * kGrid + x] += kWaves[i * kGrid + y] * grid[y * kGrid + x];
      }
    }
  }
  Grid out{};
  for (std::size_t i = 0; i < orders; ++i) {
    for (std::size_t j = 0; j < orders - i; ++j) {
      for (std::size_t x = 0; x < kGrid; ++x) {
        out[i * kGrid + j] += kWaves[j * kGrid + x] * half[i * kGrid + x];
      }
    }
  }
  return out;
}

// A coefficient in gray levels, of waves of length 1; raised by the root of its order, since
// pictures have less of the fine waves; and rooted, so that a few do not outweigh all others.
double rooted(std::int64_t coefficient, std::size_t down, std::size_t across) {
  constexpr double kRootOfHalf = 0.70710678118654752;
  constexpr double kLevels = 2.0 / kGrid / (SmallPicture::kUnit * kPart * kPart) /
                             static_cast<double>(kOne) / static_cast<double>(kOne);
  double size = static_cast<double>(std::abs(coefficient)) * kLevels;
  if (down == 0) size *= kRootOfHalf;
  if (across == 0) size *= kRootOfHalf;
  const double order = down + across == 0 ? 1 : static_cast<double>(down + across);
  const double root = std::sqrt(size * std::sqrt(order));
  return coefficient < 0 ? -root : root;
}

void describe_layout(const Plane& plane, std::size_t orders, bool with_first,
                     std::span<double> out) {
  const Grid coefficients = cosine_transform(sum_parts(plane), orders);
  const std::size_t skipped = with_first ? 0 : 1;
  for (std::size_t i = 0; i < orders; ++i) {
    for (std::size_t j = i == 0 ? skipped : 0; j < orders - i; ++j) {
      out[place(orders, i, j) - skipped] = rooted(coefficients[i * kGrid + j], i, j);
    }
  }
}

bool has_structure(const Cells& cells) {
  // A difference of two neighbours of a sample is twice that of neighbouring samples.
  constexpr std::int64_t kLeast = SmallPicture::kUnit / 4 * kOne;
  constexpr auto kWeights = static_cast<std::int64_t>(kSide * kSide * kInner * kInner);
  std::int64_t total = 0;
  for (const std::int64_t value : cells) total += value;
  return total > kLeast * kWeights;
}

class Descriptor final : public Embedder {
 public:
  const EmbedderId& id() const noexcept override { return id_; }

  Result<std::vector<std::vector<float>>> embed(std::span<const Raster> pictures) override {
    std::vector<std::vector<float>> vectors;
    vectors.reserve(pictures.size());
    for (const Raster& picture : pictures) {
      if (auto checked = check(picture); !checked) return std::move(checked).error();
      vectors.push_back(describe(make_small(picture)));
    }
    return vectors;
  }

 private:
  EmbedderId id_{std::string(kModel), std::string(kVersion), kDimension};
};

}  // namespace

bool has_structure(const SmallPicture& picture) {
  return has_structure(sum_gradients(picture.luma));
}

std::vector<float> describe(const SmallPicture& picture) {
  const Cells cells = sum_gradients(picture.luma);
  if (!has_structure(cells)) return {};
  std::array<double, kDimension> values{};
  const std::span<double> all(values);
  describe_gradients(cells, all.first(kGradients));

  const std::span<double> luma = all.subspan(kLumaAt, kBlueAt - kLumaAt);
  describe_layout(picture.luma, kLumaOrders, false, luma);
  scale(luma, kLumaShare, 0);

  const std::span<double> chroma = all.subspan(kBlueAt);
  describe_layout(picture.blue, kChromaOrders, true, chroma.first(kRedAt - kBlueAt));
  describe_layout(picture.red, kChromaOrders, true, chroma.subspan(kRedAt - kBlueAt));
  scale(chroma, kChromaShare, kPale);

  scale(all, 1, 0);
  std::vector<float> vector(kDimension);
  std::ranges::transform(values, vector.begin(), [](double v) { return static_cast<float>(v); });
  return vector;
}

std::unique_ptr<Embedder> make_descriptor() { return std::make_unique<Descriptor>(); }

}  // namespace semblance::hash
