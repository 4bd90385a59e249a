// SPDX-License-Identifier: Apache-2.0
// What the catalogue declares about PDQ's reach, against the engine's own decoders and hasher.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "datasets/alterations.h"
#include "datasets/measure.h"
#include "datasets/scene.h"
#include "semblance/pdq.h"

namespace semblance::datasets {
namespace {

// The names of what is declared within reach: of the rest nothing is promised.
std::vector<std::string> declared_within_reach() {
  std::vector<std::string> names;
  for (const Alteration& alteration : alterations()) {
    if (alteration.within_reach) names.emplace_back(alteration.name);
  }
  return names;
}

class ReachTest : public testing::TestWithParam<std::string> {};

TEST_P(ReachTest, FindsTheCopiesOfTwelvePictures) {
  auto alteration = find_alteration(GetParam());
  ASSERT_TRUE(alteration);
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Picture original = draw_scene(21, i, kMeasuredSide, 480);
    auto entry = pdq_hash(original.view());
    ASSERT_TRUE(entry) << entry.error().what;
    Random random(i);
    auto bytes = altered_copy(original, *alteration, random);
    ASSERT_TRUE(bytes) << bytes.error().what;
    auto query = hash_file(*bytes);
    ASSERT_TRUE(query) << query.error().what;
    EXPECT_LE(nearest(*query, entry->hash()).first, kDefaultMaxDistance) << "picture " << i;
    EXPECT_GE(query->quality, kDefaultQualityFloor) << "picture " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, ReachTest, testing::ValuesIn(declared_within_reach()),
                         [](const auto& chosen) {
                           std::string word = chosen.param;
                           for (char& c : word) {
                             if (c == '-' || c == '.') c = '_';
                           }
                           return word;
                         });

TEST(LosslessReachTest, ALosslessCopyIsAtDistanceZero) {
  const Picture original = draw_scene(21, 40, 400, 300);
  auto entry = pdq_hash(original.view());
  ASSERT_TRUE(entry);
  for (const char* name : {"png", "bmp", "tiff", "webp-lossless"}) {
    Random random(1);
    auto bytes = altered_copy(original, *find_alteration(name), random);
    ASSERT_TRUE(bytes);
    auto query = hash_file(*bytes);
    ASSERT_TRUE(query) << query.error().what;
    EXPECT_EQ(*query, *entry) << name;
  }
}

}  // namespace
}  // namespace semblance::datasets
