// SPDX-License-Identifier: Apache-2.0
#include "match/video/video_frames.h"

#include <gtest/gtest.h>

namespace semblance::match {
namespace {

FramePlace place(std::uint32_t start_ms, std::uint32_t end_ms, std::uint8_t quality = 100,
                 FrameForm form = FrameForm::kWhole, std::uint8_t stream = 0) {
  return {0, start_ms, end_ms, stream, form, quality};
}

TEST(VideoFrames, AreThoseAboveTheFloorByStreamTimeAndForm) {
  const std::vector<FramePlace> all = {place(500, 500), place(0, 0, 100, FrameForm::kTrimmed),
                                       place(0, 0), place(100, 100, 49),
                                       place(50, 50, 50, FrameForm::kWhole, 2)};
  const VideoFrames frames(all, 50);
  ASSERT_EQ(frames.streams().size(), 2U);
  EXPECT_EQ(frames.streams()[0].frames, (std::vector<std::uint32_t>{2, 1, 0}));
  EXPECT_EQ(frames.streams()[0].places[2], all[0]);
  EXPECT_EQ(frames.streams()[1].stream, 2);
  EXPECT_EQ(frames.streams()[1].frames, (std::vector<std::uint32_t>{4}));
  ASSERT_TRUE(frames.position_of(0));
  EXPECT_EQ(frames.position_of(0)->place, 2U);
  EXPECT_EQ(frames.position_of(4)->stream, 1U);
  EXPECT_FALSE(frames.position_of(3));
  EXPECT_FALSE(frames.position_of(5));
}

TEST(VideoFrames, AFlatFrameIsNoneWhateverTheFloor) {
  EXPECT_TRUE(VideoFrames(std::vector{place(0, 0, 0)}, 0).streams().empty());
  EXPECT_EQ(VideoFrames(std::vector{place(0, 0, 1)}, 0).streams().size(), 1U);
  EXPECT_TRUE(VideoFrames({}, 0).streams().empty());
}

TEST(VideoFrames, ASpanReachesOverNeighboursThatAreAlike) {
  const std::vector<FramePlace> all = {place(0, 900), place(1'000, 1'900), place(2'000, 2'900),
                                       place(3'000, 3'900), place(9'000, 9'900)};
  const VideoFrames frames(all, 0);
  EXPECT_EQ(frames.span_around(2, {false, true, true, false, true}), (TimeSpan{1'000, 2'900}));
  EXPECT_EQ(frames.span_around(2, {true, true, true, true, true}), (TimeSpan{0, 3'900}))
      << "nobody looked between 3.9 and 9 s";
  EXPECT_EQ(frames.span_around(4, {true, true, true, true, true}), (TimeSpan{9'000, 9'900}));
  EXPECT_EQ(frames.span_around(0, {true, false, true, true, true}), (TimeSpan{0, 900}));
}

TEST(VideoFrames, OneFormThatIsAlikeIsEnoughForItsTime) {
  const std::vector<FramePlace> all = {place(0, 100), place(0, 100, 100, FrameForm::kTrimmed),
                                       place(200, 300), place(200, 300, 100, FrameForm::kTrimmed),
                                       place(400, 500)};
  const VideoFrames frames(all, 0);
  EXPECT_EQ(frames.span_around(1, {false, true, true, false, false}), (TimeSpan{0, 300}));
}

TEST(VideoFrames, ASpanOverManyFramesOfOneTimeIsFoundAtOnce) {
  constexpr std::size_t kMany = 300'000;
  const std::vector<FramePlace> all(kMany, place(0, 100));
  const VideoFrames frames(all, 0);
  std::vector<bool> alike(kMany);
  alike.back() = true;
  EXPECT_EQ(frames.span_around(kMany / 2, alike), (TimeSpan{0, 100}));
}

TEST(VideoFrames, TimesAreLeftOutWithAllTheirForms) {
  const auto trimmed = FrameForm::kTrimmed;
  const std::vector<FramePlace> all = {place(0, 0),
                                       place(100, 100),
                                       place(100, 100, 100, trimmed),
                                       place(200, 200),
                                       place(200, 200),
                                       place(200, 200, 100, trimmed),
                                       place(300, 300),
                                       place(150, 150, 100, FrameForm::kWhole, 1)};
  const VideoFrames frames(all, 0);
  EXPECT_EQ(frames.most_times(), 5U);  // 200 is twice one, in one form
  std::vector<bool> kept;
  for (std::uint32_t i = 0; i < all.size(); ++i) kept.push_back(frames.is_kept(i, 2));
  EXPECT_EQ(kept, (std::vector<bool>{true, false, false, true, false, true, true, true}));
  for (std::uint32_t i = 0; i < all.size(); ++i) EXPECT_TRUE(frames.is_kept(i, 1));
}

TEST(VideoFrames, TheEndIsTheLatest) {
  EXPECT_EQ(end_of({}), 0U);
  const std::vector<FramePlace> all = {place(0, 5'000), place(1'000, 1'000)};
  EXPECT_EQ(end_of(all), 5'000U);
}

}  // namespace
}  // namespace semblance::match
