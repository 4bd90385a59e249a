// SPDX-License-Identifier: Apache-2.0
#include "datasets/composition.h"

#include <algorithm>

#include "datasets/geometry.h"

namespace semblance::datasets {
namespace {

std::uint32_t part(double side, double fraction) {
  return static_cast<std::uint32_t>(side * fraction + 0.5);
}

std::uint32_t part_of_one(double side, double fraction) {
  return std::max(1U, part(side, fraction));
}

// Gutters are white, black or of any colour.
Colour gutter_colour(Random& random) {
  const std::uint32_t choice = random.below(3);
  return choice == 0 ? gray(255) : choice == 1 ? gray(0) : any_colour(random);
}

// Fills `box` with a row, or a column where it is taller than wide, of `count` others.
void lay_strip(Picture& canvas, const Box& box, std::span<const Picture* const> others,
               std::size_t first, std::uint32_t count, std::size_t gutter) {
  const bool across = box.width >= box.height;
  const std::size_t side = across ? box.width : box.height;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = side * i / count;
    const std::size_t to = side * (i + 1) / count - (i + 1 < count ? gutter : 0);
    if (to <= from) continue;
    const auto length = static_cast<std::uint32_t>(to - from);
    const auto width = across ? length : static_cast<std::uint32_t>(box.width);
    const auto height = across ? static_cast<std::uint32_t>(box.height) : length;
    paste(canvas, covering(*others[(first + i) % others.size()], width, height),
          box.left + (across ? from : 0), box.top + (across ? 0 : from));
  }
}

}  // namespace

Picture cut(const Picture& picture, const Box& box) {
  Picture out(static_cast<std::uint32_t>(box.width), static_cast<std::uint32_t>(box.height));
  for (std::size_t y = 0; y < out.height; ++y) {
    std::copy_n(picture.at(box.left, box.top + y), out.row_bytes(), out.row(y));
  }
  return out;
}

void paste(Picture& canvas, const Picture& picture, std::size_t left, std::size_t top) {
  if (left >= canvas.width || top >= canvas.height) return;
  const std::size_t width = std::min<std::size_t>(picture.width, canvas.width - left);
  const std::size_t height = std::min<std::size_t>(picture.height, canvas.height - top);
  for (std::size_t y = 0; y < height; ++y) {
    std::copy_n(picture.row(y), 3 * width, canvas.at(left, top + y));
  }
}

Picture fitted(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  const double scale = std::min(static_cast<double>(width) / picture.width,
                                static_cast<double>(height) / picture.height);
  return resize(picture, std::min(width, part_of_one(picture.width, scale)),
                std::min(height, part_of_one(picture.height, scale)));
}

Picture covering(const Picture& picture, std::uint32_t width, std::uint32_t height) {
  const double scale = std::max(static_cast<double>(width) / picture.width,
                                static_cast<double>(height) / picture.height);
  const std::size_t across = std::clamp(part(width, 1.0 / scale), 1U, picture.width);
  const std::size_t down = std::clamp(part(height, 1.0 / scale), 1U, picture.height);
  const Box middle{(picture.width - across) / 2, (picture.height - down) / 2, across, down};
  return resize(cut(picture, middle), width, height);
}

Picture cropped_anywhere(const Picture& picture, double keep_x, double keep_y, Random& random) {
  const std::uint32_t width = std::min(picture.width, part_of_one(picture.width, keep_x));
  const std::uint32_t height = std::min(picture.height, part_of_one(picture.height, keep_y));
  const std::size_t left = random.below(picture.width - width + 1);
  const std::size_t top = random.below(picture.height - height + 1);
  return cut(picture, {left, top, width, height});
}

Picture bordered(const Picture& picture, const Edges& edges, const Colour& colour) {
  const std::uint32_t left = part(picture.width, edges.left);
  const std::uint32_t top = part(picture.height, edges.top);
  Picture out = plain(picture.width + left + part(picture.width, edges.right),
                      picture.height + top + part(picture.height, edges.bottom), colour);
  paste(out, picture, left, top);
  return out;
}

Picture collage(const Picture& known, std::span<const Picture* const> others,
                const CollageOptions& options, Random& random) {
  const std::uint32_t gap = part(kCollageSide, options.gutter);
  // The longer side of the canvas is kCollageSide, nearly.
  const double wide = static_cast<double>(known.width) * options.columns;
  const double high = static_cast<double>(known.height) * options.rows;
  const double scale = kCollageSide / std::max(wide, high);
  const std::uint32_t width = part_of_one(known.width, scale);
  const std::uint32_t height = part_of_one(known.height, scale);
  Picture canvas = plain(options.columns * (width + gap) + gap, options.rows * (height + gap) + gap,
                         gutter_colour(random));
  const std::uint32_t cells = options.columns * options.rows;
  const std::uint32_t place = random.below(cells);
  for (std::uint32_t i = 0, other = 0; i < cells; ++i) {
    const std::size_t left = gap + std::size_t{i % options.columns} * (width + gap);
    const std::size_t top = gap + std::size_t{i / options.columns} * (height + gap);
    const Picture& shown = i == place ? known : *others[other++ % others.size()];
    paste(canvas, i == place ? resize(shown, width, height) : covering(shown, width, height), left,
          top);
  }
  return canvas;
}

Picture mosaic(const Picture& known, std::span<const Picture* const> others, double share,
               double gutter, Random& random) {
  const double scale = static_cast<double>(kCollageSide) / std::max(known.width, known.height);
  const std::uint32_t width = part_of_one(known.width, scale);
  const std::uint32_t height = part_of_one(known.height, scale);
  const std::size_t gap = part(kCollageSide, gutter);
  const bool full = share >= 1.0;
  const Picture shown = resize(known, part_of_one(width, share), part_of_one(height, share));
  const std::uint32_t beneath = full ? part_of_one(height, random.uniform(0.25, 0.6)) : 0;
  Picture canvas = plain(width, height + beneath, gutter_colour(random));
  const bool right = random.below(2) == 1;  // where the known picture stands
  const bool bottom = random.below(2) == 1;
  const std::size_t left = right ? canvas.width - shown.width : 0;
  const std::size_t top = bottom ? canvas.height - shown.height : 0;
  const std::size_t room_x = canvas.width - shown.width;
  const std::size_t room_y = canvas.height - shown.height;
  if (room_x > gap) {
    const Box beside{right ? 0 : shown.width + gap, top, room_x - gap, shown.height};
    lay_strip(canvas, beside, others, 0, 1 + random.below(3), gap);
  }
  if (room_y > gap) {
    const Box row{0, bottom ? 0 : shown.height + gap, canvas.width, room_y - gap};
    lay_strip(canvas, row, others, 3, 2 + random.below(3), gap);
  }
  paste(canvas, shown, left, top);
  return canvas;
}

}  // namespace semblance::datasets
