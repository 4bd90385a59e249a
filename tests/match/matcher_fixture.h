// SPDX-License-Identifier: Apache-2.0
// What the tests of matchers share: a store in memory, entries made of few words, and lookups.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "match/memory_store.h"
#include "semblance/match.h"

namespace semblance {

inline Hash256 random_hash(std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  Hash256 hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  return hash;
}

/// `hash` with its first `bits` bits flipped: exactly that far away.
inline Hash256 flipped(Hash256 hash, int bits) {
  for (int bit = 0; bit < bits; ++bit) {
    hash.bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return hash;
}

inline SignalValue pdq_value(const Hash256& hash) {
  return {SignalKind::kPdq, {hash.bytes.begin(), hash.bytes.end()}};
}

inline SignalValue digest_value(SignalKind kind, std::uint8_t byte) {
  return {kind, std::vector<std::uint8_t>(value_bytes(kind), byte)};
}

inline BankSignal pdq(const Hash256& hash, std::optional<int> quality = 100,
                      std::optional<PdqProfile> profile = PdqProfile::kFull) {
  return {pdq_value(hash), quality, profile, std::string(kPdqVersion)};
}

inline BankSignal digest(SignalKind kind, std::uint8_t byte) {
  return {digest_value(kind, byte), std::nullopt, std::nullopt, ""};
}

inline BankPolicy policy(int max_distance, int quality_floor = kDefaultQualityFloor) {
  BankPolicy policy;
  policy.quality_floor = quality_floor;
  policy.max_distance[SignalKind::kPdq] = max_distance;
  return policy;
}

/// A picture whose eight hashes are far from each other; [0] is `hash`.
inline PdqSignal picture(const Hash256& hash, int quality = 100,
                         PdqProfile profile = PdqProfile::kFull) {
  PdqSignal signal;
  signal.profile = profile;
  signal.quality = quality;
  signal.hashes[0] = hash;
  for (std::size_t t = 1; t < kTransforms; ++t) signal.hashes[t] = random_hash(7'000 + t);
  return signal;
}

/// The same picture, hashed fast.
inline PdqSignal fast(PdqSignal signal) {
  signal.orders = 2;
  return signal;
}

inline Extraction item_of(const PdqSignal& signal) {
  Extraction item;
  item.facts.width = 640;
  item.facts.height = 480;
  item.pdq = {signal};
  return item;
}

/// Bank and entry of each match, in order.
inline std::vector<std::string> where(const std::vector<Match>& matches) {
  std::vector<std::string> all;
  for (const Match& match : matches) all.push_back(match.bank + '/' + std::to_string(match.entry));
  return all;
}

/// A test with a store in memory.
class MatcherTest : public ::testing::Test {
 protected:
  std::int64_t bank(const std::string& name, const BankPolicy& policy = {}) {
    auto created = store_.create_bank(name, policy);
    EXPECT_TRUE(created);
    return created->id;
  }

  // Adds an entry; entries are numbered 1, 2, 3, ...
  void add(std::int64_t bank, std::vector<BankSignal> signals,
           std::vector<std::string> labels = {}) {
    EntryDraft draft;
    draft.source = "list";
    draft.source_id = "item-" + std::to_string(++added_);
    draft.labels = std::move(labels);
    draft.signals = std::move(signals);
    EXPECT_TRUE(store_.add_entry(bank, draft, Merge::kReplace));
  }

  std::unique_ptr<Matcher> matcher(const MatcherOptions& options = {}) {
    auto made = make_matcher(store_, options);
    EXPECT_TRUE(made) << made.error().what;
    return *std::move(made);
  }

  static MatchResult look_up(const Matcher& matcher, const Extraction& item) {
    auto result = matcher.match(item);
    EXPECT_TRUE(result) << result.error().what;
    return *std::move(result);
  }

  static bool ruled_out(const Matcher& matcher, const Extraction& item) {
    auto result = matcher.rules_out(item);
    EXPECT_TRUE(result) << result.error().what;
    return *result;
  }

  static std::vector<Match> look_up(const Matcher& matcher, const SignalValue& value,
                                    std::optional<PdqProfile> profile = std::nullopt) {
    auto results = matcher.match({&value, 1}, profile);
    EXPECT_TRUE(results) << results.error().what;
    EXPECT_EQ(results->size(), 1U);
    return results->front();
  }

  const Hash256 known_ = random_hash(1);
  MemoryStore store_;
  int added_ = 0;
};

}  // namespace semblance
