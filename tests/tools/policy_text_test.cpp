// SPDX-License-Identifier: Apache-2.0
#include "policy_text.h"

#include <gtest/gtest.h>

namespace semblance::tool {
namespace {

TEST(PolicyText, ProbesAreAKindAndBitsOrNone) {
  const auto panel = parse_probe_bits("panel=24");
  ASSERT_TRUE(panel);
  EXPECT_EQ(panel->kind, ProbeKind::kPanel);
  EXPECT_EQ(panel->bits, 24);
  ASSERT_TRUE(parse_probe_bits("none"));
  EXPECT_FALSE(parse_probe_bits("none")->kind.has_value());
  EXPECT_TRUE(parse_probe_bits("window=0"));
  EXPECT_TRUE(parse_probe_bits("trimmed=256"));
  for (const char* bad : {"", "=", "panel", "panel=", "panel=-1", "panel=257", "panel=1x",
                          "whole=20", "Panel=20", "none=1", "panel=2=3"}) {
    EXPECT_FALSE(parse_probe_bits(bad)) << bad;
  }
}

TEST(PolicyText, EmbeddingsAreAModelAndACosine) {
  const auto gist = parse_least_cosine("gist=0.95");
  ASSERT_TRUE(gist);
  EXPECT_EQ(gist->model, "gist");
  EXPECT_EQ(gist->cosine, 0.95f);
  EXPECT_TRUE(parse_least_cosine("sscd-disc_v1.2=1"));
  EXPECT_TRUE(parse_least_cosine("gist=0.0001"));
  for (const char* bad : {"", "=", "gist", "gist=", "=0.5", "gist=0", "gist=1.01", "gist=-0.5",
                          "gist=nan", "gist=1e-1", "gist=0.12345", "GIST=0.5", "gi st=0.5"}) {
    EXPECT_FALSE(parse_least_cosine(bad)) << bad;
  }
}

TEST(PolicyText, GivenProbesReplaceThoseThatStand) {
  BankPolicy policy;
  EXPECT_EQ(settle(policy, {}, {}), "");
  EXPECT_EQ(policy.probes, default_probes());
  EXPECT_EQ(settle(policy, {{ProbeKind::kWindow, 20}}, {{"gist", 0.5f}}), "");
  EXPECT_EQ(policy.probes, (std::map<ProbeKind, int>{{ProbeKind::kWindow, 20}}));
  EXPECT_EQ(policy.embeddings, (std::map<std::string, float>{{"gist", 0.5f}}));
  EXPECT_EQ(settle(policy, {{std::nullopt, 0}}, {}), "");
  EXPECT_TRUE(policy.probes.empty());
}

TEST(PolicyText, WindowsThatAreKeptMayMatch) {
  BankPolicy policy;
  policy.entry_windows = true;
  policy.max_distance[SignalKind::kPdq] = 20;
  EXPECT_EQ(settle(policy, {}, {}), "");
  EXPECT_EQ(policy.probes.at(ProbeKind::kWindow), 20);
  EXPECT_NE(settle(policy, {{ProbeKind::kPanel, 5}}, {}).find("window=BITS"), std::string::npos);
  EXPECT_NE(settle(policy, {{std::nullopt, 0}}, {}).find("window=BITS"), std::string::npos);
  EXPECT_EQ(settle(policy, {{ProbeKind::kWindow, 5}}, {}), "");
  EXPECT_EQ(policy.probes.at(ProbeKind::kWindow), 5);
}

TEST(PolicyText, WhatContradictsIsNamed) {
  BankPolicy policy;
  policy.max_distance[SignalKind::kPdq] = 10;
  EXPECT_NE(settle(policy, {{ProbeKind::kPanel, 11}}, {}).find("--max-distance is 10"),
            std::string::npos);
  EXPECT_NE(settle(policy, {{std::nullopt, 0}, {ProbeKind::kPanel, 5}}, {}), "");
  EXPECT_NE(settle(policy, {{ProbeKind::kPanel, 5}, {ProbeKind::kPanel, 6}}, {}), "");
  EXPECT_NE(settle(policy, {}, {{"a", 0.5f}, {"a", 0.6f}}), "");
}

}  // namespace
}  // namespace semblance::tool
