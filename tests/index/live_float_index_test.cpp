// SPDX-License-Identifier: Apache-2.0
#include "semblance/live_float_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>
#include <tuple>

#include "index/unit_vectors.h"

namespace semblance {
namespace {

constexpr std::size_t kDimension = 24;

// Vectors and labels as they were added, and the obvious search.
struct KnownVectors {
  std::vector<float> vectors;
  std::vector<std::int64_t> labels;

  void add(std::span<const float> more, std::int64_t label) {
    vectors.insert(vectors.end(), more.begin(), more.end());
    labels.push_back(label);
  }

  void withdraw(std::int64_t label) {
    KnownVectors kept;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] != label) kept.add(vector(i), labels[i]);
    }
    *this = std::move(kept);
  }

  std::span<const float> vector(std::size_t i) const {
    return std::span(vectors).subspan(i * kDimension, kDimension);
  }

  std::vector<ProductHit> search(std::span<const float> queries, double least) const {
    std::vector<ProductHit> hits;
    for (std::size_t q = 0; q * kDimension < queries.size(); ++q) {
      for (std::size_t i = 0; i < labels.size(); ++i) {
        double product = 0;
        for (std::size_t d = 0; d < kDimension; ++d) {
          product += static_cast<double>(queries[q * kDimension + d]) *
                     static_cast<double>(vectors[i * kDimension + d]);
        }
        if (product >= least) hits.push_back({static_cast<std::uint32_t>(q), labels[i], product});
      }
    }
    std::sort(hits.begin(), hits.end(), [](const ProductHit& a, const ProductHit& b) {
      return std::tie(a.query, b.product, a.label) < std::tie(b.query, a.product, b.label);
    });
    return hits;
  }
};

KnownVectors some_vectors(std::size_t count, std::uint64_t seed) {
  KnownVectors known;
  known.vectors = UnitVectors(kDimension, seed).clustered(count, 50, 0.7);
  for (std::size_t i = 0; i < count; ++i) {
    known.labels.push_back(static_cast<std::int64_t>(i % (count - count / 10)));  // some twice
  }
  return known;
}

std::vector<float> some_queries(const KnownVectors& known, std::size_t count, std::uint64_t seed) {
  UnitVectors draw(kDimension, seed);
  std::vector<float> queries;
  for (std::size_t q = 0; q < count; ++q) {
    const auto vector = q % 4 == 0 ? draw.any()
                                   : draw.near(known.vector(draw.below(known.labels.size())),
                                               0.5 + 0.5 * static_cast<double>(q % 10) / 10);
    queries.insert(queries.end(), vector.begin(), vector.end());
  }
  return queries;
}

LiveFloatIndexOptions of_kind(FloatIndexKind kind, std::size_t code_bytes = 0) {
  LiveFloatIndexOptions options;
  options.kind = kind;
  options.code_bytes = code_bytes;
  options.merge_in_background = false;
  options.build_reach = 24;  // quick to build
  return options;
}

std::unique_ptr<LiveFloatIndex> index_with(const KnownVectors& known,
                                           const LiveFloatIndexOptions& options) {
  auto index = make_live_float_index(kDimension, options);
  EXPECT_TRUE(index);
  EXPECT_TRUE((*index)->add(known.vectors, known.labels));
  return *std::move(index);
}

void expect_same(const LiveFloatIndex& index, const KnownVectors& known,
                 std::span<const float> queries, double least) {
  const auto hits = index.search(queries, least);
  ASSERT_TRUE(hits) << hits.error().what;
  EXPECT_EQ(*hits, known.search(queries, least)) << least;
}

