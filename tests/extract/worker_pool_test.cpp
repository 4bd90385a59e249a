// SPDX-License-Identifier: Apache-2.0
#include "extract/worker_pool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/snapshot.h"
#include "extract/media.h"
#include "sanitized.h"
#include "semblance/extract.h"

namespace semblance::extract {
namespace {

using test::children_of;
using test::eventually;
using test::expect_same;
using test::extract_all;
using test::file_of;
using test::make_picture;
using test::state_of;

std::unique_ptr<Extractor> start_pool(const std::string& program, int workers) {
  auto pool = make_worker_extractor({program, workers});
  if (!pool) {
    ADD_FAILURE() << pool.error().what;
    return nullptr;
  }
  return std::move(*pool);
}

std::map<std::string, std::string> assorted_items() {
  const auto picture = make_picture(257, 190, 1);
  const std::string jpeg = test::to_jpeg(picture);
  const std::string png = test::to_png(picture);
  std::string bent = jpeg;
  for (std::size_t i = bent.size() / 2; i < bent.size(); i += 97) bent[i] = '\x55';
  return {{"png", png},
          {"jpeg", jpeg},
          {"jpeg of two profiles' sizes", test::to_jpeg(make_picture(900, 700, 2))},
          {"cut jpeg", jpeg.substr(0, jpeg.size() / 2)},
          {"cut png", png.substr(0, png.size() / 2)},
          {"head of a jpeg", jpeg.substr(0, 30)},
          {"damaged jpeg", bent},
          {"a pixel", test::to_png(make_picture(1, 1, 3))},
          {"flat", test::to_png({64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 7)})},
          {"empty", ""},
          {"text", "no media at all"},
          {"pdf", "%PDF-1.7\n"}};
}

/// One extraction on a thread of its own, whose worker the test stops, kills or lets go.
class InFlight {
 public:
  InFlight(Extractor& extractor, std::string bytes, const Limits& limits)
      : thread_([this, &extractor, bytes = std::move(bytes), limits] {
          id_ = static_cast<pid_t>(::syscall(SYS_gettid));
          found_ = extract_all(extractor, bytes, {}, limits);
        }) {}
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() {
    if (thread_.joinable()) thread_.join();
  }

  /// Waits until the thread does nothing but wait for its worker, which is stopped.
  void wait_until_asked() const {
    int asleep = 0;
    EXPECT_TRUE(eventually([&] {
      asleep = id_ != 0 && state_of(id_) == 'S' ? asleep + 1 : 0;
      return asleep == 20;
    }));
  }
  const Extraction& finish() {
    thread_.join();
    return found_;
  }

 private:
  std::atomic<pid_t> id_{0};
  Extraction found_;
  std::thread thread_;
};

class WorkerPoolTest : public ::testing::Test {
 protected:
  void start(int workers) {
    pool_ = start_pool(test::extract_program(), workers);
    ASSERT_TRUE(pool_);
    program_ = children_of(::getpid()).at(0);
  }
  /// The program that runs now; one that was killed and not reaped yet does not.
  static pid_t running_program() {
    std::vector<pid_t> programs;
    EXPECT_TRUE(eventually([&] {
      programs = children_of(::getpid());
      std::erase_if(programs, [](pid_t program) { return state_of(program) == 0; });
      return programs.size() == 1;
    }));
    return programs.size() == 1 ? programs[0] : -1;
  }
  void kill_program() const {
    ASSERT_GT(program_, 1) << "it would be everybody";
    ASSERT_EQ(::kill(program_, SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return state_of(program_) == 0; }));
  }
  void expect_items_to_end_with(const std::string& detail) {
    for (int i = 0; i < 3; ++i) {
      const Extraction found = extract_all(*pool_, jpeg_);
      EXPECT_EQ(found.ending.reason, Reason::kDecoderCrashed);
      EXPECT_EQ(found.ending.detail, detail);
      EXPECT_EQ(found.digests.size(), 1U);
    }
    const Status health = pool_->health();
    ASSERT_FALSE(health);
    EXPECT_EQ(health.error().code, Errc::kWorker);
    EXPECT_EQ(health.error().what, detail);
  }
  pid_t only_worker() const { return children_of(program_).at(0); }
  void expect_next_is_fine() {
    expect_same(extract_all(*pool_, jpeg_), extract_all(*in_process_, jpeg_), "the next item");
  }

