// SPDX-License-Identifier: Apache-2.0
#include "semblance/signal.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace semblance {
namespace {

TEST(SignalKindTest, WordsRoundTrip) {
  for (const SignalKind kind : kSignalKinds) {
    auto parsed = parse_signal_kind(name(kind));
    ASSERT_TRUE(parsed) << name(kind);
    EXPECT_EQ(*parsed, kind);
  }
  EXPECT_EQ(name(SignalKind::kPdq), "pdq");
  EXPECT_EQ(name(SignalKind::kVpdq), "vpdq");
  EXPECT_EQ(name(SignalKind::kTmk), "tmk");
  EXPECT_EQ(name(SignalKind::kMd5), "md5");
  EXPECT_EQ(name(SignalKind::kSha1), "sha1");
  EXPECT_EQ(name(SignalKind::kSha256), "sha256");
  EXPECT_EQ(name(SignalKind::kSha512), "sha512");
  EXPECT_EQ(name(SignalKind::kEmbedding), "embedding");
  EXPECT_EQ(name(SignalKind::kOrb), "orb");
}

TEST(SignalKindTest, OtherWordsAreRefusedAndNamed) {
  for (const char* word : {"", "PDQ", "sha-256", "pdq ", "video"}) {
    auto kind = parse_signal_kind(word);
    ASSERT_FALSE(kind) << word;
    EXPECT_EQ(kind.error().code, Errc::kBadArgument);
    EXPECT_NE(kind.error().what.find('\'' + std::string(word) + '\''), std::string::npos);
  }
}

TEST(SignalKindTest, SizesAndWhichAreDigests) {
  EXPECT_EQ(value_bytes(SignalKind::kPdq), 32U);
  EXPECT_EQ(value_bytes(SignalKind::kMd5), 16U);
  EXPECT_EQ(value_bytes(SignalKind::kSha1), 20U);
  EXPECT_EQ(value_bytes(SignalKind::kSha256), 32U);
  EXPECT_EQ(value_bytes(SignalKind::kSha512), 64U);
  EXPECT_EQ(value_bytes(SignalKind::kTmk), 263'344U);
  for (const SignalKind kind : {SignalKind::kVpdq, SignalKind::kEmbedding, SignalKind::kOrb}) {
    EXPECT_EQ(value_bytes(kind), 0U) << "of any size";
    EXPECT_FALSE(is_short(kind)) << name(kind);
  }
  for (const SignalKind kind : {SignalKind::kPdq, SignalKind::kVpdq, SignalKind::kTmk,
                                SignalKind::kEmbedding, SignalKind::kOrb}) {
    EXPECT_FALSE(is_digest(kind)) << name(kind);
  }
  for (const SignalKind kind :
       {SignalKind::kMd5, SignalKind::kSha1, SignalKind::kSha256, SignalKind::kSha512}) {
    EXPECT_TRUE(is_digest(kind) && is_short(kind)) << name(kind);
  }
  EXPECT_TRUE(is_short(SignalKind::kPdq));
  EXPECT_FALSE(is_short(SignalKind::kTmk));
}

TEST(SignalValueTest, ParsesExactlyTheKindsLength) {
  for (const SignalKind kind : kSignalKinds) {
    if (value_bytes(kind) == 0) continue;
    const std::string hex(2 * value_bytes(kind), 'b');
    auto value = parse_signal_value(kind, hex);
    ASSERT_TRUE(value) << name(kind);
    EXPECT_EQ(value->kind, kind);
    EXPECT_EQ(value->bytes, std::vector<std::uint8_t>(value_bytes(kind), 0xbb));
    EXPECT_EQ(to_hex(value->bytes), hex);
    for (const std::string& bad : {hex.substr(1), hex.substr(2), hex + "b", hex + "bb"}) {
      auto refused = parse_signal_value(kind, bad);
      ASSERT_FALSE(refused) << name(kind) << ' ' << bad.size();
      EXPECT_EQ(refused.error().code, Errc::kBadHash);
    }
  }
}

TEST(SignalValueTest, WhatIsOfAnySizeHasNoHexForm) {
  for (const SignalKind kind : {SignalKind::kVpdq, SignalKind::kEmbedding, SignalKind::kOrb}) {
    for (const std::string& hex : {std::string(), std::string(64, 'a')}) {
      auto refused = parse_signal_value(kind, hex);
      ASSERT_FALSE(refused) << name(kind);
      EXPECT_EQ(refused.error().code, Errc::kBadHash);
    }
  }
}

TEST(SignalValueTest, EitherCaseIsReadAndABadDigitIsPlaced) {
  auto value = parse_signal_value(SignalKind::kMd5, "00112233445566778899AaBbCcDdEeFf");
  ASSERT_TRUE(value);
  EXPECT_EQ(to_hex(value->bytes), "00112233445566778899aabbccddeeff");

  for (const std::size_t at : {std::size_t{0}, std::size_t{7}, std::size_t{31}}) {
    for (const char c : {'g', '/', ':', '@', 'G', '`', ' ', '\0', '\xff'}) {
      std::string hex(32, '0');
      hex[at] = c;
      auto refused = parse_signal_value(SignalKind::kMd5, hex);
      ASSERT_FALSE(refused);
      EXPECT_TRUE(refused.error().what.ends_with(" at " + std::to_string(at)))
          << refused.error().what;
    }
  }
}

TEST(PdqProfileTest, WordsRoundTrip) {
  EXPECT_EQ(name(PdqProfile::kFull), "full");
  EXPECT_EQ(name(PdqProfile::kCli512), "cli512");
  for (const PdqProfile profile : kPdqProfiles) {
    auto parsed = parse_pdq_profile(name(profile));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, profile);
  }
  auto refused = parse_pdq_profile("cli");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kBadArgument);
}

TEST(TransformTest, EachHasItsOwnWord) {
  std::set<std::string_view> words;
  for (std::size_t t = 0; t < kTransforms; ++t) words.insert(name(static_cast<Transform>(t)));
  EXPECT_EQ(words, (std::set<std::string_view>{"none", "rot90", "rot180", "rot270", "flipx",
                                               "flipy", "flipplus1", "flipminus1"}));
  EXPECT_EQ(name(Transform::kNone), "none");
  EXPECT_EQ(name(Transform::kFlipMinus1), "flipminus1");
}

}  // namespace
}  // namespace semblance
