// SPDX-License-Identifier: Apache-2.0
// Pictures found by their embeddings: by model, version and the least cosine of each bank.
#include "match/embedding_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "match/made_up_features.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kDimension = 16;

// A vector whose cosine with the first axis is that.
std::vector<float> at_cosine(double cosine, std::size_t dimension = kDimension) {
  std::vector<float> vector(dimension);
  vector[0] = static_cast<float>(cosine);
  vector[1] = static_cast<float>(std::sqrt(1 - cosine * cosine));
  return vector;
}

EmbeddingSignal query_of(std::vector<float> values, std::string model = "gist",
                         std::string version = "gist-1") {
  const std::size_t dimension = values.size();
  return {{std::move(model), std::move(version), dimension}, std::move(values)};
}

BankSignal embedding(const std::vector<float>& values, std::string model = "gist",
                     std::string version = "gist-1") {
  BankSignal signal;
  signal.value = {SignalKind::kEmbedding, to_bytes(values)};
  signal.version = std::move(version);
  signal.model = std::move(model);
  return signal;
}

BankPolicy least(float cosine, const std::string& model = "gist") {
  BankPolicy made;
  made.embeddings[model] = cosine;
  return made;
}

class EmbeddingMatchTest : public MatcherTest {
 protected:
  static Extraction item_of(std::vector<EmbeddingSignal> embeddings) {
    Extraction item;
    item.facts.kind = MediaKind::kImage;
    item.embeddings = std::move(embeddings);
    return item;
  }
  const Extraction first_axis_ = item_of({query_of(at_cosine(1))});
};

TEST_F(EmbeddingMatchTest, WhatIsAsLikeAsTheBankAsksIsToldWithItsCosine) {
  const auto demo = bank("demo", least(0.8F));
  const std::vector<float> limit = at_cosine(0.8);
  add(demo, {embedding(limit)}, {"label"});
  add(demo, {embedding(at_cosine(0.95))});
  add(demo, {embedding(at_cosine(0.79))});
  const auto m = matcher();
  EXPECT_THAT(m->plan().embedders, ElementsAre("gist"));
  EXPECT_EQ(m->banks()[0].embeddings.at("gist"), 3U);
  const auto matches = look_up(*m, first_axis_).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/2", "demo/1")) << "the most like first";
  EXPECT_EQ(matches[1].kind, SignalKind::kEmbedding);
  EXPECT_EQ(matches[1].model, "gist");
  EXPECT_EQ(matches[1].cosine, cosine(at_cosine(1), limit));
  EXPECT_EQ(matches[1].least_cosine, 0.8F);
  EXPECT_EQ(matches[1].distance, 0);
  EXPECT_THAT(matches[1].labels, ElementsAre("label"));
}

TEST_F(EmbeddingMatchTest, EachBankHasItsOwnLeast) {
  add(bank("lax", least(0.5F)), {embedding(at_cosine(0.6))});
  add(bank("strict", least(0.9F)), {embedding(at_cosine(0.6))});
  add(bank("without"), {embedding(at_cosine(1))});
  EXPECT_THAT(where(look_up(*matcher(), first_axis_).matches), ElementsAre("lax/1"));
  EXPECT_THAT(matcher({{"without"}, std::nullopt})->plan().embedders, IsEmpty());
}

