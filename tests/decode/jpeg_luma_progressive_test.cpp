// SPDX-License-Identifier: Apache-2.0
// Progressive files: every script that a writer may use, and what can be promised of damaged ones.
#include <gtest/gtest.h>

#include "decode/jpeg_luma.h"
#include "decode/jpeg_luma_files.h"
#include "decode/jpeg_luma_oracle.h"

namespace semblance::decode {
namespace {

using Script = std::vector<ScanScript>;

// What every script ends with that begins with luma alone.
const Script kChroma = {{{1}, 1, 63, 0, 0}, {{2}, 1, 63, 0, 0}};

Script joined(Script first, const Script& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const std::vector<Script>& scripts() {
  static const std::vector<Script> kScripts = {
      {},  // the library's own
      // Bands alone.
      joined({{{0, 1, 2}, 0, 0, 0, 0}, {{0}, 1, 5, 0, 0}, {{0}, 6, 63, 0, 0}}, kChroma),
      // One coefficient a scan, out of order.
      joined({{{0, 1, 2}, 0, 0, 0, 0},
              {{0}, 4, 9, 0, 0},
              {{0}, 2, 2, 0, 0},
              {{0}, 1, 1, 0, 0},
              {{0}, 3, 3, 0, 0},
              {{0}, 10, 63, 0, 0}},
             kChroma),
      // The mean bit by bit, between other scans; luma's apart from chroma's.
      joined({{{0}, 0, 0, 0, 3},
              {{1, 2}, 0, 0, 0, 1},
              {{0}, 0, 0, 3, 2},
              {{0}, 1, 63, 0, 2},
              {{0}, 0, 0, 2, 1},
              {{0, 1, 2}, 0, 0, 1, 0},
              {{0}, 1, 63, 2, 1},
              {{0}, 1, 63, 1, 0}},
             kChroma),
      // The other coefficients bit by bit, in bands that overlap later.
      joined({{{0, 1, 2}, 0, 0, 0, 1},
              {{0}, 1, 2, 0, 3},
              {{0}, 3, 63, 0, 1},
              {{0}, 1, 2, 3, 2},
              {{0}, 1, 2, 2, 1},
              {{0, 1, 2}, 0, 0, 1, 0},
              {{0}, 1, 63, 1, 0}},
             kChroma),
      // All of chroma before any of luma but its mean.
      joined(joined({{{0, 1, 2}, 0, 0, 0, 0}}, kChroma), {{{0}, 1, 63, 0, 1}, {{0}, 1, 63, 1, 0}}),
      // Luma, its mean and all, before chroma begins.
      joined({{{0}, 0, 0, 0, 0}, {{0}, 1, 63, 0, 0}, {{2}, 0, 0, 0, 0}, {{1}, 0, 0, 0, 0}},
             kChroma),
      // Two of three interleaved.
      joined({{{0, 2}, 0, 0, 0, 1}, {{1}, 0, 0, 0, 0}, {{0, 2}, 0, 0, 1, 0}, {{0}, 1, 63, 0, 0}},
             kChroma),
  };
  return kScripts;
}

LumaFileOptions progressive(const Script& script = {}) {
  LumaFileOptions options;
  options.progressive = script.empty();
  options.script = script;
  options.optimise = true;
  return options;
}

void expect_read(const ByteVector& file) {
  const LumaVerdict verdict = judge_luma(file);
  EXPECT_EQ(verdict.wrong, "");
  EXPECT_TRUE(verdict.opened);
  EXPECT_TRUE(verdict.all_read());
}

TEST(JpegLumaProgressiveTest, ReadsEveryScript) {
  for (std::size_t i = 0; i < scripts().size(); ++i) {
    for (const int h : {1, 2}) {
      for (const int v : {1, 2}) {
        for (const unsigned interval : {0u, 1u, 6u}) {
          LumaFileOptions options = progressive(scripts()[i]);
          options.sampling[0] = {h, v};
          options.restart_interval = interval;
          SCOPED_TRACE(testing::Message()
                       << "script " << i << ", luma " << h << v << ", interval " << interval);
          expect_read(encode_luma_file(scene_picture(151, 94, 3, 6), options));
        }
      }
    }
  }
}

TEST(JpegLumaProgressiveTest, ReadsEverySizeAndQuality) {
  constexpr std::array<std::uint32_t, 12> kSides = {1, 2, 7, 8, 9, 16, 17, 33, 70, 129, 257, 600};
  constexpr std::array<int, 6> kQualities = {5, 30, 75, 85, 95, 100};
  for (std::size_t i = 0; i < kSides.size(); ++i) {
    LumaFileOptions options = progressive();
    options.quality = kQualities[i % kQualities.size()];
    const std::uint32_t width = kSides[i], height = kSides[(5 * i + 2) % kSides.size()];
    SCOPED_TRACE(testing::Message() << width << " x " << height);
    expect_read(encode_luma_file(scene_picture(width, height, 3, 6), options));
    expect_read(encode_luma_file(noise_picture(height, width, 3, 6), options));
    options.colour = LumaFileColour::kGray;
    expect_read(encode_luma_file(scene_picture(width, height, 1, 6), options));
  }
}

TEST(JpegLumaProgressiveTest, ReadsTheLongestRunsOfEmptyBlocks) {
  // More blocks than one run can count, whose few coefficients come at the ends of runs.
  LumaFileOptions options = progressive();
  options.colour = LumaFileColour::kGray;
  options.quality = 100;
  for (const std::uint32_t every : {1u, 2u, 1000u, 32767u, 32768u, 50000u}) {
    std::uint32_t count = 0;
    const ByteVector file =
        encode_coefficients(8 * 250, 8 * 150, options,
                            [&](int, std::uint32_t, std::uint32_t, std::span<std::int16_t> block) {
                              block[0] = static_cast<std::int16_t>(count % 1000);
                              if (++count % every == 0) {
                                block[1] = 8;
                                block[8] = static_cast<std::int16_t>(count % 17 - 8);
                                block[2] = -1023;
                                block[24] = 4;
                              }
                            });
    SCOPED_TRACE(testing::Message() << "every " << every);
    expect_read(file);
  }
}

TEST(JpegLumaProgressiveTest, ReadsEveryMagnitude) {
  std::mt19937 rng(3);
  LumaFileOptions options = progressive(scripts()[4]);
  options.quality = 100;
  expect_read(encode_coefficients(
      300, 200, options, [&](int, std::uint32_t, std::uint32_t, std::span<std::int16_t> block) {
        for (std::size_t k = 1; k < 64; ++k) {
          if (rng() % 3 == 0) block[k] = wild_coefficient(rng);
        }
        block[0] = static_cast<std::int16_t>(static_cast<int>(rng() % 2041) - 1024);
      }));
}

TEST(JpegLumaProgressiveTest, AFileCutAnywhereGivesNothing) {
  for (const unsigned interval : {0u, 4u}) {
    LumaFileOptions options = progressive();
    options.restart_interval = interval;
    const ByteVector file = encode_luma_file(scene_picture(70, 50, 3, 6), options);
    expect_read(file);
    for (std::size_t size = 0; size < file.size(); ++size) {
      EXPECT_EQ(judge_luma(std::span(file).first(size)).orders_read, 0) << size;
    }
    // Also with an end made up: between scans, and within one.
    for (std::size_t scan = 1;; ++scan) {
      const std::size_t at = find_marker(file, 0xDA, scan);
      if (at == file.size()) break;
      EXPECT_EQ(judge_luma(spliced(file, at, file.size(), {0xFF, 0xD9})).orders_read, 0) << scan;
      EXPECT_EQ(judge_luma(spliced(file, at, at, {0xFF, 0xD9})).orders_read, 0) << scan;
    }
  }
}

TEST(JpegLumaProgressiveTest, DamageInWhatIsReadIsSeenOrChangesNothing) {
  for (const std::size_t script : {0u, 3u, 4u}) {
    for (const unsigned interval : {0u, 3u}) {
      LumaFileOptions options = progressive(scripts()[script]);
      options.restart_interval = interval;
      ByteVector file = encode_luma_file(scene_picture(50, 36, 3, 6), options);
      expect_read(file);
      for (std::size_t i = 0; i < file.size(); ++i) {
        for (const std::uint8_t bits : ByteVector{0x01, 0x10, 0x80, 0xFF}) {
          file[i] = static_cast<std::uint8_t>(file[i] ^ bits);
          ASSERT_EQ(judge_luma(file).wrong, "")
              << "script " << script << ", byte " << i << " ^ " << int{bits};
          file[i] = static_cast<std::uint8_t>(file[i] ^ bits);
        }
      }
    }
  }
}

TEST(JpegLumaProgressiveTest, RestartMarkersAreCountedInEveryScan) {
  LumaFileOptions options = progressive();
  options.restart_interval = 3;
  const ByteVector file = encode_luma_file(scene_picture(100, 60, 3, 6), options);
  expect_read(file);
  for (const std::size_t at : find_restarts(file)) {
    ByteVector other = file;
    other[at + 1] = static_cast<std::uint8_t>(0xD0 + (other[at + 1] - 0xD0 + 1) % 8);
    EXPECT_EQ(judge_luma(other).orders_read, 0) << at;
    EXPECT_EQ(judge_luma(spliced(file, at, at + 2)).orders_read, 0) << at;
  }
}

TEST(JpegLumaProgressiveTest, RefusesScansThatDoNotFollow) {
  const ByteVector file = encode_luma_file(scene_picture(60, 60, 3, 6), progressive());
  expect_read(file);
  std::size_t scans = 0;
  for (std::size_t at; (at = find_marker(file, 0xDA, scans)) != file.size(); ++scans) {
    const std::size_t from = at + 4 + 1 + std::size_t{2} * file[at + 4];  // Ss, Se, Ah and Al
    ByteVector other = file;
    other[from + 2] = static_cast<std::uint8_t>(other[from + 2] ^ 0x33);
    EXPECT_EQ(judge_luma(other).orders_read, 0) << "bits of scan " << scans;
    other = file;
    other[from + 1] = static_cast<std::uint8_t>(other[from + 1] ^ 1);
    EXPECT_EQ(judge_luma(other).orders_read, 0) << "band of scan " << scans;
  }
  EXPECT_EQ(scans, 10u);
}

TEST(JpegLumaProgressiveTest, RefusesAFileWithAScanLeftOut) {
  const ByteVector file = encode_luma_file(scene_picture(60, 60, 3, 6), progressive());
  expect_read(file);
  for (std::size_t scan = 0; scan + 1 < 10; ++scan) {
    const std::size_t from = find_marker(file, 0xDA, scan), to = find_marker(file, 0xDA, scan + 1);
    EXPECT_EQ(judge_luma(spliced(file, from, to)).orders_read, 0) << scan;
  }
}

}  // namespace
}  // namespace semblance::decode
