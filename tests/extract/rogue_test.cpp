// SPDX-License-Identifier: Apache-2.0
// What the engine makes of programs and workers that lie, break off or fall silent.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "extract/media.h"
#include "extract/worker_pool.h"
#include "semblance/extract.h"

namespace semblance::extract {
namespace {

using test::children_of;
using test::extract_all;
using test::file_of;

std::unique_ptr<Extractor> start_pool(const std::string& program, int workers) {
  auto pool = make_worker_extractor({program, workers});
  if (!pool) {
    ADD_FAILURE() << pool.error().what;
    return nullptr;
  }
  return std::move(*pool);
}

/// Programs that behave as their name says.
class RogueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("semblance-rogue-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string program(const std::string& way) const {
    const auto path = folder_ / ("rogue-" + way);
    std::filesystem::create_symlink(SEMBLANCE_TEST_ROGUE, path);
    return path;
  }

  std::filesystem::path folder_;
  std::string item_ = "whatever";
};

TEST_F(RogueTest, AProgramOfAnotherVersionIsRefused) {
  for (const std::string way : {"other-build", "other-protocol"}) {
    auto pool = make_worker_extractor({program(way), 1});
    ASSERT_FALSE(pool) << way;
    EXPECT_EQ(pool.error().code, Errc::kWorker);
    EXPECT_NE(pool.error().what.find("is of another version"), std::string::npos)
        << pool.error().what;
  }
}

TEST_F(RogueTest, AProgramThatDoesNotKeepToTheProtocolIsRefused) {
  for (const std::string way : {"rude", "refusing", "no-channel"}) {
    auto pool = make_worker_extractor({program(way), 1});
    ASSERT_FALSE(pool) << way;
    EXPECT_EQ(pool.error().code, Errc::kWorker) << pool.error().what;
  }
}

TEST_F(RogueTest, WorkersThatBreakTheProtocolCrashTheirItem) {
  for (const std::string way : {"noise", "flood", "other-item", "too-many", "too-few", "no-facts",
                                "other-profile", "fast-unasked", "parts-unasked", "after-end",
                                "control", "frames-of-a-picture", "video-lies"}) {
    const auto pool = start_pool(program(way), 1);
    ASSERT_TRUE(pool);
    for (int i = 0; i < 2; ++i) {
      const Extraction found = extract_all(*pool, item_);
      EXPECT_EQ(found.ending.reason, Reason::kDecoderCrashed) << way;
      EXPECT_EQ(found.ending.detail, "decode: worker broke the protocol") << way;
      EXPECT_EQ(found.digests.size(), 1U) << way;
      EXPECT_TRUE(found.frames.empty()) << way;
    }
  }
}

TEST_F(RogueTest, APacketOverTheLimitCrashesItsItem) {
  const auto pool = start_pool(program("long"), 1);
  ASSERT_TRUE(pool);
  EXPECT_EQ(extract_all(*pool, item_).ending.reason, Reason::kDecoderCrashed);
}

TEST_F(RogueTest, AWorkerThatSaysNothingIsLate) {
  const auto pool = start_pool(program("silent"), 1);
  ASSERT_TRUE(pool);
  Limits limits;
  limits.max_seconds = 1;
  EXPECT_EQ(extract_all(*pool, item_, {}, limits).ending.reason, Reason::kTimedOut);
}

TEST_F(RogueTest, FramesOfAVideoThatKillsEveryWorkerAreThoseOfTheFurthest) {
  const auto pool = start_pool(program("video-dies"), 1);
  ASSERT_TRUE(pool);
  const Extraction found = extract_all(*pool, item_);
  EXPECT_EQ(found.facts.kind, MediaKind::kVideo);
  EXPECT_EQ(found.frames.size(), 12U);
  EXPECT_EQ(found.ending, (Ending{Reason::kDecoderCrashed, true,
                                  "decode: worker killed by signal 6 (ABRT), twice", 108}));
  EXPECT_TRUE(pool->health());
}

TEST_F(RogueTest, FramesOfAWorkerThatDiedAreForgottenWhereAnotherTellsTheWhole) {
  const auto pool = start_pool(program("video-dies-once"), 1);
  ASSERT_TRUE(pool);
  const Extraction found = extract_all(*pool, item_);
  EXPECT_EQ(found.frames.size(), 4U);
  EXPECT_EQ(found.ending, Ending{});
}

TEST_F(RogueTest, FramesOfAVideoThatIsLateAreKept) {
  const auto pool = start_pool(program("video-hangs"), 1);
  ASSERT_TRUE(pool);
  Limits limits;
  limits.max_video_seconds = 1;
  const auto began = std::chrono::steady_clock::now();
  const Extraction found = extract_all(*pool, item_, {}, limits);
  const auto seconds = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(found.frames.size(), 3U);
  EXPECT_EQ(found.ending, (Ending{Reason::kTimedOut, true, "decode: not done after 6 seconds", 2}));
  EXPECT_GE(seconds, std::chrono::seconds(limits.max_video_seconds));
}

TEST_F(RogueTest, AnItemWhoseProgramDiesTwiceIsToldOnce) {
  class Counting final : public ExtractSink {
   public:
    void on_digests(std::span<const SignalValue>) override { ++digests; }
    void on_facts(const Facts&) override { ++facts; }
    void on_pdq(std::span<const PdqSignal> given) override { signals += given.size(); }
    void on_frames(std::span<const FrameSignal> given) override { frames += given.size(); }
    void on_tmk(const TmkSignal&) override { ++tmks; }
    void on_end(const Ending& ending) override { endings.push_back(ending); }
    int digests = 0;
    int facts = 0;
    std::size_t signals = 0;
    std::size_t frames = 0;
    int tmks = 0;
    std::vector<Ending> endings;
  };
  const auto pool = start_pool(program("dies-halfway"), 1);
  ASSERT_TRUE(pool);
  const FileDescriptor file = file_of(item_);
  Counting sink;
  pool->extract(file.get(), {}, {}, sink);
  EXPECT_EQ(sink.digests, 1);
  EXPECT_EQ(sink.facts, 1);
  EXPECT_EQ(sink.signals, 1U);
  EXPECT_EQ(sink.endings, std::vector<Ending>{Ending{}});
}

TEST_F(RogueTest, AProgramThatForksNoMoreIsToldOf) {
  const auto pool = start_pool(program("one-worker"), 1);
  ASSERT_TRUE(pool);
  EXPECT_EQ(extract_all(*pool, item_).ending.detail, "fork worker: no more");
  const Extraction found = extract_all(*pool, item_);
  EXPECT_EQ(found.ending.reason, Reason::kDecoderCrashed);
  EXPECT_EQ(found.ending.detail, "fork worker: no more");
  ASSERT_FALSE(pool->health());
  EXPECT_EQ(pool->health().error().what, "fork worker: no more");
}

TEST_F(RogueTest, AWorkerThatReachesOutOfItsCageIsKilledAndReported) {
  for (const std::string way : {"opens", "connects", "executes", "forks"}) {
    const auto pool = start_pool(program(way), 2);
    ASSERT_TRUE(pool);
    for (int i = 0; i < 2; ++i) {
      const Extraction found = extract_all(*pool, item_);
      EXPECT_EQ(found.ending.reason, Reason::kDecoderCrashed) << way;
      EXPECT_EQ(found.ending.detail,
                "decode: worker killed by signal 31 (SYS): it made a system call that its cage "
                "forbids, twice")
          << way;
      EXPECT_EQ(found.digests.size(), 1U) << way;
    }
    EXPECT_TRUE(pool->health()) << way;
  }
}

TEST_F(RogueTest, AnItemThatKillsEveryWorkerIsRecordedAfterTheSecond) {
  const auto pool = start_pool(program("crashes"), 1);
  ASSERT_TRUE(pool);
  const Extraction found = extract_all(*pool, item_);
  EXPECT_EQ(found.ending.reason, Reason::kDecoderCrashed);
  EXPECT_EQ(found.ending.detail, "decode: worker killed by signal 6 (ABRT), twice");
  EXPECT_TRUE(pool->health());
}

TEST_F(RogueTest, AWorkerThatDiesBeforeItIsReadyIsNoWorker) {
  auto pool = make_worker_extractor({program("mute"), 1});
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, Errc::kWorker);
  EXPECT_EQ(pool.error().what.rfind("start worker: it ", 0), 0U) << pool.error().what;
}

