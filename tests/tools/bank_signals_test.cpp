// SPDX-License-Identifier: Apache-2.0
#include "bank_signals.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace semblance::tool {
namespace {

PdqSignal hash_of(int byte, int quality) {
  PdqSignal signal;
  signal.quality = quality;
  for (Hash256& hash : signal.hashes) hash.bytes.fill(static_cast<std::uint8_t>(byte));
  return signal;
}

// A picture with all that can be asked for.
Extraction picture(int quality) {
  Extraction found;
  found.facts.kind = MediaKind::kImage;
  found.pdq = {hash_of(1, quality)};
  found.probes = {{{ProbeKind::kTrimmed, {100, 100, 9000, 9000}}, hash_of(2, 80)},
                  {{ProbeKind::kWindow, {0, 0, 6000, 6000}}, hash_of(3, 20)}};
  FeatureSet set;
  set.width = set.height = 64;
  set.features.resize(3);
  found.features = {set, set};
  found.features[1].mirrored = true;
  found.embeddings = {{{"gist", "gist-1", 2}, {0.6f, 0.8f}}};
  return found;
}

std::vector<std::string> words(const std::vector<BankSignal>& signals) {
  std::vector<std::string> all;
  for (const BankSignal& signal : signals) {
    all.push_back(std::string(name(signal.value.kind)) + " " + signal.version + " " +
                  (signal.part ? std::string(name(signal.part->kind)) : signal.model));
  }
  return all;
}

TEST(BankSignals, APlanAsksForWhatThePolicySays) {
  BankPolicy policy;
  policy.probes = {{ProbeKind::kPanel, 20}};
  Plan plan = plan_for(policy, PdqProfile::kFull, false);
  EXPECT_TRUE(plan.probes.empty()) << "panels are of what is looked up";
  EXPECT_EQ(plan.precision, Precision::kExact);
  EXPECT_FALSE(plan.entry_windows);
  EXPECT_EQ(plan.features, 0);
  policy.probes[ProbeKind::kTrimmed] = 20;
  policy.entry_windows = policy.features = true;
  policy.embeddings = {{"b", 0.5f}, {"a", 0.5f}};
  plan = plan_for(policy, PdqProfile::kCli512, true);
  EXPECT_EQ(plan.probes, std::vector{ProbeKind::kTrimmed});
  EXPECT_EQ(plan.pdq_profiles, std::vector{PdqProfile::kCli512});
  EXPECT_TRUE(plan.entry_windows && plan.tmk);
  EXPECT_EQ(plan.features, kEntryFeatures);
  EXPECT_FALSE(plan.mirrored_features);
  EXPECT_EQ(plan.embedders, (std::vector<std::string>{"a", "b"}));
}

TEST(BankSignals, WhatIsKeptSaysWhatItIsOf) {
  const auto signals = signals_to_bank(picture(90), 50);
  EXPECT_EQ(words(signals), (std::vector<std::string>{"pdq pdq-1 ", "pdq probe-1/pdq-1 trimmed",
                                                      "orb orb-1 ", "embedding gist-1 gist"}));
  EXPECT_EQ(signals[1].part->window, (Window{100, 100, 9000, 9000}));
  EXPECT_EQ(signals[1].quality, 80);
  EXPECT_EQ(signals[2].quality, std::nullopt);
  EXPECT_TRUE(features_from_bytes(signals[2].value.bytes));
  EXPECT_TRUE(embedding_from_bytes(signals[3].value.bytes));
}

TEST(BankSignals, APlainPictureHasNoEmbedding) {
  EXPECT_EQ(words(signals_to_bank(picture(49), 50)),
            (std::vector<std::string>{"pdq probe-1/pdq-1 trimmed", "orb orb-1 "}));
  EXPECT_TRUE(signals_to_bank({}, 0).empty());
}

}  // namespace
}  // namespace semblance::tool
