// SPDX-License-Identifier: Apache-2.0
// How far the hash of what borders enclose is from the exact hash of the picture before it was
// framed, scaled and coded, whatever the widths of the borders.
#include "hash/probes/trimmed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "datasets/geometry.h"
#include "datasets/random.h"
#include "datasets/scene.h"
#include "hash/raster_reducer.h"
#include "hash/video/frames.h"

namespace semblance {
namespace {

using datasets::Picture;
using datasets::Random;
using hash::ProbePlane;

ProbePlane plane_of(const Picture& picture) {
  hash::RasterReducer reducer(picture.width, picture.height, 3, 1);
  reducer.add_rows(picture.rgb.data(), static_cast<std::ptrdiff_t>(picture.row_bytes()),
                   picture.height);
  return ProbePlane(reducer.finish());
}

// Each side another width, 1 to 30 %; at times two sides alone; any colour; at times noisy.
Picture framed(const Picture& picture, Random& chance) {
  const std::uint32_t sides = chance.below(3);
  const auto width = [&](std::uint32_t side, bool any) {
    return any ? static_cast<std::uint32_t>(chance.uniform(0.01, 0.3) * side + 0.5) : 0U;
  };
  const std::uint32_t left = width(picture.width, sides != 1);
  const std::uint32_t right = width(picture.width, sides != 1);
  const std::uint32_t top = width(picture.height, sides != 0);
  const std::uint32_t bottom = width(picture.height, sides != 0);
  float colour[3] = {0, 0, 0};
  const std::uint32_t kind = chance.below(3);
  for (float& channel : colour) {
    channel = kind == 2 ? static_cast<float>(chance.below(256)) : 255.0F * static_cast<float>(kind);
  }
  const double noise = chance.below(3) == 0 ? 2.0 : 0.0;
  Picture out(picture.width + left + right, picture.height + top + bottom);
  for (std::size_t k = 0; k < out.rgb.size(); ++k) {
    const double spread = noise > 0 ? noise * chance.bell() : 0.0;
    out.rgb[k] = datasets::to_sample(colour[k % 3] + static_cast<float>(spread));
  }
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(), out.at(left, top + y));
  }
  return out;
}

TEST(Trimmed, FramedCopiesAreFoundAgain) {
  constexpr std::uint64_t kPictures = 20;
  std::vector<int> bits;
  for (std::uint64_t n = 0; n < kPictures; ++n) {
    Random chance = Random::stream(90, n);
    const Picture picture = datasets::draw_scene(91, n, 640, 480);
    const Picture frame = framed(picture, chance);
    const double longer = std::max(frame.width, frame.height);
    const Picture copy = frames::coded(datasets::rescale(frame, chance.uniform(300, 800) / longer),
                                       50 + static_cast<int>(chance.below(46)));
    const ProbePlane plane = plane_of(copy);
    const auto area = find_trimmed(plane);
    const Result<PdqSignal> known = pdq_hash(picture.view());
    ASSERT_TRUE(known);
    bits.push_back(area ? hamming_distance(plane.hash(plane.window_of(*area)).hash(), known->hash())
                        : 256);
  }
  std::sort(bits.begin(), bits.end());
  std::printf("bits: median %d, 90 %% %d, largest %d\n", bits[kPictures / 2],
              bits[kPictures * 9 / 10], bits.back());
  EXPECT_LE(bits[kPictures / 2], 12);
  EXPECT_LE(bits[kPictures * 9 / 10], 31);
}

TEST(Trimmed, NothingWhereThereIsNoBorder) {
  EXPECT_FALSE(find_trimmed(plane_of(datasets::draw_scene(92, 0, 400, 300))));
  EXPECT_FALSE(find_trimmed(ProbePlane(Raster{20, 20, 1, std::vector<std::uint8_t>(400, 5)})));
  EXPECT_FALSE(find_trimmed(ProbePlane(Raster{200, 200, 1, std::vector<std::uint8_t>(40'000, 5)})));
}

}  // namespace
}  // namespace semblance
