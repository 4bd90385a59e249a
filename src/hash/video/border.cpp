// SPDX-License-Identifier: Apache-2.0
#include "hash/video/border.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

namespace semblance::hash {
namespace {

// Mean distances of a line's pixels from the level of the border are in 1/16 of a gray level.
constexpr std::uint32_t kUnit = 16;

// Up to it a line is plain: the noise of coding, or a few pixels of something else.
constexpr std::uint32_t kPlain = 4 * kUnit;

// The levels of two borders that meet are within so many gray levels.
constexpr std::uint32_t kSameLevel = 8;

// How many lines beyond the first that is not plain the edge may lie: coding spreads ringing over
// its block of 8 or 16 lines, and so to the outside of the edge.
constexpr std::uint32_t kReach = 12;

// Pixels that are looked at together: loops of a fixed length become vectors.
constexpr std::size_t kStrip = 32;
using Strip = std::array<std::uint16_t, kStrip>;

// Additions to a strip after which its sums are full; no column is judged by more rows.
constexpr std::uint32_t kMostAdded = 256;

std::uint16_t distance(std::uint8_t pixel, std::uint8_t level) {
  return static_cast<std::uint16_t>(std::max(pixel, level) - std::min(pixel, level));
}

void add_distances(const std::uint8_t* pixels, std::uint8_t level, Strip& sums) {
  for (std::size_t k = 0; k < kStrip; ++k) {
    sums[k] = static_cast<std::uint16_t>(sums[k] + distance(pixels[k], level));
  }
}

std::uint32_t mean(std::uint64_t sum, std::uint64_t count) {
  return static_cast<std::uint32_t>((sum * kUnit + count / 2) / count);
}

// The mean distance of `count` neighbouring pixels from the level.
std::uint32_t distance_of_row(const std::uint8_t* pixels, std::uint32_t count, std::uint8_t level) {
  std::uint64_t sum = 0;
  std::uint32_t at = 0;
  while (at + kStrip <= count) {
    Strip sums{};
    for (std::uint32_t n = 0; n < kMostAdded && at + kStrip <= count; ++n, at += kStrip) {
      add_distances(pixels + at, level, sums);
    }
    sum = std::accumulate(sums.begin(), sums.end(), sum);
  }
  for (; at < count; ++at) sum += distance(pixels[at], level);
  return mean(sum, count);
}

// What there is of the frame along one axis.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// Rows from the top or bottom, over the whole width.
struct RowSide {
  const LumaPlane& frame;
  bool from_end;

  std::uint32_t length() const { return frame.height; }

  // The mean of the outermost line.
  std::uint32_t level() const {
    const std::uint32_t y = from_end ? frame.height - 1 : 0;
    const std::uint8_t* row = frame.data + static_cast<std::ptrdiff_t>(y) * frame.stride;
    return distance_of_row(row, frame.width, 0);
  }

  // Appends the distances of some more lines.
  void append(std::uint8_t level, std::vector<std::uint32_t>& distances) const {
    const auto line = static_cast<std::uint32_t>(distances.size());
    const std::uint32_t y = from_end ? frame.height - 1 - line : line;
    const std::uint8_t* row = frame.data + static_cast<std::ptrdiff_t>(y) * frame.stride;
    distances.push_back(distance_of_row(row, frame.width, level));
  }
};

// Columns from the left or right, over some of the rows between the borders above and below.
struct ColumnSide {
  const LumaPlane& frame;
  bool from_end;
  Span rows;

  std::uint32_t length() const { return frame.width; }

  std::uint32_t step() const { return (rows.end - rows.begin + kMostAdded - 1) / kMostAdded; }

  std::uint32_t level() const {
    const std::uint32_t x = from_end ? frame.width - 1 : 0;
    std::uint32_t sum = 0;
    std::uint32_t count = 0;
    for (std::uint32_t y = rows.begin; y < rows.end; y += step(), ++count) {
      sum += frame.data[static_cast<std::ptrdiff_t>(y) * frame.stride + x];
    }
    return mean(sum, count);
  }

