// SPDX-License-Identifier: Apache-2.0
// What a fast signal makes certain, and what it leaves to an exact one.
#include <gtest/gtest.h>

#include "match/matcher_fixture.h"

namespace semblance {
namespace {

using RulesOutTest = MatcherTest;

constexpr int kReach = kDefaultMaxDistance + kFastDistanceMargin;
constexpr int kHigh = 100;

TEST_F(RulesOutTest, AFastSignalIsRuledOutBeyondTheMargin) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  for (const int distance : {0, kDefaultMaxDistance, kDefaultMaxDistance + 1, kReach}) {
    EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(flipped(known_, distance)))))) << distance;
  }
  for (const int distance : {kReach + 1, kReach + 20}) {
    EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(flipped(known_, distance)))))) << distance;
  }
}

TEST_F(RulesOutTest, APictureThatIsSoonerDecodedThanSearchedForIsNot) {
  const auto id = bank("demo");
  for (std::uint64_t i = 1; i <= 9; ++i) add(id, {pdq(random_hash(i))});
  const auto m = matcher();
  Extraction item = item_of(fast(picture(random_hash(99))));
  EXPECT_TRUE(ruled_out(*m, item));
  item.facts.width = 4;
  item.facts.height = 4;  // fewer pixels than twice the hashes
  EXPECT_FALSE(ruled_out(*m, item));
  item.pdq = {picture(random_hash(99))};
  EXPECT_TRUE(ruled_out(*m, item));
}

TEST_F(RulesOutTest, AnExactSignalNeedsNoMargin) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  EXPECT_FALSE(ruled_out(*m, item_of(picture(flipped(known_, 31)))));
  EXPECT_TRUE(ruled_out(*m, item_of(picture(flipped(known_, 32)))));
  EXPECT_FALSE(ruled_out(*m, item_of(picture(flipped(known_, 200), 49))));
  EXPECT_TRUE(ruled_out(*m, item_of(picture(flipped(known_, 200), 50))));
}

TEST_F(RulesOutTest, EveryTransformIsLookedAt) {
  add(bank("demo"), {pdq(known_)});
  const auto m = matcher();
  for (std::size_t turn = 0; turn < kTransforms; ++turn) {
    PdqSignal signal = fast(picture(random_hash(99)));
    signal.hashes[turn] = flipped(known_, kReach);
    EXPECT_FALSE(ruled_out(*m, item_of(signal))) << turn;
  }
}

TEST_F(RulesOutTest, TheMarginIsAddedToTheDistanceOfEachBank) {
  add(bank("narrow", policy(3)), {pdq(known_)});
  const Hash256 other = random_hash(2);
  add(bank("wide", policy(60)), {pdq(other)});
  add(bank("widest", policy(250)), {digest(SignalKind::kMd5, 1)});
  const auto m = matcher();
  EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(flipped(known_, 3 + kFastDistanceMargin))))));
  EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(flipped(known_, 4 + kFastDistanceMargin))))));
  EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(flipped(other, 60 + kFastDistanceMargin))))));
  EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(flipped(other, 61 + kFastDistanceMargin))))));
}

TEST_F(RulesOutTest, ADistanceThatTheMarginTakesBeyondTheLastBitIsTheLastBit) {
  add(bank("all", policy(Hash256::kBits - 1)), {pdq(known_)});
  EXPECT_FALSE(ruled_out(*matcher(), item_of(fast(picture(flipped(known_, 256))))));
  EXPECT_FALSE(ruled_out(*matcher({{}, 256}), item_of(fast(picture(flipped(known_, 256))))));
}

TEST_F(RulesOutTest, AQualityNearAFloorIsLeftToTheExactSignal) {
  add(bank("strict", policy(31, 70)), {pdq(known_)});
  bank("empty", policy(31, 100));  // holds nothing: its floor decides nothing
  const auto m = matcher();
  const Hash256 far = flipped(known_, 200);
  EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(far, 70 + kFastQualityMargin)))));
  EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(far, 69 + kFastQualityMargin)))));
  // Under the floor for certain is no more ruled out: an exact record says why.
  EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(far, 5)))));
}

