// SPDX-License-Identifier: Apache-2.0
#include "targets/targets.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

namespace semblance::kernels {

std::vector<std::string> supported_targets() {
  std::vector<std::string> names;
  // A lower bit is a better target.
  for (std::int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    names.emplace_back(hwy::TargetName(left & -left));
  }
  return names;
}

}  // namespace semblance::kernels
