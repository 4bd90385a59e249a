// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace semblance::match {
namespace {

using ::testing::Each;

BankPolicy policy_of(std::map<ProbeKind, int> probes, int max_distance = 31) {
  BankPolicy policy;
  policy.probes = std::move(probes);
  policy.max_distance[SignalKind::kPdq] = max_distance;
  return policy;
}

PdqRule rule(std::map<ProbeKind, int> probes, std::optional<int> override = std::nullopt) {
  auto made = rule_of(policy_of(std::move(probes)), override);
  EXPECT_TRUE(made);
  return *made;
}

TEST(PdqRule, WhatIsComparedWithWhatAndHowFar) {
  const PdqRule all =
      rule({{ProbeKind::kTrimmed, 28}, {ProbeKind::kPanel, 24}, {ProbeKind::kWindow, 20}});
  constexpr int kNo = kNotCompared;
  // Rows: the query; columns: the entry; both in order of ProbeKind.
  constexpr std::array<std::array<int, 4>, 4> kExpected = {
      {{31, 28, 24, 20}, {28, 28, kNo, 20}, {24, kNo, kNo, kNo}, {20, kNo, kNo, kNo}}};
  for (std::size_t query = 0; query < 4; ++query) {
    for (std::size_t entry = 0; entry < 4; ++entry) {
      EXPECT_EQ(all.allowed(kProbeKinds[query], kProbeKinds[entry]), kExpected[query][entry])
          << name(kProbeKinds[query]) << " beside " << name(kProbeKinds[entry]);
    }
    EXPECT_EQ(all.reach(kProbeKinds[query]), kExpected[query][0]);
  }
}

TEST(PdqRule, AKindThatThePolicyDoesWithoutIsNotComparedOnEitherSide) {
  const PdqRule trimmed = rule({{ProbeKind::kTrimmed, 31}});
  EXPECT_EQ(trimmed.allowed(ProbeKind::kTrimmed, ProbeKind::kTrimmed), 31);
  for (const ProbeKind absent : {ProbeKind::kPanel, ProbeKind::kWindow}) {
    EXPECT_EQ(trimmed.reach(absent), kNotCompared);
    for (const ProbeKind other : kProbeKinds) {
      EXPECT_EQ(trimmed.allowed(absent, other), kNotCompared);
      EXPECT_EQ(trimmed.allowed(other, absent), kNotCompared);
    }
  }
  EXPECT_THAT(rule({}).parts, Each(kNotCompared));
  EXPECT_EQ(rule({}).reach(ProbeKind::kWhole), 31);
}

TEST(PdqRule, APartIsNeverAllowedMoreThanTheWhole) {
  const PdqRule narrow = rule({{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 8}}, 10);
  EXPECT_EQ(narrow.allowed(ProbeKind::kWhole, ProbeKind::kWhole), 10);
  EXPECT_EQ(narrow.allowed(ProbeKind::kTrimmed, ProbeKind::kWhole), 10);
  EXPECT_EQ(narrow.allowed(ProbeKind::kPanel, ProbeKind::kWhole), 8);
  // And an override that is wider leaves parts as they are.
  const PdqRule wide = rule({{ProbeKind::kPanel, 24}}, 90);
  EXPECT_EQ(wide.allowed(ProbeKind::kWhole, ProbeKind::kWhole), 90);
  EXPECT_EQ(wide.allowed(ProbeKind::kPanel, ProbeKind::kWhole), 24);
}

TEST(PdqRule, WhatAPolicyCannotMeanIsLeftAside) {
  const PdqRule odd = rule({{ProbeKind::kWhole, 200},
                            {ProbeKind::kPanel, -3},
                            {static_cast<ProbeKind>(77), 12},
                            {ProbeKind::kWindow, 0}});
  EXPECT_EQ(odd.allowed(ProbeKind::kWhole, ProbeKind::kWhole), 31);
  EXPECT_EQ(odd.reach(ProbeKind::kPanel), kNotCompared);
  EXPECT_EQ(odd.reach(ProbeKind::kWindow), 0);
}

TEST(PdqRule, ADistanceOutOfRangeIsRefused) {
  for (const int distance : {-1, 257}) {
    EXPECT_EQ(rule_of({}, distance).error().code, Errc::kBadArgument);
    EXPECT_EQ(rule_of(policy_of({}, distance), std::nullopt).error().code, Errc::kBadArgument);
  }
  EXPECT_TRUE(rule_of(policy_of({}, 256), 0));
}

}  // namespace
}  // namespace semblance::match
