// SPDX-License-Identifier: Apache-2.0
#include "match/geometry/verify.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "datasets/random.h"

namespace semblance::match {
namespace {

using datasets::Random;

Hash256 random_descriptor(Random& random) {
  Hash256 descriptor;
  for (std::uint8_t& byte : descriptor.bytes) byte = static_cast<std::uint8_t>(random.below(256));
  return descriptor;
}

Feature feature_at(double x, double y, double size, double turn, const Hash256& descriptor) {
  return {static_cast<std::uint16_t>(x * 32), static_cast<std::uint16_t>(y * 32),
          static_cast<std::uint16_t>(std::lround(size * 32)),
          static_cast<std::uint16_t>(static_cast<int>(std::lround(turn * 65'536)) & 0xffff),
          descriptor};
}

FeatureSet random_set(Random& random, std::size_t features, std::uint16_t width = 480,
                      std::uint16_t height = 360) {
  FeatureSet set{width, height, false, {}};
  for (std::size_t i = 0; i < features; ++i) {
    set.features.push_back(feature_at(random.uniform(0, width), random.uniform(0, height),
                                      random.uniform(1, 3), random.uniform(),
                                      random_descriptor(random)));
  }
  return set;
}

struct Copy {
  double size = 1;
  double turn = 0;
  double x = 0;  // of the entry's upper left corner
  double y = 0;

  Point operator()(double u, double v) const {
    const double c = size * std::cos(2 * std::numbers::pi * turn);
    const double s = size * std::sin(2 * std::numbers::pi * turn);
    return {static_cast<float>(c * u - s * v + x), static_cast<float>(s * u + c * v + y)};
  }
};

/// A query that shows those features of the entry that lie within it, some bits off, among others.
FeatureSet query_of(const FeatureSet& entry, const Copy& copy, Random& random,
                    std::size_t others = 300, std::uint16_t width = 800,
                    std::uint16_t height = 600) {
  FeatureSet query = random_set(random, others, width, height);
  for (const Feature& known : entry.features) {
    const Point at = copy(known.x / 32.0, known.y / 32.0);
    if (at.x < 0 || at.y < 0 || at.x >= width || at.y >= height) continue;
    Hash256 descriptor = known.descriptor;
    for (int i = 0; i < 12; ++i) descriptor.bytes[random.below(32)] ^= 1;
    query.features.push_back(feature_at(at.x, at.y, copy.size * known.size / 32.0,
                                        known.angle / 65'536.0 + copy.turn, descriptor));
  }
  return query;
}

void expect_near(const Point& found, const Point& at, const FeatureSet& of) {
  EXPECT_NEAR(found.x * static_cast<float>(of.width), at.x, 1.5);
  EXPECT_NEAR(found.y * static_cast<float>(of.height), at.y, 1.5);
}

TEST(Verify, SaysWhereAPartOfAPageShowsTheWholeEntry) {
  Random random(1);
  const FeatureSet entry = random_set(random, 200);
  const Copy copy{0.7, 0.04, 200, 60};
  const FeatureSet query = query_of(entry, copy, random);
  const auto found = verify(query, entry, {});
  ASSERT_TRUE(found);
  EXPECT_GT(found->inliers, 120U);
  EXPECT_GE(found->compared, found->inliers);
  EXPECT_FALSE(found->mirrored);
  const std::array<std::array<double, 2>, 4> corners{{{0, 0}, {480, 0}, {480, 360}, {0, 360}}};
  for (std::size_t i = 0; i < 4; ++i) {
    expect_near(found->query_quad[i], copy(corners[i][0], corners[i][1]), query);
    expect_near(found->entry_quad[i],
                {static_cast<float>(corners[i][0]), static_cast<float>(corners[i][1])}, entry);
  }
}

TEST(Verify, SaysWhichPartOfTheEntryACropShows) {
  Random random(2);
  const FeatureSet entry = random_set(random, 300);
  const Copy copy{2.5, 0, -2.5 * 120, -2.5 * 90};  // from 120, 90; 320 x 240 pixels
  const FeatureSet query = query_of(entry, copy, random, 100);
  const auto found = verify(query, entry, {});
  ASSERT_TRUE(found);
  expect_near(found->entry_quad[0], {120, 90}, entry);
  expect_near(found->entry_quad[2], {440, 330}, entry);
  expect_near(found->query_quad[0], {0, 0}, query);
  expect_near(found->query_quad[2], {800, 600}, query);
}

TEST(Verify, FindsAnyTurn) {
  Random random(3);
  const FeatureSet entry = random_set(random, 200);
  for (int step = 0; step < 16; ++step) {
    const double turn = step / 16.0 + 0.01;
    Copy copy{0.8, turn, 0, 0};
    const Point middle = copy(240, 180);
    copy.x = 400 - middle.x;
    copy.y = 300 - middle.y;
    const auto found = verify(query_of(entry, copy, random), entry, {});
    ASSERT_TRUE(found) << step;
    EXPECT_GT(found->inliers, 120U) << step;
  }
}

TEST(Verify, PutsAMirroredQueryBack) {
  Random random(4);
  const FeatureSet entry = random_set(random, 200);
  const Copy copy{1, 0, 100, 50};
  FeatureSet query = query_of(entry, copy, random);
  query.mirrored =
      true;  // so it was looked at: the page itself has the entry at its right, mirrored
  const auto found = verify(query, entry, {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->mirrored);
  expect_near(found->query_quad[0], {700, 50}, query);
  expect_near(found->query_quad[1], {220, 50}, query);
  expect_near(found->entry_quad[0], {0, 0}, entry);

  FeatureSet known = entry;
  known.mirrored = true;
  const auto both = verify(query, known, {});
  ASSERT_TRUE(both);
  EXPECT_FALSE(both->mirrored);
  expect_near(both->entry_quad[0], {0, 0}, entry);
  expect_near(both->query_quad[0], {220, 50}, query);
}

TEST(Verify, SeesAPictureAskew) {
  Random random(5);
  const FeatureSet entry = random_set(random, 300);
  FeatureSet query{800, 600, false, {}};
  const auto askew = [](double x, double y) {
    const double w = 1 + 0.0004 * x + 0.0002 * y;
    return Point{static_cast<float>((1.3 * x + 20) / w), static_cast<float>((1.3 * y + 30) / w)};
  };
  for (const Feature& known : entry.features) {
    const Point at = askew(known.x / 32.0, known.y / 32.0);
    query.features.push_back(
        feature_at(at.x, at.y, 1.2 * known.size / 32.0, known.angle / 65'536.0, known.descriptor));
  }
  const auto found = verify(query, entry, {});
  ASSERT_TRUE(found);
  EXPECT_GT(found->inliers, 180U);
  expect_near(found->query_quad[2], askew(480, 360), query);
}

TEST(Verify, FindsNothingAmongStrangers) {
  for (std::uint64_t seed = 10; seed < 40; ++seed) {
    Random random(seed);
    const FeatureSet entry = random_set(random, 300);
    EXPECT_FALSE(verify(random_set(random, 800, 800, 600), entry, {256, 4}));
  }
}

TEST(Verify, RefusesWhatAgreesInWordsAloneNotInPlace) {
  Random random(6);
  const FeatureSet entry = random_set(random, 300);
  FeatureSet query = entry;
  for (Feature& feature : query.features) {
    feature.x = static_cast<std::uint16_t>(random.below(480 * 32));
    feature.y = static_cast<std::uint16_t>(random.below(360 * 32));
  }
  EXPECT_FALSE(verify(query, entry, {64, 4}));
}

TEST(Verify, RefusesALineAndAClump) {
  Random random(7);
  for (const bool line : {true, false}) {
    FeatureSet entry{480, 360, false, {}};
    for (int i = 0; i < 60; ++i) {
      const double x = line ? 8.0 * i : 200 + random.uniform(0, 30);
      const double y = line ? 100 + random.uniform(0, 8) : 200 + random.uniform(0, 30);
      entry.features.push_back(feature_at(x, y, 1, 0.3, random_descriptor(random)));
    }
    EXPECT_FALSE(verify(entry, entry, {64, 4})) << line;
  }
}

TEST(Verify, RefusesAMapThatACopyHasNot) {
  Random random(8);
  const FeatureSet entry = random_set(random, 300);
  const auto refused = [&](double across, double down) {
    FeatureSet query{1'024, 1'024, false, {}};
    for (const Feature& known : entry.features) {
      query.features.push_back(feature_at(
          across < 0 ? 500 + across * known.x / 32.0 : across * known.x / 32.0,
          down * known.y / 32.0, known.size / 32.0, known.angle / 65'536.0, known.descriptor));
    }
    return !verify(query, entry, {64, 8});
  };
  EXPECT_FALSE(refused(1, 1));
  EXPECT_TRUE(refused(-1, 1));       // turned over
  EXPECT_TRUE(refused(1, 0.3));      // squeezed
  EXPECT_TRUE(refused(0.05, 0.05));  // the twentieth of the size
}

TEST(Verify, CountsACornerFoundInManySizesOnce) {
  Random random(9);
  FeatureSet entry{480, 360, false, {}};
  for (int place = 0; place < 20; ++place) {
    const double x = random.uniform(0, 480);
    const double y = random.uniform(0, 360);
    for (int level = 0; level < 6; ++level) {
      entry.features.push_back(
          feature_at(x, y, std::pow(1.2, level), 0.1, random_descriptor(random)));
    }
  }
  const auto found = verify(entry, entry, {64, 4});
  ASSERT_TRUE(found);
  EXPECT_LE(found->inliers, 20U);
}

TEST(Verify, GivesTheSameEveryTimeAndHoldsItsRule) {
  Random random(11);
  const FeatureSet entry = random_set(random, 40);
  const FeatureSet query = query_of(entry, {1, 0.1, 200, 50}, random);
  const auto found = verify(query, entry, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(verify(query, entry, {}), found);
  EXPECT_FALSE(verify(query, entry, {64, static_cast<int>(found->inliers) + 1}));
  EXPECT_FALSE(verify(query, entry, {0, 4}));
}

TEST(Verify, TakesSetsThatSayNothing) {
  Random random(12);
  const FeatureSet some = random_set(random, 50);
  const FeatureSet none{480, 360, false, {}};
  EXPECT_FALSE(verify(none, some, {}));
  EXPECT_FALSE(verify(some, none, {}));
  EXPECT_FALSE(verify(none, none, {}));
  FeatureSet one_place{480, 360, false, std::vector<Feature>(1'000, some.features[0])};
  EXPECT_FALSE(verify(one_place, one_place, {256, 0}));
  FeatureSet alike = some;
  for (Feature& feature : alike.features) feature.descriptor = {};
  EXPECT_FALSE(verify(alike, alike, {256, 0}));
}

}  // namespace
}  // namespace semblance::match