  std::unique_ptr<Extractor> in_process_ = make_in_process_extractor();
  std::unique_ptr<Extractor> pool_;
  pid_t program_ = -1;
  std::string jpeg_ = test::to_jpeg(make_picture(128, 96, 9));
};

TEST_F(WorkerPoolTest, FindsWhatThisProcessFinds) {
  start(1);
  const Plan plan{{SignalKind::kMd5, SignalKind::kSha256},
                  {PdqProfile::kFull, PdqProfile::kCli512}};
  Plan fast;
  fast.precision = Precision::kFast;
  for (const auto& [name, bytes] : assorted_items()) {
    expect_same(extract_all(*pool_, bytes, plan), extract_all(*in_process_, bytes, plan), name);
    expect_same(extract_all(*pool_, bytes, fast), extract_all(*in_process_, bytes, fast), name);
  }
  expect_same(extract_all(*pool_, jpeg_, Plan{{}, {}}),
              extract_all(*in_process_, jpeg_, Plan{{}, {}}), "no signals");
}

TEST_F(WorkerPoolTest, FindsWhatThisProcessFindsInTheConformancePictures) {
  const std::filesystem::path folder = SEMBLANCE_TEST_DATA "/conformance/pdq";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  start(2);
  std::size_t items = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    auto file = open_for_reading(entry.path());
    ASSERT_TRUE(file) << file.error().what;
    expect_same(extract_all(*pool_, file->get()), extract_all(*in_process_, file->get()),
                entry.path().string());
    ++items;
  }
  EXPECT_GT(items, 0U);
}

