// SPDX-License-Identifier: Apache-2.0
#include "datasets/graphic.h"

#include <algorithm>
#include <cstddef>

#include "datasets/random.h"

namespace semblance::datasets {
namespace {

// A part of the picture, whose sides are 0 and 1.
struct Box {
  double left, top, right, bottom;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
};

constexpr Box kWhole{0.0, 0.0, 1.0, 1.0};

class Canvas {
 public:
  explicit Canvas(std::size_t side) : side_(side), luma_(side * side), across_(side) {}

  void fill_gradient(double corner, double across, double down) {
    const double step = 1.0 / static_cast<double>(side_);
    for (std::size_t y = 0; y < side_; ++y) {
      const double start = corner + down * (static_cast<double>(y) * step);
      for (std::size_t x = 0; x < side_; ++x) {
        luma_[y * side_ + x] = static_cast<float>(start + across * (static_cast<double>(x) * step));
      }
    }
  }

  // Edges are smooth to a part of a sample: at 64 samples a side whole ones would repeat too soon.
  void fill(const Box& box, double value) {
    const auto [left, right] = range(box.left, box.right);
    const auto [top, bottom] = range(box.top, box.bottom);
    for (std::size_t x = left; x < right; ++x) across_[x] = covered(box.left, box.right, x);
    for (std::size_t y = top; y < bottom; ++y) {
      const float down = covered(box.top, box.bottom, y);
      float* row = luma_.data() + y * side_;
      for (std::size_t x = left; x < right; ++x) {
        row[x] += (static_cast<float>(value) - row[x]) * (across_[x] * down);
      }
    }
  }

  std::vector<std::uint8_t> samples() const {
    std::vector<std::uint8_t> samples(luma_.size());
    std::ranges::transform(luma_, samples.begin(), [](float value) {
      return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F);
    });
    return samples;
  }

 private:
  struct Range {
    std::size_t first, end;
  };

  Range range(double low, double high) const {
    const auto side = static_cast<double>(side_);
    return {static_cast<std::size_t>(std::clamp(low, 0.0, 1.0) * side),
            std::min(side_, static_cast<std::size_t>(std::clamp(high, 0.0, 1.0) * side) + 1)};
  }

  // How much of sample `i` lies between `low` and `high`.
  float covered(double low, double high, std::size_t i) const {
    const auto side = static_cast<double>(side_);
    const auto start = static_cast<double>(i);
    return static_cast<float>(
        std::clamp(std::min(high * side, start + 1.0) - std::max(low * side, start), 0.0, 1.0));
  }

  std::size_t side_;
  std::vector<float> luma_;
  std::vector<float> across_;  // what fill() covers of each column
};

void draw_boxes(Canvas& canvas, Random& random, const Box& area, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const double width = area.width() * random.uniform(0.05, 0.5);
    const double height = area.height() * random.uniform(0.05, 0.5);
    const double left = random.uniform(area.left, area.right - 0.5 * width);
    const double top = random.uniform(area.top, area.bottom - 0.5 * height);
    canvas.fill(
        {left, top, std::min(left + width, area.right), std::min(top + height, area.bottom)},
        random.uniform(0.0, 255.0));
  }
}

void draw_gradient(Canvas& canvas, Random& random) {
  const double corner = random.uniform(40.0, 215.0);
  const double across = random.uniform(-80.0, 80.0);
  const double down = random.uniform(-80.0, 80.0);
  canvas.fill_gradient(corner, across, down);
}

// Lines from the top of `area` to its bottom, in paragraphs whose last line is short.
void draw_text(Canvas& canvas, Random& random, const Box& area, double ink) {
  const double pitch = random.uniform(0.022, 0.05);
  std::uint32_t left_in_paragraph = 1 + random.below(7);
  for (double y = area.top; y + 0.6 * pitch < area.bottom; y += pitch) {
    const bool last = --left_in_paragraph == 0;
    const double length = last ? random.uniform(0.2, 0.9) : random.uniform(0.94, 1.0);
    canvas.fill({area.left, y, area.left + area.width() * length, y + 0.6 * pitch}, ink);
    if (!last) continue;
    left_in_paragraph = 2 + random.below(7);
    y += 0.7 * pitch;
  }
}

