// SPDX-License-Identifier: Apache-2.0
#include "datasets/alterations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

TEST(AlterationsTest, NamesAreUniqueAndFitATableCell) {
  std::set<std::string_view> names;
  for (const Alteration& alteration : alterations()) {
    EXPECT_TRUE(names.insert(alteration.name).second) << alteration.name;
    EXPECT_TRUE(std::ranges::all_of(alteration.name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    })) << alteration.name;
  }
  EXPECT_FALSE(names.contains("identical")) << "the library's own word for an untouched file";
}

TEST(AlterationsTest, AreFoundByName) {
  auto found = find_alteration("jpeg-50");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->encoding.quality, 50);
  auto missing = find_alteration("jpeg");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::kNotFound);
}

TEST(AlterationsTest, GiveTheSameBytesForTheSameChanceAndLeaveTheOriginalAlone) {
  const Picture original = draw_scene(1, 8, 120, 90);
  const Picture kept = original;
  for (const Alteration& alteration : alterations()) {
    Random first(9);
    Random second(9);
    auto one = altered_copy(original, alteration, first);
    auto two = altered_copy(original, alteration, second);
    ASSERT_TRUE(one && two) << alteration.name;
    EXPECT_EQ(*one, *two) << alteration.name;
    EXPECT_EQ(original, kept) << alteration.name;
  }
}

TEST(AlterationsTest, NoTwoGiveTheSameFile) {
  const Picture original = draw_scene(1, 8, 120, 90);
  std::set<std::string> files;
  for (const Alteration& alteration : alterations()) {
    Random random(9);
    auto bytes = altered_copy(original, alteration, random);
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(files.insert(*bytes).second) << alteration.name;
  }
}

}  // namespace
}  // namespace semblance::datasets
