// SPDX-License-Identifier: Apache-2.0
#include "explain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace semblance::tool {
namespace {

using Colour = std::array<std::uint8_t, 3>;
using Corners = std::array<Point, 4>;

constexpr Colour kGround = {64, 64, 64};
constexpr Colour kUnknown = {128, 128, 128};
constexpr Colour kBlack = {0, 0, 0};
constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kYellow = {255, 220, 0};

constexpr int kMargin = 12;  // around and between the pictures; outlines may reach into it
constexpr int kLine = 2;     // pixels, with as much black under it as shows on any ground
constexpr int kLineGround = 4;
constexpr int kMark = 8;
constexpr int kMarkGround = 12;
constexpr float kFarthest = 1000;  // sides of the picture
constexpr Corners kWhole = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};

// A place of the drawing, in pixels.
struct Place {
  double x = 0;
  double y = 0;
};

// Where one of the two pictures is in the drawing.
struct Frame {
  int left = kMargin;
  int top = kMargin;
  int width = 0;
  int height = 0;

  Place at(const Point& point) const noexcept {
    return {left + double{point.x} * width, top + double{point.y} * height};
  }
};

std::uint8_t* sample(Drawing& drawing, int x, int y) {
  const std::size_t at = static_cast<std::size_t>(y) * drawing.width + static_cast<std::size_t>(x);
  return drawing.samples.data() + 3 * at;
}

// A square of that side about the place, as far as it is within the frame and its margin.
void stamp(Drawing& drawing, const Frame& frame, const Place& place, int side,
           const Colour& colour) {
  const int left = static_cast<int>(std::lround(place.x)) - side / 2;
  const int top = static_cast<int>(std::lround(place.y)) - side / 2;
  const int first_x = std::max(left, frame.left - kMargin);
  const int first_y = std::max(top, frame.top - kMargin);
  const int end_x = std::min(left + side, frame.left + frame.width + kMargin);
  const int end_y = std::min(top + side, frame.top + frame.height + kMargin);
  for (int y = first_y; y < end_y; ++y) {
    for (int x = first_x; x < end_x; ++x) {
      std::copy(colour.begin(), colour.end(), sample(drawing, x, y));
    }
  }
}

// Cuts the line to what is near the frame; false if none of it is.
bool cut(const Frame& frame, Place& from, Place& to) {
  const Place along{to.x - from.x, to.y - from.y};
  double first = 0;
  double last = 1;
  const auto bound = [&](double start, double step, double least, double most) {
    if (step == 0) return start >= least && start <= most;
    const double a = (least - start) / step;
    const double b = (most - start) / step;
    first = std::max(first, std::min(a, b));
    last = std::min(last, std::max(a, b));
    return first <= last;
  };
  const double reach = kMargin - kLineGround;
  if (!bound(from.x, along.x, frame.left - reach, frame.left + frame.width + reach) ||
      !bound(from.y, along.y, frame.top - reach, frame.top + frame.height + reach)) {
    return false;
  }
  to = {from.x + last * along.x, from.y + last * along.y};
  from = {from.x + first * along.x, from.y + first * along.y};
  return true;
}

void draw_line(Drawing& drawing, const Frame& frame, Place from, Place to, int side,
               const Colour& colour) {
  if (!cut(frame, from, to)) return;
  const int steps =
      1 + static_cast<int>(2 * std::max(std::abs(to.x - from.x), std::abs(to.y - from.y)));
  for (int i = 0; i <= steps; ++i) {
    const double part = double(i) / steps;
    const Place place{from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)};
    stamp(drawing, frame, place, side, colour);
  }
}

void outline(Drawing& drawing, const Frame& frame, const Corners& corners, const Colour& colour) {
  for (const auto& [side, drawn] : {std::pair{kLineGround, kBlack}, std::pair{kLine, colour}}) {
    for (std::size_t i = 0; i < corners.size(); ++i) {
      draw_line(drawing, frame, frame.at(corners[i]), frame.at(corners[(i + 1) % corners.size()]),
                side, drawn);
    }
  }
}

// So that it is seen which way the region is turned, and whether it is mirrored.
void mark_corner(Drawing& drawing, const Frame& frame, const Point& corner) {
  Place place = frame.at(corner);
  Place same = place;
  if (!cut(frame, place, same)) return;
  stamp(drawing, frame, place, kMarkGround, kBlack);
  stamp(drawing, frame, place, kMark, kWhite);
}

Corners corners_of(const std::optional<Probe>& part) {
  if (!part) return kWhole;
  const auto of = [](std::uint32_t places) { return static_cast<float>(places) / Window::kSide; };
  const Window& window = part->window;
  const float left = of(window.left);
  const float top = of(window.top);
  const float right = of(std::uint32_t{window.left} + window.width);
  const float bottom = of(std::uint32_t{window.top} + window.height);
  return {{{left, top}, {right, top}, {right, bottom}, {left, bottom}}};
}

