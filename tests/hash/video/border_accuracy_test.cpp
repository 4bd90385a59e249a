// SPDX-License-Identifier: Apache-2.0
// How far the hash of what borders enclose is from that of the picture before it was bordered,
// scaled and coded. The figures are those of src/hash/README.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "datasets/geometry.h"
#include "datasets/random.h"
#include "datasets/scene.h"
#include "hash/video/frame_hasher.h"
#include "hash/video/frames.h"

namespace semblance {
namespace {

using datasets::Picture;
using datasets::Random;

struct Distances {
  std::vector<int> of_whole;    // of the bordered frame, borders and all
  std::vector<int> of_trimmed;  // 256 where no border was found
  int missed = 0;

  int share(const std::vector<int>& values, double part) const {
    std::vector<int> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
  }
};

enum class Order { kBorderThenScale, kScaleThenBorder };

// What is done to a picture; all by chance, from the number of the picture.
struct Alteration {
  double scale;
  double across;  // of the width, on each side; 0: none there
  double down;
  std::uint8_t gray;
  int quality;
};

Alteration alteration_of(Random& chance) {
  Alteration made{};
  made.scale = chance.uniform(0.4, 1.3);
  const std::uint32_t sides = chance.below(3);
  if (sides != 0) made.across = chance.uniform(0.02, 0.2);
  if (sides != 1) made.down = chance.uniform(0.02, 0.2);
  constexpr std::uint8_t kGrays[] = {0, 16, 255, 128};
  made.gray = kGrays[chance.below(4)];
  made.quality = 50 + static_cast<int>(chance.below(41));
  return made;
}

std::uint32_t part(std::uint32_t side, double fraction) {
  return static_cast<std::uint32_t>(fraction * side + 0.5);
}

Picture altered(const Picture& picture, const Alteration& how, Order order) {
  const auto with_borders = [&how](const Picture& plain) {
    return frames::bordered(plain, part(plain.width, how.across), part(plain.height, how.down),
                            how.gray);
  };
  const Picture made = order == Order::kBorderThenScale
                           ? datasets::rescale(with_borders(picture), how.scale)
                           : with_borders(datasets::rescale(picture, how.scale));
  return frames::coded(made, how.quality);
}

Distances measure(Order order) {
  constexpr std::uint64_t kPictures = 80;
  Distances distances;
  hash::FrameHasher hasher;
  for (std::uint64_t n = 0; n < kPictures; ++n) {
    Random chance = Random::stream(20, n);
    const std::uint32_t width = 320 + chance.below(320);
    const Picture picture = datasets::draw_scene(19, n, width, width * 3 / 4);
    const Alteration how = alteration_of(chance);
    const auto original = hasher.hash_whole(frames::luma_of(picture).plane());
    const auto found = hasher.hash(frames::luma_of(altered(picture, how, order)).plane());
    distances.of_whole.push_back(hamming_distance(original.hash(), found.whole.hash()));
    distances.of_trimmed.push_back(
        found.trimmed ? hamming_distance(original.hash(), found.trimmed->hash()) : 256);
    if (!found.trimmed) ++distances.missed;
  }
  return distances;
}

class BorderAccuracyTest : public ::testing::TestWithParam<Order> {};

TEST_P(BorderAccuracyTest, TheEnclosedPictureIsFoundAgain) {
  const Distances bits = measure(GetParam());
  std::printf("bits: whole median %d, trimmed median %d, 95 %% %d, 99 %% %d, %d not found\n",
              bits.share(bits.of_whole, 0.5), bits.share(bits.of_trimmed, 0.5),
              bits.share(bits.of_trimmed, 0.95), bits.share(bits.of_trimmed, 0.99), bits.missed);
  EXPECT_GT(bits.share(bits.of_whole, 0.5), 80);
  EXPECT_LE(bits.share(bits.of_trimmed, 0.5), 10);
  EXPECT_LE(bits.share(bits.of_trimmed, 0.95), 24);
}

INSTANTIATE_TEST_SUITE_P(Orders, BorderAccuracyTest,
                         ::testing::Values(Order::kBorderThenScale, Order::kScaleThenBorder));

}  // namespace
}  // namespace semblance
