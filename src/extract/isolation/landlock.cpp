// SPDX-License-Identifier: Apache-2.0
#include "extract/isolation/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "core/files.h"

namespace semblance::extract {
namespace {

// The structure and the rights as far as ABI 7 has them; the headers that we build with may be
// older than the kernel that we run on. A kernel takes a shorter structure than its own.
struct Ruleset {
  std::uint64_t files;    // since ABI 1
  std::uint64_t network;  // since ABI 4
  std::uint64_t scopes;   // since ABI 6
};

struct Rights {
  Ruleset ruleset;
  std::size_t bytes;  // of the structure that the kernel knows
};

constexpr std::uint64_t first_bits(int count) { return (std::uint64_t{1} << count) - 1; }

// By ABI, from 1. A bit that the kernel does not know is an error: hence the mask.
constexpr std::array kRights = {
    Rights{{first_bits(13), 0, 0}, 8},               // execute, write, read, list, remove, make
    Rights{{first_bits(14), 0, 0}, 8},               // and link or rename across folders
    Rights{{first_bits(15), 0, 0}, 8},               // and truncate
    Rights{{first_bits(15), first_bits(2), 0}, 16},  // and TCP: bind, connect
    Rights{{first_bits(16), first_bits(2), 0}, 16},  // and device controls
    Rights{{first_bits(16), first_bits(2), first_bits(2)}, 24},  // and sockets, signals
};

int abi_version() noexcept {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return static_cast<int>(abi);
}

}  // namespace

Landlocked landlock_all() noexcept {
  const int abi = abi_version();
  if (abi < 1) return {0, abi == 0 ? ENOSYS : errno};
  const std::size_t known = std::min(static_cast<std::size_t>(abi), kRights.size());
  const Rights& rights = kRights[known - 1];
  // No rule is added: what is handled is denied everywhere.
  const FileDescriptor ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rights.ruleset, rights.bytes, 0)));
  if (!ruleset || ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return {abi, errno};
  return {abi, 0};
}

}  // namespace semblance::extract
