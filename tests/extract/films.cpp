// SPDX-License-Identifier: Apache-2.0
#include "extract/films.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

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

// The size of an element of Matroska, and how many bytes tell it.
struct SizeField {
  std::size_t bytes = 1;
  std::size_t value = 0;
};

SizeField size_field(const std::string& bytes, std::size_t at) {
  SizeField field;
  auto first = static_cast<std::uint8_t>(bytes[at]);
  while (field.bytes < 8 && (first >> (8 - field.bytes) & 1) == 0) ++field.bytes;
  field.value = first & ((1U << (8 - field.bytes)) - 1);
  for (std::size_t i = 1; i < field.bytes; ++i) {
    field.value = field.value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  }
  return field;
}

// The same in eight bytes.
std::string long_size(std::size_t value) {
  std::string bytes = "\1";
  for (int shift = 48; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
  return bytes;
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
  return with_covers(std::move(mp4), {std::string(picture)});
}

std::string with_covers(std::string mp4, const std::vector<std::string>& pictures) {
  const std::string handler(std::string("\0\0\0\0\0\0\0\0mdirappl", 16) + std::string(9, '\0'));
  std::string covers;
  for (const std::string& picture : pictures) {
    covers += box("data", std::string("\0\0\0\x0D\0\0\0\0", 8).append(picture));
  }
  const std::string tags = box("udta", box("meta", std::string(4, '\0') + box("hdlr", handler) +
                                                       box("ilst", box("covr", covers))));
  // The index is the last box of the file, so that nothing moves.
  const std::size_t moov = mp4.rfind("moov");
  EXPECT_NE(moov, std::string::npos);
  std::string size;
  append_number(size, static_cast<std::uint32_t>(mp4.size() - (moov - 4) + tags.size()));
  mp4.replace(moov - 4, 4, size);
  return mp4 + tags;
}

std::string sound_with_picture(std::string_view picture) {
  if (picture.empty()) return sound_with_pictures({});
  return sound_with_pictures({std::string(picture)});
}

std::string sound_with_pictures(const std::vector<std::string>& pictures) {
  std::string frames;
  for (const std::string& picture : pictures) {
    const std::string content = std::string("\0image/jpeg\0\3\0", 14) + picture;
    frames += "APIC";
    append_number(frames, static_cast<std::uint32_t>(content.size()));
    frames += std::string(2, '\0') + content;
  }
  std::string bytes;
  if (!frames.empty()) {
    bytes = std::string("ID3\3\0\0", 6);
    append_tag_size(bytes, frames.size());
    bytes += frames;
  }
  // Frames of MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes, of which silence needs four.
  for (int frame = 0; frame < 40; ++frame) {
    bytes += "\xFF\xFB\x90\x64" + std::string(413, '\0');
  }
  return bytes;
}

std::string with_empty_stream_first(std::string matroska) {
  const std::string id = "\x16\x54\xAE\x6B";
  const std::size_t tracks = matroska.find(id, matroska.find(id) + id.size()) + id.size();
  EXPECT_GT(tracks, id.size()) << "the table of contents names them, and then they come";
  const SizeField all = size_field(matroska, tracks);
  std::string entries = matroska.substr(tracks + all.bytes, all.value);
  if (entries[0] == '\xBF') entries.erase(0, 6);  // a checksum
  EXPECT_EQ(entries[0], '\xAE');
  const SizeField one = size_field(entries, 1);
  std::string copy = entries.substr(0, 1 + one.bytes + one.value);
  const std::size_t number = copy.find("\xD7\x81\x01");
  EXPECT_NE(number, std::string::npos);
  copy[number + 2] = 2;
  const std::size_t identity = copy.find("\x73\xC5");
  EXPECT_NE(identity, std::string::npos);
  ++copy[identity + 3];
  const std::string longer = long_size(copy.size() + entries.size()) + copy + entries;
  const std::size_t grown = longer.size() - all.bytes - all.value;
  matroska.replace(tracks, all.bytes + all.value, longer);
  const std::size_t segment = matroska.find("\x18\x53\x80\x67") + 4;
  const SizeField whole = size_field(matroska, segment);
  EXPECT_EQ(whole.bytes, 8U);
  return matroska.replace(segment, 8, long_size(whole.value + grown));
}

}  // namespace semblance::test
