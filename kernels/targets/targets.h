// SPDX-License-Identifier: Apache-2.0
// Which of the compiled CPU targets this machine can run.
#pragma once

#include <string>
#include <vector>

namespace semblance::kernels {

/// Names of the CPU targets that kernels were compiled for and this CPU runs, best first.
std::vector<std::string> supported_targets();

}  // namespace semblance::kernels
