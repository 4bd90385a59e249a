// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/descriptor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/digest.h"
#include "core/gist_layout.h"
#include "datasets/geometry.h"
#include "datasets/scene.h"
#include "datasets/tone.h"
#include "hash/embedding/embedder.h"
#include "hash/embedding/rasters.h"

namespace semblance::hash {
namespace {

using datasets::draw_scene;
using datasets::Picture;
using rasters::plain;
using rasters::raster_of;

std::vector<float> embed(const Raster& raster) {
  const auto vectors = make_descriptor()->embed({&raster, 1});
  EXPECT_TRUE(vectors) << (vectors ? "" : vectors.error().what);
  if (!vectors || vectors->size() != 1) return {};
  return vectors->front();
}
std::vector<float> embed(const Picture& picture) { return embed(raster_of(picture)); }

Picture scene(std::uint64_t number) { return draw_scene(9, number, 240, 180); }

TEST(DescriptorTest, IsOfLengthOneAndOfTheStatedSize) {
  const auto descriptor = make_descriptor();
  EXPECT_EQ(descriptor->id(), (EmbedderId{"gist", "gist-1", gist::kDimension}));
  EXPECT_LE(descriptor->id().dimension, 512U);
  EXPECT_TRUE(is_model_name(descriptor->id().model));
  const std::vector<float> vector = embed(scene(0));
  ASSERT_EQ(vector.size(), descriptor->id().dimension);
  EXPECT_NEAR(cosine(vector, vector), 1, 1e-6);
}

// A change of these bits is a change of the version: vectors in stores would no longer compare.
TEST(DescriptorTest, TheBitsAreThoseOfTheVersion) {
  const std::vector<float> vector = embed(scene(1));
  const auto* bytes = reinterpret_cast<const char*>(vector.data());
  EXPECT_EQ(sha256_hex({bytes, vector.size() * sizeof(float)}),
            "83be5d195a33ea802dd1e8286006ef5ea68a066744ebe19ed12ea5727a386170");
}

TEST(DescriptorTest, AlteredCopiesAreNearAndOthersFar) {
  float nearest_other = 0;
  for (std::uint64_t n = 0; n < 12; ++n) {
    const Picture original = scene(n);
    const std::vector<float> known = embed(original);
    datasets::Random random(n);
    EXPECT_GT(cosine(known, embed(datasets::resize(original, 100, 75))), 0.98F) << n;
    EXPECT_GT(cosine(known, embed(datasets::resize(original, 300, 300))), 0.98F) << n;
    EXPECT_GT(cosine(known, embed(datasets::noisy(original, 16.0F, random))), 0.97F) << n;
    EXPECT_GT(cosine(known, embed(datasets::saturated(original, 0.0F))), 0.85F) << n;
    EXPECT_GT(cosine(known, embed(datasets::cropped(original, 0.02))), 0.9F) << n;
    for (std::uint64_t other = 20; other < 32; ++other) {
      nearest_other = std::max(nearest_other, cosine(known, embed(scene(other))));
    }
  }
  EXPECT_LT(nearest_other, 0.7F);
}

TEST(DescriptorTest, ATurnedPictureHasTheTurnedVector) {
  const EmbedderId id = make_descriptor()->id();
  const Picture original = draw_scene(9, 3, 200, 120);
  const std::vector<float> vector = embed(original);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    const auto transform = static_cast<Transform>(t);
    const std::vector<float> other = embed(datasets::transformed(original, transform));
    const std::vector<float> follows = turned(id, vector, transform);
    ASSERT_EQ(follows.size(), other.size());
    for (std::size_t i = 0; i < other.size(); ++i) {
      ASSERT_NEAR(follows[i], other[i], 1e-6) << name(transform) << ' ' << i;
    }
    if (t == 0) continue;
    EXPECT_LT(cosine(vector, other), 0.8F) << name(transform);
  }
  EXPECT_TRUE(turned({"gist", "gist-2", id.dimension}, vector, Transform::kRot90).empty());
  EXPECT_TRUE(turned({"other", id.version, id.dimension}, vector, Transform::kRot90).empty());
  EXPECT_TRUE(turned(id, std::span(vector).first(20), Transform::kRot90).empty());
}

TEST(DescriptorTest, GrayIsTheSameInOneChannelAndInThree) {
  const Picture gray = datasets::saturated(scene(2), 0.0F);
  Raster one{gray.width, gray.height, 1, {}};
  bool pure = true;
  for (std::size_t i = 0; i < gray.rgb.size(); i += 3) {
    pure = pure && gray.rgb[i] == gray.rgb[i + 1] && gray.rgb[i] == gray.rgb[i + 2];
    one.samples.push_back(gray.rgb[i]);
  }
  ASSERT_TRUE(pure);
  const std::vector<float> vector = embed(one);
  EXPECT_EQ(vector, embed(gray));
  for (std::size_t i = gist::kBlueAt; i < gist::kDimension; ++i) EXPECT_EQ(vector[i], 0) << i;
}

TEST(DescriptorTest, ColourCounts) {
  Picture original = scene(4);
  Picture exchanged = original;  // the same but for its colours
  for (std::size_t i = 0; i < exchanged.rgb.size(); i += 3) {
    std::swap(exchanged.rgb[i], exchanged.rgb[i + 2]);
  }
  EXPECT_LT(cosine(embed(original), embed(exchanged)), 0.97F);
}

TEST(DescriptorTest, APictureWithoutStructureHasNone) {
  for (const int level : {0, 16, 128, 255}) {
    const auto gray = static_cast<std::uint8_t>(level);
    EXPECT_TRUE(embed(plain(300, 200, gray, gray, gray)).empty()) << level;
  }
  EXPECT_TRUE(embed(plain(300, 200, 255, 0, 0)).empty());
  Raster grain =
      plain(1'000, 700, 60, 60, 60);  // the noise of a coding, in a picture that is large
  std::mt19937 rng(1);
  for (std::uint8_t& sample : grain.samples) sample = static_cast<std::uint8_t>(59 + rng() % 3);
  EXPECT_TRUE(embed(grain).empty());
  EXPECT_FALSE(has_structure(make_small(grain)));
  EXPECT_TRUE(embed(plain(1, 1, 200, 10, 30)).empty());
}

TEST(DescriptorTest, AFewEdgesAreStructure) {
  Raster page = plain(400, 300, 255, 255, 255);
  for (std::size_t y = 100; y < 200; ++y) {
    for (std::size_t x = 300; x < 900; ++x) page.row(y)[x] = 0;
  }
  EXPECT_FALSE(embed(page).empty());
  EXPECT_TRUE(has_structure(make_small(page)));
}

// Extremes of every size give finite vectors of length 1, or none.
TEST(DescriptorTest, AnySizeAndNoise) {
  std::mt19937 rng(7);
  for (const std::uint32_t width : {1U, 2U, 63U, 64U, 65U, 500U}) {
    for (const std::uint32_t height : {1U, 3U, 64U, 129U}) {
      Raster raster = plain(width, height, 0, 0, 0);
      for (std::uint8_t& sample : raster.samples) sample = rng() % 2 == 0 ? 0 : 255;
      const std::vector<float> vector = embed(raster);
      if (vector.empty()) continue;
      for (const float value : vector) ASSERT_TRUE(std::isfinite(value));
      EXPECT_NEAR(cosine(vector, vector), 1, 1e-6) << width << " x " << height;
    }
  }
}

TEST(DescriptorTest, OneBadPictureFailsTheCall) {
  const std::vector<Raster> pictures = {raster_of(scene(0)), Raster{4, 4, 3, {}}};
  const auto vectors = make_descriptor()->embed(pictures);
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().code, Errc::kBadArgument);
  const auto none = make_descriptor()->embed({});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

}  // namespace
}  // namespace semblance::hash
