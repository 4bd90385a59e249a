// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/probe_plane.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "areas/areas.h"
#include "hash/pdq_signal.h"
#include "hash/probes/block_samples.h"
#include "hash/raster_reducer.h"
#include "hash/reducer.h"
#include "luma/luma.h"

namespace semblance::hash {
namespace {

constexpr std::uint32_t kUnit = PlaneArea::kUnit;
constexpr std::size_t kSide = 64;  // of what PDQ hashes

std::uint32_t square_root(std::uint64_t value) {
  auto root = static_cast<std::uint32_t>(std::sqrt(static_cast<double>(value)));
  while (std::uint64_t{root} * root > value) --root;
  while (std::uint64_t{root + 1} * (root + 1) <= value) ++root;
  return root;
}

// A place between two samples: in the integral image, between sums `at` and `at + 1`.
struct Place {
  std::uint32_t at = 0;
  std::uint32_t part = 0;  // 0..256
};

// The 64 boxes that are averaged along a side, around the middles of its 64 cells.
//
// PDQ's filter is a tent nearly as wide as a cell c: of variance c^2 / 24. So is that of a box of
// c / sqrt(2), whose gain is within 0.0001 of the tent's over the frequencies that are hashed, and
// within 0.05 at those that the sampling folds onto them. But the tent has whole pixels, rounded
// up, and leans by one where its half is even: how much that is depends on the size of the picture
// that was hashed, which nobody knows of a copy. Taken is the mean for one of kUsualCell pixels a
// cell, 1,280 a side: a half of 1/2 more, which is 2 / c of the variance, and a lean of 1/2.
//
// The samples of the plane are themselves means over one of their sides, which adds 1/12 to the
// variance: the box is narrower by as much.
constexpr std::uint64_t kUsualCell = 20;

struct Boxes {
  Boxes(std::uint32_t begin, std::uint32_t end, std::uint32_t samples) {
    const std::uint64_t length = end - begin;
    const std::uint64_t half_square =
        length * length * (kUsualCell + 2) / (2 * kSide * kSide * kUsualCell);
    constexpr std::uint64_t kOwn = std::uint64_t{kUnit} * kUnit;
    const std::uint32_t root = square_root(half_square > kOwn ? half_square - kOwn : 0);
    width = std::clamp(root, kUnit / 4, samples * kUnit);
    for (std::uint32_t i = 0; i < kSide; ++i) {
      // (i + 1/2 + lean) cells, where the lean is 1 / (2 kUsualCell).
      const std::uint64_t halves = (2 * i + 1) * kUsualCell + 1;
      const auto middle =
          begin + static_cast<std::uint32_t>(halves * length / (2 * kSide * kUsualCell));
      const std::uint32_t low =
          std::min(middle - std::min(middle, width / 2), samples * kUnit - width);
      first[i] = place(low, samples);
      last[i] = place(low + width, samples);
    }
  }

  static Place place(std::uint32_t units, std::uint32_t samples) {
    const std::uint32_t at = std::min(units / kUnit, samples - 1);
    return {at, units - at * kUnit};
  }

  std::uint32_t width = 0;
  std::array<Place, kSide> first, last;
};

// The boxes' places as the kernel takes them, from the first one's sum on.
struct Columns {
  explicit Columns(const Boxes& boxes) {
    const std::uint32_t origin = boxes.first.front().at;
    for (std::size_t j = 0; j < kSide; ++j) {
      begin_at[j] = static_cast<std::int32_t>(boxes.first[j].at - origin);
      begin_part[j] = boxes.first[j].part;
      end_at[j] = static_cast<std::int32_t>(boxes.last[j].at - origin);
      end_part[j] = boxes.last[j].part;
    }
  }

  kernels::Stretch stretch() const {
    return {begin_at.data(), begin_part.data(), end_at.data(), end_part.data()};
  }

