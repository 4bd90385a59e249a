// SPDX-License-Identifier: Apache-2.0
#include "datasets/scene.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "semblance/pdq.h"

namespace semblance::datasets {
namespace {

std::string digest(const Picture& picture) {
  return sha256_hex({reinterpret_cast<const char*>(picture.rgb.data()), picture.rgb.size()});
}

// A machine on which this fails draws other pictures than the rest: no figure made there can be
// compared. It also changes, with this constant, whenever the drawing does.
TEST(SceneTest, HasTheSameBytesOnEveryMachine) {
  EXPECT_EQ(digest(draw_scene(1, 0, 320, 240)),
            "b47f7cb9eaa873bdd5dedc6c2fc56360a151cd7d025e7ba65c21c36393baf221");
  EXPECT_EQ(digest(draw_scene(7, 123456789012, 101, 333)),
            "236cd336d7e7668cac0c9023203758acfe182f3196fe1c1a5f48ff58717da07f");
}

TEST(SceneTest, DependsOnSeedAndNumber) {
  const Picture one = draw_scene(1, 5, 64, 64);
  EXPECT_EQ(one, draw_scene(1, 5, 64, 64));
  EXPECT_NE(one, draw_scene(2, 5, 64, 64));
  EXPECT_NE(one, draw_scene(1, 6, 64, 64));
}

TEST(SceneTest, DrawsEveryShapeOfPicture) {
  for (const auto& [width, height] : {std::pair{16U, 16U}, {16U, 400U}, {400U, 16U}, {33U, 57U}}) {
    const Picture picture = draw_scene(3, 1, width, height);
    EXPECT_EQ(picture.width, width);
    EXPECT_EQ(picture.height, height);
    EXPECT_EQ(picture.rgb.size(), std::size_t{3} * width * height);
  }
}

TEST(SceneTest, UsesTheRangeOfLightAndHasColour) {
  const Picture picture = draw_scene(4, 2, 320, 240);
  const auto [darkest, lightest] = std::ranges::minmax(picture.rgb);
  EXPECT_LT(darkest, 50);
  EXPECT_GT(lightest, 200);
  std::size_t coloured = 0;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const auto [low, high] = std::minmax({picture.rgb[i], picture.rgb[i + 1], picture.rgb[i + 2]});
    coloured += high - low > 20 ? 1U : 0U;
  }
  EXPECT_GT(coloured, picture.rgb.size() / 3 / 4);
}

TEST(SceneTest, UnrelatedOnesStayFarApartAndAreOfFullQuality) {
  std::vector<PdqSignal> signals;
  for (std::uint64_t i = 0; i < 150; ++i) {
    auto signal = pdq_hash(draw_scene(11, i, 256, 192).view());
    ASSERT_TRUE(signal) << signal.error().what;
    EXPECT_GE(signal->quality, 90) << "scene " << i;
    signals.push_back(*signal);
  }
  int smallest = Hash256::kBits;
  for (std::size_t a = 0; a < signals.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      for (const Hash256& turned : signals[a].hashes) {
        smallest = std::min(smallest, hamming_distance(turned, signals[b].hash()));
      }
    }
  }
  EXPECT_GT(smallest, 60);
}

TEST(SceneTest, TheSameSceneInAnotherSizeIsTheSameToTheHash) {
  auto small = pdq_hash(draw_scene(5, 9, 320, 240).view());
  auto large = pdq_hash(draw_scene(5, 9, 800, 600).view());
  ASSERT_TRUE(small && large);
  EXPECT_LE(hamming_distance(small->hash(), large->hash()), kDefaultMaxDistance);
}

}  // namespace
}  // namespace semblance::datasets
