// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the system calls that decoding needs.
#pragma once

namespace semblance::extract {

/// Loads the filter into this process, for good; returns 0, or the errno of why not.
///
/// Allowed: to read what is open, to talk on what is connected, memory that is never executable,
/// threads of this process, clocks, and the end. Refused with an error, since honest libraries ask:
/// the facts of a file, terminals, and clone3, whose arguments no filter can see (glibc then uses
/// clone). Everything else, opening, connecting, executing and forking first of all, kills the
/// process with SIGSYS.
int load_seccomp_filter() noexcept;

}  // namespace semblance::extract
