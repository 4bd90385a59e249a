// SPDX-License-Identifier: Apache-2.0
#include "scan/case.h"

#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "scan/fakes.h"
#include "scan/journal.h"

extern char** environ;

namespace semblance::scanner {
namespace {

using nlohmann::json;
using scan_test::FakeExtractor;
using scan_test::FakeMatcher;
using scan_test::fill;
using scan_test::slurp;
using scan_test::TempFolder;

struct CaseTest : testing::Test {
  TempFolder evidence;
  TempFolder work;
  FakeMatcher matcher;
  FakeExtractor extractor;
  RunOptions options{{evidence.path()}, 3};
  CheckpointPolicy policy{std::chrono::hours(1), 5};

  Result<ScanReport> run(const std::string& name, bool resume, const StopFlag* stop = nullptr,
                         std::map<std::string, std::string> settings = {}) {
    return run_case(options, {work.at(name), resume, std::move(settings)}, matcher, extractor,
                    nullptr, stop, policy);
  }
  std::string results(const std::string& name) { return slurp(work.at(name + "/results.jsonl")); }
  std::string journal(const std::string& name) { return slurp(work.at(name + "/journal.jsonl")); }

  /// The summary without its clock values.
  json summary(const std::string& name) {
    json all = json::parse(slurp(work.at(name + "/summary.json")));
    EXPECT_TRUE(all.at("times").contains("started_at"));
    EXPECT_TRUE(all.at("times").contains("finished_at"));
    all.erase("times");
    return all;
  }

  /// Scans into the case until `records` are written, and leaves it as a stopped run does.
  void run_partly(const std::string& name, int records) {
    StopFlag stop{false};
    std::atomic<int> seen{0};
    extractor.on_extract = [&](const std::string&) {
      if (++seen == records) stop = true;
    };
    auto report = run(name, false, &stop);
    extractor.on_extract = nullptr;
    ASSERT_TRUE(report) << report.error().what;
    ASSERT_TRUE(report->interrupted);
    ASSERT_FALSE(std::filesystem::exists(work.at(name + "/summary.json")));
  }