  // A strip of them, or what of one the far side leaves.
  void append(std::uint8_t level, std::vector<std::uint32_t>& distances) const {
    const auto line = static_cast<std::uint32_t>(distances.size());
    constexpr auto kWide = static_cast<std::uint32_t>(kStrip);
    const std::uint32_t first = std::min(line, frame.width - kWide);
    const std::uint32_t x = from_end ? frame.width - first - kWide : first;
    Strip sums{};
    std::uint32_t count = 0;
    for (std::uint32_t y = rows.begin; y < rows.end; y += step(), ++count) {
      add_distances(frame.data + static_cast<std::ptrdiff_t>(y) * frame.stride + x, level, sums);
    }
    for (std::uint32_t k = line - first; k < kWide; ++k) {
      distances.push_back(mean(sums[from_end ? kWide - 1 - k : k], count));
    }
  }
};
static_assert(kEnclosedLeast >= kStrip);  // no frame that is looked at is narrower than a strip

// The border along one side.
struct Border {
  std::uint32_t lines = 0;  // 0: none
  std::uint8_t level = 0;
};

// The line where the picture begins: of the steep rises of the distance within reach, the first.
// A rise is that of two lines over the two before, so that a line of both counts by halves.
std::uint32_t find_edge(const std::vector<std::uint32_t>& distances, std::uint32_t first_busy,
                        std::uint32_t end) {
  const auto at = [&](std::uint32_t line) { return static_cast<std::int64_t>(distances[line]); };
  const auto rise = [&](std::uint32_t line) {
    return at(line) + at(line + 1) - at(line - 1) - at(line < 2 ? 0 : line - 2);
  };
  const std::uint32_t begin = std::max(first_busy, 3U) - 2;
  std::int64_t steepest = 0;
  for (std::uint32_t line = begin; line < end; ++line) steepest = std::max(steepest, rise(line));
  for (std::uint32_t line = begin; line + 1 < end; ++line) {
    if (3 * rise(line) >= steepest && rise(line) >= rise(line + 1)) return line;
  }
  return end - 1;
}

template <class Side>
Border find_border(const Side& side, std::uint32_t least_per_mille) {
  const std::uint32_t most = side.length() * kBorderMost / 100;
  const std::uint32_t least = std::max(1U, (side.length() * least_per_mille + 999) / 1000);
  const std::uint32_t reach = std::min(kReach, side.length() / 16);
  Border border;
  border.level = static_cast<std::uint8_t>((side.level() + kUnit / 2) / kUnit);

  std::vector<std::uint32_t> distances;
  std::uint32_t busy = 0;
  while (busy <= most) {
    if (busy == distances.size()) side.append(border.level, distances);
    if (distances[busy] > kPlain) break;
    ++busy;
  }
  if (busy == 0 || busy > most) return border;
  const std::uint32_t end = busy + reach + 1;
  while (distances.size() < end + 1) side.append(border.level, distances);
  const std::uint32_t lines = find_edge(distances, busy, end);
  if (lines >= least && lines <= most) border.lines = lines;
  return border;
}

// The borders at the two ends of an axis.
struct Pair {
  Border first;
  Border last;
};

Span enclosed_by(const Pair& pair, std::uint32_t length) {
  return {pair.first.lines, length - pair.last.lines};
}

// Where a border meets another, they are one: of one level.
void drop_if_other(Border& border, const Pair& met) {
  for (const Border* other : {&met.first, &met.last}) {
    if (other->lines == 0) continue;
    const int apart = int{other->level} - int{border.level};
    if (std::max(apart, -apart) > static_cast<int>(kSameLevel)) border.lines = 0;
  }
}

}  // namespace

std::optional<Enclosed> find_borders(const LumaPlane& frame, std::uint32_t least) {
  if (std::min(frame.width, frame.height) < kEnclosedLeast) return std::nullopt;
  const Pair rows = {find_border(RowSide{frame, false}, least),
                     find_border(RowSide{frame, true}, least)};
  const Span down = enclosed_by(rows, frame.height);
  if (down.end - down.begin < kEnclosedLeast) return std::nullopt;
  Pair columns = {find_border(ColumnSide{frame, false, down}, least),
                  find_border(ColumnSide{frame, true, down}, least)};
  drop_if_other(columns.first, rows);
  drop_if_other(columns.last, rows);
  const Span across = enclosed_by(columns, frame.width);
  if (across.end - across.begin < kEnclosedLeast) return std::nullopt;
  const Enclosed enclosed = {across.begin, down.begin, across.end - across.begin,
                             down.end - down.begin};
  if (enclosed.width == frame.width && enclosed.height == frame.height) return std::nullopt;
  return enclosed;
}

}  // namespace semblance::hash