TEST_F(RulesOutTest, WithoutBanksWhatMayHaveNoStructureIsLeftToTheExactSignal) {
  const auto m = matcher();
  EXPECT_FALSE(ruled_out(*m, item_of(fast(picture(known_, kFastQualityMargin)))));
  EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(known_, kFastQualityMargin + 1)))));
  add(bank("lax", policy(31, 0)), {pdq(flipped(known_, 200))});
  const auto lax = matcher();
  EXPECT_FALSE(ruled_out(*lax, item_of(fast(picture(known_, kFastQualityMargin)))));
  EXPECT_TRUE(ruled_out(*lax, item_of(fast(picture(known_, kFastQualityMargin + 1)))));
}

TEST_F(RulesOutTest, ADigestThatMatchesIsNeverRuledOut) {
  add(bank("demo"), {digest(SignalKind::kSha256, 7)});
  const auto m = matcher();
  Extraction item = item_of(fast(picture(known_, kHigh)));
  item.digests = {digest_value(SignalKind::kSha256, 8)};
  EXPECT_TRUE(ruled_out(*m, item));
  item.digests.push_back(digest_value(SignalKind::kSha256, 7));
  EXPECT_FALSE(ruled_out(*m, item));
}

TEST_F(RulesOutTest, AnotherProfileThanTheBanksIsRuledOut) {
  add(bank("demo"), {pdq(known_, 100, PdqProfile::kCli512)});
  const auto m = matcher();
  EXPECT_TRUE(ruled_out(*m, item_of(fast(picture(known_)))));
  EXPECT_FALSE(ruled_out(*m, item_of(picture(known_, 100, PdqProfile::kCli512))));
}

