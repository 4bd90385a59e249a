// SPDX-License-Identifier: Apache-2.0
// That nothing is left for a decoder to do for the first time once the cage has closed.
#include "extract/isolation/warm_up.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decode/sniff.h"
#include "extract/extract_item.h"
#include "extract/isolation/warm_up_samples.h"
#include "extract/media.h"
#include "sanitized.h"

namespace semblance::extract {
namespace {

constexpr std::array kProfiles = {PdqProfile::kFull, PdqProfile::kCli512};

std::string_view text_of(const WarmUpSample& sample) {
  return {reinterpret_cast<const char*>(sample.bytes.data()), sample.bytes.size()};
}

/// A file for each sample, made before files can no longer be.
std::vector<FileDescriptor> files_of_samples() {
  std::vector<FileDescriptor> files;
  for (const WarmUpSample& sample : warm_up_samples()) {
    files.push_back(test::file_of(text_of(sample)));
  }
  return files;
}

/// Decodes every sample, whole and cut to any of a few lengths.
bool decode_all(const std::vector<FileDescriptor>& files) {
  bool whole = true;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::size_t size = warm_up_samples()[i].bytes.size();
    Extraction found;
    CollectingSink sink(found);
    const Ending ending =
        extract_item(files[i].get(), size, kProfiles, Precision::kExact, {}, sink);
    whole = whole && ending == Ending{} && found.pdq.size() == kProfiles.size();
    for (std::size_t part = 1; part < 8; ++part) {
      extract_item(files[i].get(), size * part / 8, kProfiles, Precision::kExact, {}, sink);
    }
  }
  return whole;
}

/// Kills this process at its next call of any of `calls`.
bool forbid(std::initializer_list<int> calls) {
  const scmp_filter_ctx filter = ::seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return false;
  int rc = 0;
  for (const int call : calls) {
    if (rc == 0) rc = ::seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, call, 0, nullptr);
  }
  if (rc == 0) rc = ::seccomp_load(filter);
  ::seccomp_release(filter);
  return rc == 0;
}

bool forbid_questions() {
  return forbid({SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(readlink),
                 SCMP_SYS(readlinkat), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
                 SCMP_SYS(stat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(sysinfo),
                 SCMP_SYS(uname), SCMP_SYS(getrandom), SCMP_SYS(rt_sigaction)});
}

/// How a child that does this, and then exits with 0 if it returned true, ends: a status of wait.
int in_child(const std::function<bool()>& what) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(what() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool killed_by_filter(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS; }

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

TEST(WarmUp, EverySampleDecodesWhole) {
  const auto extractor = make_in_process_extractor();
  for (const WarmUpSample& sample : warm_up_samples()) {
    const Extraction found = test::extract_all(*extractor, text_of(sample), {});
    EXPECT_EQ(found.ending, Ending{}) << sample.name << ": " << found.ending.detail;
    EXPECT_EQ(found.facts.width, kSampleWidth) << sample.name;
    EXPECT_EQ(found.facts.height, kSampleHeight) << sample.name;
    EXPECT_EQ(found.facts.format, sample.name.substr(0, sample.name.find(','))) << sample.name;
    EXPECT_EQ(found.pdq.size(), 1U) << sample.name;
  }
}

TEST(WarmUp, EveryDecodableFormatHasASample) {
  std::set<decode::Format> sampled;
  for (const WarmUpSample& sample : warm_up_samples()) sampled.insert(decode::sniff(sample.bytes));
  for (int i = 0; i <= static_cast<int>(decode::Format::kOtherContainer); ++i) {
    const auto format = static_cast<decode::Format>(i);
    if (decode::decodable(format)) {
      EXPECT_TRUE(sampled.contains(format)) << decode::name(format);
    }
  }
}

TEST(WarmUp, LeavesNothingOpen) {
  const std::size_t before = open_descriptors();
  warm_up_shared();
  warm_up_own();
  EXPECT_EQ(open_descriptors(), before);
}

TEST(WarmUp, AnAllowListMayForbidWhatWasWarmed) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer opens files of its own";
  }
  EXPECT_TRUE(killed_by_filter(in_child([] {
    return forbid_questions() && ::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0;
  }))) << "the filter of this test does not work";

  warm_up_shared();
  const auto files = files_of_samples();
  const int status = in_child([&] {
    warm_up_own();
    return forbid_questions() && decode_all(files);
  });
  EXPECT_EQ(status, 0) << (killed_by_filter(status) ? "a forbidden call" : "not all decoded");
}

TEST(WarmUp, TheSharedPartStartsNoThread) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer starts threads of its own";
  }
  const auto forbid_threads = [] { return forbid({SCMP_SYS(clone), SCMP_SYS(clone3)}); };
  EXPECT_EQ(in_child([&] {
              if (!forbid_threads()) return false;
              warm_up_shared();
              return true;
            }),
            0);
  EXPECT_TRUE(killed_by_filter(in_child([&] {
    if (!forbid_threads()) return false;
    warm_up_own();
    return true;
  }))) << "the part of each worker starts none either: it could be shared";
}

}  // namespace
}  // namespace semblance::extract
