// SPDX-License-Identifier: Apache-2.0
#include "datasets/quality_alterations.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/digest.h"
#include "datasets/measure.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

class QualityAlterationsTest : public testing::Test {
 protected:
  QualityAlterationsTest() { others_.fill(&other_); }

  const Picture original_ = draw_scene(6, 1, 96, 64);
  const Picture other_ = draw_scene(6, 2, 64, 96);
  std::array<const Picture*, kOthers> others_{};
};

TEST_F(QualityAlterationsTest, NamesAreUniqueAndClassesStandTogether) {
  std::set<std::string_view> names;
  std::set<std::string_view> families;
  std::string_view last;
  for (const QualityAlteration& alteration : quality_alterations()) {
    EXPECT_TRUE(names.insert(alteration.name).second) << alteration.name;
    EXPECT_FALSE(alteration.what.empty()) << alteration.name;
    if (alteration.family != last) {
      EXPECT_TRUE(families.insert(alteration.family).second) << alteration.family;
    }
    last = alteration.family;
  }
  EXPECT_GE(names.size(), 40U);
  for (const char* family :
       {"re-encode", "resize", "crop-middle", "crop-anywhere", "border", "letterbox", "overlay",
        "text", "rotate", "quarter-turn", "mirror", "perspective", "colour", "blur", "noise",
        "screenshot", "collage", "print-scan"}) {
    EXPECT_TRUE(families.contains(family)) << family;
  }
}

TEST_F(QualityAlterationsTest, EachGivesTheSamePixelsFromTheSameSeed) {
  for (const QualityAlteration& alteration : quality_alterations()) {
    Random random(11);
    Random again(11);
    const Picture once = alteration.apply(original_, others_, random);
    EXPECT_EQ(once, alteration.apply(original_, others_, again)) << alteration.name;
    EXPECT_EQ(random.bits(), again.bits()) << alteration.name;
    ASSERT_GT(once.width, 0U) << alteration.name;
    ASSERT_GT(once.height, 0U) << alteration.name;
  }
}

TEST_F(QualityAlterationsTest, EachCanBeEncodedAndDecoded) {
  for (const QualityAlteration& alteration : quality_alterations()) {
    Random random(12);
    auto bytes = quality_copy(original_, others_, alteration, random);
    ASSERT_TRUE(bytes) << alteration.name << ": " << bytes.error().what;
    auto signal = hash_file(*bytes);
    EXPECT_TRUE(signal) << alteration.name;
  }
}

TEST_F(QualityAlterationsTest, SmallPicturesOfAnyShapeAreTaken) {
  for (const auto& [width, height] : {std::pair{16U, 16U}, {16U, 200U}, {200U, 16U}}) {
    const Picture small = draw_scene(6, 3, width, height);
    for (const QualityAlteration& alteration : quality_alterations()) {
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        Random random(seed);
        const Picture out = alteration.apply(small, others_, random);
        EXPECT_GT(out.rgb.size(), 0U) << alteration.name;
      }
    }
  }
}

// Chance and arithmetic are ours, so the pixels are the same on every machine.
TEST_F(QualityAlterationsTest, ThePixelsAreTheKnownOnes) {
  std::string all;
  for (const QualityAlteration& alteration : quality_alterations()) {
    Random random(13);
    const Picture out = alteration.apply(original_, others_, random);
    all.append(out.rgb.begin(), out.rgb.end());
  }
  EXPECT_EQ(sha256_hex(all), "d2fdc3bb6834ed26ae11bb62e26fc6b48d917aab16a6a2769e32472d294cd724");
}

}  // namespace
}  // namespace semblance::datasets