  void expect_refused(const Result<ScanReport>& report, Errc code, const std::string& words) {
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, code);
    EXPECT_NE(report.error().what.find(words), std::string::npos) << report.error().what;
  }
};

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

TEST_F(CaseTest, AStoppedRunIsResumedToTheSameEnd) {
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

TEST_F(CaseTest, ResumeStartsAMissingCaseAndLeavesAFinishedOneAlone) {
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

TEST_F(CaseTest, NothingToDoIsSaidOnlyOfResultsThatAreThere) {
  fill(evidence, 30);
  ASSERT_TRUE(run("case", false));
  for (const char* name : {"results.jsonl", "summary.json"}) {
    const std::string file = work.at(std::string("case/") + name);
    const std::string good = slurp(file);
    std::string other = good;
    other[other.size() / 2] = static_cast<char>(other[other.size() / 2] ^ 1);
    for (const std::string& text : {other, good + "\n", good.substr(0, good.size() - 1)}) {
      work.put(std::string("case/") + name, text);
      expect_refused(run("case", true), Errc::kMismatch, name);
      EXPECT_EQ(slurp(file), text);
    }
    std::filesystem::remove(file);
    expect_refused(run("case", true), Errc::kMismatch, std::string(name) + " is missing");
    EXPECT_FALSE(std::filesystem::exists(file));
    work.put(std::string("case/") + name, good);
  }
  EXPECT_TRUE(run("case", true)->already_finished);
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

TEST_F(CaseTest, RefusesToResumeWhatDiffersAndNamesIt) {
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

TEST_F(CaseTest, NamesTheFirstPathWhereTheEvidenceDiffers) {
  fill(evidence, 60);
  run_partly("case", 20);
  evidence.put("0first", "text");
  // Names: "1", "10", "11", ... and folders "d0".. after them; "0first" is the walk's first now.
  expect_refused(run("case", true), Errc::kMismatch,
                 "the walk now meets \"" + evidence.at("0first") + "\" there");
}

TEST_F(CaseTest, NamesTheRecordsAmongWhichATimeDiffers) {
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

TEST_F(CaseTest, RefusesOtherDecodingLibrariesAndNamesThem) {
  fill(evidence, 30);
  run_partly("case", 10);
  extractor.libraries = "libfake 1.1\nlibother 2.0\n";
  expect_refused(run("case", true), Errc::kMismatch,
                 "the decoding libraries differ: libfake 1.0 then, libfake 1.1 now");
  extractor.libraries = "libfake 1.0\nlibother 2.0\n";
  ASSERT_TRUE(run("case", true));
  EXPECT_EQ(summary("case")["decoders"], json({"libfake 1.0", "libother 2.0"}));
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

TEST_F(CaseTest, StandardInputIsTheSameByItsBytesWheneverItWasSpooled) {
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

TEST_F(CaseTest, AnExtractorThatIsGoneSealsNoCase) {
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

TEST_F(CaseTest, RefusesAnotherBuildsCase) {
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

TEST_F(CaseTest, AnErrorLeavesACaseThatCanBeResumed) {
  fill(evidence, 60);
  ASSERT_TRUE(run("whole", false));
  struct Broken final : Matcher {
    FakeMatcher good;
    mutable std::atomic<int> calls{0};
    const Plan& plan() const noexcept override { return good.plan(); }
    const std::vector<BankSnapshot>& banks() const noexcept override { return good.banks(); }
    Result<MatchResult> match(const Extraction& item) const override {
      if (++calls == 30) return Error{Errc::kCorruptStore, "read store: disk image is malformed"};
      return good.match(item);
    }
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

// Leaves the case as a kill would that came when `journal` bytes of the journal were on the disk
// and `results` bytes of the records.
void rewind(const TempFolder& work, const std::string& name, const std::string& journal,
            const std::string& results) {
  std::filesystem::remove_all(work.at(name));
  work.put(name + "/journal.jsonl", journal);
  work.put(name + "/results.jsonl", results);
}

TEST_F(CaseTest, ResumesFromAJournalCutAtAnyByte) {
  fill(evidence, 23);
  ASSERT_TRUE(run("whole", false));
  const std::string whole_journal = journal("whole");
  const std::string whole_results = results("whole");
  const std::size_t header = whole_journal.find('\n') + 1;
  const std::size_t last = whole_journal.rfind('\n', whole_journal.size() - 2) + 1;
  std::set<std::size_t> cuts;  // all of the last line, all ends of lines, and some between
  for (std::size_t cut = 0; cut < whole_journal.size(); cut += cut < last ? 61 : 1) {
    cuts.insert(cut);
  }
  for (std::size_t end = header; end < last; end = whole_journal.find('\n', end) + 1) {
    cuts.insert({end - 1, end, end + 1});
  }
  for (const std::size_t cut : cuts) {
    // Records that the cut journal does not vouch for are there, and part of one more.
    const std::string records = cut < header ? "" : whole_results + (cut % 2 == 0 ? "{\"sc" : "");
    rewind(work, "cut", whole_journal.substr(0, cut), records);
    auto report = run("cut", true);
    ASSERT_TRUE(report) << cut << ": " << report.error().what;
    ASSERT_EQ(results("cut"), whole_results) << cut;
    ASSERT_EQ(summary("cut"), summary("whole")) << cut;
  }
}

TEST_F(CaseTest, RefusesRecordsThatWereTamperedWith) {
  fill(evidence, 30);
  run_partly("case", 15);
  std::string text = results("case");
  text[3] = 'X';
  work.put("case/results.jsonl", text);
  expect_refused(run("case", true), Errc::kMismatch, "differs from what was written");
  EXPECT_EQ(results("case"), text);
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

TEST_F(CaseTest, SurvivesKillsAtRandomMoments) {
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

}  // namespace
}  // namespace semblance::scanner
