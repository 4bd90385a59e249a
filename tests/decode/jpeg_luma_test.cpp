// SPDX-License-Identifier: Apache-2.0
// The low frequencies of usual files: all are read, and they are libjpeg-turbo's to the bit.
#include "decode/jpeg_luma.h"

#include <gtest/gtest.h>

#include "decode/jpeg_luma_files.h"
#include "decode/jpeg_luma_oracle.h"

namespace semblance::decode {
namespace {

using Sampling = std::array<std::array<int, 2>, 4>;

constexpr Sampling k444 = {{{1, 1}, {1, 1}, {1, 1}, {1, 1}}};
constexpr Sampling k420 = {{{2, 2}, {1, 1}, {1, 1}, {1, 1}}};
// 4:2:0, 4:2:2, 4:4:4, 4:4:0, 4:1:1, 4:1:0, and chroma that differs from chroma.
constexpr std::array<Sampling, 8> kSamplings = {{
    k420,
    {{{2, 1}, {1, 1}, {1, 1}, {1, 1}}},
    k444,
    {{{1, 2}, {1, 1}, {1, 1}, {1, 1}}},
    {{{4, 1}, {1, 1}, {1, 1}, {1, 1}}},
    {{{4, 2}, {1, 1}, {1, 1}, {1, 1}}},
    {{{2, 2}, {2, 1}, {1, 2}, {1, 1}}},
    {{{3, 1}, {1, 1}, {1, 1}, {1, 1}}},
}};

void expect_read(const ByteVector& file) {
  const LumaVerdict verdict = judge_luma(file);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_TRUE(verdict.opened);
  EXPECT_TRUE(verdict.all_read());
}

LumaFileOptions gray_options() {
  LumaFileOptions options;
  options.colour = LumaFileColour::kGray;
  return options;
}

TEST(JpegLumaTest, ReadsEverySizeAndSubsampling) {
  constexpr std::array<std::uint32_t, 16> kSides = {1,  2,  7,  8,  9,   15,  16,  17,
                                                    24, 31, 33, 64, 129, 257, 600, 3};
  for (std::size_t s = 0; s < kSamplings.size(); ++s) {
    for (std::size_t i = 0; i < kSides.size(); ++i) {
      // Each side meets others from one subsampling to the next.
      const std::uint32_t width = kSides[i], height = kSides[(7 * i + 3 * s) % kSides.size()];
      LumaFileOptions options;
      options.sampling = kSamplings[s];
      SCOPED_TRACE(testing::Message() << "sampling " << s << ", " << width << " x " << height);
      expect_read(encode_luma_file(scene_picture(width, height, 3, 5), options));
      if (s == 0) {
        expect_read(encode_luma_file(scene_picture(width, height, 1, 5), gray_options()));
      }
    }
  }
}

TEST(JpegLumaTest, ReadsAGrayFileWhoseOneComponentStatesAnySampling) {
  ByteVector file = encode_luma_file(scene_picture(67, 45, 1, 2), gray_options());
  const std::size_t sampling = find_marker(file, 0xC0) + 11;
  for (const std::uint8_t factors : ByteVector{0x11, 0x21, 0x22, 0x14, 0x44}) {
    file[sampling] = factors;
    SCOPED_TRACE(testing::Message() << int{factors});
    expect_read(file);
  }
}

TEST(JpegLumaTest, ReadsEveryQualityAndTable) {
  const TestPicture scene = scene_picture(203, 118, 3, 9);
  const TestPicture noise = noise_picture(90, 75, 3, 4);
  for (const int quality : {5, 10, 25, 50, 75, 85, 90, 95, 98, 100}) {
    for (const bool optimise : {false, true}) {
      LumaFileOptions options;
      options.quality = quality;
      options.optimise = optimise;
      SCOPED_TRACE(testing::Message() << "quality " << quality << ", optimised " << optimise);
      expect_read(encode_luma_file(scene, options));
      options.sampling = k444;
      expect_read(encode_luma_file(noise, options));
    }
  }
}

TEST(JpegLumaTest, ReadsFlatPictures) {
  for (const std::uint8_t sample : ByteVector{0, 1, 127, 128, 255}) {
    SCOPED_TRACE(testing::Message() << int{sample});
    expect_read(encode_luma_file(flat_picture(500, 301, 3, sample), {}));
    expect_read(encode_luma_file(flat_picture(301, 500, 1, sample), gray_options()));
  }
}

TEST(JpegLumaTest, ReadsRestartIntervals) {
  const TestPicture picture = scene_picture(331, 147, 3, 3);
  for (const bool optimise : {false, true}) {
    for (const unsigned interval : {1u, 2u, 3u, 7u, 8u, 100u, 209u, 210u, 211u, 65535u}) {
      LumaFileOptions options;
      options.optimise = optimise;
      options.restart_interval = interval;
      SCOPED_TRACE(testing::Message() << interval << " blocks");
      expect_read(encode_luma_file(picture, options));
    }
    for (const int rows : {1, 2, 5}) {
      LumaFileOptions options;
      options.optimise = optimise;
      options.restart_rows = rows;
      SCOPED_TRACE(testing::Message() << rows << " rows");
      expect_read(encode_luma_file(picture, options));
    }
  }
}

TEST(JpegLumaTest, ReadsSequentialFilesOfSeveralScans) {
  const std::vector<std::vector<ScanScript>> scripts = {
      {{{0}}, {{1}}, {{2}}}, {{{2}}, {{1}}, {{0}}}, {{{1, 2}}, {{0}}}, {{{0, 2}}, {{1}}}};
  for (const auto& script : scripts) {
    for (const Sampling& sampling : kSamplings) {
      for (const unsigned interval : {0u, 5u}) {
        LumaFileOptions options;
        options.script = script;
        options.sampling = sampling;
        options.restart_interval = interval;
        options.optimise = interval == 0;
        SCOPED_TRACE(testing::Message()
                     << "scans " << script.size() << ", luma " << sampling[0][0] << sampling[0][1]);
        expect_read(encode_luma_file(scene_picture(107, 83, 3, 7), options));
      }
    }
  }
}

TEST(JpegLumaTest, ReadsEveryBlockThatAFileCanHold) {
  // Magnitudes of every length, runs of zeros of every length, and blocks that need no end.
  const auto wild = [](std::mt19937& rng, std::span<std::int16_t> block) {
    const auto density = 1 + rng() % 12;
    for (std::size_t k = 1; k < 64; ++k) {
      if (rng() % density == 0) block[k] = wild_coefficient(rng);
    }
    if (rng() % 3 == 0) block[63] = static_cast<std::int16_t>(rng() % 2 == 0 ? 1 : -1023);
    block[0] = static_cast<std::int16_t>(static_cast<int>(rng() % 2041) - 1024);
  };
  for (const bool optimise : {false, true}) {
    for (const bool gray : {false, true}) {
      std::mt19937 rng(11);
      LumaFileOptions options;
      if (gray) options.colour = LumaFileColour::kGray;
      options.quality = 100;
      options.optimise = optimise;
      const ByteVector file = encode_coefficients(
          413, 290, options, [&](int, std::uint32_t, std::uint32_t, std::span<std::int16_t> block) {
            wild(rng, block);
          });
      SCOPED_TRACE(testing::Message() << "optimised " << optimise << ", gray " << gray);
      expect_read(file);
    }
  }
}

TEST(JpegLumaTest, ReadsBlocksOfOneCoefficientAtEveryPlace) {
  LumaFileOptions options = gray_options();
  options.quality = 100;
  for (const int value : {1, -1, 700}) {
    expect_read(encode_coefficients(
        8 * 64, 8 * 4, options,
        [&](int, std::uint32_t, std::uint32_t col, std::span<std::int16_t> block) {
          block[kZigZag[col]] = static_cast<std::int16_t>(value);
        }));
  }
}

TEST(JpegLumaTest, ReadsWhatStandsBesideThePicture) {
  const ByteVector file = encode_luma_file(scene_picture(90, 61, 3, 1), {});
  const ByteVector exif = {'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12,
                           1,   3,   0,   1,   0, 0, 0,   6,   0,  0, 0, 0, 0, 0, 0, 0};
  const ByteVector profile(5000, 0xFF);  // bytes that look like markers
  const std::size_t scan = find_marker(file, 0xDA);
  for (const auto& [at, code, body] :
       {std::tuple<std::size_t, std::uint8_t, ByteVector>{2, 0xE1, exif},
        {2, 0xE2, profile},
        {scan, 0xFE, profile},
        {scan, 0xFE, {}},
        {2, 0xEE, {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1}}}) {
    SCOPED_TRACE(testing::Message() << "marker " << int{code} << " at " << at);
    expect_read(with_segment(file, at, code, body));
  }
  const ByteVector turned = with_segment(file, 2, 0xE1, exif);
  const auto luma = JpegLuma::open(turned, Limits{});
  ASSERT_TRUE(luma);
  EXPECT_EQ(luma->info().orientation, 6);
  EXPECT_EQ(luma->info().channels, 3);

  ByteVector more = file;  // as phones write: a second picture behind the first
  more.insert(more.end(), file.begin(), file.end());
  expect_read(more);
  more.resize(file.size() + 1);
  expect_read(more);
  LumaFileOptions plain;
  plain.jfif = false;
  expect_read(encode_luma_file(scene_picture(90, 61, 3, 1), plain));
}

TEST(JpegLumaTest, TakesTheQuantisationThatHeldWhenTheComponentBegan) {
  LumaFileOptions options;
  options.script = {{{0}}, {{1}}, {{2}}};
  const ByteVector file = encode_luma_file(scene_picture(40, 40, 3, 1), options);
  ByteVector table(65, 77);
  table[0] = 0;
  const ByteVector changed = with_segment(file, find_marker(file, 0xDA, 1), 0xDB, table);
  const LumaVerdict verdict = judge_luma(changed);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_TRUE(verdict.all_read());
}

TEST(JpegLumaTest, KeepsWithinTheVeryLimitsOfDecodePicture) {
  const TestPicture picture = scene_picture(133, 70, 3, 1);
  LumaFileOptions several;
  several.script = {{{0}}, {{1}}, {{2}}};
  for (const LumaFileOptions& options : {LumaFileOptions{}, several}) {
    const ByteVector file = encode_luma_file(picture, options);
    Limits limits;
    limits.max_pixels = 133 * 70;
    EXPECT_TRUE(judge_luma(file, limits).all_read());
    limits.max_pixels -= 1;
    EXPECT_FALSE(JpegLuma::open(file, limits));

    // The fewest bytes with which decode_picture is content are the fewest for us.
    std::uint64_t low = 0, high = Limits{}.max_picture_bytes;
    while (high - low > 1) {
      limits = Limits{};
      limits.max_picture_bytes = low + (high - low) / 2;
      PictureCollector sink;
      (decode_picture(file, Format::kJpeg, limits, sink) ? high : low) = limits.max_picture_bytes;
    }
    limits.max_picture_bytes = high;
    EXPECT_TRUE(judge_luma(file, limits).all_read());
    limits.max_picture_bytes = low;
    EXPECT_FALSE(JpegLuma::open(file, limits));
  }
}

}  // namespace
}  // namespace semblance::decode
