// SPDX-License-Identifier: Apache-2.0
// That nothing is left for a decoder to do for the first time once the cage has closed.
#include "extract/isolation/warm_up.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <iconv.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datasets/scene.h"
#include "decode/sniff.h"
#include "extract/extract_item.h"
#include "extract/films.h"
#include "extract/isolation/warm_up_samples.h"
#include "extract/media.h"
#include "sanitized.h"

namespace semblance::extract {
namespace {

const Plan kPlan{{}, {PdqProfile::kFull, PdqProfile::kCli512}};

/// Of the process, as of the supervisor: made before the cage closes.
Embedders& embedders() {
  static Embedders made;
  return made;
}

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
    const Ending ending = extract_item(files[i].get(), size, kPlan, {}, embedders(), sink);
    whole = whole && ending == Ending{} && found.pdq.size() == kPlan.pdq_profiles.size();
    for (std::size_t part = 1; part < 8; ++part) {
      extract_item(files[i].get(), size * part / 8, kPlan, {}, embedders(), sink);
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
  warm_up_shared(embedders());
  warm_up_own(embedders());
  EXPECT_EQ(open_descriptors(), before);
}

TEST(WarmUp, AnAllowListMayForbidWhatWasWarmed) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer opens files of its own";
  }
  EXPECT_TRUE(killed_by_filter(in_child([] {
    return forbid_questions() && ::open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0;
  }))) << "the filter of this test does not work";

  warm_up_shared(embedders());
  const auto files = files_of_samples();
  const int status = in_child([&] {
    warm_up_own(embedders());
    return forbid_questions() && decode_all(files);
  });
  EXPECT_EQ(status, 0) << (killed_by_filter(status) ? "a forbidden call" : "not all decoded");
}

TEST(WarmUp, WhatIsFoundOfAPictureAsksForNothing) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer opens files of its own";
  }
  Plan plan{{}, {PdqProfile::kFull}};
  plan.probes.assign(kProbeKinds.begin(), kProbeKinds.end());
  plan.features = kQueryFeatures;
  plan.mirrored_features = true;
  plan.embedders = {"gist"};
  const auto scene = datasets::draw_scene(7, 1, 1500, 1100);
  const std::string jpeg = test::to_jpeg({scene.width, scene.height, scene.rgb});
  const FileDescriptor file = test::file_of(jpeg);
  warm_up_shared(embedders());
  const int status = in_child([&] {
    warm_up_own(embedders());
    if (!forbid_questions() || !forbid({SCMP_SYS(clone), SCMP_SYS(clone3)})) return false;
    Extraction found;
    CollectingSink sink(found);
    const Ending ending = extract_item(file.get(), jpeg.size(), plan, {}, embedders(), sink);
    return ending == Ending{} && !found.probes.empty() && found.features.size() == 2 &&
           found.embeddings.size() == 1;
  });
  EXPECT_EQ(status, 0) << (killed_by_filter(status) ? "a forbidden call" : "not all was found");
}

/// A small film of each kind whose decoding was seen to ask the system for something.
std::vector<std::string> films() {
  std::vector<std::string> made;
  for (const auto& [container, codec] : {std::pair{"mpegts", "mpeg2video"},
                                         {"mp4", "libx264"},
                                         {"matroska", "libx264"},
                                         {"gif", "gif"}}) {
    test::Film film;
    film.seconds = 0.4;
    film.coding.container = container;
    film.coding.codec = codec;
    made.push_back(test::film_of(film));
  }
  return made;
}

TEST(WarmUp, VideoOpensNothing) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer opens files of its own";
  }
  warm_up_shared(embedders());
  for (const std::string& film : films()) {
    ASSERT_FALSE(film.empty());
    const FileDescriptor file = test::file_of(film);
    const int status = in_child([&] {
      if (!forbid_questions()) return false;
      Extraction found;
      CollectingSink sink(found);
      extract_item(file.get(), film.size(), kPlan, {}, embedders(), sink);
      return !found.frames.empty();
    });
    EXPECT_EQ(status, 0) << (killed_by_filter(status) ? "a forbidden call" : "no frame");
  }
}

TEST(WarmUp, EveryCodingOfTextsInATransportStreamIsThere) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer opens files of its own";
  }
  warm_up_shared(embedders());
  const int status = in_child([] {
    if (!forbid_questions()) return false;
    // Whether this C library has the coding is its own affair; it must not look for it here.
    const auto ask_for = [](const std::string& coding) {
      const iconv_t text = ::iconv_open("UTF-8", coding.c_str());
      if (text != reinterpret_cast<iconv_t>(-1)) ::iconv_close(text);
    };
    for (int round = 0; round < 3; ++round) {
      for (int part = 1; part < 16; ++part) {
        if (part != 12) ask_for("ISO-8859-" + std::to_string(part));  // there is no twelfth
      }
      for (const char* coding : {"ISO6937", "UCS-2BE", "KSC_5601", "GB2312", "UTF-8", ""}) {
        ask_for(coding);
      }
    }
    std::tm parts{};
    const std::time_t moment = 1'000'000'000;
    return ::gmtime_r(&moment, &parts) != nullptr;
  });
  EXPECT_EQ(status, 0) << (killed_by_filter(status) ? "a forbidden call" : "no filter");
}

TEST(WarmUp, TheSharedPartStartsNoThread) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer starts threads of its own";
  }
  const auto forbid_threads = [] { return forbid({SCMP_SYS(clone), SCMP_SYS(clone3)}); };
  EXPECT_EQ(in_child([&] {
              if (!forbid_threads()) return false;
              warm_up_shared(embedders());
              return true;
            }),
            0);
  EXPECT_TRUE(killed_by_filter(in_child([&] {
    if (!forbid_threads()) return false;
    warm_up_own(embedders());
    return true;
  }))) << "the part of each worker starts none either: it could be shared";
}

}  // namespace
}  // namespace semblance::extract
