// SPDX-License-Identifier: Apache-2.0
#include "extract/detail.h"

#include <gtest/gtest.h>

#include "core/base64.h"
#include "extract/wire.h"

namespace semblance::extract {
namespace {

TEST(Tidy, LeavesAnOrdinaryLineAlone) {
  EXPECT_EQ(tidy("decode: Premature end of JPEG file"), "decode: Premature end of JPEG file");
  EXPECT_EQ(tidy("d\u00e9codage: \u65e5\u672c"), "d\u00e9codage: \u65e5\u672c");
}

TEST(Tidy, KeepsTerminalsAndRecordsFromHarm) {
  EXPECT_EQ(tidy("a\nb\x1b[31mc\x7f\r\n"), "a b [31mc");
  EXPECT_EQ(tidy(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(tidy("caf\xe9 \xff"), "caf? ?");
}

TEST(Tidy, LinesAreTidiedOneByOne) {
  EXPECT_EQ(tidy_lines("a 1.0\nb 2.0\n"), "a 1.0\nb 2.0\n");
  EXPECT_EQ(tidy_lines("\n a\x1b[31m\xff \n\n\t\nb"), " a [31m?\nb\n");
  EXPECT_EQ(tidy_lines(""), "");
}

TEST(Tidy, CutsBetweenCharactersAndTwiceIsOnce) {
  std::string text(kMaxTextBytes - 1, 'x');
  text += "\u65e5\u672c";
  const std::string once = tidy(text);
  EXPECT_EQ(once, std::string(kMaxTextBytes - 1, 'x'));
  EXPECT_TRUE(is_utf8(once));
  EXPECT_EQ(tidy(once), once);
}

TEST(EndingOf, GivesEveryCauseItsReason) {
  const auto reason = [](Errc code) { return ending_of(Error{code, "decode: why"}).reason; };
  EXPECT_EQ(reason(Errc::kDecode), Reason::kDecodeFailed);
  EXPECT_EQ(reason(Errc::kTruncated), Reason::kTruncated);
  EXPECT_EQ(reason(Errc::kLimit), Reason::kOverLimit);
  EXPECT_EQ(reason(Errc::kUnsupported), Reason::kUnsupported);
  EXPECT_EQ(reason(Errc::kIo), Reason::kOpenFailed);
  EXPECT_EQ(reason(Errc::kTimeout), Reason::kTimedOut);
  EXPECT_EQ(reason(Errc::kWorker), Reason::kDecoderCrashed);
  EXPECT_EQ(ending_of(Error{Errc::kDecode, "decode: why"}).detail, "decode: why");
}

}  // namespace
}  // namespace semblance::extract
