// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_search.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "match/bank_loading.h"
#include "match/matcher_fixture.h"

namespace semblance::match {
namespace {

class PdqSearchTest : public MatcherTest {
 protected:
  BankSelection load() {
    auto banks = load_banks(store_, {});
    EXPECT_TRUE(banks) << banks.error().what;
    return *std::move(banks);
  }
};

// What a scan of all entries finds: by query, entries with the distance of what is nearest.
using Found = std::map<std::pair<std::size_t, std::int64_t>, int>;

TEST_F(PdqSearchTest, ItNamesWhatAScanFindsAndNothingElse) {
  struct Known {
    std::size_t bank;
    Hash256 hash;
  };
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 5; ++i) {
    BankPolicy made = policy(10 + 8 * i, 20 * i);
    made.probes.clear();
    if (i % 2 == 0) made.probes[ProbeKind::kPanel] = 6 + 6 * i;
    if (i != 3) made.probes[ProbeKind::kTrimmed] = 9 + 7 * i;
    ids.push_back(bank("bank-" + std::to_string(i), made));
  }
  std::mt19937 rng(20261130);
  std::vector<Known> known;
  for (std::size_t i = 0; i < 400; ++i) {
    known.push_back({i % 5, flipped(random_hash(i % 8), static_cast<int>(rng() % 30))});
    add(ids[known.back().bank], {pdq(known.back().hash)});
  }
  const BankSelection banks = load();
  std::vector<PdqSignal> signals;
  for (std::uint64_t i = 0; i < 24; ++i) signals.push_back(picture(random_hash(i % 8)));
  std::vector<PdqQuery> queries;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const auto quality = static_cast<int>(rng() % 101);
    queries.push_back({PdqProfile::kFull, quality, signals[i].hashes, {kProbeKinds[i % 4], {}}});
  }

  Found expected;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    for (std::size_t k = 0; k < known.size(); ++k) {
      const PdqRule& rule = banks.rules[known[k].bank];
      if (!rule.admits(queries[i].quality)) continue;
      for (std::size_t t = 0; t < kTransforms; ++t) {
        const int distance = hamming_distance(queries[i].hashes[t], known[k].hash);
        if (!queries[i].looks_up(t) || distance > rule.reach(queries[i].probe.kind)) continue;
        const auto entry = static_cast<std::int64_t>(k) + 1;
        const auto at = expected.try_emplace({i, entry}, distance).first;
        at->second = std::min(at->second, distance);
      }
    }
  }
  ASSERT_GT(expected.size(), 300U);
  Found found;
  const PdqSearch search(banks, *banks.index_of(PdqProfile::kFull));
  ASSERT_TRUE(search.each_near(queries, Margins::kNone,
                               [&](std::size_t i, std::int64_t entry, int distance) {
                                 const auto at = found.try_emplace({i, entry}, distance).first;
                                 at->second = std::min(at->second, distance);
                               }));
  EXPECT_EQ(found, expected);
}

TEST_F(PdqSearchTest, TheHitsOfOneQueryComeInARow) {
  BankPolicy made = policy(31);
  made.probes = {{ProbeKind::kPanel, 24}};
  const auto demo = bank("demo", made);
  for (int i = 0; i < 30; ++i) add(demo, {pdq(flipped(known_, i % 5))});
  const BankSelection banks = load();
  const PdqSignal signal = picture(known_);
  std::vector<PdqQuery> queries(3, {PdqProfile::kFull, 100, signal.hashes});
  queries[1].probe.kind = ProbeKind::kPanel;
  std::set<std::size_t> done;
  std::size_t last = SIZE_MAX;
  const PdqSearch search(banks, *banks.index_of(PdqProfile::kFull));
  ASSERT_TRUE(search.each_near(queries, Margins::kNone, [&](std::size_t i, std::int64_t, int) {
    if (i == last) return;
    EXPECT_TRUE(done.insert(i).second);
    last = i;
  }));
  EXPECT_EQ(done.size(), 3U);
  EXPECT_EQ(PdqSearch::hashes_of(queries, PdqProfile::kFull), 18U);
  EXPECT_EQ(PdqSearch::hashes_of(queries, PdqProfile::kCli512), 0U);
}

TEST_F(PdqSearchTest, FastHashesAreLookedUpFartherAndUnderLowerFloors) {
  BankPolicy made = policy(20, 60);
  made.probes = {{ProbeKind::kPanel, 10}};
  add(bank("demo", made), {pdq(known_)});
  const BankSelection banks = load();
  const PdqSearch search(banks, *banks.index_of(PdqProfile::kFull));
  const auto is_near = [&](ProbeKind kind, int bits, int quality, bool fast, Margins margins) {
    const PdqSignal signal = picture(flipped(known_, bits));
    const PdqQuery query{PdqProfile::kFull, quality, signal.hashes, {kind, {}}, fast};
    bool any = false;
    EXPECT_TRUE(search.each_near({&query, 1}, margins,
                                 [&](std::size_t, std::int64_t, int) { any = true; }));
    return any;
  };
  for (const auto& [kind, reach, margin] : {std::tuple(ProbeKind::kWhole, 20, kFastDistanceMargin),
                                            std::tuple(ProbeKind::kPanel, 10, kFastPartMargin)}) {
    EXPECT_TRUE(is_near(kind, reach, 60, true, Margins::kNone));
    EXPECT_FALSE(is_near(kind, reach + 1, 60, true, Margins::kNone));
    EXPECT_TRUE(is_near(kind, reach + margin, 60, true, Margins::kOfFast));
    EXPECT_FALSE(is_near(kind, reach + margin + 1, 60, true, Margins::kOfFast));
    EXPECT_FALSE(is_near(kind, reach + 1, 60, false, Margins::kOfFast)) << "it is exact";
    EXPECT_FALSE(is_near(kind, 0, 59, true, Margins::kNone));
    EXPECT_TRUE(is_near(kind, 0, 60 - kFastQualityMargin, true, Margins::kOfFast));
    EXPECT_FALSE(is_near(kind, 0, 59 - kFastQualityMargin, true, Margins::kOfFast));
  }
}

}  // namespace
}  // namespace semblance::match
