// SPDX-License-Identifier: Apache-2.0
#include "hash/features/orb.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include "datasets/geometry.h"
#include "datasets/scene.h"

namespace semblance::hash {
namespace {

Raster raster_of(const datasets::Picture& picture) {
  return {picture.width, picture.height, 3, picture.rgb};
}

Raster scene(std::uint64_t number, std::uint32_t width = 640, std::uint32_t height = 480) {
  return raster_of(datasets::draw_scene(21, number, width, height));
}

/// FNV-1a of a set's bytes.
std::uint64_t digest(const FeatureSet& set) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : to_bytes(set)) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

/// How many of `a` have one of `b` within 24 bits.
std::size_t found_again(const FeatureSet& a, const FeatureSet& b) {
  return static_cast<std::size_t>(
      std::count_if(a.features.begin(), a.features.end(), [&](const Feature& one) {
        return std::any_of(b.features.begin(), b.features.end(), [&](const Feature& other) {
          return hamming_distance(one.descriptor, other.descriptor) <= 24;
        });
      }));
}

TEST(Orb, GivesAsManyAsAreAskedForAndAllWithinThePicture) {
  const Raster picture = scene(1);
  for (const std::size_t most : {std::size_t{1}, std::size_t{50}, std::size_t{kEntryFeatures},
                                 std::size_t{kQueryFeatures}, std::size_t{5'000}}) {
    const FeatureSet set = find_features(picture, most);
    EXPECT_LE(set.features.size(), std::min(most, kMaxFeatures));
    if (most >= 50) {
      EXPECT_GE(set.features.size(), std::min(most, kMaxFeatures) * 8 / 10) << most;
    }
    EXPECT_TRUE(features_from_bytes(to_bytes(set))) << most;
  }
}

TEST(Orb, GivesTheSameBitsOnEveryMachine) {
  EXPECT_EQ(digest(find_features(scene(2), kEntryFeatures)), 11425107903520698058U);
  EXPECT_EQ(digest(find_features(scene(2), kQueryFeatures)), 7995633838130925006U);
}

TEST(Orb, GivesTheSameInEveryThread) {
  const Raster picture = scene(3);
  const FeatureSet alone = find_features(picture, kQueryFeatures);
  std::array<FeatureSet, 3> sets;
  {
    std::array<std::jthread, 3> threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
      threads[i] = std::jthread([&, i] { sets[i] = find_features(picture, kQueryFeatures); });
    }
  }
  for (const FeatureSet& set : sets) EXPECT_EQ(set, alone);
}

TEST(Orb, SpreadsThemOverThePicture) {
  const FeatureSet set = find_features(scene(4), kEntryFeatures);
  std::array<std::size_t, 16> parts{};
  for (const Feature& feature : set.features) {
    ++parts[feature.y * 4U / (set.height * 32U) * 4U + feature.x * 4U / (set.width * 32U)];
  }
  // An even spread would be 18 each; none lies near the edges.
  EXPECT_GE(*std::min_element(parts.begin(), parts.end()), 2U);
}

TEST(Orb, SeesAMirroredPictureAsItWas) {
  const Raster picture = scene(5);
  Raster mirrored = picture;
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      std::copy_n(picture.row(y) + std::size_t{3} * x, 3,
                  mirrored.row(y) + std::size_t{3} * (picture.width - 1 - x));
    }
  }
  const FeatureSet back = find_features(mirrored, kQueryFeatures, true);
  EXPECT_TRUE(back.mirrored);
  EXPECT_EQ(back.features, find_features(picture, kQueryFeatures).features);
}

TEST(Orb, FindsManyAgainInATurnedAndSmallerPicture) {
  const datasets::Picture picture = datasets::draw_scene(21, 6, 800, 600);
  const FeatureSet entry = find_features(raster_of(picture), kEntryFeatures);
  const auto again = [&](const datasets::Picture& copy) {
    return found_again(entry, find_features(raster_of(copy), kQueryFeatures));
  };
  EXPECT_GT(again(datasets::transformed(picture, Transform::kRot90)), entry.features.size() / 2);
  EXPECT_GT(again(datasets::turned(picture, 0.1)), entry.features.size() / 4);
  EXPECT_GT(again(datasets::rescale(picture, 0.5)), entry.features.size() / 5);
}

TEST(Orb, LooksAtLumaAsItIsAndAtColoursByTheirLuma) {
  Raster gray = scene(7);
  gray.channels = 1;
  gray.samples.resize(std::size_t{gray.width} * gray.height);
  Raster same{gray.width, gray.height, 3, {}};
  for (const std::uint8_t sample : gray.samples) same.samples.insert(same.samples.end(), 3, sample);
  EXPECT_EQ(find_features(gray, 200), find_features(same, 200));
}

TEST(Orb, FindsNothingWhereThereIsNothing) {
  for (const auto& [width, height] : {std::pair{1U, 1U}, {40U, 400U}, {1U, 1'024U}, {640U, 480U}}) {
    const Raster plain{width, height, 1,
                       std::vector<std::uint8_t>(std::size_t{width} * height, 77)};
    const FeatureSet set = find_features(plain, kQueryFeatures);
    EXPECT_TRUE(set.features.empty());
    EXPECT_TRUE(features_from_bytes(to_bytes(set)));
  }
  EXPECT_TRUE(find_features(Raster{}, 10).features.empty());
  EXPECT_TRUE(find_features(scene(8), 0).features.empty());
}

TEST(Orb, TakesPicturesOfEveryShape) {
  for (const auto& [width, height] :
       {std::pair{64U, 64U}, {1'024U, 64U}, {41U, 1'000U}, {2'000U, 1'500U}, {97U, 1'023U}}) {
    const FeatureSet set = find_features(scene(9, width, height), kQueryFeatures);
    EXPECT_LE(std::max(set.width, set.height), 1'024) << width;
    EXPECT_TRUE(features_from_bytes(to_bytes(set))) << width << " x " << height;
  }
}

}  // namespace
}  // namespace semblance::hash
