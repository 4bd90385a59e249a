// SPDX-License-Identifier: Apache-2.0
#include "semblance/features.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance {
namespace {

FeatureSet some_set() {
  FeatureSet set{480, 320, true, {}};
  for (std::uint16_t i = 0; i < 3; ++i) {
    Feature feature{static_cast<std::uint16_t>(1'000 * i + 7),
                    static_cast<std::uint16_t>(300 * i),
                    static_cast<std::uint16_t>(32 + i),
                    static_cast<std::uint16_t>(65'535 - i),
                    {}};
    feature.descriptor.bytes[i] = 0xa5;
    set.features.push_back(feature);
  }
  return set;
}

std::string refusal(const std::vector<std::uint8_t>& bytes) {
  const auto set = features_from_bytes(bytes);
  if (set) return "accepted";
  EXPECT_EQ(set.error().code, Errc::kBadFormat);
  return set.error().what;
}

TEST(Features, AreReadAsTheyWereWritten) {
  for (const FeatureSet& set : {some_set(), FeatureSet{1, 1, false, {}}}) {
    const auto again = features_from_bytes(to_bytes(set));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, set);
  }
}

TEST(Features, HaveTheSameBytesOnEveryMachine) {
  const auto bytes = to_bytes(some_set());
  ASSERT_EQ(bytes.size(), 9U + 3U * 40U);
  const std::vector<std::uint8_t> head(bytes.begin(), bytes.begin() + 9);
  EXPECT_EQ(head, (std::vector<std::uint8_t>{'S', 'L', 'F', '1', 1, 0xe0, 1, 0x40, 1}));
  const std::vector<std::uint8_t> second(bytes.begin() + 49, bytes.begin() + 60);
  EXPECT_EQ(second, (std::vector<std::uint8_t>{0xef, 3, 0x2c, 1, 33, 0, 0xfe, 0xff, 0, 0xa5, 0}));
}

TEST(Features, AreRefusedWhereAnythingIsAmiss) {
  const auto whole = to_bytes(some_set());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size >= 9 && (size - 9) % 40 == 0) continue;  // a set of fewer
    EXPECT_NE(refusal({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
              "accepted")
        << size;
  }
  const auto with = [&](std::size_t at, std::uint8_t value) {
    auto bytes = whole;
    bytes[at] = value;
    return refusal(bytes);
  };
  EXPECT_NE(with(3, '2').find("form"), std::string::npos);
  EXPECT_NE(with(4, 2).find("mirrored"), std::string::npos);
  EXPECT_NE(with(6, 5).find("size"), std::string::npos);  // 1,504 pixels wide
  EXPECT_NE(with(8, 0xff).find("size"), std::string::npos);
  EXPECT_NE(with(10, 0xff).find("outside"), std::string::npos);
  auto flat = whole;
  flat[5] = flat[6] = 0;
  EXPECT_NE(refusal(flat).find("size"), std::string::npos);
  auto sizeless = whole;
  sizeless[13] = sizeless[14] = 0;
  EXPECT_NE(refusal(sizeless).find("without size"), std::string::npos);
}

TEST(Features, AreBounded) {
  FeatureSet set{100, 100, false, std::vector<Feature>(kMaxFeatures)};
  EXPECT_TRUE(features_from_bytes(to_bytes(set)));
  set.features.emplace_back();
  EXPECT_NE(refusal(to_bytes(set)).find("too many"), std::string::npos);
}

TEST(Features, ThatLieOnTheEdgeOfThePictureAreOutside) {
  FeatureSet set{10, 20, false, {Feature{}}};
  set.features[0].x = 319;
  set.features[0].y = 639;
  EXPECT_TRUE(features_from_bytes(to_bytes(set)));
  set.features[0].x = 320;
  EXPECT_NE(refusal(to_bytes(set)), "accepted");
  set.features[0].x = 0;
  set.features[0].y = 640;
  EXPECT_NE(refusal(to_bytes(set)), "accepted");
}

}  // namespace
}  // namespace semblance
