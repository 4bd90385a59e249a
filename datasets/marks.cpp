// SPDX-License-Identifier: Apache-2.0
#include "datasets/marks.h"

#include <algorithm>

namespace semblance::datasets {

Colour any_colour(Random& random) noexcept {
  const std::uint64_t bits = random.bits();
  return {static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
          static_cast<std::uint8_t>(bits >> 16)};
}

Picture plain(std::uint32_t width, std::uint32_t height, const Colour& colour) {
  Picture picture(width, height);
  fill(picture, {0, 0, width, height}, colour);
  return picture;
}

void fill(Picture& picture, const Box& box, const Colour& colour) {
  const std::size_t right = std::min<std::size_t>(picture.width, box.left + box.width);
  const std::size_t bottom = std::min<std::size_t>(picture.height, box.top + box.height);
  for (std::size_t y = box.top; y < bottom; ++y) {
    for (std::size_t x = box.left; x < right; ++x) std::ranges::copy(colour, picture.at(x, y));
  }
}

void write_marks(Picture& picture, const Box& box, const Colour& colour, Random& random) {
  const std::size_t size = std::max<std::size_t>(1, box.height / 2);
  const std::size_t end = box.left + box.width;
  std::size_t x = box.left + size;
  while (x + size < end) {
    const std::size_t letters = 1 + random.below(6);
    for (std::size_t i = 0; i < letters && x + size < end; ++i, x += size) {
      const std::size_t stroke = std::max<std::size_t>(1, size / 2 + random.below(3) * size / 8);
      fill(picture, {x, box.top + box.height / 4, std::min(stroke, size), size}, colour);
    }
    x += size;
  }
}

}  // namespace semblance::datasets