TEST_F(WorkerPoolTest, ManyThreadsShareFewWorkers) {
  start(2);
  const auto items = assorted_items();
  std::map<std::string, Extraction> expected;
  for (const auto& [name, bytes] : items) expected[name] = extract_all(*in_process_, bytes);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        for (const auto& [name, bytes] : items) {
          expect_same(extract_all(*pool_, bytes), expected.at(name), name);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(children_of(program_).size(), 2U);
}

TEST_F(WorkerPoolTest, AnItemWhoseWorkerDiesIsTriedOnceMoreInAFreshOne) {
  start(1);
  for (const int signal : {SIGKILL, SIGABRT}) {
    const pid_t worker = only_worker();
    ASSERT_EQ(::kill(worker, SIGSTOP), 0);
    InFlight item(*pool_, jpeg_, {});
    item.wait_until_asked();
    ASSERT_EQ(::kill(worker, signal), 0);
    // SIGKILL does not wait for it, and the worker may be reaped already.
    if (signal != SIGKILL) {
      ASSERT_EQ(::kill(worker, SIGCONT), 0);
    }
    expect_same(item.finish(), extract_all(*in_process_, jpeg_), "the item, tried again");
    EXPECT_TRUE(children_of(program_).empty()) << "the second worker serves nothing else";
    expect_next_is_fine();
    EXPECT_NE(only_worker(), worker);
  }
}

TEST_F(WorkerPoolTest, AnItemIsTriedAgainWhileNoOtherIsDecoded) {
  start(2);
  const auto workers = children_of(program_);
  for (const pid_t worker : workers) ASSERT_EQ(::kill(worker, SIGSTOP), 0);
  InFlight first(*pool_, jpeg_, {});
  InFlight second(*pool_, jpeg_, {});
  first.wait_until_asked();
  second.wait_until_asked();
  ASSERT_EQ(::kill(workers[0], SIGKILL), 0);
  // The one whose worker died must wait for the other, whose worker is stopped.
  ASSERT_TRUE(eventually([&] { return children_of(program_).size() == 1; }));
  for (int i = 0; i < 20; ++i) {
    test::sleep_a_moment();
    ASSERT_EQ(children_of(program_).size(), 1U) << "it was tried beside the other";
  }
  ASSERT_EQ(::kill(workers[1], SIGCONT), 0);
  const Extraction expected = extract_all(*in_process_, jpeg_);
  expect_same(first.finish(), expected, "first");
  expect_same(second.finish(), expected, "second");
}

TEST_F(WorkerPoolTest, AWorkerGivesWayAfterEnoughItems) {
  start(1);
  const pid_t worker = only_worker();
  const std::string pixel = test::to_png(make_picture(1, 1, 3));
  int items = 0;
  for (; items < 2000 && children_of(program_) == std::vector<pid_t>{worker}; ++items) {
    ASSERT_EQ(extract_all(*pool_, pixel).facts.format, "png");
  }
  EXPECT_EQ(items, 500);
  expect_next_is_fine();
  EXPECT_NE(only_worker(), worker);
}

TEST_F(WorkerPoolTest, EveryIsolationFindsTheSame) {
  const auto items = assorted_items();
  for (const Isolation isolation : {Isolation::kProcess, Isolation::kRequire, Isolation::kNone}) {
    auto pool = make_worker_extractor({test::extract_program(), 1, isolation});
    if (!pool && isolation == Isolation::kRequire) {
      EXPECT_NE(pool.error().what.find("this machine does not give"), std::string::npos);
      continue;
    }
    ASSERT_TRUE(pool) << pool.error().what;
    for (const auto& [name, bytes] : items) {
      expect_same(extract_all(**pool, bytes), extract_all(*in_process_, bytes), name);
    }
    const Protections told = (*pool)->protections();
    EXPECT_EQ(told.isolation, isolation);
    EXPECT_EQ(told.active.empty(), isolation == Isolation::kNone);
    EXPECT_TRUE(isolation != Isolation::kRequire || told.missing.empty());
  }
}

TEST_F(WorkerPoolTest, AWorkerThatDiesIdleCostsNoItem) {
  start(1);
  expect_next_is_fine();
  const pid_t worker = only_worker();
  ASSERT_EQ(::kill(worker, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return state_of(worker) == 0; }));
  expect_next_is_fine();
}

TEST_F(WorkerPoolTest, ALateItemIsEndedAndItsWorkerReplaced) {
  start(1);
  const pid_t worker = only_worker();
  ASSERT_EQ(::kill(worker, SIGSTOP), 0);
  Limits limits;
  limits.max_seconds = 1;
  const Extraction found = extract_all(*pool_, jpeg_, {}, limits);
  EXPECT_EQ(found.ending.reason, Reason::kTimedOut);
  EXPECT_EQ(found.ending.detail, "decode: not done after 1 seconds");
  EXPECT_EQ(found.facts.format, "jpeg");
  EXPECT_EQ(state_of(worker), 0);
  expect_next_is_fine();
}

TEST_F(WorkerPoolTest, AProgramKilledBetweenItemsCostsNoItem) {
  start(2);
  expect_next_is_fine();
  kill_program();
  for (int i = 0; i < 4; ++i) expect_next_is_fine();
  EXPECT_NE(running_program(), program_);
  EXPECT_TRUE(pool_->health());
}