TEST(LiveFloatIndex, FlatFindsWhatTheObviousLoopFindsToTheLastBit) {
  const KnownVectors known = some_vectors(3'000, 1);
  const auto queries = some_queries(known, 20, 2);
  const auto index = index_with(known, of_kind(FloatIndexKind::kFlat));
  EXPECT_EQ(index->size(), known.labels.size());
  for (const double least : {-2.0, -0.3, 0.0, 0.5, 0.9, 1.1}) {
    expect_same(*index, known, queries, least);
  }
  // The threshold is inclusive, and between it and the next number there is nothing.
  const auto all = known.search(queries, 0.4);
  for (std::size_t i = 0; i < all.size(); i += all.size() / 17) {
    expect_same(*index, known, queries, all[i].product);
    expect_same(*index, known, queries, std::nextafter(all[i].product, 2.0));
  }
}

TEST(LiveFloatIndex, SearchesOfSeveralQueriesAreThoseOfEach) {
  const KnownVectors known = some_vectors(500, 3);
  const auto queries = some_queries(known, 9, 4);
  const auto index = index_with(known, of_kind(FloatIndexKind::kAuto));
  const auto together = index->search(queries, 0.3);
  ASSERT_TRUE(together);
  std::vector<ProductHit> one_by_one;
  for (std::uint32_t q = 0; q < 9; ++q) {
    const auto hits = index->search(std::span(queries).subspan(q * kDimension, kDimension), 0.3);
    ASSERT_TRUE(hits);
    for (ProductHit hit : *hits) {
      hit.query = q;
      one_by_one.push_back(hit);
    }
  }
  EXPECT_EQ(*together, one_by_one);
}

struct Kind {
  const char* name;
  LiveFloatIndexOptions options;
  double recall;  // of which it is to be no worse on these vectors
};

class LiveFloatIndexKinds : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, LiveFloatIndexKinds,
                         testing::Values(Kind{"flat", of_kind(FloatIndexKind::kFlat), 1},
                                         Kind{"ivf", of_kind(FloatIndexKind::kIvf), 0.97},
                                         Kind{"ivf_codes", of_kind(FloatIndexKind::kIvf, 8), 0.95},
                                         Kind{"hnsw", of_kind(FloatIndexKind::kHnsw), 0.97}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(LiveFloatIndexKinds, FindsNearlyAllAndNothingElse) {
  const KnownVectors known = some_vectors(4'000, 5);
  const auto queries = some_queries(known, 40, 6);
  const auto index = index_with(known, GetParam().options);
  EXPECT_EQ(index->facts().kind, GetParam().options.kind);
  EXPECT_EQ(index->facts().code_bytes, GetParam().options.code_bytes);
  for (const double least : {0.6, 0.75, 0.9}) {
    const auto expected = known.search(queries, least);
    const auto hits = index->search(queries, least);
    ASSERT_TRUE(hits);
    std::size_t there = 0;
    for (const ProductHit& hit : *hits) {
      there += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), hit));
    }
    EXPECT_EQ(there, hits->size()) << "a hit, or its product, that is none";
    EXPECT_GE(static_cast<double>(there), GetParam().recall * static_cast<double>(expected.size()))
        << least;
  }
}

