// SPDX-License-Identifier: Apache-2.0
// Digests against the published vectors.
// **Source:** RFC 1321 A.5 (MD5); NIST FIPS 180-4 examples (SHA-1, SHA-256, SHA-512).
#include "core/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace semblance {
namespace {

std::string digest_of(SignalKind kind, std::string_view text) {
  Digester digester({&kind, 1});
  digester.update(text);
  const auto values = digester.finish();
  EXPECT_EQ(values.size(), 1U);
  EXPECT_EQ(values[0].kind, kind);
  return to_hex(values[0].bytes);
}

constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

TEST(DigesterTest, Md5) {
  EXPECT_EQ(digest_of(SignalKind::kMd5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest_of(SignalKind::kMd5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(digest_of(SignalKind::kMd5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(DigesterTest, Sha1) {
  EXPECT_EQ(digest_of(SignalKind::kSha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest_of(SignalKind::kSha1, kTwoBlocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

TEST(DigesterTest, Sha256) {
  EXPECT_EQ(digest_of(SignalKind::kSha256, ""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of(SignalKind::kSha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(SignalKind::kSha256, kTwoBlocks),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex("abc"), digest_of(SignalKind::kSha256, "abc"));
}

TEST(DigesterTest, Sha512) {
  EXPECT_EQ(digest_of(SignalKind::kSha512, "abc"),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(DigesterTest, AMillionLettersInAnyPortions) {
  const std::string letters(1'000'000, 'a');
  for (const std::size_t portion : {std::size_t{7}, std::size_t{64}, std::size_t{65'537}}) {
    const SignalKind kinds[] = {SignalKind::kSha256, SignalKind::kMd5, SignalKind::kSha1};
    Digester digester(kinds);
    for (std::string_view rest = letters; !rest.empty();) {
      digester.update(rest.substr(0, portion));
      rest.remove_prefix(std::min(portion, rest.size()));
    }
    const auto values = digester.finish();
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(to_hex(values[0].bytes),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    EXPECT_EQ(to_hex(values[1].bytes), "7707d6ae4e027c70eea2a935c2296f21");
    EXPECT_EQ(to_hex(values[2].bytes), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  }
}

TEST(DigesterTest, KeepsTheOrderOfItsKindsAndMayBeMoved) {
  const SignalKind kinds[] = {SignalKind::kSha512, SignalKind::kMd5, SignalKind::kSha256};
  Digester first(kinds);
  first.update("ab");
  Digester second(std::move(first));
  second.update("c");
  const auto values = second.finish();
  ASSERT_EQ(values.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(values[i].kind, kinds[i]);
    EXPECT_EQ(to_hex(values[i].bytes), digest_of(kinds[i], "abc"));
  }
}

TEST(DigesterTest, NoKindsGiveNoValues) {
  Digester digester({});
  digester.update("abc");
  EXPECT_TRUE(digester.finish().empty());
}

}  // namespace
}  // namespace semblance
