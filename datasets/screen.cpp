// SPDX-License-Identifier: Apache-2.0
#include "datasets/screen.h"

#include <algorithm>
#include <cstddef>

#include "datasets/composition.h"
#include "datasets/marks.h"

namespace semblance::datasets {
namespace {

// The colours of an interface.
struct Theme {
  Colour page;
  Colour bar;
  Colour words;
  Colour quiet;
  Colour accent;
};

Theme any_theme(Random& random) {
  const bool dark = random.below(2) == 1;
  const Colour accent = any_colour(random);
  if (dark) return {gray(18), gray(32), gray(230), gray(120), accent};
  return {gray(255), gray(242), gray(30), gray(150), accent};
}

// Round things of an interface are drawn as squares with their corners cut off.
void draw_button(Picture& canvas, std::size_t left, std::size_t top, std::size_t side,
                 const Colour& colour) {
  const std::size_t corner = side / 4;
  fill(canvas, {left + corner, top, side - 2 * corner, side}, colour);
  fill(canvas, {left, top + corner, side, side - 2 * corner}, colour);
}

// Lines of text from `top` to `bottom`, some of them short.
void write_lines(Picture& canvas, const Box& box, std::size_t line, const Theme& theme,
                 Random& random) {
  for (std::size_t y = box.top; y + line <= box.top + box.height; y += line + line / 3) {
    const std::size_t width = box.width * (4 + random.below(7)) / 10;
    write_marks(canvas, {box.left, y, width, line},
                random.below(4) == 0 ? theme.quiet : theme.words, random);
  }
}

void draw_status_bar(Picture& canvas, std::size_t height, const Theme& theme, Random& random) {
  fill(canvas, {0, 0, canvas.width, height}, theme.bar);
  write_marks(canvas, {8, 4, canvas.width / 5, height - 8}, theme.words, random);
  for (std::size_t i = 1; i <= 3; ++i) {
    fill(canvas, {canvas.width - i * height, height / 4, height / 2, height / 2}, theme.words);
  }
}

Picture on_a_phone(const Picture& picture, double share, const Theme& theme, Random& random) {
  constexpr std::uint32_t kWidth = 720;
  constexpr std::uint32_t kHeight = 1440;
  constexpr std::size_t kStatus = 44;
  constexpr std::size_t kHeading = 96;
  constexpr std::uint32_t kLargest = kHeight - kStatus - kHeading - 140;
  Picture canvas = plain(kWidth, kHeight, theme.page);
  draw_status_bar(canvas, kStatus, theme, random);
  draw_button(canvas, 16, kStatus + 12, 72, theme.accent);
  write_marks(canvas, {104, kStatus + 14, 300, 36}, theme.words, random);
  write_marks(canvas, {104, kStatus + 52, 200, 28}, theme.quiet, random);
  const auto wide = static_cast<std::uint32_t>(share * kWidth + 0.5);
  const auto high = std::min(kLargest, static_cast<std::uint32_t>(share * kHeight + 0.5));
  const Picture shown = fitted(picture, std::max(1U, wide), std::max(1U, high));
  const std::size_t top = kStatus + kHeading + random.below(kLargest - shown.height + 1) / 4;
  // A small picture stands at the left, as in a message, or in the middle.
  const std::size_t left = random.below(2) == 0 ? (kWidth - shown.width) / 2
                                                : std::min<std::size_t>(24, kWidth - shown.width);
  paste(canvas, shown, left, top);
  const std::size_t below = top + shown.height + 16;
  for (std::size_t i = 0; i < 4; ++i) draw_button(canvas, 24 + i * 84, below, 52, theme.quiet);
  write_lines(canvas, {24, below + 70, kWidth - 48, kHeight - below - 80}, 32, theme, random);
  return canvas;
}

Picture on_a_desktop(const Picture& picture, double share, const Theme& theme, Random& random) {
  constexpr std::uint32_t kWidth = 1440;
  constexpr std::uint32_t kHeight = 900;
  constexpr std::uint32_t kBars = 84;
  Picture canvas = plain(kWidth, kHeight, theme.page);
  fill(canvas, {0, 0, kWidth, 36}, theme.bar);
  for (std::size_t i = 0; i < 3; ++i) draw_button(canvas, 12 + 28 * i, 9, 18, theme.accent);
  fill(canvas, {0, 36, kWidth, kBars - 36}, theme.bar);
  write_marks(canvas, {120, 44, kWidth / 2, 32}, theme.quiet, random);
  const auto wide = static_cast<std::uint32_t>(share * kWidth + 0.5);
  const auto high = std::min(kHeight - kBars, static_cast<std::uint32_t>(share * kHeight + 0.5));
  const Picture shown = fitted(picture, std::max(1U, wide), std::max(1U, high));
  const std::size_t room_x = kWidth - shown.width;
  const std::size_t room_y = kHeight - kBars - shown.height;
  const std::size_t left =
      room_x < 200 ? room_x / 2 : 180 + random.below(kWidth - 180 - shown.width + 1) / 3;
  const std::size_t top = kBars + random.below(static_cast<std::uint32_t>(room_y) + 1) / 3;
  if (left >= 180) {
    write_lines(canvas, {8, kBars + 12, 150, kHeight - kBars - 24}, 24, theme, random);
  }
  paste(canvas, shown, left, top);
  const std::size_t below = top + shown.height + 12;
  if (below + 40 < kHeight) {
    write_lines(canvas, {left, below, std::max<std::size_t>(shown.width, 300), kHeight - below - 8},
                26, theme, random);
  }
  return canvas;
}

}  // namespace

Picture screenshot(const Picture& picture, Screen screen, double share, Random& random) {
  const Theme theme = any_theme(random);
  return screen == Screen::kPhone ? on_a_phone(picture, share, theme, random)
                                  : on_a_desktop(picture, share, theme, random);
}

}  // namespace semblance::datasets
