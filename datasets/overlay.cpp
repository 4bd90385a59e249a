// SPDX-License-Identifier: Apache-2.0
#include "datasets/overlay.h"

#include <algorithm>
#include <cstddef>

#include "datasets/geometry.h"
#include "datasets/marks.h"

namespace semblance::datasets {
namespace {

void draw_disc(Picture& picture, double x, double y, double radius, const Colour& colour) {
  const double right = picture.width - 1.0;
  const double bottom = picture.height - 1.0;
  const auto first = static_cast<std::size_t>(std::clamp(y - radius, 0.0, bottom));
  const auto last = static_cast<std::size_t>(std::clamp(y + radius, 0.0, bottom));
  const auto left = static_cast<std::size_t>(std::clamp(x - radius, 0.0, right));
  const auto end = static_cast<std::size_t>(std::clamp(x + radius, 0.0, right));
  for (std::size_t row = first; row <= last; ++row) {
    for (std::size_t column = left; column <= end; ++column) {
      const double dx = static_cast<double>(column) - x;
      const double dy = static_cast<double>(row) - y;
      if (dx * dx + dy * dy <= radius * radius) std::ranges::copy(colour, picture.at(column, row));
    }
  }
}

}  // namespace

Picture stickered(const Picture& picture, std::uint32_t count, double diameter, Random& random) {
  Picture out = picture;
  const double radius = 0.5 * diameter * std::min(picture.width, picture.height);
  for (std::uint32_t i = 0; i < count; ++i) {
    const double x = random.uniform(radius, picture.width - radius);
    const double y = random.uniform(radius, picture.height - radius);
    const Colour face = any_colour(random);
    draw_disc(out, x, y, radius, gray(20));
    draw_disc(out, x, y, 0.94 * radius, face);
    draw_disc(out, x - 0.35 * radius, y - 0.25 * radius, 0.14 * radius, gray(20));
    draw_disc(out, x + 0.35 * radius, y - 0.25 * radius, 0.14 * radius, gray(20));
    draw_disc(out, x, y + 0.4 * radius, 0.25 * radius, gray(20));
  }
  return out;
}

Picture written_over(const Picture& picture, std::uint32_t lines, double height, Random& random) {
  Picture out = picture;
  const auto line =
      std::max<std::size_t>(4, static_cast<std::size_t>(picture.height * height + 0.5));
  const std::size_t rim = std::max<std::size_t>(1, line / 16);
  const std::size_t all = line * lines;
  std::size_t top = picture.height > all ? (picture.height - all) / 2 : 0;
  for (std::uint32_t i = 0; i < lines && top + line + 2 * rim <= picture.height; ++i, top += line) {
    // The same marks twice: first the rim, then the letters on it.
    const Random start = random;
    for (const std::size_t shift : {std::size_t{0}, 2 * rim}) {
      random = start;
      write_marks(out, {shift, top + shift, picture.width - 2 * rim, line}, gray(10), random);
    }
    random = start;
    write_marks(out, {rim, top + rim, picture.width - 2 * rim, line}, gray(250), random);
  }
  return out;
}

Picture blended(const Picture& picture, const Picture& other, double opacity) {
  const Picture above = resize(other, picture.width, picture.height);
  Picture out = picture;
  const auto share = static_cast<float>(opacity);
  for (std::size_t i = 0; i < out.rgb.size(); ++i) {
    const auto value = static_cast<float>(out.rgb[i]);
    out.rgb[i] = to_sample(value + share * (static_cast<float>(above.rgb[i]) - value));
  }
  return out;
}

}  // namespace semblance::datasets
