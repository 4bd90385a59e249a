// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what a worker gives up, for good, before it sees the first hostile byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace semblance::extract {

/// The address space that a caged process may take beyond what it has when its cage closes: a
/// picture's file, the picture, what its decoder needs beside them, stacks of its threads. 6 GiB.
inline constexpr std::uint64_t kCageBytes = std::uint64_t{6} << 30;

/// The private memory that it may take beyond what it has then, files not counted. 4 GiB.
inline constexpr std::uint64_t kCageDataBytes = std::uint64_t{4} << 30;

/// The most descriptors that a caged process may hold: the channel, three null devices, a gauge of
/// memory, an item; and some to spare for a library that duplicates one.
inline constexpr std::uint64_t kCageDescriptors = 16;

/// What close_cage brought about.
struct Cage {
  std::vector<std::string> active;   // in the order of being applied
  std::vector<std::string> missing;  // each with its cause
};

/// Confines this process: no privileges, old or new, no dumps, no more than its share of memory,
/// files and descriptors, no files (Landlock), and of the kernel's calls those alone that decoding
/// needs (seccomp). Irrevocable. What cannot be had is told and the rest still applied.
///
/// Call it with one thread, else some of it counts as missing, and after every library has done
/// what it does once. From then on a call that is not on the list of seccomp_filter.h kills the
/// process with SIGSYS.
Cage close_cage();

/// 0 if this process has one thread; EBUSY if it has more, also after a moment's wait for one that
/// is ending; else the errno of why that is not known.
int one_thread_or_error() noexcept;

/// Lets this process compute for `seconds` more, counted over its threads; beyond that the kernel
/// ends it with SIGXCPU. Also callable in the cage, so that it stops a decoder that runs away, not
/// one that was taken over: the deadline by the clock, kept from outside, does. False if the kernel
/// refuses.
bool allow_cpu_seconds(std::uint64_t seconds) noexcept;

}  // namespace semblance::extract
