// SPDX-License-Identifier: Apache-2.0
// When a case goes on, when it refuses to and says why, and what it goes on to.
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <csignal>

#include "scan/case_fixture.h"
#include "scan/journal.h"

extern char** environ;

namespace semblance::scanner {
namespace {

using ResumeTest = CaseTest;

TEST_F(ResumeTest, AStoppedRunIsResumedToTheSameEnd) {
  fill(evidence, 100);
  std::filesystem::create_symlink("1", evidence.at("link"));
  ASSERT_TRUE(run("whole", false));
  run_partly("case", 40);
  Progress progress;
  auto report = run_case(options, {work.at("case"), true, {}}, matcher, extractor, &progress,
                         nullptr, policy);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_GE(report->resumed_after, 40u);
  EXPECT_FALSE(report->already_finished);
  EXPECT_EQ(progress.items, 100u);
  EXPECT_EQ(results("case"), results("whole"));
  EXPECT_EQ(summary("case"), summary("whole"));
  EXPECT_EQ(json::parse(slurp(work.at("case/summary.json")))["times"]["resumed"], 1);
}

TEST_F(ResumeTest, ResumeStartsAMissingCaseAndLeavesAFinishedOneAlone) {
  fill(evidence, 30);
  auto first = run("sub/case", true);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_FALSE(first->already_finished);
  const std::string before = journal("sub/case");
  evidence.put("more", "x");  // a finished case is not compared with the evidence again
  matcher.snapshots()[0].content_digest = "bb";
  auto second = run("sub/case", true);
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_TRUE(second->already_finished);
  EXPECT_EQ(second->counts, first->counts);
  EXPECT_EQ(second->matches_by_bank, first->matches_by_bank);
  EXPECT_EQ(journal("sub/case"), before);
}

TEST_F(ResumeTest, RefusesToResumeWhatDiffersAndNamesIt) {
  fill(evidence, 60);
  run_partly("case", 20);
  const std::string before = results("case");

  matcher.snapshots()[0].content_digest = "bb";
  matcher.snapshots()[0].revision = 5;
  matcher.snapshots()[0].entries = 14;
  expect_refused(
      run("case", true), Errc::kMismatch,
      "bank demo has changed: 12 entries at revision 3 then, 14 entries at revision 5 now");
  matcher = FakeMatcher();
  matcher.snapshots()[0].revision = 9;  // the same content: the same matches
  matcher.snapshots().push_back(matcher.snapshots()[0]);
  matcher.snapshots()[1].name = "second";
  expect_refused(run("case", true), Errc::kMismatch,
                 "bank second is searched now and was not then");
  matcher.snapshots().clear();
  expect_refused(run("case", true), Errc::kMismatch, "bank demo was searched then and is not now");
  matcher = FakeMatcher();
  matcher.mutable_plan().digests.push_back(SignalKind::kMd5);
  expect_refused(run("case", true), Errc::kMismatch, "the plan was");
  matcher = FakeMatcher();

  expect_refused(run("case", true, nullptr, {{"max_distance", "40"}}), Errc::kMismatch,
                 "option max_distance was not set then, is \"40\" now");
  options.limits.max_pixels = 5;
  expect_refused(run("case", true), Errc::kMismatch,
                 "option max_pixels was 268435456 then, is 5 now");
  options.limits = Limits{};
  options.paths.push_back("/elsewhere");
  expect_refused(run("case", true), Errc::kMismatch, "the paths were");
  options.paths.pop_back();

  evidence.put("0-new", "text");
  expect_refused(run("case", true), Errc::kMismatch, "the evidence has changed: 60 items");
  auto report = run("case", true);
  EXPECT_NE(report.error().what.find("61 items"), std::string::npos);
  std::filesystem::remove(evidence.at("0-new"));

  EXPECT_EQ(results("case"), before);
  EXPECT_TRUE(run("case", true));
}

TEST_F(ResumeTest, NamesTheFirstPathWhereTheEvidenceDiffers) {
  fill(evidence, 60);
  run_partly("case", 20);
  evidence.put("0first", "text");
  // Names: "1", "10", "11", ... and folders "d0".. after them; "0first" is the walk's first now.
  expect_refused(run("case", true), Errc::kMismatch,
                 "the walk now meets \"" + evidence.at("0first") + "\" there");
}

TEST_F(ResumeTest, NamesTheRecordsAmongWhichATimeDiffers) {
  fill(evidence, 60);
  run_partly("case", 20);
  std::istringstream lines(results("case"));
  std::string line;
  for (int i = 0; i < 8; ++i) std::getline(lines, line);
  const auto touch = [](const std::string& path, int seconds) {
    std::filesystem::last_write_time(
        path, std::filesystem::last_write_time(path) + std::chrono::seconds(seconds));
  };
  const std::string eighth = json::parse(line)["path"];
  touch(eighth, 1);
  expect_refused(run("case", true), Errc::kMismatch,
                 "a name, a size or a time of change differs among records 6 to 10");
  touch(eighth, -1);
  touch(evidence.at("d4/49"), 1);  // the walk's last
  expect_refused(run("case", true), Errc::kMismatch,
                 "records are as they were, what differs comes after them");
  touch(evidence.at("d4/49"), -1);
  EXPECT_TRUE(run("case", true));
}

TEST_F(ResumeTest, RefusesOtherDecodingLibrariesAndNamesThem) {
  fill(evidence, 30);
  run_partly("case", 10);
  extractor.libraries = "libfake 1.1\nlibother 2.0\n";
  expect_refused(run("case", true), Errc::kMismatch,
                 "the decoding libraries differ: libfake 1.0 then, libfake 1.1 now");
  extractor.libraries = "libfake 1.0\nlibother 2.0\n";
  ASSERT_TRUE(run("case", true));
  EXPECT_EQ(summary("case")["decoders"], json({"libfake 1.0", "libother 2.0"}));
}

TEST_F(ResumeTest, StandardInputIsTheSameByItsBytesWheneverItWasSpooled) {
  fill(evidence, 60);
  const auto spool = [](std::string_view text, int seconds) {
    FileDescriptor memory(::memfd_create("spool", MFD_CLOEXEC));
    EXPECT_TRUE(write_all(memory.get(), text, "spool"));
    const std::array<timespec, 2> times = {timespec{seconds, 0}, timespec{seconds, 0}};
    EXPECT_EQ(::futimens(memory.get(), times.data()), 0);
    return memory;
  };
  const auto first = spool("picture 100 640x480", 1'000);
  options.paths = {"-", evidence.path()};
  options.dash_descriptor = first.get();
  run_partly("case", 20);
  const auto other = spool("picture 100 480x640", 2'000);
  options.dash_descriptor = other.get();
  expect_refused(run("case", true), Errc::kMismatch, "differs among records 1 to 5");
  const auto again = spool("picture 100 640x480", 2'000);
  options.dash_descriptor = again.get();
  auto report = run("case", true);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->counts.items, 61u);
}

// Breaks down for good at the n-th item, and says of it and all after it that they crashed.
struct DyingExtractor final : Extractor {
  FakeExtractor good;
  int dies_at = 0;
  std::atomic<int> calls{0};
  void extract(int descriptor, const Plan& plan, const Limits& limits, ExtractSink& sink) override {
    if (++calls < dies_at) return good.extract(descriptor, plan, limits, sink);
    sink.on_end({Reason::kDecoderCrashed, false, "extract: no answer"});
  }
  std::string decoders() const override { return good.decoders(); }
  Status health() const override {
    return calls < dies_at ? ok() : Status(Error{Errc::kWorker, "extract: the workers are gone"});
  }
};

TEST_F(ResumeTest, AnExtractorThatIsGoneSealsNoCase) {
  fill(evidence, 60);
  ASSERT_TRUE(run("whole", false));
  DyingExtractor dying;
  dying.dies_at = 30;
  auto report =
      run_case(options, {work.at("case"), false, {}}, matcher, dying, nullptr, nullptr, policy);
  expect_refused(report, Errc::kWorker, "the workers are gone");
  EXPECT_EQ(results("case").find("decoder_crashed"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(work.at("case/summary.json")));
  ASSERT_TRUE(run("case", true));
  EXPECT_EQ(results("case"), results("whole"));
  EXPECT_EQ(summary("case"), summary("whole"));
}

TEST_F(ResumeTest, RefusesAnotherBuildsCase) {
  fill(evidence, 30);
  run_partly("case", 10);
  std::istringstream lines(journal("case"));
  std::string header;
  std::getline(lines, header);
  nlohmann::ordered_json other = nlohmann::ordered_json::parse(*verified(header));
  other["build"] = "9.9.9";
  std::ostringstream rest;
  rest << lines.rdbuf();
  work.put("case/journal.jsonl", checked_line(other) + rest.str());
  expect_refused(run("case", true), Errc::kMismatch, "the build was \"9.9.9\" then");
}

TEST_F(ResumeTest, AnErrorLeavesACaseThatCanBeResumed) {
  fill(evidence, 60);
  ASSERT_TRUE(run("whole", false));
  struct Broken final : Matcher {
    FakeMatcher good;
    mutable std::atomic<int> calls{0};
    Plan plan() const override { return good.plan(); }
    std::vector<BankSnapshot> banks() const override { return good.banks(); }
    std::vector<std::pair<EmbedderId, std::uint64_t>> embeddings() const override { return {}; }
    Status refresh() override { return ok(); }
    Result<MatchResult> match(const Extraction& item) const override {
      if (++calls == 30) return Error{Errc::kCorruptStore, "read store: disk image is malformed"};
      return good.match(item);
    }
    Result<bool> rules_out(const Extraction& item) const override { return good.rules_out(item); }
    Result<std::vector<std::vector<Match>>> match(std::span<const SignalValue>,
                                                  std::optional<PdqProfile>) const override {
      return std::vector<std::vector<Match>>{};
    }
  } broken;
  auto report =
      run_case(options, {work.at("case"), false, {}}, broken, extractor, nullptr, nullptr, policy);
  expect_refused(report, Errc::kCorruptStore, "disk image is malformed");
  ASSERT_TRUE(run("case", true));
  EXPECT_EQ(results("case"), results("whole"));
  EXPECT_EQ(summary("case"), summary("whole"));
}

// Starts the victim and kills it after `microseconds`, unless it is done by then.
// Returns its exit status, or -1 if it was killed.
int run_victim(const std::string& evidence, const std::string& folder, unsigned microseconds) {
  std::array<std::string, 3> words = {SEMBLANCE_CASE_VICTIM, evidence, folder};
  std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = 0;
  if (::posix_spawn(&child, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0) {
    return 127;
  }
  std::this_thread::sleep_for(std::chrono::microseconds(microseconds));
  ::kill(child, SIGKILL);  // reaped only below: the number is still its own
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(ResumeTest, SurvivesKillsAtRandomMoments) {
  fill(evidence, 150);
  options.jobs = 1;
  ASSERT_TRUE(run("whole", false));
  std::minstd_rand random(20'260);
  int kills = 0;
  int resumptions = 0;  // that went on after records
  // Where no kill has come between a checkpoint and the end, some more rounds find one.
  for (int round = 0; round < 6 || (resumptions == 0 && round < 60); ++round) {
    const std::string name = "killed" + std::to_string(round);
    int status = -1;
    // Each further run gets a little longer, so that the case is finished in the end.
    for (unsigned attempt = 0; status != 0; ++attempt) {
      status = run_victim(evidence.path(), work.at(name),
                          static_cast<unsigned>(random()) % (20'000 + 2'000 * attempt));
      ASSERT_LE(status, 0) << "the victim failed to resume";
      if (status < 0) ++kills;
      ASSERT_LT(attempt, 2'000u);
    }
    ASSERT_EQ(results(name), results("whole"));
    ASSERT_EQ(summary(name), summary("whole"));
    std::istringstream lines(journal(name));
    for (std::string line; std::getline(lines, line);) {
      if (json::parse(line).value("after", 0) > 0) ++resumptions;
    }
  }
  EXPECT_GT(kills, 0);
  EXPECT_GT(resumptions, 0);
}

TEST_F(ResumeTest, ACaseThatFollowsItsBanksGoesOnWithOthersAndSaysSo) {
  fill(evidence, 60);
  std::atomic<int> asked{0};
  options.before_match = [&] {
    ++asked;
    return ok();
  };
  CaseOptions where{work.at("case"), false, {}};
  where.follow_banks = true;
  StopFlag stop{false};
  std::atomic<int> seen{0};
  extractor.on_extract = [&](const std::string&) {
    if (++seen == 20) stop = true;
  };
  ASSERT_TRUE(run_case(options, where, matcher, extractor, nullptr, &stop, policy));
  extractor.on_extract = nullptr;

  matcher.snapshots()[0].revision = 5;
  matcher.snapshots()[0].content_digest = "bb";
  matcher.mutable_plan().digests.push_back(SignalKind::kMd5);
  where.resume = true;
  where.follow_banks = false;
  expect_refused(run_case(options, where, matcher, extractor, nullptr, nullptr, policy),
                 Errc::kMismatch, "option follow_banks was true then, is not set now");
  where.follow_banks = true;
  auto report = run_case(options, where, matcher, extractor, nullptr, nullptr, policy);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->counts.items, 60U);
  EXPECT_EQ(asked, 60) << "once before each item is matched";
  const json all = summary("case");
  EXPECT_EQ(all["options"]["follow_banks"], true);
  EXPECT_EQ(all["banks_changed"], true);
  EXPECT_EQ(all["banks"][0]["revision"], 3);
  EXPECT_EQ(all["banks_at_end"][0]["revision"], 5);
  EXPECT_NE(journal("case").find("\"resumed_at\""), std::string::npos);
  EXPECT_NE(journal("case").find("\"revision\":5"), std::string::npos);
}

TEST_F(ResumeTest, WhatFailsBeforeAnItemIsMatchedEndsTheRun) {
  fill(evidence, 10);
  options.before_match = []() -> Status { return Error{Errc::kIo, "refresh: told to fail"}; };
  expect_refused(run("case", false), Errc::kIo, "told to fail");
  options.before_match = nullptr;
  auto report = run("case", true);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->counts.items, 10U);
}

}  // namespace
}  // namespace semblance::scanner