TEST_F(EmbeddingMatchTest, OnlyTheSameModelVersionAndDimensionAreCompared) {
  BankPolicy both = least(0.5F);
  both.embeddings["sscd"] = 0.5F;
  const auto demo = bank("demo", both);
  add(demo, {embedding(at_cosine(0.9), "gist", "gist-0")});
  add(demo, {embedding(at_cosine(0.9), "sscd")});
  add(demo, {embedding(at_cosine(0.9, 8))});
  add(demo, {embedding(at_cosine(0.9))});
  const auto m = matcher();
  EXPECT_THAT(m->plan().embedders, ElementsAre("gist", "sscd"));
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/4"));
  const auto two =
      look_up(*m, item_of({query_of(at_cosine(1)), query_of(at_cosine(1), "sscd")})).matches;
  EXPECT_THAT(where(two), ElementsAre("demo/2", "demo/4"));
  EXPECT_EQ(two[0].model, "sscd");

  std::vector<std::string> held;
  for (const auto& [id, entries] : m->embeddings()) {
    held.push_back(id.model + " " + id.version + " " + std::to_string(id.dimension) + ": " +
                   std::to_string(entries));
  }
  EXPECT_THAT(held, UnorderedElementsAre("gist gist-0 16: 1", "gist gist-1 16: 1",
                                         "gist gist-1 8: 1", "sscd gist-1 16: 1"));
}

TEST_F(EmbeddingMatchTest, AnEntryOfSeveralModelsHasAMatchByEach) {
  BankPolicy both = least(0.5F);
  both.embeddings["sscd"] = 0.5F;
  add(bank("demo", both),
      {embedding(at_cosine(0.7)), embedding(at_cosine(0.6)), embedding(at_cosine(0.9), "sscd")});
  const auto matches =
      look_up(*matcher(), item_of({query_of(at_cosine(1)), query_of(at_cosine(1), "sscd")}))
          .matches;
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].model, "sscd");
  EXPECT_NEAR(*matches[1].cosine, 0.7, 1e-6);
}

TEST_F(EmbeddingMatchTest, TheOneThatFollowsFromItsRuleIsFoundInItsTurns) {
  std::mt19937 rng(7);
  std::normal_distribution<float> value;
  std::vector<float> known(278);  // as `gist` has
  for (float& one : known) one = value(rng);
  ASSERT_TRUE(normalise(known));
  const EmbeddingSignal asked = query_of(known);
  const std::vector<float> entry = turned(asked.id, known, Transform::kFlipY);
  ASSERT_FALSE(entry.empty());
  add(bank("demo", least(0.9F)), {embedding(entry)});
  const auto m = matcher();
  const auto matches = look_up(*m, item_of({asked})).matches;
  ASSERT_THAT(where(matches), ElementsAre("demo/1"));
  EXPECT_EQ(matches[0].transform, Transform::kFlipY);
  EXPECT_NEAR(*matches[0].cosine, 1, 1e-5);
  const auto same = look_up(*m, item_of({query_of(entry)})).matches;
  ASSERT_EQ(same.size(), 1U);
  EXPECT_EQ(same[0].transform, Transform::kNone);
}

TEST_F(EmbeddingMatchTest, LengthsAThousandthOffDecideNothing) {
  const auto demo = bank("demo", least(0.9F));
  std::vector<float> longer = at_cosine(0.8995);
  for (float& value : longer) value *= 1.0009F;  // its product is above 0.9 by its length alone
  add(demo, {embedding(longer)});
  std::vector<float> shorter = at_cosine(0.9005);
  for (float& value : shorter) value *= 0.9991F;
  add(demo, {embedding(shorter)});
  const auto matches = look_up(*matcher(), first_axis_).matches;
  for (const Match& match : matches) EXPECT_GE(*match.cosine, 0.9F);
  EXPECT_THAT(where(matches), ElementsAre("demo/1")) << "the product decides, and it alone";
}

