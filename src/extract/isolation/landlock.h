// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the kernel's Landlock, by its system calls.
#pragma once

namespace semblance::extract {

/// What landlock_all brought about.
struct Landlocked {
  int abi = 0;    // of the kernel; 0: it has no Landlock
  int error = 0;  // errno of why it is not in force; 0: it is
};

/// Takes from this thread, and all that it starts, every right that Landlock of this kernel can
/// take: to open, make, change or execute any file; from ABI 4 to connect or bind TCP; from 5 to
/// control devices; from 6 to reach abstract sockets and processes outside. For good. What is open
/// stays so. Needs no-new-privs.
///
/// **Source:** the kernel's Documentation/userspace-api/landlock.rst.
Landlocked landlock_all() noexcept;

}  // namespace semblance::extract