  std::array<std::int32_t, kSide> begin_at, end_at;
  std::array<std::uint32_t, kSide> begin_part, end_part;
};

std::uint32_t to_units(std::uint32_t part, std::uint32_t whole) {
  const std::uint64_t side = Window::kSide;
  return static_cast<std::uint32_t>((std::uint64_t{part} * whole + side / 2) / side);
}

std::uint32_t to_parts(std::uint32_t units, std::uint32_t whole) {
  const std::uint64_t scaled = std::uint64_t{std::min(units, whole)} * Window::kSide;
  return static_cast<std::uint32_t>((scaled + whole / 2) / whole);
}

Raster luma_of(const Raster& picture) {
  if (picture.channels == 1) return picture;
  Raster luma{picture.width, picture.height, 1, {}};
  luma.samples.resize(luma.row_bytes() * luma.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    kernels::round_luma(picture.row(y), picture.width, luma.row(y));
  }
  return luma;
}

// What of `pixels` the samples cover, where all of them cover `all` pixels.
std::uint32_t covered_units(std::uint32_t samples, std::uint32_t pixels, std::uint32_t all) {
  const std::uint64_t scaled = std::uint64_t{samples} * kUnit * pixels;
  return static_cast<std::uint32_t>((scaled + all / 2) / all);
}

}  // namespace

ProbePlane::ProbePlane(const Raster& picture) {
  take(luma_of(picture));
  picture_ = {0, 0, luma_.width * kUnit, luma_.height * kUnit};
}

ProbePlane::ProbePlane(const LumaBlocks& blocks)
    : orders_(static_cast<std::uint8_t>(blocks.orders)) {
  Raster luma = sample_blocks(blocks);
  if (std::max(luma.width, luma.height) > kRasterSide) {
    RasterReducer reducer(luma.width, luma.height, 1, 1);
    reducer.add_rows(luma.samples.data(), static_cast<std::ptrdiff_t>(luma.row_bytes()),
                     luma.height);
    luma = reducer.finish();
  }
  take(std::move(luma));
  picture_.right = covered_units(luma_.width, blocks.width, blocks.cols * LumaBlocks::kSide);
  picture_.bottom = covered_units(luma_.height, blocks.height, blocks.rows * LumaBlocks::kSide);
}

void ProbePlane::take(Raster luma) {
  luma_ = std::move(luma);
  const std::size_t stride = std::size_t{luma_.width} + 1;
  auto sums =
      std::make_unique_for_overwrite<std::uint32_t[]>(stride * (std::size_t{luma_.height} + 1));
  std::fill_n(sums.get(), stride, 0U);
  for (std::size_t y = 0; y < luma_.height; ++y) {
    std::uint32_t* here = sums.get() + (y + 1) * stride;
    here[0] = 0;
    kernels::integrate_row(luma_.row(y), here - stride + 1, luma_.width, here + 1);
  }
  sums_ = std::move(sums);
}

LumaPlane ProbePlane::luma() const noexcept {
  return {luma_.samples.data(), static_cast<std::ptrdiff_t>(luma_.row_bytes()),
          std::max(1U, picture_.right / kUnit), std::max(1U, picture_.bottom / kUnit)};
}

PlaneArea ProbePlane::area_of(const Window& window) const noexcept {
  const auto end = [](std::uint32_t begin, std::uint32_t length) {
    return std::min(begin + length, std::uint32_t{Window::kSide});
  };
  const std::uint32_t right = end(window.left, window.width);
  const std::uint32_t bottom = end(window.top, window.height);
  return {to_units(std::min<std::uint32_t>(window.left, right), picture_.right),
          to_units(std::min<std::uint32_t>(window.top, bottom), picture_.bottom),
          to_units(right, picture_.right), to_units(bottom, picture_.bottom)};
}

Window ProbePlane::window_of(const PlaneArea& area) const noexcept {
  const std::uint32_t left = to_parts(area.left, picture_.right);
  const std::uint32_t top = to_parts(area.top, picture_.bottom);
  return {static_cast<std::uint16_t>(left), static_cast<std::uint16_t>(top),
          static_cast<std::uint16_t>(to_parts(area.right, picture_.right) - left),
          static_cast<std::uint16_t>(to_parts(area.bottom, picture_.bottom) - top)};
}

PdqSignal ProbePlane::hash(const Window& window) const {
  const PlaneArea area = area_of(window);
  PdqSignal signal;
  if (std::min(area.width(), area.height()) < kUnit) return signal;
  const Boxes across(area.left, area.right, luma_.width);
  const Boxes down(area.top, area.bottom, luma_.height);
  const std::size_t stride = std::size_t{luma_.width} + 1;
  const std::size_t first = across.first.front().at;
  const std::size_t count = across.last.back().at + 2 - first;
  const auto line = [&](const Place& place) {
    const std::uint32_t* above = sums_.get() + place.at * stride + first;
    return kernels::SumLine{above, above + stride, place.part};
  };
  // A box has at most 12 x 12 samples: 2^16 times their sum fits 32 bits, whatever of the integral
  // image does not.
  const float scale = 1.0F / (static_cast<float>(across.width) * static_cast<float>(down.width));
  std::array<float, kReducedPixels> luma;
  std::array<std::uint32_t, kRasterSide + 1> between;
  const Columns columns(across);
  for (std::size_t i = 0; i < kSide; ++i) {
    kernels::sums_between(line(down.first[i]), line(down.last[i]), count, between.data());
    kernels::means_between(between.data(), columns.stretch(), scale, kSide, &luma[i * kSide]);
  }
  signal = make_signal(luma, PdqProfile::kFull);
  signal.orders = orders_;
  return signal;
}

}  // namespace semblance::hash
