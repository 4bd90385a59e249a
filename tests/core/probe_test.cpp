// SPDX-License-Identifier: Apache-2.0
#include "semblance/probe.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance {
namespace {

TEST(ProbeKind, EveryWordIsReadBack) {
  for (const ProbeKind kind : kProbeKinds) {
    const Result<ProbeKind> read = parse_probe_kind(name(kind));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, kind);
  }
  EXPECT_EQ(name(ProbeKind::kWhole), "whole");
  EXPECT_EQ(name(static_cast<ProbeKind>(200)), "unknown");
}

TEST(ProbeKind, OtherWordsAreRefused) {
  for (const char* word : {"", "Whole", "panel ", "window\n", "unknown", "4"}) {
    const Result<ProbeKind> read = parse_probe_kind(word);
    ASSERT_FALSE(read) << word;
    EXPECT_EQ(read.error().code, Errc::kBadArgument);
    EXPECT_NE(read.error().what.find(std::string("'") + word + "'"), std::string::npos);
  }
}

TEST(Window, IsTheWholePictureUnlessSaid) {
  constexpr Window whole;
  EXPECT_EQ(whole.left + whole.width, Window::kSide);
  EXPECT_EQ(whole.top + whole.height, Window::kSide);
  EXPECT_NE(whole, (Window{0, 0, Window::kSide, Window::kSide - 1}));
}

}  // namespace
}  // namespace semblance
