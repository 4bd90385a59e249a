// SPDX-License-Identifier: Apache-2.0
#include "targets/targets.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace semblance::kernels {
namespace {

TEST(Targets, TheFirstIsTheBestThisCpuHas) {
  const auto names = supported_targets();
  ASSERT_FALSE(names.empty());
  const auto supported = hwy::SupportedTargets() & HWY_TARGETS;
  EXPECT_EQ(names.front(), hwy::TargetName(supported & -supported));
}

}  // namespace
}  // namespace semblance::kernels
