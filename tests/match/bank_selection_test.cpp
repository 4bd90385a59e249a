// SPDX-License-Identifier: Apache-2.0
// What banks hold and ask for, as counted: snapshots, and the plan of an extraction.
#include "match/bank_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "match/made_up_features.h"

namespace semblance::match {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class BankSelectionTest : public MatcherTest {
 protected:
  BankSelection describe(const MatcherOptions& options = {}) {
    auto banks = describe_selection(store_, options);
    EXPECT_TRUE(banks) << banks.error().what;
    return *std::move(banks);
  }
  static BankSignal window(const Hash256& hash, int quality = 100) {
    BankSignal signal = pdq(hash, quality);
    signal.part = Probe{ProbeKind::kWindow, {0, 0, 9'000, 9'000}};
    return signal;
  }
  static BankSignal embedding(const std::string& model) {
    BankSignal signal;
    const std::vector<float> axis = {1, 0};
    signal.value = {SignalKind::kEmbedding, to_bytes(axis)};
    signal.model = model;
    signal.version = "1";
    return signal;
  }
};

TEST_F(BankSelectionTest, CountsAreByWhatIsComparedHow) {
  BankPolicy made = policy(31, 50);
  made.embeddings["gist"] = 0.9F;
  const auto demo = bank("demo", made);
  add(demo, {pdq(known_), window(random_hash(2)), window(random_hash(3), 10),
             orb(made_up_features(1)), embedding("gist"), embedding("sscd")});
  add(demo, {pdq(random_hash(4), 20), embedding("gist"), digest(SignalKind::kMd5, 1)});
  const BankSelection banks = describe();
  const BankSnapshot& snapshot = banks.snapshots.at(0);
  EXPECT_EQ(snapshot.entries, 2U);
  EXPECT_EQ(snapshot.pdq_indexed, 2U) << "the picture and one window";
  EXPECT_EQ(snapshot.parts_indexed, 1U);
  EXPECT_EQ(snapshot.pdq_below_floor, 2U);
  EXPECT_EQ(snapshot.features, 1U);
  EXPECT_THAT(snapshot.embeddings, ElementsAre(Pair("gist", 2U), Pair("sscd", 1U)));
  EXPECT_EQ(banks.index_of(PdqProfile::kFull)->hashes, 2U);
  EXPECT_THAT(banks.digest_kinds, ElementsAre(SignalKind::kMd5));
}

TEST_F(BankSelectionTest, ThePlanIsTheUnionOfWhatTheBanksLookAt) {
  BankPolicy first;
  first.probes = {{ProbeKind::kWindow, 20}, {ProbeKind::kTrimmed, 31}, {ProbeKind::kWhole, 3}};
  first.embeddings["sscd"] = 0.5F;
  add(bank("first", first), {pdq(known_), embedding("sscd"), embedding("gist")});
  BankPolicy second;
  second.probes = {{ProbeKind::kPanel, 20}};
  second.embeddings["absent"] = 0.5F;
  add(bank("second", second), {pdq(known_, 100, PdqProfile::kCli512)});
  BankPolicy third;
  third.probes = {};
  third.embeddings["gist"] = 0.5F;
  add(bank("third", third), {pdq(known_), orb(made_up_features(1)), embedding("gist")});

  const Plan all = describe().plan;
  EXPECT_THAT(all.probes, ElementsAre(ProbeKind::kTrimmed, ProbeKind::kWindow));
  EXPECT_THAT(all.embedders, ElementsAre("gist", "sscd"));
  EXPECT_EQ(all.features, kQueryFeatures);
  EXPECT_TRUE(all.mirrored_features);
  EXPECT_FALSE(all.entry_windows);
  EXPECT_FALSE(all.tmk);

  const Plan one = describe({{"second"}, std::nullopt}).plan;
  EXPECT_THAT(one.probes, IsEmpty()) << "parts are compared with hashes of `full` alone";
  EXPECT_THAT(one.embedders, IsEmpty());
  EXPECT_EQ(one.features, 0U);
  EXPECT_FALSE(one.mirrored_features);
}

TEST_F(BankSelectionTest, ABankThatHoldsNothingAsksForNothing) {
  bank("empty");
  const Plan plan = describe().plan;
  EXPECT_THAT(plan.probes, IsEmpty());
  EXPECT_THAT(plan.pdq_profiles, ElementsAre(PdqProfile::kFull));
}

}  // namespace
}  // namespace semblance::match
