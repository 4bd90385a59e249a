// SPDX-License-Identifier: Apache-2.0
// Two pictures beside each other, without a store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/made_up_features.h"

namespace semblance {
namespace {

const Hash256 kKnown = random_hash(1);

std::vector<Match> compare(const Extraction& query, const Extraction& entry,
                           const PictureRule& rule = {}) {
  auto matches = match_pictures(query, entry, rule);
  EXPECT_TRUE(matches) << matches.error().what;
  return *std::move(matches);
}

TEST(PicturePair, WholePicturesByTheirHashes) {
  const Extraction entry = item_of(picture(kKnown, 88));
  const auto near = compare(item_of(picture(flipped(kKnown, 31))), entry);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].kind, SignalKind::kPdq);
  EXPECT_EQ(near[0].distance, 31);
  EXPECT_EQ(near[0].max_distance, 31);
  EXPECT_EQ(near[0].entry_quality, 88);
  EXPECT_EQ(near[0].bank, "");
  EXPECT_TRUE(compare(item_of(picture(flipped(kKnown, 32))), entry).empty());
  EXPECT_TRUE(compare(item_of(picture(kKnown, 49)), entry).empty()) << "under the floor";
  EXPECT_TRUE(compare(Extraction{}, entry).empty());
  EXPECT_TRUE(compare(item_of(picture(kKnown)), Extraction{}).empty());
}

TEST(PicturePair, TheQueryIsTurnedAndTheEntryIsNot) {
  PdqSignal turned = picture(random_hash(5));
  turned.hashes[3] = flipped(kKnown, 2);
  const auto matches = compare(item_of(turned), item_of(picture(kKnown)));
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].transform, Transform::kRot270);
  EXPECT_TRUE(compare(item_of(picture(kKnown)), item_of(turned)).empty());
}

TEST(PicturePair, PartsOfBothSidesByTheRule) {
  Extraction query = item_of(picture(random_hash(5)));
  query.probes = {{{ProbeKind::kPanel, {0, 0, 5'000, 5'000}}, picture(flipped(kKnown, 20))}};
  Extraction entry = item_of(picture(kKnown));
  const auto by_panel = compare(query, entry);
  ASSERT_EQ(by_panel.size(), 1U);
  EXPECT_EQ(by_panel[0].query_probe, query.probes[0].probe);
  PictureRule without;
  without.probes.clear();
  EXPECT_TRUE(compare(query, entry, without).empty());

  const Extraction whole = item_of(picture(flipped(kKnown, 20)));
  entry.pdq = {picture(random_hash(6))};
  entry.probes = {{{ProbeKind::kWindow, {1'000, 1'000, 8'000, 8'000}}, picture(kKnown)}};
  EXPECT_TRUE(compare(whole, entry, without).empty());
  without.probes = {{ProbeKind::kWindow, 20}};
  const auto by_window = compare(whole, entry, without);
  ASSERT_EQ(by_window.size(), 1U);
  EXPECT_EQ(by_window[0].entry_probe, entry.probes[0].probe);
}

TEST(PicturePair, FeaturesSayWhichRegionShowsWhich) {
  Extraction query = item_of(picture(kKnown));
  query.features = {shown_small(made_up_features(1))};
  Extraction entry = item_of(picture(kKnown));
  entry.features = {made_up_features(1)};
  auto matches = compare(query, entry);
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].kind, SignalKind::kPdq);
  EXPECT_EQ(matches[1].kind, SignalKind::kOrb);
  ASSERT_TRUE(matches[0].geometry);
  EXPECT_EQ(matches[0].geometry, matches[1].geometry);
  EXPECT_NEAR(matches[0].geometry->query_quad[0].x, 0.25, 0.02);
  entry.features = {made_up_features(2)};
  matches = compare(query, entry);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_FALSE(matches[0].geometry);
}

TEST(PicturePair, EmbeddingsByTheModelsOfTheRule) {
  Extraction query;
  query.embeddings = {{{"gist", "gist-1", 2}, {1, 0}}};
  Extraction entry;
  entry.embeddings = {{{"gist", "gist-1", 2}, {0.8F, 0.6F}}};
  EXPECT_TRUE(compare(query, entry).empty());
  PictureRule rule;
  rule.embeddings["gist"] = 0.8F;
  const auto matches = compare(query, entry, rule);
  ASSERT_EQ(matches.size(), 1U);
  EXPECT_EQ(matches[0].cosine, 0.8F);
  entry.embeddings[0].id.version = "gist-2";
  EXPECT_TRUE(compare(query, entry, rule).empty());
}

TEST(PicturePair, WhatIsOutOfRangeIsRefused) {
  std::vector<PictureRule> wrong(4);
  wrong[0].max_distance = 257;
  wrong[1].probes[ProbeKind::kPanel] = -1;
  wrong[2].embeddings["gist"] = 1.5F;
  wrong[3].embeddings["gist"] = std::numeric_limits<float>::quiet_NaN();
  for (const PictureRule& rule : wrong) {
    auto refused = match_pictures({}, {}, rule);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::kBadArgument);
  }
}

}  // namespace
}  // namespace semblance
