// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace semblance {
namespace {

std::vector<std::pair<LogLevel, std::string>> g_lines;

void keep(LogLevel level, std::string_view line) { g_lines.emplace_back(level, line); }

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { g_lines.clear(); }
  void TearDown() override { set_log_sink(nullptr); }
};

TEST_F(LogTest, LinesGoToTheSinkWithTheirLevel) {
  set_log_sink(&keep);
  log_line(LogLevel::kWarning, "decode a.jpg: premature end");
  log_line(LogLevel::kDebug, "");
  EXPECT_THAT(g_lines,
              ::testing::ElementsAre(std::pair(LogLevel::kWarning, "decode a.jpg: premature end"),
                                     std::pair(LogLevel::kDebug, "")));
}

TEST_F(LogTest, WithoutASinkLinesAreDroppedAndNothingIsPrinted) {
  set_log_sink(&keep);
  set_log_sink(nullptr);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  log_line(LogLevel::kError, "nobody listens");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(g_lines.empty());
}

}  // namespace
}  // namespace semblance
