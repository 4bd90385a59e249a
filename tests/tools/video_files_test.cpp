// SPDX-License-Identifier: Apache-2.0
#include "video_files.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance::tool {
namespace {

Extraction two_frames() {
  Extraction found;
  found.sampling = Sampling::kVpdq;
  for (std::uint32_t i = 0; i < 2; ++i) {
    FrameSignal& frame = found.frames.emplace_back();
    frame.at.number = 25 * i;
    frame.at.start_ms = frame.at.end_ms = 1000 * i;
    frame.at.quality = 90;
    frame.hashes[0].bytes[0] = 0xf0;
  }
  return found;
}

TEST(VideoFiles, VpdqIsALineAFrame) {
  const auto bytes = video_file(HashFormat::kVpdq, two_frames());
  ASSERT_TRUE(bytes);
  const std::string hex = "f0" + std::string(62, '0');
  EXPECT_EQ(*bytes, "0,90," + hex + ",0.000\n25,90," + hex + ",1.000\n");
  EXPECT_EQ(sniff_video_file(*bytes), HashFormat::kVpdq);
}

TEST(VideoFiles, TmkIsTheReferencesBytes) {
  Extraction found;
  TmkSignal& tmk = found.tmk.emplace();
  tmk.frames = 3;
  tmk.cosines.resize(kTmkWaves);
  tmk.sines.resize(kTmkWaves);
  const auto bytes = video_file(HashFormat::kTmk, found);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), kTmkBytes);
  EXPECT_EQ(sniff_video_file(*bytes), HashFormat::kTmk);
}

TEST(VideoFiles, WithoutTheSignalThereIsNoFile) {
  const auto tmk = video_file(HashFormat::kTmk, two_frames());
  ASSERT_TRUE(tmk);
  EXPECT_EQ(*tmk, "");
  const auto vpdq = video_file(HashFormat::kVpdq, Extraction{});
  ASSERT_TRUE(vpdq);
  EXPECT_EQ(*vpdq, "");
}

TEST(VideoFiles, OtherFilesAreNeither) {
  const std::string mp4(
      "\0\0\0\x20"
      "ftypisom",
      12);
  for (const std::string& head :
       {std::string(), mp4, std::string("GIF89a"), std::string("\x47@\0", 3), std::string("1\0", 2),
        std::string("TMK1"), std::string("{\"a\":1}")}) {
    EXPECT_EQ(sniff_video_file(head), std::nullopt);
  }
  EXPECT_EQ(sniff_video_file("[\"f8f8,100,0.0\"]"), HashFormat::kVpdq);
}

}  // namespace
}  // namespace semblance::tool
