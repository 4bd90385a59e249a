// SPDX-License-Identifier: Apache-2.0
#include "dates.h"

#include <gtest/gtest.h>

namespace semblance::tool {
namespace {

TEST(Dates, DaysAndInstantsAreUtc) {
  EXPECT_EQ(*parse_date("1970-01-01"), 0);
  EXPECT_EQ(*parse_date("2026-11-24"), 1795478400);
  EXPECT_EQ(*parse_date("2024-02-29T23:59:59Z"), 1709251199);
}

TEST(Dates, WhatNoCalendarHasIsRefused) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-29", "2026-00-10", "2026-1-1",
                           "2026-11-24 ", "2026-11-24T24:00:00Z", "2026-11-24T10:00:00",
                           "2026-11-24T10:00:00+01:00", "24.11.2026", "2026-11-24T10:00:60Z"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

TEST(Dates, FormattingIsTheInverse) {
  for (const char* text :
       {"1970-01-01T00:00:00Z", "2026-11-24T10:15:30Z", "2400-02-29T00:00:01Z"}) {
    EXPECT_EQ(format_date(*parse_date(text)), text);
  }
}

}  // namespace
}  // namespace semblance::tool
