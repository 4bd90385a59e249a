// SPDX-License-Identifier: Apache-2.0
#include "bank/policy.h"

#include <gmock/gmock.h>

#include <limits>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

using testing::HasSubstr;

TEST(PolicyTest, FiguresOutOfRangeAreNamed) {
  EXPECT_TRUE(check_policy({}));
  const auto refused = [](const char* words, auto&& change) {
    BankPolicy policy;
    change(policy);
    const Status checked = check_policy(policy);
    ASSERT_FALSE(checked) << words;
    EXPECT_EQ(checked.error().code, Errc::kBadArgument);
    EXPECT_THAT(checked.error().what, HasSubstr(words));
  };
  refused("quality floor 101", [](BankPolicy& p) { p.quality_floor = 101; });
  refused("257 of pdq", [](BankPolicy& p) { p.max_distance[SignalKind::kPdq] = 257; });
  refused("1 of orb", [](BankPolicy& p) { p.max_distance[SignalKind::kOrb] = 1; });
  refused("trimmed within -1", [](BankPolicy& p) { p.probes[ProbeKind::kTrimmed] = -1; });
  refused("window within 257", [](BankPolicy& p) { p.probes[ProbeKind::kWindow] = 257; });
  refused("follows max_distance", [](BankPolicy& p) { p.probes[ProbeKind::kWhole] = 1; });
  refused("is no part", [](BankPolicy& p) { p.probes[static_cast<ProbeKind>(9)] = 1; });
  refused("name is 1 to 64", [](BankPolicy& p) { p.embeddings["Model"] = 0.5F; });
  refused("name is 1 to 64", [](BankPolicy& p) { p.embeddings[""] = 0.5F; });
  for (const float least : {0.0F, -0.5F, 1.01F, std::numeric_limits<float>::quiet_NaN()}) {
    refused("of gist", [&](BankPolicy& p) { p.embeddings["gist"] = least; });
  }
  refused("33 models", [](BankPolicy& p) {
    for (int i = 0; i < 33; ++i) p.embeddings["m" + std::to_string(i)] = 0.5F;
  });
}

TEST(PolicyTest, NoPartMatchesFurtherThanTheWhole) {
  BankPolicy policy;
  policy.max_distance[SignalKind::kPdq] = 10;
  policy.probes = {{ProbeKind::kTrimmed, 31}, {ProbeKind::kWindow, 4}};
  const BankPolicy kept = as_kept(policy);
  EXPECT_EQ(kept.probes,
            (std::map<ProbeKind, int>{{ProbeKind::kTrimmed, 10}, {ProbeKind::kWindow, 4}}));
  policy.max_distance.clear();
  EXPECT_EQ(as_kept(policy).probes.at(ProbeKind::kTrimmed), kDefaultMaxDistance);
}

// Where the default changes, banks from before it keep what they had, and their digests.
TEST(PolicyTest, EarlyBanksHaveTheDefaultAsItWasThen) {
  EXPECT_EQ(early_probes({}),
            (std::map<ProbeKind, int>{{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}}));
  EXPECT_TRUE(fits_early_store({}));
  BankPolicy near;
  near.max_distance[SignalKind::kPdq] = 20;
  EXPECT_FALSE(fits_early_store(near));
  EXPECT_TRUE(fits_early_store(as_kept(near)));
  BankPolicy other;
  other.probes.clear();
  EXPECT_FALSE(fits_early_store(other));
  other = {};
  other.features = true;
  EXPECT_FALSE(fits_early_store(other));
  other = {};
  other.entry_windows = true;
  EXPECT_FALSE(fits_early_store(other));
  other = {};
  other.embeddings["gist"] = 0.9F;
  EXPECT_FALSE(fits_early_store(other));
}

class PolicyStoreTest : public BankTest {};

TEST_F(PolicyStoreTest, AStoreKeepsAPolicy) {
  BankPolicy policy;
  policy.purpose = "drill";
  policy.max_distance[SignalKind::kPdq] = 25;
  policy.probes = {{ProbeKind::kWindow, 12}, {ProbeKind::kPanel, 40}};
  policy.entry_windows = true;
  policy.features = true;
  policy.embeddings = {{"gist", 0.9F}, {"lab-2.1", 1.0F}, {"x", 0.1F}};
  const auto made = store->create_bank("c", policy);
  ASSERT_TRUE(made);
  store = open(false);
  for (const BankInfo& info : {*made, *store->find_bank("c"), *store->describe_bank("c")}) {
    EXPECT_EQ(info.policy.purpose, "drill");
    EXPECT_EQ(info.policy.probes,
              (std::map<ProbeKind, int>{{ProbeKind::kWindow, 12}, {ProbeKind::kPanel, 25}}));
    EXPECT_TRUE(info.policy.entry_windows);
    EXPECT_TRUE(info.policy.features);
    EXPECT_EQ(info.policy.embeddings, policy.embeddings);
  }
  const BankPolicy plain = store->find_bank("b")->policy;
  EXPECT_EQ(plain.probes, default_probes());
  EXPECT_FALSE(plain.entry_windows || plain.features);
  policy.probes.clear();
  ASSERT_TRUE(store->create_bank("none", policy));
  EXPECT_TRUE(store->find_bank("none")->policy.probes.empty());
  policy.embeddings["gist"] = 2;
  EXPECT_EQ(store->create_bank("d", policy).error().code, Errc::kBadArgument);
}

}  // namespace
}  // namespace semblance::bank
