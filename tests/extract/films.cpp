// SPDX-License-Identifier: Apache-2.0
#include "extract/films.h"

#include <gtest/gtest.h>

#include <optional>

#include "datasets/clip.h"
#include "datasets/film.h"

namespace semblance::test {
namespace {

constexpr std::uint32_t kWidth = 160;
constexpr std::uint32_t kHeight = 120;

void append_number(std::string& to, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift);
}

// An ID3 tag states its own size in sevenths of a byte.
void append_tag_size(std::string& to, std::size_t size) {
  for (int shift = 21; shift >= 0; shift -= 7) to += static_cast<char>((size >> shift) & 0x7F);
}

std::string box(std::string_view type, std::string_view content) {
  std::string bytes;
  append_number(bytes, static_cast<std::uint32_t>(content.size() + 8));
  return bytes.append(type).append(content);
}

}  // namespace

std::string film_of(const Film& film) {
  datasets::FilmPlan plan;
  plan.number = film.number;
  plan.seconds = film.seconds;
  plan.shot_seconds = 2;
  plan.width = kWidth;
  plan.height = kHeight;
  const datasets::Film drawn(plan);
  const double rate = static_cast<double>(film.coding.frame_rate_num) / film.coding.frame_rate_den;
  const auto frames = static_cast<std::uint32_t>(film.seconds * rate + 0.01) +
                      (film.coding.frame_rate_den == 1 ? 0U : 1U);
  const auto picture = [&](std::uint32_t index) -> std::optional<datasets::Picture> {
    if (index >= frames) return std::nullopt;
    if (film.black) return datasets::Picture(kWidth, kHeight);
    const datasets::Picture shown = drawn.frame(film.still ? 0 : index / rate);
    return datasets::bordered(shown, film.border, kWidth, kHeight);
  };
  auto bytes = datasets::encode_video(picture, film.coding);
  EXPECT_TRUE(bytes) << bytes.error().what;
  return bytes ? *bytes : "";
}

std::string with_cover(std::string mp4, std::string_view picture) {
  const std::string handler(std::string("\0\0\0\0\0\0\0\0mdirappl", 16) + std::string(9, '\0'));
  const std::string jpeg = std::string("\0\0\0\x0D\0\0\0\0", 8).append(picture);
  const std::string tags =
      box("udta", box("meta", std::string(4, '\0') + box("hdlr", handler) +
                                  box("ilst", box("covr", box("data", jpeg)))));
  // The index is the last box of the file, so that nothing moves.
  const std::size_t moov = mp4.rfind("moov");
  EXPECT_NE(moov, std::string::npos);
  std::string size;
  append_number(size, static_cast<std::uint32_t>(mp4.size() - (moov - 4) + tags.size()));
  mp4.replace(moov - 4, 4, size);
  return mp4 + tags;
}

std::string sound_with_picture(std::string_view picture) {
  std::string bytes;
  if (!picture.empty()) {
    std::string content("\0image/jpeg\0\3\0", 14);
    content += picture;
    bytes = std::string("ID3\3\0\0", 6);
    append_tag_size(bytes, content.size() + 10);
    bytes += "APIC";
    append_number(bytes, static_cast<std::uint32_t>(content.size()));
    bytes += std::string(2, '\0') + content;
  }
  // Frames of MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes, of which silence needs four.
  for (int frame = 0; frame < 40; ++frame) {
    bytes += "\xFF\xFB\x90\x64" + std::string(413, '\0');
  }
  return bytes;
}

}  // namespace semblance::test
