// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "semblance/extract.h"

namespace semblance {
namespace {

TEST(ReasonTest, TheWordsAreTheClosedListOfRecords) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < kReasons; ++i) words.insert(name(static_cast<Reason>(i)));
  EXPECT_THAT(words, ::testing::UnorderedElementsAre("", "open_failed", "not_media", "unsupported",
                                                     "decode_failed", "truncated", "low_quality",
                                                     "over_limit", "timed_out", "decoder_crashed"));
  EXPECT_EQ(name(Reason::kNone), "");
}

TEST(MediaKindTest, WordsAreThoseOfRecords) {
  EXPECT_EQ(name(MediaKind::kUnknown), "unknown");
  EXPECT_EQ(name(MediaKind::kImage), "image");
  EXPECT_EQ(name(MediaKind::kVideo), "video");
  EXPECT_EQ(name(MediaKind::kAudio), "audio");
  EXPECT_EQ(name(MediaKind::kContainer), "container");
}

TEST(CollectingSinkTest, KeepsAllThatItIsTold) {
  Extraction item;
  CollectingSink sink(item);
  const SignalValue digest{SignalKind::kMd5, std::vector<std::uint8_t>(16, 1)};
  sink.on_digests({&digest, 1});
  Facts facts;
  facts.kind = MediaKind::kImage;
  facts.format = "png";
  sink.on_facts(facts);
  PdqSignal signal;
  for (int batch = 0; batch < 2; ++batch) {  // batches add up
    signal.quality = batch;
    sink.on_pdq({&signal, 1});
  }
  const Ending ending{Reason::kTruncated, true, "decode: ends early"};
  sink.on_end(ending);

  EXPECT_THAT(item.digests, ::testing::ElementsAre(digest));
  EXPECT_EQ(item.facts, facts);
  ASSERT_EQ(item.pdq.size(), 2U);
  EXPECT_EQ(item.pdq[1].quality, 1);
  EXPECT_EQ(item.ending, ending);
}

}  // namespace
}  // namespace semblance
