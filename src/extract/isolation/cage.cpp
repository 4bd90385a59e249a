// SPDX-License-Identifier: Apache-2.0
#include "extract/isolation/cage.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <string_view>
#include <system_error>

#include "core/files.h"
#include "extract/isolation/landlock.h"
#include "extract/isolation/sanitized.h"
#include "extract/isolation/seccomp_filter.h"

namespace semblance::extract {
namespace {

// Keeps a report of what was tried; an error of 0 is success.
void note(Cage& cage, std::string name, int error) {
  if (error == 0) {
    cage.active.push_back(std::move(name));
  } else {
    cage.missing.push_back(name + ": " + ::strerrordesc_np(error));
  }
}

// A stricter limit that was there before stands.
int set_limit(__rlimit_resource resource, rlim_t value) noexcept {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return errno;
  limit.rlim_max = std::min(limit.rlim_max, value);
  limit.rlim_cur = std::min(limit.rlim_cur, limit.rlim_max);
  return ::setrlimit(resource, &limit) == 0 ? 0 : errno;
}

/// Bytes in use; 0 if the kernel does not say.
struct MemoryUse {
  std::uint64_t addresses = 0;
  std::uint64_t data = 0;  // private, and writable
};

MemoryUse memory_use() {
  const FileDescriptor statm(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  const ssize_t got = statm ? ::read(statm.get(), text.data(), text.size()) : -1;
  // Pages: in all, resident, shared, of programs, none, of data.
  std::array<std::uint64_t, 6> pages{};
  const char* at = text.data();
  for (std::uint64_t& figure : pages) {
    const auto read = std::from_chars(at, text.data() + std::max<ssize_t>(got, 0), figure);
    if (read.ec != std::errc()) return {};
    at = read.ptr + 1;  // the space behind it
  }
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {pages[0] * page_bytes, pages[5] * page_bytes};
}

// What the process has by now, the weights of models among it, is not the item's.
int set_limit_beyond(__rlimit_resource resource, std::uint64_t used, std::uint64_t more) {
  return used == 0 ? ENOENT : set_limit(resource, used + more);
}

void limit_resources(Cage& cage) {
  note(cage, "rlimit fsize", set_limit(RLIMIT_FSIZE, 0));
  note(cage, "rlimit nofile", set_limit(RLIMIT_NOFILE, kCageDescriptors));
  if (!kSanitized) {  // its shadow takes terabytes of addresses, and none of the machine's memory
    const MemoryUse used = memory_use();
    note(cage, "rlimit as", set_limit_beyond(RLIMIT_AS, used.addresses, kCageBytes));
    note(cage, "rlimit data", set_limit_beyond(RLIMIT_DATA, used.data, kCageDataBytes));
  }
  // Drawn anew for every item; here only whether the kernel takes one.
  note(cage, "rlimit cpu", allow_cpu_seconds(60) ? 0 : errno);
}

// Where the machine runs out of memory all the same, the kernel takes a worker rather than the
// engine.
int go_first() noexcept {
  const FileDescriptor score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  return score && ::write(score.get(), "1000", 4) == 4 ? 0 : errno;
}

// Those of root, where it is root that runs us: a call that slips through then meets a plain user.
int drop_capabilities() noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 ? 0 : errno;
}

}  // namespace

Cage close_cage() {
  Cage cage;
  note(cage, "oom-first", go_first());
  note(cage, "no-new-privs", ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno);
  // Also keeps other processes of this user from attaching to it.
  note(cage, "not-dumpable", ::prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno);
  note(cage, "no-capabilities", drop_capabilities());
  limit_resources(cage);
  const Landlocked locked = landlock_all();
  // It is taken from this thread and those to come; seccomp finds all that there are.
  const int alone = one_thread_or_error();
  note(cage, locked.abi > 0 ? "landlock " + std::to_string(locked.abi) : "landlock",
       locked.error != 0 ? locked.error : alone);
  note(cage, "seccomp", load_seccomp_filter());  // last: it forbids all of the above
  return cage;
}

int one_thread_or_error() noexcept {
  constexpr timespec kMoment{0, 1'000'000};
  // A thread that was joined may still be on its way out of the kernel's list.
  for (int tries = 0; tries < 200; ++tries) {
    struct stat tasks {};
    if (::stat("/proc/self/task", &tasks) != 0) return errno;
    if (tasks.st_nlink == 3) return 0;  // itself, its parent, and one
    ::nanosleep(&kMoment, nullptr);
  }
  return EBUSY;
}

bool allow_cpu_seconds(std::uint64_t seconds) noexcept {
  rusage used{};
  rlimit limit{};
  if (::getrusage(RUSAGE_SELF, &used) != 0 || ::getrlimit(RLIMIT_CPU, &limit) != 0) return false;
  const auto so_far = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  // Below the hard limit, which kills without a word. One more for the parts of seconds.
  const rlim_t most = limit.rlim_max == RLIM_INFINITY ? limit.rlim_max : limit.rlim_max - 1;
  limit.rlim_cur = std::min<rlim_t>(most, so_far + seconds + 1);
  return ::setrlimit(RLIMIT_CPU, &limit) == 0;
}

}  // namespace semblance::extract