TEST_P(LiveFloatIndexKinds, AllProbesOfAllListsMissNothing) {
  LiveFloatIndexOptions options = GetParam().options;
  if (options.kind == FloatIndexKind::kHnsw || options.code_bytes > 0) GTEST_SKIP() << "no promise";
  options.probes = 1'000'000;
  const KnownVectors known = some_vectors(3'000, 7);
  const auto index = index_with(known, options);
  for (const double least : {-1.5, 0.2, 0.7}) {
    expect_same(*index, known, some_queries(known, 15, 8), least);
  }
}

TEST_P(LiveFloatIndexKinds, FindsAllOfAClusterThatIsMoreThanItsReach) {
  // Hundreds of near copies of one, all over the threshold: k nearest of a fixed k would not do.
  KnownVectors known = some_vectors(2'000, 9);
  UnitVectors draw(kDimension, 10);
  const auto one = draw.any();
  for (std::int64_t i = 0; i < 700; ++i) known.add(draw.near(one, 0.97), 10'000 + i);
  const auto index = index_with(known, GetParam().options);
  const auto hits = index->search(one, 0.95);
  ASSERT_TRUE(hits);
  EXPECT_GE(static_cast<double>(hits->size()), 700 * GetParam().recall);
}

TEST_P(LiveFloatIndexKinds, WhatIsAddedAndWithdrawnIsSeenByTheNextSearch) {
  // What takes long to build is built once at a time, and in the background.
  const bool quick =
      GetParam().options.kind == FloatIndexKind::kFlat ||
      (GetParam().options.kind == FloatIndexKind::kIvf && !GetParam().options.code_bytes);
  for (const bool background : {true, false}) {
    if (!background && !quick) continue;
    LiveFloatIndexOptions options = GetParam().options;
    options.merge_in_background = background;
    const auto index = std::move(*make_live_float_index(kDimension, options));
    KnownVectors known;
    UnitVectors draw(kDimension, 11);
    for (int step = 0; step < 14; ++step) {
      // One vector, a few, or enough that merges follow.
      const std::size_t count = step == 5 ? 8'000 : step == 9 ? 1'200 : 1 + draw.below(40);
      KnownVectors more = some_vectors(std::max<std::size_t>(count, 2), 100 + draw.below(1'000));
      for (std::int64_t& label : more.labels) label += 10'000 * step;
      ASSERT_TRUE(index->add(more.vectors, more.labels));
      known.vectors.insert(known.vectors.end(), more.vectors.begin(), more.vectors.end());
      known.labels.insert(known.labels.end(), more.labels.begin(), more.labels.end());
      // What was just added is found by itself.
      const auto seen = index->search(more.vector(0), 0.9999);
      ASSERT_TRUE(seen);
      EXPECT_FALSE(seen->empty());
      const std::int64_t gone = known.labels[draw.below(known.labels.size())];
      const std::size_t before = known.labels.size();
      known.withdraw(gone);
      const auto withdrawn = index->withdraw({&gone, 1});
      ASSERT_TRUE(withdrawn);
      EXPECT_EQ(*withdrawn, before - known.labels.size());
      EXPECT_EQ(index->size(), known.labels.size());
      const auto hits = index->search(known.vector(0), -1.5);
      ASSERT_TRUE(hits);
      EXPECT_TRUE(std::none_of(hits->begin(), hits->end(),
                               [&](const ProductHit& hit) { return hit.label == gone; }));
    }
    ASSERT_TRUE(index->merge());
    EXPECT_EQ(index->facts().segments, 1U);
    EXPECT_EQ(index->facts().withdrawn, 0U);
    EXPECT_EQ(index->facts().vectors, known.labels.size());
    EXPECT_EQ(*index->withdraw(known.labels), known.labels.size());
    EXPECT_TRUE(index->search(known.vector(0), -2)->empty());
    ASSERT_TRUE(index->merge());
    EXPECT_EQ(index->facts().segments, 0U);
  }
}

TEST(LiveFloatIndex, SearchesRunWhileItChanges) {
  const auto index = std::move(*make_live_float_index(kDimension));
  const KnownVectors fixed = some_vectors(9'000, 12);
  ASSERT_TRUE(index->add(fixed.vectors, fixed.labels));
  const auto queries = some_queries(fixed, 5, 13);
  const auto expected = fixed.search(queries, 0.7);
  constexpr std::int64_t kOther = 1'000'000;  // labels of what comes and goes
  std::atomic<bool> done = false;
  std::atomic<int> searches = 0;
  std::thread reader([&] {
    while (!done || searches < 4) {
      auto found = index->search(queries, 0.7);
      ASSERT_TRUE(found);
      std::erase_if(*found, [](const ProductHit& hit) { return hit.label >= kOther; });
      EXPECT_EQ(*found, expected);
      ++searches;
    }
  });
  for (std::int64_t step = 0; step < 20; ++step) {
    KnownVectors more = some_vectors(700, static_cast<std::uint64_t>(200 + step));
    std::fill(more.labels.begin(), more.labels.end(), kOther + step);
    ASSERT_TRUE(index->add(more.vectors, more.labels));
    if (step % 2 == 0) {
      const std::int64_t gone = kOther + step;
      EXPECT_EQ(*index->withdraw({&gone, 1}), 700U);
    }
  }
  done = true;
  reader.join();
  EXPECT_EQ(index->size(), fixed.labels.size() + 7'000);
}

TEST(LiveFloatIndex, ClosingOneGivesItsMergeUp) {
  // A merge that would take minutes.
  LiveFloatIndexOptions options = of_kind(FloatIndexKind::kHnsw);
  options.merge_in_background = true;
  options.build_reach = 4'000;
  const auto vectors = UnitVectors(kDimension, 17).clustered(9'000, 50, 0.7);
  const std::vector<std::int64_t> labels(9'000, 3);
  auto index = std::move(*make_live_float_index(kDimension, options));
  for (std::size_t at = 0; at < 9'000; at += 450) {  // below kNewest: each is quick
    ASSERT_TRUE(index->add(std::span(vectors).subspan(at * kDimension, 450 * kDimension),
                           std::span(labels).subspan(at, 450)));
  }
  const auto start = std::chrono::steady_clock::now();
  index.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(LiveFloatIndex, ChoosesListsOnceThereAreMany) {
  constexpr std::size_t kSmall = 4;  // floats: it is the number that counts
  const auto index = std::move(*make_live_float_index(kSmall, of_kind(FloatIndexKind::kAuto)));
  const auto vectors = UnitVectors(kSmall, 14).clustered(kFloatFlatBelow, 1'000, 0.9);
  const std::vector<std::int64_t> labels(kFloatFlatBelow, 7);
  ASSERT_TRUE(index->add(std::span(vectors).first(kSmall * (kFloatFlatBelow - 1)),
                         std::span(labels).first(kFloatFlatBelow - 1)));
  EXPECT_EQ(index->facts().kind, FloatIndexKind::kFlat);
  ASSERT_TRUE(index->add(std::span(vectors).last(kSmall), std::span(labels).last(1)));
  ASSERT_TRUE(index->merge());
  EXPECT_EQ(index->facts().kind, FloatIndexKind::kIvf);
  EXPECT_GT(index->facts().lists, 1'000U);
}

TEST(LiveFloatIndex, WhatIsNoUnitVectorIsRefusedAndNothingAdded) {
  const auto index = std::move(*make_live_float_index(kDimension));
  const auto refused = [](const auto& result) {
    return !result && result.error().code == Errc::kBadArgument;
  };
  auto two = some_vectors(2, 15);
  const std::int64_t negative = -1;
  EXPECT_TRUE(refused(index->add(two.vectors, std::span(two.labels).first(1))));
  EXPECT_TRUE(refused(index->add(std::span(two.vectors).first(kDimension + 1), {&negative, 1})));
  EXPECT_TRUE(refused(index->add(two.vector(0), {&negative, 1})));
  EXPECT_TRUE(refused(index->search(two.vectors, std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(refused(index->search(std::span(two.vectors).first(5), 0)));
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1.5F}) {
    auto vectors = two.vectors;
    vectors[kDimension + 3] = bad;
    EXPECT_TRUE(refused(index->add(vectors, two.labels)));
    EXPECT_TRUE(refused(index->search(vectors, 0)));
  }
  for (const float scale : {0.0F, 0.9985F, 1.0015F}) {
    auto vectors = two.vectors;
    for (float& value : vectors) value *= scale;
    EXPECT_TRUE(refused(index->add(vectors, two.labels)));
  }
  EXPECT_EQ(index->size(), 0U);
  for (float& value : two.vectors) value *= 1.0009F;
  EXPECT_TRUE(index->add(two.vectors, two.labels));
}

TEST(LiveFloatIndex, OptionsOutOfRangeAreRefused) {
  const auto refused = [](std::size_t dimension, auto&& change) {
    LiveFloatIndexOptions options;
    change(options);
    const auto index = make_live_float_index(dimension, options);
    return !index && index.error().code == Errc::kBadArgument;
  };
  const auto none = [](auto&) {};
  EXPECT_TRUE(refused(0, none));
  EXPECT_TRUE(refused(kMaxFloatDimension + 1, none));
  EXPECT_FALSE(refused(kMaxFloatDimension, none));
  EXPECT_FALSE(refused(1, none));
  EXPECT_TRUE(refused(64, [](auto& options) { options.lists = 70'000; }));
  EXPECT_TRUE(refused(64, [](auto& options) { options.code_bytes = 24; }));
  EXPECT_TRUE(refused(64, [](auto& options) { options.code_bytes = 128; }));
  EXPECT_TRUE(refused(64, [](auto& options) { options.links = 3; }));
  EXPECT_TRUE(refused(64, [](auto& options) { options.search_reach = 0; }));
}

TEST(LiveFloatIndex, AnEmptyOneGivesNothing) {
  const auto index = std::move(*make_live_float_index(kDimension));
  const auto hits = index->search(UnitVectors(kDimension, 16).any(), -2);
  ASSERT_TRUE(hits);
  EXPECT_TRUE(hits->empty());
  EXPECT_TRUE(index->add({}, {}));
  EXPECT_TRUE(index->search({}, 0)->empty());
  EXPECT_EQ(*index->withdraw(std::vector<std::int64_t>{1}), 0U);
  EXPECT_TRUE(index->merge());
  EXPECT_TRUE(index->verify());
}

}  // namespace
}  // namespace semblance