TEST_F(EmbeddingMatchTest, WhatIsNoDirectionIsLikeNothing) {
  add(bank("demo", least(0.1F)), {embedding(at_cosine(1))});
  const auto m = matcher();
  EXPECT_THAT(look_up(*m, item_of({query_of(std::vector<float>(kDimension))})).matches, IsEmpty());
  EXPECT_THAT(look_up(*m, item_of({query_of({})})).matches, IsEmpty());
  std::vector<float> odd(kDimension, std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(look_up(*m, item_of({query_of(odd)})).matches, IsEmpty());
}

TEST_F(EmbeddingMatchTest, WithdrawnNewAndChangedAreFollowed) {
  const auto demo = bank("demo", least(0.8F));
  const auto m = matcher();
  EXPECT_THAT(look_up(*m, first_axis_).matches, IsEmpty());
  add(demo, {embedding(at_cosine(0.9))});
  EXPECT_THAT(look_up(*m, first_axis_).matches, IsEmpty());
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(m->plan().embedders, ElementsAre("gist"));
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/1"));
  add(demo, {embedding(at_cosine(0.9), "gist", "gist-2"), embedding(at_cosine(0.95))});
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/2", "demo/1"));
  EXPECT_THAT(where(look_up(*m, item_of({query_of(at_cosine(1), "gist", "gist-2")})).matches),
              ElementsAre("demo/2"));
  store_.update(1, {embedding(at_cosine(0.2))});
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/2"));
  store_.update(1, {embedding(at_cosine(0.99))});
  ASSERT_TRUE(m->refresh());
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/1", "demo/2"));
  ASSERT_TRUE(store_.withdraw(demo, 2, "mistake"));
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/1"));
  ASSERT_TRUE(m->refresh());
  EXPECT_EQ(m->banks()[0].embeddings.at("gist"), 1U);
  EXPECT_THAT(where(look_up(*m, first_axis_).matches), ElementsAre("demo/1"));
}

TEST_F(EmbeddingMatchTest, OfTooManyTheMostLikeAreToldAndThatIsCounted) {
  const auto demo = bank("demo", least(0.5F));
  for (std::size_t i = 0; i < kMaxEntriesOfFrame + 3; ++i) {
    add(demo, {embedding(at_cosine(i < 3 ? 0.6 : 0.9))});
  }
  const MatchResult result = look_up(*matcher(), first_axis_);
  EXPECT_EQ(result.crowded_frames, 1U);
  ASSERT_EQ(result.matches.size(), kMaxEntriesOfFrame);
  EXPECT_EQ(result.matches.front().entry, 4);
}

TEST_F(EmbeddingMatchTest, FeaturesExplainAMatch) {
  add(bank("demo", least(0.5F)), {embedding(at_cosine(0.9)), orb(made_up_features(1))});
  Extraction item = first_axis_;
  item.features = {shown_small(made_up_features(1))};
  const auto matches = look_up(*matcher(), item).matches;
  ASSERT_EQ(matches.size(), 2U);
  EXPECT_EQ(matches[0].kind, SignalKind::kOrb);
  EXPECT_EQ(matches[1].geometry, matches[0].geometry);
}

TEST_F(EmbeddingMatchTest, AVectorThatCannotBeReadIsADamagedStore) {
  BankSignal cut = embedding(at_cosine(1));
  cut.value.bytes.pop_back();
  add(bank("demo", least(0.5F)), {cut});
  auto made = make_matcher(store_, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kCorruptStore);
}

TEST_F(EmbeddingMatchTest, ABareVectorIsRefused) {
  add(bank("demo", least(0.5F)), {embedding(at_cosine(1))});
  const SignalValue bare = embedding(at_cosine(1)).value;
  auto refused = matcher()->match({&bare, 1}, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadArgument);
}

TEST_F(EmbeddingMatchTest, APictureIsRuledOutByItsEmbeddingAlone) {
  add(bank("demo", least(0.5F)), {embedding(at_cosine(1)), pdq(known_)});
  const auto m = matcher();
  Extraction item = item_of({query_of(at_cosine(0.1))});
  item.pdq = {picture(random_hash(9))};
  EXPECT_TRUE(ruled_out(*m, item));
  item.embeddings = {query_of(at_cosine(0.6))};
  EXPECT_FALSE(ruled_out(*m, item));
  item.embeddings.clear();  // it was not made
  EXPECT_FALSE(ruled_out(*m, item));
}

}  // namespace
}  // namespace semblance
