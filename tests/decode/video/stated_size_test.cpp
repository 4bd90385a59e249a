// SPDX-License-Identifier: Apache-2.0
#include "decode/video/stated_size.h"

#include <gtest/gtest.h>

#include <string>

#include "decode/video/coded_film.h"

namespace semblance::decode {
namespace {

bool says_more(const std::string& file, std::uint64_t bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(file.data());
  return states_more({data, std::min(file.size(), kStatedSizeHead)}, bytes);
}

TEST(StatedSizeTest, AContainerKnowsItsLength) {
  for (const auto& [container, codec] :
       {std::pair{"avi", "mpeg4"}, {"matroska", "libx264"}, {"webm", "libvpx"}, {"asf", "wmv2"}}) {
    datasets::VideoCoding coding;
    coding.container = container;
    coding.codec = codec;
    const std::string file = coded_film(10, coding);
    ASSERT_GT(file.size(), 1'000u);
    EXPECT_FALSE(says_more(file, file.size())) << container;
    EXPECT_FALSE(says_more(file, file.size() + 100)) << container;
    EXPECT_TRUE(says_more(file, file.size() - 1)) << container;
    EXPECT_TRUE(says_more(file, 600)) << container;
  }
}

TEST(StatedSizeTest, WhatSaysNothingIsNotCut) {
  using namespace std::string_literals;
  EXPECT_FALSE(says_more("RIFF\xFF\xFF\xFF\xFF"s + "AVI LIST", 100));
  EXPECT_FALSE(says_more("RIFF\0\0\0\0AVI LIST"s, 100));
  // A segment of unknown length, as a live stream has it.
  EXPECT_FALSE(
      says_more("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, 20));
  EXPECT_TRUE(
      says_more("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\x00\x00\x00\x00\x00\x00\xFF"s, 20));
}

TEST(StatedSizeTest, HeadsThatEndAnywhereAreHarmless) {
  datasets::VideoCoding coding;
  for (const auto& [container, codec] :
       {std::pair{"avi", "mpeg4"}, {"matroska", "libx264"}, {"asf", "wmv2"}}) {
    coding.container = container;
    coding.codec = codec;
    const std::string file = coded_film(2, coding);
    for (std::size_t size = 0; size < 400; ++size) says_more(file.substr(0, size), size);
  }
  for (int first = 0; first < 256; ++first) {
    const std::string lengths(12, static_cast<char>(first));
    says_more("\x1A\x45\xDF\xA3" + lengths, 16);
    says_more(std::string("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67") + lengths, 16);
  }
}

}  // namespace
}  // namespace semblance::decode