TEST_F(WorkerPoolTest, AProgramKilledWithItemsInHandCostsNoneOfThem) {
  start(2);
  const Extraction expected = extract_all(*in_process_, jpeg_);
  for (const pid_t worker : children_of(program_)) ASSERT_EQ(::kill(worker, SIGSTOP), 0);
  {
    InFlight first(*pool_, jpeg_, {});
    InFlight second(*pool_, jpeg_, {});
    first.wait_until_asked();
    second.wait_until_asked();
    kill_program();
    expect_same(first.finish(), expected, "first");
    expect_same(second.finish(), expected, "second");
  }
  EXPECT_EQ(children_of(::getpid()).size(), 1U) << "one death, one restart";
  EXPECT_TRUE(pool_->health());
}

TEST_F(WorkerPoolTest, AProgramThatKeepsDyingIsGivenUpAndToldOf) {
  start(1);
  for (std::size_t i = 0; i < kMaxRestarts; ++i) {
    kill_program();
    expect_next_is_fine();
    program_ = running_program();
    EXPECT_TRUE(pool_->health());
  }
  kill_program();
  expect_items_to_end_with("run " + test::extract_program() +
                           ": it ended 4 times within 60 seconds");
}

TEST_F(WorkerPoolTest, AProgramThatCannotBeRunAgainIsToldOf) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("semblance-gone-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto path = folder / "semblance-extract";
  std::filesystem::create_symlink(test::extract_program(), path);
  pool_ = start_pool(path, 2);
  ASSERT_TRUE(pool_);
  program_ = running_program();
  std::filesystem::remove_all(folder);
  expect_next_is_fine();
  kill_program();
  expect_items_to_end_with("run " + path.string() + ": No such file or directory");
}

TEST_F(WorkerPoolTest, NamesTheLibrariesThatDecode) {
  start(1);
  EXPECT_NE(pool_->decoders().find("libjpeg-turbo "), std::string::npos);
  EXPECT_EQ(pool_->decoders(), in_process_->decoders());
}

TEST_F(WorkerPoolTest, ASinkThatThrowsLeavesThePoolInOrder) {
  class Throwing final : public ExtractSink {
    void on_digests(std::span<const SignalValue>) override {}
    void on_facts(const Facts&) override { throw std::runtime_error("no"); }
    void on_pdq(std::span<const PdqSignal>) override {}
    void on_frames(std::span<const FrameSignal>) override {}
    void on_tmk(const TmkSignal&) override {}
    void on_end(const Ending&) override {}
  };
  start(1);
  const FileDescriptor file = file_of(jpeg_);
  Throwing sink;
  EXPECT_THROW(pool_->extract(file.get(), {}, {}, sink), std::runtime_error);
  expect_next_is_fine();
}

TEST_F(WorkerPoolTest, AFileTooLargeToCopyIsReadInPlace) {
  start(1);
  const FileDescriptor file = file_of(jpeg_);
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kSnapshotBytes + 1)), 0);
  const Extraction found = extract_all(*pool_, file.get());
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_EQ(found.pdq.size(), 1U);
  expect_same(found, extract_all(*in_process_, file.get()), "in place");
}

TEST_F(WorkerPoolTest, LeaksNoDescriptor) {
  const auto open_descriptors = [] {
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = open_descriptors();
  {
    start(2);
    const auto items = assorted_items();
    for (const auto& [name, bytes] : items) extract_all(*pool_, bytes);
    const auto running = open_descriptors();
    for (const auto& [name, bytes] : items) extract_all(*pool_, bytes);
    for (int i = 0; i < 3; ++i) {
      for (const pid_t worker : children_of(program_)) ::kill(worker, SIGKILL);
      ASSERT_TRUE(eventually([&] { return children_of(program_).empty(); }));
      expect_next_is_fine();
      expect_next_is_fine();
    }
    EXPECT_EQ(open_descriptors(), running);
    pool_.reset();
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(WorkerPool, NeedsAProgramAndAWorker) {
  auto pool = make_worker_extractor({"/nonexistent/semblance-extract", 1});
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, Errc::kWorker);
  pool = make_worker_extractor({test::extract_program(), 0});
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, Errc::kBadArgument);
}

}  // namespace
}  // namespace semblance::extract
