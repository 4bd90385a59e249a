// SPDX-License-Identifier: Apache-2.0
// What the cage lets through and what it answers with death, tried by processes inside it.
#include "extract/isolation/cage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "extract/death.h"
#include "extract/isolation/landlock.h"
#include "extract/isolation/sanitized.h"
#include "extract/media.h"

namespace semblance::extract {
namespace {

using test::eventually;

/// Runs `act` in a child that `prepare` has confined; the child's wait status. The value that `act`
/// returns is the exit status.
int status_after(const std::function<void()>& prepare, const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);  // a death that is wanted leaves no dump
    prepare();
    ::_exit(act());
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

int status_in_cage(const std::function<int()>& act) {
  return status_after([] { close_cage(); }, act);
}

/// Whether the kernel has all that the cage needs; without it these tests have nothing to test.
bool kernel_has_it_all() {
  const int status = status_after([] {}, [] { return close_cage().missing.empty() ? 0 : 1; });
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string slurp(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Caged : public testing::Test {
 protected:
  void SetUp() override {
    if (!kernel_has_it_all()) GTEST_SKIP() << "this kernel lacks a part of the cage";
  }
  static void expect_killed(const std::string& what, const std::function<int()>& act) {
    EXPECT_EQ(describe_exit(what, status_in_cage(act)), what + " killed by signal 31 (SYS)");
  }
  static void expect_fine(const std::string& what, const std::function<int()>& act) {
    EXPECT_EQ(describe_exit(what, status_in_cage(act)), what + " exited with status 0");
  }
};

TEST_F(Caged, SaysWhatIsInForce) {
  std::vector<std::string> expected = {"oom-first",       "no-new-privs", "not-dumpable",
                                       "no-capabilities", "rlimit fsize", "rlimit nofile"};
  if (!kSanitized) expected.insert(expected.end(), {"rlimit as", "rlimit data"});
  expected.emplace_back("rlimit cpu");
  const int status =
      status_after([] {},
                   [&] {
                     const Cage cage = close_cage();
                     if (cage.active.size() != expected.size() + 2) return 1;
                     if (!std::equal(expected.begin(), expected.end(), cage.active.begin()))
                       return 2;
                     if (cage.active[expected.size()].rfind("landlock ", 0) != 0) return 3;
                     return cage.active.back() == "seccomp" ? 0 : 4;
                   });
  EXPECT_EQ(describe_exit("report", status), "report exited with status 0");
}

TEST_F(Caged, WhatItSaysHolds) {
  const pid_t child = ::fork();
  if (child == 0) {
    close_cage();
    for (;;) {
      timespec moment{0, 1'000'000};
      ::nanosleep(&moment, nullptr);
    }
  }
  const auto status = [&] { return slurp("/proc/" + std::to_string(child) + "/status"); };
  EXPECT_TRUE(eventually([&] { return status().find("Seccomp:\t2") != std::string::npos; }));
  const std::string text = status();
  EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos) << text;
  for (const char* set : {"CapPrm", "CapEff", "CapInh"}) {
    EXPECT_NE(text.find(std::string(set) + ":\t0000000000000000"), std::string::npos) << text;
  }
  EXPECT_EQ(slurp("/proc/" + std::to_string(child) + "/oom_score_adj"), "1000\n");
  rlimit limit{};
  EXPECT_EQ(::prlimit(child, RLIMIT_FSIZE, nullptr, &limit), 0);
  EXPECT_EQ(limit.rlim_max, 0U);
  EXPECT_EQ(::prlimit(child, RLIMIT_NOFILE, nullptr, &limit), 0);
  EXPECT_EQ(limit.rlim_max, kCageDescriptors);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

// A kernel, or a container's own filter, that has less.
TEST_F(Caged, WhatIsRefusedIsToldWithItsCauseAndTheRestStands) {
  const auto refuse = [](std::initializer_list<int> calls) {
    scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
    for (const int call : calls) ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
    ::seccomp_load(filter);
  };
  const int status = status_after(
      [&] {
        refuse({SCMP_SYS(landlock_create_ruleset), SCMP_SYS(seccomp), SCMP_SYS(capset)});
      },
      [] {
        const Cage cage = close_cage();
        const std::vector<std::string> expected = {"no-capabilities: Operation not permitted",
                                                   "landlock: Operation not permitted",
                                                   "seccomp: Operation not permitted"};
        if (cage.missing != expected) return 1;
        const auto& active = cage.active;
        return std::find(active.begin(), active.end(), "rlimit cpu") != active.end() ? 0 : 2;
      });
  EXPECT_EQ(describe_exit("it", status), "it exited with status 0");
}

TEST_F(Caged, AStricterLimitThatWasThereStands) {
  const int status = status_after(
      [] {
        const rlimit strict{8, 8};
        ::setrlimit(RLIMIT_NOFILE, &strict);
      },
      [] {
        const Cage cage = close_cage();
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        return cage.missing.empty() && limit.rlim_max == 8 ? 0 : 1;
      });
  EXPECT_EQ(describe_exit("it", status), "it exited with status 0");
}

TEST_F(Caged, NoFileIsOpened) {
  expect_killed("openat", [] { return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC); });
  expect_killed("creat", [] { return ::creat("/tmp/semblance-caged", 0600); });
  expect_killed("memfd", [] { return ::memfd_create("more", 0); });
  expect_killed("link", [] { return ::link("/etc/passwd", "/tmp/semblance-caged"); });
  expect_killed("unlink", [] { return ::unlink("/tmp/semblance-caged"); });
  expect_killed("rename", [] { return ::rename("/tmp/semblance-a", "/tmp/semblance-b"); });
  expect_killed("chdir", [] { return ::chdir("/"); });
  expect_killed("chmod", [] { return ::chmod("/tmp", 0777); });
  expect_killed("dup", [] { return ::dup(0); });
  expect_killed("fcntl", [] { return ::fcntl(0, F_DUPFD, 0); });
  expect_killed("io_uring",
                [] { return static_cast<int>(::syscall(SYS_io_uring_setup, 1, nullptr)); });
  expect_killed("listing", [] {
    char names[64];
    return static_cast<int>(::syscall(SYS_getdents64, 0, names, sizeof names));
  });
}

TEST_F(Caged, NothingIsConnectedOrSentElsewhere) {
  expect_killed("socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); });
  expect_killed("socketpair", [] {
    int ends[2];
    return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  });
  if (!kSanitized) {
    expect_killed("pipe", [] {
      int ends[2];
      return ::pipe2(ends, 0);
    });
    expect_killed("write", [] { return static_cast<int>(::write(9, "x", 1)); });
  }
  expect_killed("sendmsg", [] {
    msghdr message{};
    return static_cast<int>(::sendmsg(9, &message, 0));
  });
}

TEST_F(Caged, NoProcessIsMadeRunOrTouched) {
  expect_killed("execve", [] {
    char* const arguments[] = {nullptr};
    return ::execve("/bin/true", arguments, arguments);
  });
  expect_killed("fork", [] { return ::fork() == 0 ? 0 : 1; });
  expect_killed("vfork", [] {
    return static_cast<int>(
        ::syscall(SYS_clone, CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, 0));
  });
  expect_killed("a thread apart", [] {
    return static_cast<int>(::syscall(SYS_clone, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, nullptr,
                                      nullptr, nullptr, 0));
  });
  expect_killed("kill", [] { return ::kill(::getppid(), 0); });
  expect_killed("tgkill", [] { return static_cast<int>(::syscall(SYS_tgkill, 1, 1, 0)); });
  expect_killed("ptrace",
                [] { return static_cast<int>(::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr)); });
  expect_killed("process_vm_readv",
                [] { return static_cast<int>(::process_vm_readv(1, nullptr, 0, nullptr, 0, 0)); });
  expect_killed("unshare", [] { return ::unshare(CLONE_NEWUSER); });
  expect_killed("prlimit", [] {
    rlimit limit{};
    return ::prlimit(1, RLIMIT_CPU, nullptr, &limit);
  });
  expect_killed("prctl",
                [] { return static_cast<int>(::syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)); });
}

#ifdef __x86_64__
// Calls by the numbers of another architecture, from a thread that is not the first.
TEST_F(Caged, NoOtherNumberingOfCallsIsAWayOut) {
  const auto from_a_thread = [](void (*call)()) {
    std::thread(call).join();
    return 0;
  };
  expect_killed("32 bits", [&] {
    return from_a_thread([] {
      long number = 20;  // getpid of i386
      asm volatile("int $0x80" : "+a"(number) : : "memory");
    });
  });
  expect_killed("x32", [&] { return from_a_thread([] { ::syscall(0x40000000 | SYS_getpid); }); });
}
#endif

TEST_F(Caged, NoMemoryIsMadeExecutable) {
  expect_killed("mmap", [] {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? 1 : 0;
  });
  expect_killed("pkey_mprotect", [] { return ::pkey_mprotect(nullptr, 0, PROT_EXEC, -1); });
  expect_killed("mprotect", [] {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
  });
}

TEST_F(Caged, WhatHonestLibrariesAskIsAnsweredWithAnError) {
  expect_fine("facts of a file", [] {
    struct stat info {};
    return ::fstat(0, &info) == -1 && errno == EACCES ? 0 : 1;
  });
  expect_fine("advice", [] {
    void* page = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return ::madvise(page, 4096, MADV_HWPOISON) == -1 && errno == EINVAL ? 0 : 1;
  });
  expect_fine("number of processors", [] {
    cpu_set_t all;
    const bool told = ::sched_getaffinity(0, sizeof all, &all) == 0;
    return told == kSanitized && (told || errno == EPERM) ? 0 : 1;
  });
  expect_fine("terminal", [] {
    winsize size{};
    return ::ioctl(1, TIOCGWINSZ, &size) == -1 && errno == ENOTTY ? 0 : 1;
  });
}

TEST_F(Caged, DecodingGoesOn) {
  expect_fine("memory", [] {
    std::vector<char> block(64 << 20, 'x');
    block.resize(block.size() * 2, 'y');
    return block[block.size() / 2 - 1] == 'x' && block.back() == 'y' ? 0 : 1;
  });
  expect_fine("exceptions", [] {
    try {
      throw std::bad_alloc();
    } catch (const std::bad_alloc&) {
      return 0;
    }
  });
  expect_fine("words for the null device", [] { return std::fputs("", stderr) >= 0 ? 0 : 1; });
}

TEST_F(Caged, ThreadsWork) {
  expect_fine("threads", [] {
    int sum = 0;
    std::thread first([&] { sum += 1; });
    first.join();
    std::thread second([&] { sum += 2; });
    second.join();
    return sum == 3 ? 0 : 1;
  });
}

TEST_F(Caged, AnAbortIsToldAsOne) {
  EXPECT_EQ(describe_exit("it", status_in_cage([]() -> int { std::abort(); })),
            "it killed by signal 6 (ABRT)");
}

TEST_F(Caged, ProcessorTimeRunsOut) {
  const int status = status_in_cage([] {
    if (!allow_cpu_seconds(0)) return 1;
    for (std::atomic<unsigned> i{0};; ++i) {
    }
  });
  EXPECT_EQ(ending_of_death(status).reason, Reason::kTimedOut);
}

TEST_F(Caged, MemoryRunsOut) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer has no limit on memory";
  expect_fine("address space", [] {
    const std::size_t most = kCageBytes + (std::size_t{64} << 20);
    void* taken = ::mmap(nullptr, most, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return taken == MAP_FAILED && errno == ENOMEM ? 0 : 1;
  });
  expect_fine("own memory", [] {
    const std::size_t most = kCageDataBytes + (std::size_t{64} << 20);
    void* taken = ::mmap(nullptr, most, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return taken == MAP_FAILED && errno == ENOMEM ? 0 : 1;
  });
  expect_fine("bad_alloc", [] {
    try {
      std::vector<char> block(kCageBytes);
      return 1;
    } catch (const std::bad_alloc&) {
      return 0;
    }
  });
}

// The second wall, with the first one left out.
TEST(Landlock, NoFileIsOpenedWithoutSeccompEither) {
  const int status =
      status_after([] {},
                   [] {
                     if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 2;
                     const Landlocked locked = landlock_all();
                     if (locked.error != 0) return 3;
                     if (::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES)
                       return 1;
                     if (::open("/tmp/semblance-locked", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0)
                       return 1;
                     char* const arguments[] = {nullptr};
                     ::execve("/bin/true", arguments, arguments);
                     return errno == EACCES ? 0 : 1;
                   });
  if (WIFEXITED(status) && WEXITSTATUS(status) == 3) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(describe_exit("it", status), "it exited with status 0");
}

}  // namespace
}  // namespace semblance::extract