// The promise itself: whatever exact signal lies within the margins of one that is ruled out, it
// matches nothing and is under no floor.
TEST_F(RulesOutTest, WhatIsRuledOutMatchesNothingWithinTheMargins) {
  add(bank("near", policy(20, 30)), {pdq(known_)});
  add(bank("far", policy(45, 60)), {pdq(flipped(known_, 10))});
  const auto m = matcher();
  std::mt19937 rng(20261124);
  int certain = 0;
  for (int round = 0; round < 3000; ++round) {
    const int from_known = 20 + static_cast<int>(rng() % 80);
    const int quality = static_cast<int>(rng() % 101);
    const PdqSignal exact = picture(flipped(known_, from_known), quality);
    PdqSignal quick = fast(exact);
    for (int bit = 0; bit < kFastDistanceMargin; ++bit) {
      const auto at = rng() % 256;
      quick.hashes[0].bytes[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
    }
    const int off = static_cast<int>(rng() % (2 * kFastQualityMargin + 1)) - kFastQualityMargin;
    quick.quality = std::clamp(quality + off, 0, 100);
    if (!ruled_out(*m, item_of(quick))) continue;
    ++certain;
    const MatchResult result = look_up(*m, item_of(exact));
    EXPECT_TRUE(result.matches.empty()) << from_known << ' ' << quality;
    EXPECT_TRUE(result.below_floor.empty()) << from_known << ' ' << quality;
  }
  EXPECT_GT(certain, 100);
}

// An item whose picture is like nothing, with a fast hash of a part of it.
Extraction item_with(ProbeKind kind, const Hash256& hash, int quality = kHigh) {
  Extraction item = item_of(fast(picture(random_hash(99), kHigh)));
  item.probes = {{{kind, {0, 0, 5'000, 5'000}}, fast(picture(hash, quality))}};
  return item;
}

TEST_F(RulesOutTest, PartsAreLookedUpWithTheirOwnMargin) {
  BankPolicy parts = policy(31);
  parts.probes = {{ProbeKind::kTrimmed, 30}, {ProbeKind::kPanel, 20}};
  add(bank("demo", parts), {pdq(known_)});
  const auto m = matcher();
  for (const auto& [kind, reach] :
       {std::pair(ProbeKind::kTrimmed, 30), std::pair(ProbeKind::kPanel, 20)}) {
    const int farthest = reach + kFastPartMargin;
    EXPECT_FALSE(ruled_out(*m, item_with(kind, flipped(known_, farthest)))) << name(kind);
    EXPECT_TRUE(ruled_out(*m, item_with(kind, flipped(known_, farthest + 1)))) << name(kind);
  }
  EXPECT_TRUE(ruled_out(*m, item_with(ProbeKind::kWindow, known_))) << "the bank looks at none";
  // A part under the floor was not looked up, and is no reason to look again; near it, it may be.
  EXPECT_TRUE(ruled_out(*m, item_with(ProbeKind::kPanel, known_, 34)));
  EXPECT_FALSE(ruled_out(*m, item_with(ProbeKind::kPanel, known_, 35)));
  EXPECT_TRUE(ruled_out(*m, item_with(ProbeKind::kPanel, flipped(known_, 128), 3)));
}

TEST_F(RulesOutTest, AFlatFastPartMayHaveAHashByEveryPixel) {
  BankPolicy lax = policy(31, 0);
  lax.probes = {{ProbeKind::kPanel, 20}};
  add(bank("demo", lax), {pdq(known_)});
  EXPECT_FALSE(ruled_out(*matcher(), item_with(ProbeKind::kPanel, known_, 0)));
}

TEST_F(RulesOutTest, PartsMakeASearchTheDearer) {
  const auto id = bank("demo");
  for (std::uint64_t i = 1; i <= 9; ++i) add(id, {pdq(random_hash(i))});
  const auto m = matcher();
  Extraction item = item_of(fast(picture(random_hash(99))));
  item.facts.width = 6;
  item.facts.height = 4;  // pixels enough for nine hashes and eight turns
  EXPECT_TRUE(ruled_out(*m, item));
  for (int i = 0; i < 12; ++i) {
    item.probes.push_back({{ProbeKind::kPanel, {}}, fast(picture(random_hash(200)))});
  }
  EXPECT_FALSE(ruled_out(*m, item));
}

TEST_F(RulesOutTest, WhatIsRuledOutWithItsPartsMatchesNothingWithinTheMargins) {
  BankPolicy parts = policy(25, 40);
  parts.probes = {{ProbeKind::kTrimmed, 22}, {ProbeKind::kPanel, 15}, {ProbeKind::kWindow, 12}};
  const auto demo = bank("demo", parts);
  BankSignal window = pdq(flipped(known_, 6));
  window.part = Probe{ProbeKind::kWindow, {0, 0, 9'000, 9'000}};
  add(demo, {pdq(known_), window});
  const auto m = matcher();
  std::mt19937 rng(20261130);
  int certain = 0;
  for (int round = 0; round < 2000; ++round) {
    const auto kind = kProbeKinds[1 + rng() % 3];
    const int quality = static_cast<int>(rng() % 101);
    Extraction exact = item_of(picture(random_hash(99), kHigh));
    exact.probes = {{{kind, {}}, picture(flipped(known_, static_cast<int>(rng() % 60)), quality)}};
    Extraction quick = exact;
    quick.pdq[0] = fast(quick.pdq[0]);
    PdqSignal& part = quick.probes[0].pdq = fast(quick.probes[0].pdq);
    for (int bit = 0; bit < kFastPartMargin; ++bit) {
      const auto at = rng() % 256;
      part.hashes[0].bytes[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
    }
    const int off = static_cast<int>(rng() % (2 * kFastQualityMargin + 1)) - kFastQualityMargin;
    part.quality = std::clamp(quality + off, 0, 100);
    if (!ruled_out(*m, quick)) continue;
    ++certain;
    EXPECT_TRUE(look_up(*m, exact).matches.empty()) << name(kind) << ' ' << quality;
  }
  EXPECT_GT(certain, 100);
}

TEST_F(RulesOutTest, AWithdrawnEntryMayCostASecondLookAndNothingElse) {
  const auto demo = bank("demo");
  add(demo, {pdq(known_)});
  const auto m = matcher();
  ASSERT_TRUE(store_.withdraw(demo, 1, "gone"));
  const Extraction item = item_of(fast(picture(known_)));
  EXPECT_TRUE(look_up(*m, item).matches.empty());
  ASSERT_TRUE(m->refresh());
  EXPECT_TRUE(ruled_out(*m, item));
}

}  // namespace
}  // namespace semblance
