// SPDX-License-Identifier: Apache-2.0
#include "quality/rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/quality_alterations.h"

namespace semblance::bench {
namespace {

// An outcome with the channels that the rules ask for, and no pair.
Outcome with_channels() {
  Outcome outcome;
  for (const char* name :
       {"whole", "trimmed", "panel", "window", "entry-window", "panel-entry-window"}) {
    outcome.channels.push_back({name, 48.0F, false});
  }
  outcome.channels.push_back({"gist", 0.5F, false});
  outcome.channels.push_back({"features", -6.0F, true});
  outcome.pairs = {1'000, 9'999'000};
  outcome.sampled_pairs = {100, 100};
  return outcome;
}

NearPair pair_of(std::size_t channel, float score) {
  NearPair pair;
  pair.scores.assign(8, kFar);
  pair.scores[channel] = score;
  return pair;
}

const Rule& rule_named(const std::vector<Rule>& rules, const std::string& name) {
  return *std::ranges::find(rules, name, &Rule::name);
}

TEST(RuleTest, MatchesWhereOneChannelIsWithin) {
  const Rule rule{"r", {{0, 31.0F}, {2, 10.0F}}};
  EXPECT_TRUE(rule.matches({31.0F, kFar, kFar}));
  EXPECT_TRUE(rule.matches({40.0F, 0.0F, 10.0F}));
  EXPECT_FALSE(rule.matches({31.5F, 0.0F, 10.5F}));
}

TEST(MakeRulesTest, LeavesOutWhatWasNotAsked) {
  Outcome outcome = with_channels();
  EXPECT_GE(make_rules(outcome, {}, 12).size(), 10U);
  outcome.channels.resize(1);
  const auto rules = make_rules(outcome, {}, 12);
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules.front().name, "pdq");
}

TEST(MakeRulesTest, EachCombinationMatchesWhatItsPartsDo) {
  const Outcome outcome = with_channels();
  const auto rules = make_rules(outcome, {20, 22, 24, 26}, 12);
  for (std::size_t channel = 0; channel < 5; ++channel) {
    EXPECT_TRUE(rule_named(rules, "probes").matches(pair_of(channel, 20.0F).scores));
    EXPECT_EQ(rule_named(rules, "probes").matches(pair_of(channel, 25.0F).scores),
              channel == 0 || channel == 4);
  }
  EXPECT_FALSE(rule_named(rules, "probes").matches(pair_of(5, 0.0F).scores));
  EXPECT_FALSE(rule_named(rules, "probes").matches(pair_of(7, -50.0F).scores));
  EXPECT_TRUE(rule_named(rules, "probes+features").matches(pair_of(7, -12.0F).scores));
  EXPECT_FALSE(rule_named(rules, "probes+features").matches(pair_of(7, -11.0F).scores));
}

TEST(ThresholdTest, LetsThroughNoMoreThanTheRate) {
  Outcome outcome = with_channels();
  outcome.pairs = {100, 0};
  for (int i = 1; i <= 20; ++i) {
    outcome.near.push_back(pair_of(6, 0.01F * static_cast<float>(i)));
  }
  const auto within = [&outcome](float threshold) {
    return std::ranges::count_if(
        outcome.near, [threshold](const NearPair& pair) { return pair.scores[6] <= threshold; });
  };
  EXPECT_EQ(within(threshold_at(outcome, 6, 0.05)), 5);
  EXPECT_EQ(within(threshold_at(outcome, 6, 0.001)), 0);
  // Beyond what was kept nothing is known.
  EXPECT_EQ(threshold_at(outcome, 6, 0.5), 0.5F);
}

TEST(ThresholdTest, EqualScoresStandOrFallTogether) {
  Outcome outcome = with_channels();
  outcome.pairs = {100, 0};
  for (int i = 0; i < 4; ++i) outcome.near.push_back(pair_of(6, 0.1F));
  outcome.near.push_back(pair_of(6, 0.05F));
  const float threshold = threshold_at(outcome, 6, 0.03);
  EXPECT_LT(threshold, 0.1F);
  EXPECT_GE(threshold, 0.05F);
}

TEST(RecallTest, CountsEachAlterationOnItsOwn) {
  Outcome outcome = with_channels();
  outcome.truths.push_back({0, 3, pair_of(0, 31.0F).scores});
  outcome.truths.push_back({1, 3, pair_of(0, 32.0F).scores});
  outcome.truths.push_back({0, 5, pair_of(1, 0.0F).scores});
  const auto shares = recall_by_alteration(outcome, make_rules(outcome, {}, 12).front());
  EXPECT_EQ(shares.size(), datasets::quality_alterations().size());
  EXPECT_EQ(shares[3].hits, 1U);
  EXPECT_EQ(shares[3].of, 2U);
  EXPECT_EQ(shares[5].hits, 0U);
  EXPECT_EQ(shares[5].of, 1U);
  EXPECT_EQ(shares[4].of, 0U);
}

TEST(FalseMatchesTest, SampledRulesCountSampledPairsAlone) {
  Outcome outcome = with_channels();
  outcome.near.push_back(pair_of(0, 10.0F));
  outcome.near.push_back(pair_of(0, 12.0F));
  outcome.near.back().stranger = true;
  outcome.near.push_back(pair_of(7, -20.0F));
  outcome.near.back().sampled = true;
  const auto rules = make_rules(outcome, {}, 12);
  const FalseMatches plain = false_matches(outcome, rule_named(rules, "pdq"));
  EXPECT_EQ(plain.pictures.hits, 1U);
  EXPECT_EQ(plain.strangers.hits, 1U);
  EXPECT_EQ(plain.all().of, 10'000'000U);
  const FalseMatches both = false_matches(outcome, rule_named(rules, "probes+features"));
  EXPECT_EQ(both.all().hits, 1U);
  EXPECT_EQ(both.all().of, 200U);
}

TEST(ProposeTest, StaysBelowTheRateWithAllKindsTogether) {
  Outcome outcome = with_channels();
  // 1e7 pairs: the bound of 1e-6 allows four events, not five (the bound of five is 1.05e-6).
  for (const float score : {14.0F, 14.0F, 22.0F}) outcome.near.push_back(pair_of(3, score));
  for (int i = 0; i < 3; ++i) outcome.near.push_back(pair_of(2, 18.0F));
  const ProbeDistances chosen = propose_distances(outcome, 1e-6);
  EXPECT_EQ(chosen.trimmed, 31);
  EXPECT_EQ(chosen.entry_window, 31);
  EXPECT_EQ(chosen.window, 31);
  EXPECT_EQ(chosen.panel, 17);
}

}  // namespace
}  // namespace semblance::bench
