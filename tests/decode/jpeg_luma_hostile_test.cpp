// SPDX-License-Identifier: Apache-2.0
// Files that are not of the usual kind, or not whole: nothing is said, or only what is right.
#include <gtest/gtest.h>

#include <random>

#include "decode/jpeg_luma.h"
#include "decode/jpeg_luma_files.h"
#include "decode/jpeg_luma_oracle.h"

namespace semblance::decode {
namespace {

const ByteVector kEnd = {0xFF, 0xD9};

const TestPicture& small_scene() {
  static const TestPicture kScene = scene_picture(44, 29, 3, 8);
  return kScene;
}

void expect_nothing(const ByteVector& file) {
  const LumaVerdict verdict = judge_luma(file);
  EXPECT_EQ(verdict.orders_read, 0);
}

/// A good file with one byte of it put otherwise, `offset` bytes behind a marker.
ByteVector patched(const ByteVector& file, std::uint8_t marker, std::size_t offset,
                   std::uint8_t value) {
  ByteVector other = file;
  other.at(find_marker(file, marker) + offset) = value;
  return other;
}

TEST(JpegLumaHostileTest, LeavesOtherCodingsToTheLibrary) {
  LumaFileOptions arithmetic;
  arithmetic.arithmetic = true;
  expect_nothing(encode_luma_file(small_scene(), arithmetic));
  arithmetic.progressive = true;
  expect_nothing(encode_luma_file(small_scene(), arithmetic));

  const ByteVector file = encode_luma_file(small_scene(), {});
  ASSERT_TRUE(judge_luma(file).all_read());
  for (const std::uint8_t precision : ByteVector{0, 2, 7, 12, 16}) {
    expect_nothing(patched(file, 0xC0, 4, precision));
  }
  for (std::uint8_t frame = 0xC3; frame <= 0xCF; ++frame) {
    if (frame == 0xC4 || frame == 0xC8 || frame == 0xCC) continue;
    SCOPED_TRACE(testing::Message() << int{frame});
    expect_nothing(patched(file, 0xC0, 1, frame));
  }
}

TEST(JpegLumaHostileTest, LeavesOtherColoursToTheLibrary) {
  for (const LumaFileColour colour :
       {LumaFileColour::kRgb, LumaFileColour::kCmyk, LumaFileColour::kYcck}) {
    LumaFileOptions options;
    options.colour = colour;
    options.sampling = {{{1, 1}, {1, 1}, {1, 1}, {1, 1}}};
    const int channels = colour == LumaFileColour::kRgb ? 3 : 4;
    expect_nothing(encode_luma_file(scene_picture(44, 29, channels, 8), options));
  }
  // RGB by the components' names alone.
  LumaFileOptions plain;
  plain.jfif = false;
  ByteVector named = encode_luma_file(small_scene(), plain);
  ASSERT_TRUE(judge_luma(named).all_read());
  const std::size_t frame = find_marker(named, 0xC0), scan = find_marker(named, 0xDA);
  for (std::size_t i = 0; i < 3; ++i) {
    named[frame + 10 + 3 * i] = named[scan + 5 + 2 * i] = static_cast<std::uint8_t>("RGB"[i]);
  }
  expect_nothing(named);
  // And by Adobe's marker, which says so beside one of JFIF: there libjpeg-turbo believes JFIF.
  const ByteVector adobe = {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
  expect_nothing(with_segment(encode_luma_file(small_scene(), plain), 2, 0xEE, adobe));
  EXPECT_EQ(judge_luma(with_segment(encode_luma_file(small_scene(), {}), 20, 0xEE, adobe)).wrong,
            "");
}

TEST(JpegLumaHostileTest, LeavesLumaThatIsNotAtFullResolution) {
  for (const std::array<std::array<int, 2>, 4>& sampling :
       {std::array<std::array<int, 2>, 4>{{{1, 1}, {2, 2}, {1, 1}, {1, 1}}},
        {{{1, 2}, {2, 1}, {1, 1}, {1, 1}}},
        {{{2, 1}, {1, 1}, {1, 2}, {1, 1}}},
        {{{1, 1}, {2, 1}, {2, 1}, {1, 1}}}}) {
    LumaFileOptions options;
    options.sampling = sampling;
    expect_nothing(encode_luma_file(small_scene(), options));
  }
  // 3 to 2, which the library reads the coefficients of, and does not decode.
  LumaFileOptions odd;
  odd.sampling = {{{3, 1}, {2, 1}, {1, 1}, {1, 1}}};
  expect_nothing(encode_coefficients(
      44, 29, odd, [](int, std::uint32_t, std::uint32_t col, std::span<std::int16_t> block) {
        block[0] = static_cast<std::int16_t>(col);
      }));
}

TEST(JpegLumaHostileTest, LeavesFilesThatLackATable) {
  const ByteVector file = encode_luma_file(small_scene(), {});
  expect_nothing(without_segment(file, 0xDB));
  expect_nothing(without_segment(file, 0xC4));
  expect_nothing(without_segment(without_segment(file, 0xC4), 0xC4));
  LumaFileOptions own;
  own.optimise = true;
  ByteVector bare = encode_luma_file(small_scene(), own);
  while (find_marker(bare, 0xC4) < bare.size()) bare = without_segment(bare, 0xC4);
  expect_nothing(bare);
  // A table of another number than the scan asks for.
  const std::size_t scan = find_marker(file, 0xDA);
  for (const std::uint8_t tables : ByteVector{0x22, 0x03, 0x30, 0x40, 0xFF}) {
    ByteVector other = file;
    other[scan + 6] = tables;
    expect_nothing(other);
  }
}

TEST(JpegLumaHostileTest, LeavesHuffmanTablesThatAreNoPrefixCode) {
  const ByteVector file = encode_luma_file(small_scene(), {});
  for (std::size_t length = 1; length <= 16; ++length) {
    SCOPED_TRACE(testing::Message() << "codes of " << length << " bits");
    // More codes of that length than there are, or fewer symbols than codes.
    expect_nothing(patched(file, 0xC4, 4 + length, 255));
    EXPECT_EQ(judge_luma(patched(file, 0xC4, 4 + length, 3)).wrong, "");
  }
  // A size of a DC difference that no code of the file uses, and that libjpeg-turbo minds.
  expect_nothing(patched(file, 0xC4, 4 + 16 + 12, 16));
  expect_nothing(patched(file, 0xC4, 4, 0x20));  // a class that there is not
  expect_nothing(patched(file, 0xC4, 4, 0x04));  // a number that there is not
}

TEST(JpegLumaHostileTest, LeavesHeightsThatTheFrameDoesNotState) {
  const ByteVector file = encode_luma_file(small_scene(), {});
  ByteVector later = file;
  later[find_marker(file, 0xC0) + 6] = 0;  // below 256 rows
  expect_nothing(later);
  expect_nothing(with_segment(later, later.size() - 2, 0xDC, {0, 29}));
  expect_nothing(with_segment(file, file.size() - 2, 0xDC, {0, 29}));
}

TEST(JpegLumaHostileTest, LeavesSizesThatThePictureDoesNotFill) {
  const ByteVector file = encode_luma_file(small_scene(), {});
  const std::size_t frame = find_marker(file, 0xC0);
  for (const auto& [high, low] : {std::pair<std::uint8_t, std::uint8_t>{0xFF, 0xFF},
                                  {0x10, 0x00},
                                  {0x00, 0x00},
                                  {0x00, 0x01},
                                  {0x00, 0x41}}) {
    for (const std::size_t side : {5u, 7u}) {
      ByteVector other = file;
      other[frame + side] = high;
      other[frame + side + 1] = low;
      SCOPED_TRACE(testing::Message() << int{high} << " " << int{low} << " at " << side);
      expect_nothing(other);
    }
  }
  // Both, whose pixels so few bytes cannot mean.
  ByteVector huge = file;
  for (const std::size_t at : {5u, 7u}) huge[frame + at] = 0x60;
  EXPECT_FALSE(JpegLuma::open(huge, Limits{}));
}

TEST(JpegLumaHostileTest, LeavesWhatFollowsNoRule) {
  const ByteVector file = encode_luma_file(small_scene(), {});
  const std::size_t scan = find_marker(file, 0xDA);
  expect_nothing({});
  expect_nothing({0xFF, 0xD8});
  expect_nothing({0xFF, 0xD8, 0xFF, 0xD9});
  expect_nothing(ByteVector(2000, 0xFF));
  expect_nothing(ByteVector(2000, 0x00));
  // Without its end; with a second beginning, frame or scan; with bytes between segments.
  const std::size_t end = file.size() - 2;
  expect_nothing(spliced(file, end, file.size()));
  expect_nothing(with_segment(file, 2, 0xD8, {}));
  const std::size_t frame = find_marker(file, 0xC0);
  expect_nothing(with_segment(file, scan, 0xC0,
                              spliced(spliced(file, frame + 19, file.size()), 0, frame + 4)));
  expect_nothing(spliced(file, end, end, spliced(file, 0, scan)));
  expect_nothing(spliced(file, scan, scan, {1, 2, 3}));
  // Entropy code that goes on behind the last block, and a scan of no code at all.
  expect_nothing(spliced(file, end, end, {0x12, 0x34, 0x56}));
  expect_nothing(spliced(file, scan + 14, end));
}

TEST(JpegLumaHostileTest, AFileCutAnywhereGivesNothing) {
  LumaFileOptions restarts, separate, gray;
  restarts.restart_interval = 3;
  separate.script = {{{0}}, {{2}}, {{1}}};
  gray.colour = LumaFileColour::kGray;
  for (const ByteVector& file :
       {encode_luma_file(small_scene(), {}), encode_luma_file(small_scene(), restarts),
        encode_luma_file(small_scene(), separate),
        encode_luma_file(scene_picture(60, 44, 1, 8), gray)}) {
    ASSERT_TRUE(judge_luma(file).all_read());
    for (std::size_t size = 0; size < file.size(); ++size) {
      EXPECT_EQ(judge_luma(std::span(file).first(size)).orders_read, 0) << size;
      EXPECT_EQ(judge_luma(spliced(file, size, file.size(), kEnd)).wrong, "") << size;
    }
  }
}

TEST(JpegLumaHostileTest, DamagedBytesGiveNothingOrWhatTheLibraryGives) {
  LumaFileOptions restarts, separate, noisy, own;
  restarts.restart_interval = 3;
  separate.script = {{{0}}, {{2}}, {{1}}};
  noisy.quality = 98;
  own.optimise = true;
  for (const ByteVector& file :
       {encode_luma_file(small_scene(), {}), encode_luma_file(small_scene(), restarts),
        encode_luma_file(small_scene(), separate), encode_luma_file(small_scene(), own),
        encode_luma_file(noise_picture(20, 20, 3, 1), noisy)}) {
    ASSERT_TRUE(judge_luma(file).all_read());
    ByteVector other = file;
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const std::uint8_t bits : ByteVector{0x01, 0x08, 0x40, 0xFF}) {
        other[i] = static_cast<std::uint8_t>(file[i] ^ bits);
        ASSERT_EQ(judge_luma(other).wrong, "") << "byte " << i << " ^ " << int{bits};
      }
      other[i] = file[i];
    }
  }
}

TEST(JpegLumaHostileTest, BytesLostOrFoundGiveNothingOrWhatTheLibraryGives) {
  std::mt19937 rng(5);
  LumaFileOptions restarts;
  restarts.restart_rows = 1;
  for (const ByteVector& file :
       {encode_luma_file(small_scene(), {}), encode_luma_file(small_scene(), restarts)}) {
    for (std::size_t i = 2; i + 2 < file.size(); ++i) {
      const ByteVector found = {static_cast<std::uint8_t>(rng() & 255)};
      ASSERT_EQ(judge_luma(spliced(file, i, i + 1)).wrong, "") << "without byte " << i;
      ASSERT_EQ(judge_luma(spliced(file, i, i, found)).wrong, "") << "with a byte before " << i;
    }
  }
}

TEST(JpegLumaHostileTest, RestartMarkersOutOfTheirOrderGiveNothing) {
  for (const bool separate : {false, true}) {
    LumaFileOptions options;
    options.restart_interval = 2;
    if (separate) options.script = {{{0}}, {{1}}, {{2}}};
    const ByteVector file = encode_luma_file(scene_picture(100, 60, 3, 6), options);
    ASSERT_TRUE(judge_luma(file).all_read());
    const std::vector<std::size_t> places = find_restarts(file);
    ASSERT_GT(places.size(), 8u);
    for (std::size_t i = 0; i < places.size(); ++i) {
      SCOPED_TRACE(testing::Message() << "restart " << i);
      const std::size_t at = places[i];
      const auto other_number = static_cast<std::uint8_t>(0xD0 + (file[at + 1] + 3) % 8);
      expect_nothing(spliced(file, at + 1, at + 2, {other_number}));
      expect_nothing(spliced(file, at, at + 2));                        // lost
      expect_nothing(spliced(file, at, at, {file[at], file[at + 1]}));  // once more
      if (i == 0) continue;
      expect_nothing(spliced(file, places[i - 1], at));  // an interval lost
      ByteVector swapped = file;
      std::swap(swapped[at + 1], swapped[places[i - 1] + 1]);
      expect_nothing(swapped);
    }
  }
}

TEST(JpegLumaHostileTest, MeansThatNoPixelHasAreLeft) {
  // The library clamps what such a block decodes to: its mean is then not what the code says.
  LumaFileOptions options;
  options.colour = LumaFileColour::kGray;
  options.quality = 50;  // a step of 16 for the mean
  for (const int mean : {200, -200, 1000, -1000}) {
    const ByteVector file = encode_coefficients(
        64, 64, options,
        [&](int, std::uint32_t row, std::uint32_t col, std::span<std::int16_t> block) {
          if (row == 3 && col == 4) block[0] = static_cast<std::int16_t>(mean);
        });
    expect_nothing(file);
  }
}

TEST(JpegLumaHostileTest, MoreScansThanAnEncoderWritesAreLeft) {
  LumaFileOptions options;
  options.progressive = true;
  options.colour = LumaFileColour::kGray;
  const ByteVector file = encode_luma_file(scene_picture(16, 16, 1, 8), options);
  const std::size_t first = find_marker(file, 0xDA), second = find_marker(file, 0xDA, 1);
  const ByteVector scan = spliced(spliced(file, second, file.size()), 0, first);
  ByteVector many = file;
  for (int i = 0; i < 600; ++i) many = spliced(many, first, first, scan);
  expect_nothing(many);
}

}  // namespace
}  // namespace semblance::decode
