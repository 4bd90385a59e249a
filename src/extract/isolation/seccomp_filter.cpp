// SPDX-License-Identifier: Apache-2.0
#include "extract/isolation/seccomp_filter.h"

#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "extract/channel.h"
#include "extract/isolation/sanitized.h"

namespace semblance::extract {
namespace {

// Allowed whatever their arguments. What every item uses comes first.
constexpr std::array kAllowed = {
    // the item
    SCMP_SYS(pread64), SCMP_SYS(close), SCMP_SYS(read), SCMP_SYS(lseek),
    // memory
    SCMP_SYS(munmap), SCMP_SYS(brk), SCMP_SYS(mremap), SCMP_SYS(sysinfo),
    // threads of this process
    SCMP_SYS(rseq), SCMP_SYS(set_robust_list), SCMP_SYS(sched_yield), SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    // signals that the process sends itself, as abort() does
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    // time, chance, and what was used
    SCMP_SYS(getrusage), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep), SCMP_SYS(getrandom), SCMP_SYS(restart_syscall),
    // the end
    SCMP_SYS(exit), SCMP_SYS(exit_group)};

struct Refused {
  int call;
  int error;
};

// Answered with an error rather than death: a library that asks goes on without. dav1d starts one
// thread a processor where it learns how many there are: an item's cost would depend on the
// machine.
constexpr std::array kRefused = {Refused{SCMP_SYS(sched_getaffinity), EPERM},
                                 Refused{SCMP_SYS(clone3), ENOSYS},
                                 Refused{SCMP_SYS(newfstatat), EACCES},
                                 Refused{SCMP_SYS(fstat), EACCES},
                                 Refused{SCMP_SYS(statx), EACCES},
                                 Refused{SCMP_SYS(ioctl), ENOTTY}};

/// Collects rules; after the first failure it does nothing more and keeps its error.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    if (!context_) error_ = ENOMEM;
    // Against a thread that a library may have left: the filter is every thread's.
    keep(error_ == 0 ? ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_TSYNC, 1) : 0);
    // Also for calls of another architecture, or numbered otherwise; by default a thread alone
    // dies.
    keep(error_ == 0
             ? ::seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)
             : 0);
    // The kernel's own errors, not the library's.
    keep(error_ == 0 ? ::seccomp_attr_set(context_.get(), SCMP_FLTATR_API_SYSRAWRC, 1) : 0);
    // A binary tree: the rare calls at the end of the list cost little more than the first.
    keep(error_ == 0 ? ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2) : 0);
  }

  void allow(int call) { keep(add(SCMP_ACT_ALLOW, call, 0, nullptr)); }
  void allow_if(int call, scmp_arg_cmp condition) {
    keep(add(SCMP_ACT_ALLOW, call, 1, &condition));
  }
  void refuse(const Refused& refused) {
    keep(add(error_action(refused.error), refused.call, 0, nullptr));
  }
  void refuse_if(int call, int error, scmp_arg_cmp condition) {
    keep(add(error_action(error), call, 1, &condition));
  }

  int load() {
    keep(error_ == 0 ? ::seccomp_load(context_.get()) : 0);
    return error_;
  }

 private:
  struct Release {
    void operator()(void* context) const noexcept { ::seccomp_release(context); }
  };

  static std::uint32_t error_action(int error) {
    // The macro of the library's header is an expression of C.
    return static_cast<std::uint32_t>(SCMP_ACT_ERRNO(0)) | static_cast<std::uint32_t>(error);
  }

  int add(std::uint32_t action, int call, unsigned count, const scmp_arg_cmp* conditions) {
    if (error_ != 0) return 0;
    return ::seccomp_rule_add_array(context_.get(), action, call, count, conditions);
  }
  void keep(int rc) {
    if (error_ == 0 && rc < 0) error_ = -rc;
  }

  std::unique_ptr<void, Release> context_;
  int error_ = 0;
};

constexpr scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}
constexpr scmp_arg_cmp equal(unsigned argument, scmp_datum_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

// Calls whose arguments decide.
void add_conditional(Filter& filter) {
  filter.allow_if(SCMP_SYS(recvmsg), equal(0, kSocketDescriptor));
  filter.allow_if(SCMP_SYS(sendmsg), equal(0, kSocketDescriptor));
  // What decoders print goes to the null device.
  for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    filter.allow_if(SCMP_SYS(write), equal(0, static_cast<scmp_datum_t>(descriptor)));
    filter.allow_if(SCMP_SYS(writev), equal(0, static_cast<scmp_datum_t>(descriptor)));
  }
  // Memory that can be executed would be a taken-over decoder's own program.
  filter.allow_if(SCMP_SYS(mmap), masked(2, PROT_EXEC, 0));
  filter.allow_if(SCMP_SYS(mprotect), masked(2, PROT_EXEC, 0));
  // Memory is given back; what else may be advised is advice, and libraries live without.
  filter.allow_if(SCMP_SYS(madvise), equal(2, MADV_DONTNEED));
  filter.refuse_if(SCMP_SYS(madvise), EINVAL, {2, SCMP_CMP_LT, MADV_DONTNEED, 0});
  filter.refuse_if(SCMP_SYS(madvise), EINVAL, {2, SCMP_CMP_GT, MADV_DONTNEED, 0});
  // A thread that shares all there is with this process; never another process.
  constexpr scmp_datum_t kShared =
      CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  constexpr scmp_datum_t kApart = CLONE_VFORK | CLONE_PTRACE | CLONE_NEWNS | CLONE_NEWCGROUP |
                                  CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                  CLONE_NEWNET;
  filter.allow_if(SCMP_SYS(clone), masked(0, kShared | kApart, kShared));
  // Locks and joins; the operations that hand locks over were the ones with holes.
  constexpr scmp_datum_t kOperation = ~scmp_datum_t{FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME};
  for (const int operation :
       {FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAKE_OP, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET}) {
    filter.allow_if(SCMP_SYS(futex),
                    masked(1, kOperation & 0xFFFFFFFF, static_cast<scmp_datum_t>(operation)));
  }
  // Signals to this process alone: what abort() does.
  filter.allow_if(SCMP_SYS(tgkill), equal(0, static_cast<scmp_datum_t>(::getpid())));
  // Its own limits: what it may be given at most stands.
  filter.allow_if(SCMP_SYS(prlimit64), equal(0, 0));
  // Libraries name their threads.
  filter.allow_if(SCMP_SYS(prctl), equal(0, PR_SET_NAME));
}

// UBSan asks through a pipe whether memory may be read before it looks at an object's type; ASan
// asks the C library for all that it knows of a thread.
void add_for_sanitizers(Filter& filter) {
  filter.allow(SCMP_SYS(sched_getaffinity));
  filter.allow(SCMP_SYS(pipe2));
  filter.allow(SCMP_SYS(write));
}

}  // namespace

int load_seccomp_filter() noexcept {
  // Asked first, since the library would answer for the kernel, and in other words.
  const std::uint32_t wanted = SECCOMP_RET_KILL_PROCESS;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &wanted) != 0) return errno;
  Filter filter;
  add_conditional(filter);
  for (const int call : kAllowed) filter.allow(call);
  if (kSanitized) add_for_sanitizers(filter);
  for (const Refused& refused : kRefused) {
    const bool needed = kSanitized && refused.call == SCMP_SYS(sched_getaffinity);
    if (!needed) filter.refuse(refused);
  }
  return filter.load();
}

}  // namespace semblance::extract
