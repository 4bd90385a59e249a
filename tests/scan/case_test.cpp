// SPDX-License-Identifier: Apache-2.0
#include "scan/case.h"

#include <sys/file.h>

#include "scan/case_fixture.h"
#include "scan/journal.h"

namespace semblance::scanner {
namespace {

TEST_F(CaseTest, WritesRecordsSummaryAndJournal) {
  fill(evidence, 60);
  auto report = run("case", false);
  ASSERT_TRUE(report) << report.error().what;
  const std::string text = results("case");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 60);
  const json all = summary("case");
  EXPECT_EQ(all["schema"], 1);
  EXPECT_EQ(all["items"], 60);
  EXPECT_EQ(all["outcomes"]["matched"], report->counts.by_outcome[0]);
  EXPECT_EQ(all["matches_by_bank"]["demo"], report->matches_by_bank["demo"]);
  EXPECT_EQ(all["versions"]["pdq"], "pdq-1");
  EXPECT_TRUE(all["versions"]["decoders"].contains("libfake 1.0"));
  EXPECT_EQ(all["banks"][0]["revision"], 3);
  EXPECT_EQ(all["banks"][0]["policy"]["max_distance"]["pdq"], 31);
  EXPECT_EQ(all["evidence"]["items"], 60);
  EXPECT_EQ(all["evidence_changed"], false);
  EXPECT_EQ(all["results"]["records"], 60);
  EXPECT_EQ(all["results"]["sha256"], sha256_hex(text));
  EXPECT_EQ(all["paths"][0]["path"], evidence.path());
  std::istringstream lines(journal("case"));
  int n = 0;
  for (std::string line; std::getline(lines, line); ++n) EXPECT_TRUE(verified(line)) << line;
  EXPECT_EQ(n, 1 + 60 / 5 + 1 + 1);  // header, checkpoints, the last one, finished
}

TEST_F(CaseTest, SaysTheSameForAnyNumberOfJobsAndAsAScanWithoutACase) {
  fill(evidence, 100);
  options.jobs = 1;
  ASSERT_TRUE(run("one", false));
  options.jobs = 8;
  ASSERT_TRUE(run("eight", false));
  EXPECT_EQ(results("one"), results("eight"));
  EXPECT_EQ(summary("one"), summary("eight"));
  std::string text;
  ASSERT_TRUE(scan(
      options, matcher, extractor,
      [&](std::string_view line) {
        text.append(line).push_back('\n');
        return ok();
      },
      nullptr, nullptr));
  EXPECT_EQ(text, results("one"));
}

TEST_F(CaseTest, RefusesToWriteOverACase) {
  fill(evidence, 10);
  ASSERT_TRUE(run("case", false));
  const std::string before = results("case");
  expect_refused(run("case", false), Errc::kExists, "holds a case already");
  EXPECT_EQ(results("case"), before);
  work.put("foreign/results.jsonl", "somebody's\n");
  for (const bool resume : {false, true}) {
    expect_refused(run("foreign", resume), Errc::kExists, "not empty and holds no case");
  }
  EXPECT_FALSE(std::filesystem::exists(work.at("foreign/journal.jsonl")));
  work.put("foreign/journal.jsonl", "");
  expect_refused(run("foreign", true), Errc::kBadFormat, "no journal of them");
  EXPECT_EQ(results("foreign"), "somebody's\n");
}

TEST_F(CaseTest, RefusesAFolderOfOtherFiles) {
  fill(evidence, 10);
  work.put("home/letter.txt", "dear");
  for (const bool resume : {false, true}) {
    expect_refused(run("home", resume), Errc::kExists, "not empty and holds no case");
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(work.at("home")), {}), 1);
  std::filesystem::create_directory(work.at("empty"));
  EXPECT_TRUE(run("empty", false));
}

TEST_F(CaseTest, RefusesTheFolderThatHoldsAFileOfTheEvidence) {
  evidence.put("a", "text");
  std::filesystem::create_symlink(evidence.at("a"), work.at("link"));
  for (const std::string& path : {evidence.at("a"), work.at("link")}) {
    options.paths = {"/dev/null", path};
    auto report = run_case(options, {evidence.path(), false, {}}, matcher, extractor, nullptr,
                           nullptr, policy);
    expect_refused(report, Errc::kBadArgument, "it is the folder of the evidence " + path);
  }
  options.paths = {evidence.at("a")};
  EXPECT_TRUE(run_case(options, {evidence.at("case"), false, {}}, matcher, extractor, nullptr,
                       nullptr, policy));
}