void draw_page(Canvas& canvas, Random& random, std::uint32_t boxes) {
  const bool dark = random.below(6) == 0;
  const double paper = dark ? random.uniform(15.0, 55.0) : random.uniform(225.0, 255.0);
  canvas.fill(kWhole, paper);
  const double ink = paper + (dark ? 1.0 : -1.0) * random.uniform(60.0, 140.0);
  const double margin = random.uniform(0.05, 0.14);
  double top = random.uniform(0.05, 0.14);
  const Box heading{margin, top, margin + random.uniform(0.2, 1.0 - 2.0 * margin),
                    top + random.uniform(0.02, 0.06)};
  canvas.fill(heading, ink);
  top = heading.bottom + random.uniform(0.02, 0.08);
  const double end = random.uniform(std::min(0.95, top + 0.2), 0.97);
  const std::uint32_t columns = 1 + random.below(2);
  const double width = (1.0 - 2.0 * margin) / columns;
  for (std::uint32_t c = 0; c < columns; ++c) {
    const double left = margin + c * width;
    draw_text(canvas, random, {left, top, left + width - (columns > 1 ? 0.02 : 0.0), end}, ink);
  }
  draw_boxes(canvas, random, {margin, top, 1.0 - margin, end}, boxes / 4);  // its figures
}

void draw_screen(Canvas& canvas, Random& random, std::uint32_t boxes) {
  canvas.fill(kWhole,
              random.below(3) == 0 ? random.uniform(15.0, 60.0) : random.uniform(190.0, 255.0));
  const double bar = random.uniform(0.03, 0.1);
  const double side = random.below(2) == 0 ? random.uniform(0.12, 0.3) : 0.0;
  canvas.fill({0.0, 0.0, 1.0, bar}, random.uniform(0.0, 255.0));
  canvas.fill({0.0, bar, side, 1.0}, random.uniform(0.0, 255.0));
  const Box desk{side, bar, 1.0, 1.0};
  draw_boxes(canvas, random, desk, boxes);
  const double left = random.uniform(desk.left, 0.7);
  const double top = random.uniform(desk.top, 0.7);
  const Box column{left, top, random.uniform(left + 0.1, 1.0), top + 0.25};
  draw_text(canvas, random, column, random.uniform(0.0, 255.0));
}

void draw_letterbox(Canvas& canvas, Random& random, std::uint32_t boxes) {
  draw_gradient(canvas, random);
  const double black = random.uniform(0.0, 16.0);
  const double bar = random.uniform(0.06, 0.3);
  const bool level = random.below(3) != 0;
  const Box content = level ? Box{0.0, bar, 1.0, 1.0 - bar} : Box{bar, 0.0, 1.0 - bar, 1.0};
  draw_boxes(canvas, random, content, boxes);
  canvas.fill(level ? Box{0.0, 0.0, 1.0, bar} : Box{0.0, 0.0, bar, 1.0}, black);
  canvas.fill(level ? Box{0.0, 1.0 - bar, 1.0, 1.0} : Box{1.0 - bar, 0.0, 1.0, 1.0}, black);
}

}  // namespace

std::vector<std::uint8_t> draw_graphic(std::uint64_t seed, std::uint64_t number, std::uint32_t side,
                                       const GraphicOptions& options) {
  Random random = Random::stream(seed, number);
  Canvas canvas(side);
  const std::uint32_t boxes =
      options.fewest_boxes + random.below(options.most_boxes - options.fewest_boxes + 1);
  switch (random.below(6)) {
    case 0:
      draw_gradient(canvas, random);
      draw_boxes(canvas, random, kWhole, boxes);
      break;
    case 1:
      draw_screen(canvas, random, boxes);
      break;
    case 2:
      draw_letterbox(canvas, random, boxes);
      break;
    default:
      draw_page(canvas, random, boxes);
      break;
  }
  return canvas.samples();
}

}  // namespace semblance::datasets
