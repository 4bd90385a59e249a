// SPDX-License-Identifier: Apache-2.0
#include "semblance/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace semblance {
namespace {

TEST(VersionTest, IsSemanticAndPartOfTheBuildsDescription) {
  EXPECT_THAT(std::string(version()), ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_TRUE(build_description().starts_with(version())) << build_description();
  EXPECT_EQ(build_description().find('\n'), std::string_view::npos);
}

}  // namespace
}  // namespace semblance
