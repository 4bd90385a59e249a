// SPDX-License-Identifier: Apache-2.0
#include "option_text.h"

#include <gtest/gtest.h>

#include <string>

namespace semblance::tool {
namespace {

TEST(OptionText, ANumberIsDigitsAndNothingElse) {
  EXPECT_EQ(*parse_number("0", {}), 0U);
  EXPECT_EQ(*parse_number("010", {}), 10U);
  EXPECT_EQ(*parse_number("18446744073709551615", {}), UINT64_MAX);
  for (const char* text :
       {"", "-1", "+1", " 1", "1 ", "0x10", "1e3", "1.5", "K", "1K", "18446744073709551616"}) {
    const auto number = parse_number(text, {});
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().code, Errc::kBadArgument) << text;
  }
}

TEST(OptionText, ANumberIsInItsRange) {
  const NumberRange range{.least = 1, .most = 256};
  EXPECT_EQ(*parse_number("1", range), 1U);
  EXPECT_EQ(*parse_number("256", range), 256U);
  EXPECT_FALSE(parse_number("0", range));
  const auto above = parse_number("257", range);
  ASSERT_FALSE(above);
  EXPECT_NE(above.error().what.find("1..256"), std::string::npos);
}

TEST(OptionText, ASuffixMultipliesAndNeverOverflows) {
  const NumberRange bytes{.least = 1, .kilo = 1024};
  EXPECT_EQ(*parse_number("16G", bytes), std::uint64_t{16} << 30);
  EXPECT_EQ(*parse_number("3k", bytes), 3072U);
  EXPECT_EQ(*parse_number("2M", {.kilo = 1000}), 2'000'000U);
  for (const char* text : {"K", "1KB", "16777216T", "0G", "-1K", "1 K"}) {
    EXPECT_FALSE(parse_number(text, bytes)) << text;
  }
}

TEST(OptionText, TextToBeStoredIsPlain) {
  EXPECT_EQ(text_fault("group:\xC3\xA9xample", 200), "");
  EXPECT_EQ(text_fault(std::string(200, 'a'), 200), "");
  for (const std::string& text :
       {std::string(), std::string(201, 'a'), std::string("a\nb"), std::string("a\x1B[31m"),
        std::string("\xC2\x9B"), std::string("\xFF"), std::string("a\0b", 3)}) {
    EXPECT_NE(text_fault(text, 200), "") << text;
  }
}

TEST(OptionText, ADecimalHasOnePointAtMost) {
  EXPECT_EQ(*parse_decimal("0", 10), 0.0);
  EXPECT_EQ(*parse_decimal("0.5", 10), 0.5);
  EXPECT_EQ(*parse_decimal("10", 10), 10.0);
  EXPECT_EQ(*parse_decimal(".25", 10), 0.25);
  for (const char* text :
       {"", ".", "-1", "+1", " 1", "1 ", "1.2.3", "1e3", "nan", "inf", "10.1", "0x1"}) {
    const auto number = parse_decimal(text, 10);
    ASSERT_FALSE(number) << text;
    EXPECT_EQ(number.error().code, Errc::kBadArgument) << text;
  }
}

TEST(OptionText, ASizeHasTwoSides) {
  const auto size = parse_size("128x64", 8192);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 128U);
  EXPECT_EQ(size->height, 64U);
  for (const char* text : {"", "x", "128", "128x", "x64", "0x64", "128x0", "8193x1", "1x8193",
                           "128X64", "1x2x3", "-1x2", "1 x2"}) {
    EXPECT_FALSE(parse_size(text, 8192)) << text;
  }
}

}  // namespace
}  // namespace semblance::tool
