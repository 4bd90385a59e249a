// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what the end of a process says.
#pragma once

#include <string>
#include <string_view>

#include "semblance/extract.h"

namespace semblance::extract {

/// A wait status in words, such as `worker killed by signal 11 (SEGV)`.
std::string describe_exit(std::string_view who, int wait_status);

/// The ending of the item in whose midst its worker ended so: kTimedOut where its processor time
/// ran out, else kDecoderCrashed.
Ending ending_of_death(int wait_status);

}  // namespace semblance::extract
