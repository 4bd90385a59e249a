// SPDX-License-Identifier: Apache-2.0
#include "extract/death.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace semblance::extract {
namespace {

TEST(DescribeExit, NamesTheSignalOrTheStatus) {
  EXPECT_EQ(describe_exit("worker", SIGSEGV), "worker killed by signal 11 (SEGV)");
  EXPECT_EQ(describe_exit("worker", SIGSYS | 0x80), "worker killed by signal 31 (SYS)");
  EXPECT_EQ(describe_exit("worker", 3 << 8), "worker exited with status 3");
}

TEST(EndingOfDeath, SaysWhoseLimitItWas) {
  const Ending crashed = ending_of_death(SIGSEGV);
  EXPECT_EQ(crashed.reason, Reason::kDecoderCrashed);
  EXPECT_EQ(crashed.detail, "decode: worker killed by signal 11 (SEGV)");

  const Ending caged = ending_of_death(SIGSYS);
  EXPECT_EQ(caged.reason, Reason::kDecoderCrashed);
  EXPECT_EQ(
      caged.detail,
      "decode: worker killed by signal 31 (SYS): it made a system call that its cage forbids");

  const Ending spent = ending_of_death(SIGXCPU);
  EXPECT_EQ(spent.reason, Reason::kTimedOut);
  EXPECT_EQ(spent.detail, "decode: worker killed by signal 24 (XCPU): its processor time ran out");

  EXPECT_EQ(ending_of_death(7 << 8).detail, "decode: worker exited with status 7");
}

}  // namespace
}  // namespace semblance::extract
