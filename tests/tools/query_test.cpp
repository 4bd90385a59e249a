// SPDX-License-Identifier: Apache-2.0
#include "query.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance::tool {
namespace {

TEST(Query, ABareHashIsToldByItsLength) {
  EXPECT_EQ(parse_query(std::string(64, 'a'))->kind, SignalKind::kPdq);
  EXPECT_EQ(parse_query(std::string(32, 'B'))->kind, SignalKind::kMd5);
  EXPECT_EQ(parse_query(std::string(40, '0'))->kind, SignalKind::kSha1);
  EXPECT_EQ(parse_query(std::string(128, '9'))->kind, SignalKind::kSha512);
}

TEST(Query, AKindBeforeTheHashDecides) {
  const auto query = parse_query("  sha256:" + std::string(64, 'a') + "\t");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->kind, SignalKind::kSha256);
  EXPECT_EQ(to_hex(query->bytes), std::string(64, 'a'));
}

TEST(Query, KindAndHashAreReadInAnyCaseAndManner) {
  const std::string digits(64, 'B');
  for (const std::string& text : {"SHA256 " + digits, "Sha256:" + digits, "sha256: " + digits,
                                  "sha256\t" + digits, "\xEF\xBB\xBFsha256 " + digits + "\r"}) {
    const auto query = parse_query(text);
    ASSERT_TRUE(query) << text;
    EXPECT_EQ(query->kind, SignalKind::kSha256) << text;
    EXPECT_EQ(to_hex(query->bytes), std::string(64, 'b')) << text;
  }
  EXPECT_EQ(parse_query("\xEF\xBB\xBF" + digits)->kind, SignalKind::kPdq);
  EXPECT_EQ(trimmed("\xEF\xBB\xBF \r"), "");
}

TEST(Query, AnythingElseIsNoHash) {
  for (const std::string& text :
       {std::string(), std::string("zz"), std::string(64, 'g'), std::string(63, 'a'),
        "md5:" + std::string(64, 'a'), "crc32:" + std::string(8, 'a'), std::string(":")}) {
    const auto query = parse_query(text);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().code, Errc::kBadHash) << text;
  }
}

}  // namespace
}  // namespace semblance::tool
