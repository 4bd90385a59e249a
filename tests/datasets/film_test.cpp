// SPDX-License-Identifier: Apache-2.0
#include "datasets/film.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/digest.h"
#include "hash/pdq_hasher.h"
#include "semblance/hash256.h"

namespace semblance::datasets {
namespace {

PdqSignal pdq(const Picture& picture) {
  constexpr std::array kProfiles = {PdqProfile::kFull};
  hash::PdqHasher hasher(picture.width, picture.height, 3, kProfiles);
  hasher.add_rows(picture.rgb.data(), static_cast<std::ptrdiff_t>(picture.row_bytes()),
                  picture.height);
  return hasher.finish().front();
}

int distance(const Film& film, double one, double other) {
  return hamming_distance(pdq(film.frame(one)).hash(), pdq(film.frame(other)).hash());
}

// As the scenes that it is made of: see scene_test.cpp.
TEST(FilmTest, HasTheSameBytesOnEveryMachine) {
  const Film film({.seed = 1, .number = 3, .width = 160, .height = 120});
  std::string bytes;
  for (const double seconds : {0.0, 1.0, 7.04, 19.96}) {
    const Picture picture = film.frame(seconds);
    bytes.append(reinterpret_cast<const char*>(picture.rgb.data()), picture.rgb.size());
  }
  EXPECT_EQ(sha256_hex(bytes), "89e06de42959c3dd34174b5091edcbf2f76ad2171a31870e5e37f369995eec40");
}

TEST(FilmTest, IsAFunctionOfTime) {
  const FilmPlan plan{.seed = 5, .number = 2, .seconds = 9, .width = 160, .height = 120};
  const Film film(plan);
  const Picture later = film.frame(8.0);
  const Picture first = film.frame(0.5);
  const Film other(plan);
  EXPECT_EQ(first, other.frame(0.5));
  EXPECT_EQ(later, other.frame(8.0));
  EXPECT_NE(first, later);
  // Beyond either end it stands still.
  EXPECT_EQ(film.frame(-1.0), film.frame(0.0));
}

TEST(FilmTest, DiffersBySeedAndNumber) {
  const Film film({.seed = 1, .number = 0, .width = 64, .height = 48});
  const Film seed({.seed = 2, .number = 0, .width = 64, .height = 48});
  const Film number({.seed = 1, .number = 1, .width = 64, .height = 48});
  EXPECT_NE(film.frame(1.0), seed.frame(1.0));
  EXPECT_NE(film.frame(1.0), number.frame(1.0));
}

// What the matching of videos has to live with: shots that move change their hash by a part of what
// unrelated pictures differ by, within half a second; a few do not change at all; cuts are hard.
TEST(FilmTest, MovesAsFootageDoes) {
  std::vector<int> half_a_second;
  std::vector<int> a_frame;
  for (std::uint64_t number = 0; number < 6; ++number) {
    const Film film({.seed = 9, .number = number, .seconds = 20, .width = 240, .height = 180});
    for (double at = 0.25; at < 19.0; at += 0.75) {
      half_a_second.push_back(distance(film, at, at + 0.5));
      a_frame.push_back(distance(film, at, at + 0.04));
    }
  }
  std::sort(half_a_second.begin(), half_a_second.end());
  std::sort(a_frame.begin(), a_frame.end());
  const auto part = [](const std::vector<int>& values, double fraction) {
    return values[static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1))];
  };
  EXPECT_EQ(part(half_a_second, 0.05), 0);
  EXPECT_GE(part(half_a_second, 0.5), 16);
  EXPECT_LE(part(half_a_second, 0.5), 60);
  EXPECT_GE(part(half_a_second, 0.95), 90);
  EXPECT_LE(part(a_frame, 0.75), 12);
}

TEST(FilmTest, OfAnotherSizeShowsTheSame) {
  const Film large({.seed = 4, .width = 480, .height = 360});
  const Film small({.seed = 4, .width = 240, .height = 180});
  for (const double seconds : {1.0, 6.0, 11.0}) {
    const PdqSignal one = pdq(large.frame(seconds));
    const PdqSignal other = pdq(small.frame(seconds));
    EXPECT_GE(one.quality, 50);
    // PDQ leans by a larger part of a small picture; unrelated scenes differ by 82 bits and more.
    EXPECT_LE(hamming_distance(one.hash(), other.hash()), 48);
  }
}

}  // namespace
}  // namespace semblance::datasets