TEST_F(CaseTest, AFinishedCaseIsOnlyRead) {
  fill(evidence, 10);
  ASSERT_TRUE(run("case", false));
  namespace fs = std::filesystem;
  constexpr auto kRead = fs::perms::owner_read | fs::perms::owner_exec;
  for (const char* name : {"journal.jsonl", "results.jsonl", "summary.json", ""}) {
    fs::permissions(work.at(std::string("case/") + name), kRead);
  }
  // Whom permissions do not bind is told by the lock: a writer's open would ask for it.
  const FileDescriptor held(::open(work.at("case/journal.jsonl").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX | LOCK_NB), 0);
  auto report = run("case", true);
  fs::permissions(work.at("case"), fs::perms::owner_all);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_TRUE(report->already_finished);
  EXPECT_EQ(report->counts.items, 10u);
}

TEST_F(CaseTest, RefusesACaseInsideTheEvidence) {
  evidence.put("below/file", "x");
  std::filesystem::create_directory_symlink(evidence.at("below"), work.at("link"));
  for (const std::string& folder : {evidence.path(), evidence.path() + "/", evidence.at("case"),
                                    evidence.at("below/../new/case"), work.at("link/case")}) {
    auto report =
        run_case(options, {folder, false, {}}, matcher, extractor, nullptr, nullptr, policy);
    expect_refused(report, Errc::kBadArgument, "inside the evidence");
  }
  options.paths = {evidence.at("below")};
  EXPECT_TRUE(run_case(options, {evidence.at("case"), false, {}}, matcher, extractor, nullptr,
                       nullptr, policy));
}

TEST_F(CaseTest, ServesOneRunAtATime) {
  fill(evidence, 10);
  std::atomic<bool> once{false};
  extractor.on_extract = [&](const std::string&) {
    if (once.exchange(true)) return;
    FakeExtractor other;
    auto second =
        run_case(options, {work.at("case"), true, {}}, matcher, other, nullptr, nullptr, policy);
    expect_refused(second, Errc::kExists, "another run");
  };
  ASSERT_TRUE(run("case", false));
  EXPECT_TRUE(once);
}

TEST_F(CaseTest, SaysWhetherTheBanksChangedWhereItCanAsk) {
  fill(evidence, 10);
  for (const bool changed : {false, true}) {
    const std::string name = changed ? "changed" : "same";
    int asked = 0;
    const auto banks_changed = [&] {
      const std::string text = results(name);
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
      ++asked;
      return changed;
    };
    ASSERT_TRUE(run_case(options, {work.at(name), false, {}, banks_changed}, matcher, extractor,
                         nullptr, nullptr, policy));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(summary(name)["banks_changed"], changed);
  }
  ASSERT_TRUE(run("silent", false));
  EXPECT_FALSE(summary("silent").contains("banks_changed"));
}

TEST_F(CaseTest, LeavesOutTheStoreWhoseFilesMayChange) {
  fill(evidence, 60);
  evidence.put("0.db", "text");
  evidence.put("0.db-wal", "text");
  options.exclude = {evidence.at("0.db"), evidence.at("0.db-wal"), evidence.at("0.db-shm")};
  ASSERT_TRUE(run("whole", false));
  run_partly("case", 20);
  evidence.put("0.db-wal", "longer text");
  ASSERT_TRUE(run("case", true));
  EXPECT_EQ(results("case"), results("whole"));
  EXPECT_EQ(results("case").find("0.db"), std::string::npos);
  EXPECT_EQ(summary("case"), summary("whole"));
  EXPECT_EQ(summary("case")["items"], 60);
  EXPECT_EQ(summary("case")["skipped"]["store"], 2);
}

TEST_F(CaseTest, SaysThatTheEvidenceChangedWhileItWasScanned) {
  fill(evidence, 60);
  evidence.put("zz", "text");
  std::atomic<bool> once{false};
  extractor.on_extract = [&](const std::string&) {
    if (!once.exchange(true)) evidence.put("zz", "longer text");
  };
  ASSERT_TRUE(run("case", false));
  EXPECT_EQ(summary("case")["evidence_changed"], true);
}

}  // namespace
}  // namespace semblance::scanner
