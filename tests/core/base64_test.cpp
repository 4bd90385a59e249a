// SPDX-License-Identifier: Apache-2.0
#include "core/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance {
namespace {

TEST(Base64Test, TheVectorsOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64Test, TakesAnyByteAndBreaksNoLines) {
  EXPECT_EQ(to_base64(std::string("\0\xff\xfe", 3)), "AP/+");
  const std::string text = to_base64(std::string(300, '\xff'));
  EXPECT_EQ(text, std::string(400, '/'));
}

TEST(Utf8Test, AcceptsWellFormedTextUpToTheLastCodePoint) {
  for (const char* text :
       {"", "plain", "h\xc3\xa9llo", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2\x80", "\xdf\xbf",
        "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8Test, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"\x80",              // a continuation without its lead
                           "\xc3",              // cut short
                           "\xe2\x82",          // cut short
                           "\xf0\x9f\x98",      // cut short
                           "\xc3(",             // no continuation
                           "\xe2\x28\xa1",      // no continuation
                           "\xe2\x82(",         // no continuation
                           "\xc0\xaf",          // overlong '/'
                           "\xc1\xbf",          // overlong
                           "\xe0\x9f\xbf",      // overlong
                           "\xf0\x8f\xbf\xbf",  // overlong
                           "\xed\xa0\x80",      // a surrogate
                           "\xed\xbf\xbf",      // a surrogate
                           "\xf4\x90\x80\x80",  // above U+10FFFF
                           "\xf5\x80\x80\x80",  // above U+10FFFF
                           "\xff", "latin-\xe9"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace semblance