TEST_F(RogueTest, WhatIsRequiredMustBeThere) {
  const std::string roofless = program("roofless");
  auto refused = make_worker_extractor({roofless, 1, Isolation::kRequire});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kWorker);
  EXPECT_EQ(refused.error().what, "isolate workers: this machine does not give roof: none");

  const auto pool = start_pool(roofless, 1);
  ASSERT_TRUE(pool);
  const Protections told{Isolation::kProcess, {"walls", " [31m"}, {"roof: none"}};
  EXPECT_EQ(pool->protections(), told);
}

TEST_F(RogueTest, AWorkerWithFewerProtectionsThanTheFirstIsNotUsed) {
  const auto pool = start_pool(program("roofless-later"), 1);
  ASSERT_TRUE(pool);
  const std::string lost = "isolate workers: a worker is no longer protected as the first was";
  EXPECT_EQ(extract_all(*pool, item_).ending.detail, lost);
  ASSERT_FALSE(pool->health());
  EXPECT_EQ(pool->health().error().what, lost);
}

TEST_F(RogueTest, AProgramWhoseLibrariesChangedIsNotRunAgain) {
  const auto pool = start_pool(program("other-libraries"), 1);
  ASSERT_TRUE(pool);
  ASSERT_EQ(::kill(children_of(::getpid()).at(0), SIGKILL), 0);
  EXPECT_EQ(extract_all(*pool, item_).ending.reason, Reason::kDecoderCrashed);
  ASSERT_FALSE(pool->health());
  EXPECT_NE(pool->health().error().what.find("libraries"), std::string::npos);
}

TEST_F(RogueTest, WhatTheProgramSaysOfItsLibrariesIsTidied) {
  const auto pool = start_pool(program("honest"), 1);
  ASSERT_TRUE(pool);
  EXPECT_EQ(pool->decoders(), "rogue 1\n [31m\nother 2\n");
}

TEST_F(RogueTest, WhatAWorkerWritesReachesNoTerminalAndItsDescriptorsAreDropped) {
  const auto pool = start_pool(program("honest"), 1);
  ASSERT_TRUE(pool);
  const auto open_descriptors = [] {
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = open_descriptors();
  const Extraction found = extract_all(*pool, item_);
  EXPECT_EQ(found.ending, Ending{});
  EXPECT_EQ(found.facts.format, "jpeg  [31m");
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace semblance::extract
