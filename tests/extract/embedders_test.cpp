// SPDX-License-Identifier: Apache-2.0
#include "extract/embedders.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "datasets/scene.h"

namespace semblance::extract {
namespace {

Raster raster_of(std::uint64_t number) {
  const auto scene = datasets::draw_scene(9, number, 200, 150);
  return {scene.width, scene.height, 3, scene.rgb};
}

TEST(Embedders, TheOneWithoutAModelIsAlwaysThere) {
  Embedders embedders;
  ASSERT_EQ(embedders.ids().size(), 1U);
  EXPECT_EQ(embedders.ids()[0].model, "gist");
  auto found = embedders.embed("gist", raster_of(1));
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->id, embedders.ids()[0]);
  EXPECT_EQ((*found)->values.size(), embedders.ids()[0].dimension);
}

TEST(Embedders, AnUnknownOneIsUnsupportedAndAPlainPictureHasNone) {
  Embedders embedders;
  auto unknown = embedders.embed("sscd", raster_of(1));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::kUnsupported);
  auto plain = embedders.embed("gist", Raster{64, 64, 1, std::vector<std::uint8_t>(64 * 64, 9)});
  ASSERT_TRUE(plain) << plain.error().what;
  EXPECT_FALSE(*plain);
}

TEST(Embedders, ThreadsGetTheSameAsOne) {
  Embedders embedders;
  std::vector<Raster> rasters;
  std::vector<EmbeddingSignal> expected;
  for (std::uint64_t i = 0; i < 4; ++i) {
    rasters.push_back(raster_of(i));
    expected.push_back(**embedders.embed("gist", rasters.back()));
  }
  std::vector<int> same(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 20; ++i) {
        const std::size_t at = (t + i) % rasters.size();
        const auto found = embedders.embed("gist", rasters[at]);
        if (found && *found && **found == expected[at]) ++same[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, std::vector<int>(4, 20));
}

TEST(Embedders, MoreModelsThanThereIsRoomForAreRefusedUnread) {
  auto many = Embedders::open(std::vector<std::string>(8, "/nonexistent.json"));
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, Errc::kBadArgument);
}

TEST(Embedders, LibrariesAreALineEach) {
  const std::string lines = library_lines();
  EXPECT_EQ(lines.back(), '\n');
  EXPECT_EQ(lines.find("\n\n"), std::string::npos);
  EXPECT_NE(lines.find("\nopencv 4"), std::string::npos) << lines;
}

}  // namespace
}  // namespace semblance::extract