// Whether they are numbers, and not so far away that a line to them is none.
bool are_places(const Corners& corners) {
  return std::all_of(corners.begin(), corners.end(), [](const Point& corner) {
    return std::abs(corner.x) <= kFarthest && std::abs(corner.y) <= kFarthest;
  });
}

void paste(Drawing& drawing, const Frame& frame, const Thumbnail& picture) {
  const std::size_t row_bytes = std::size_t{3} * picture.width;
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* row = picture.samples.data() + static_cast<std::size_t>(y) * row_bytes;
    std::copy(row, row + row_bytes, sample(drawing, frame.left, frame.top + y));
  }
}

// The two samples between which a place of the blurred entry is, and how far to the second.
struct Between {
  std::size_t first = 0;
  std::size_t second = 0;
  double part = 0;
};

Between between(int at, int length, std::uint32_t samples) {
  const double place = (at + 0.5) * samples / length - 0.5;
  const double first = std::clamp(std::floor(place), 0.0, samples - 1.0);
  const double second = std::min(first + 1, samples - 1.0);
  return {static_cast<std::size_t>(first), static_cast<std::size_t>(second),
          std::clamp(place - first, 0.0, 1.0)};
}

// From sample to sample in a straight line, so that no edge is seen.
void paste_blurred(Drawing& drawing, const Frame& frame, const Thumbnail& few) {
  const auto value = [&](std::size_t x, std::size_t y, std::size_t channel) {
    return double(few.samples[3 * (y * few.width + x) + channel]);
  };
  for (int y = 0; y < frame.height; ++y) {
    const Between down = between(y, frame.height, few.height);
    for (int x = 0; x < frame.width; ++x) {
      const Between across = between(x, frame.width, few.width);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto in_row = [&](std::size_t row) {
          return std::lerp(value(across.first, row, channel), value(across.second, row, channel),
                           across.part);
        };
        const double mean = std::lerp(in_row(down.first), in_row(down.second), down.part);
        sample(drawing, frame.left + x, frame.top + y)[channel] =
            static_cast<std::uint8_t>(std::lround(mean));
      }
    }
  }
}

Thumbnail one_sample(const Colour& colour) { return {1, 1, {colour.begin(), colour.end()}}; }

// No more of the entry than may be shown.
Thumbnail coarse(const BlurredEntry& entry) {
  const Thumbnail& few = entry.thumbnail;
  if (std::max(few.width, few.height) > kBlurredSide) return one_sample(kUnknown);
  if (std::max(entry.width, entry.height) >= kLeastBlurredSide) return few;
  const std::size_t count = std::size_t{few.width} * few.height;
  std::array<std::size_t, 3> sums{};
  for (std::size_t i = 0; i < few.samples.size(); ++i) sums[i % 3] += few.samples[i];
  Colour mean{};
  for (std::size_t i = 0; i < mean.size(); ++i) {
    mean[i] = static_cast<std::uint8_t>((sums[i] + count / 2) / count);
  }
  return one_sample(mean);
}

// Room for a picture of that size, at kDrawnSide at most.
Frame fitted(std::uint32_t width, std::uint32_t height) {
  const double scale = std::min(1.0, double(kDrawnSide) / std::max(width, height));
  Frame frame;
  frame.width = std::max(1, static_cast<int>(std::lround(width * scale)));
  frame.height = std::max(1, static_cast<int>(std::lround(height * scale)));
  return frame;
}

Drawing ground(int width, int height) {
  Drawing drawing{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), {}};
  drawing.samples.resize(std::size_t{3} * drawing.width * drawing.height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::copy(kGround.begin(), kGround.end(), sample(drawing, x, y));
    }
  }
  return drawing;
}

}  // namespace

Drawing explain(const Thumbnail& query, const BlurredEntry& entry, std::span<const Match> matches) {
  Frame left;
  left.width = static_cast<int>(query.width);
  left.height = static_cast<int>(query.height);
  Frame right = fitted(entry.width, entry.height);
  right.left = left.left + left.width + 2 * kMargin;
  Drawing drawing =
      ground(right.left + right.width + kMargin, std::max(left.height, right.height) + 2 * kMargin);
  paste(drawing, left, query);
  paste_blurred(drawing, right, coarse(entry));

  const auto by_hash = std::find_if(matches.begin(), matches.end(), [](const Match& match) {
    return match.kind == SignalKind::kPdq;
  });
  if (by_hash != matches.end()) {
    outline(drawing, left, corners_of(by_hash->query_probe), kYellow);
    outline(drawing, right, corners_of(by_hash->entry_probe), kYellow);
  }
  const auto placed = std::find_if(matches.begin(), matches.end(),
                                   [](const Match& match) { return match.geometry.has_value(); });
  if (placed == matches.end()) return drawing;
  for (const auto& [frame, corners] : {std::pair{left, placed->geometry->query_quad},
                                       std::pair{right, placed->geometry->entry_quad}}) {
    if (!are_places(corners)) continue;
    outline(drawing, frame, corners, kWhite);
    mark_corner(drawing, frame, corners.front());
  }
  return drawing;
}

}  // namespace semblance::tool
