// SPDX-License-Identifier: Apache-2.0
// What a case whose files were cut off or changed does on --resume: it ends as the undisturbed one
// did, byte for byte, or refuses and names the file. No record is lost or doubled in silence.
#include <unistd.h>

#include <functional>
#include <set>
#include <sstream>
#include <vector>

#include "scan/case_fixture.h"

namespace semblance::scanner {
namespace {

// A case of a few records, in memory where the system has such a place: it is resumed thousands of
// times, and flushed each time.
struct CaseDamageTest : CaseTest {
  using Files = std::map<std::string, std::string>;  // of a case, by name

  const TempFolder memory{::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ""};

  CaseDamageTest() {
    options.jobs = 1;
    policy.records = 2;
  }

  Files files(const std::string& name) {
    Files all;
    for (const auto& file : std::filesystem::directory_iterator(work.at(name))) {
      all[file.path().filename()] = slurp(file.path());
    }
    return all;
  }

  // Resumes a case of these files, and expects one of the two good ends. Returns whether it ended
  // as the undisturbed one.
  bool ends_well(const Files& damaged, const std::string& what) {
    const std::string folder = memory.at("case");
    std::filesystem::remove_all(folder);
    for (const auto& [name, text] : damaged) memory.put("case/" + name, text);
    auto report =
        run_case(options, {folder, true, {}}, matcher, extractor, nullptr, nullptr, policy);
    const std::string results = slurp(memory.at("case/results.jsonl"));
    if (!report) {
      EXPECT_NE(report.error().what.find(folder), std::string::npos)
          << what << ": " << report.error().what;
      EXPECT_EQ(results, damaged.at("results.jsonl")) << what << ": refused, and changed";
      return false;
    }
    EXPECT_EQ(results, this->results("whole")) << what;
    json all = json::parse(slurp(memory.at("case/summary.json")));
    all.erase("times");
    EXPECT_EQ(all, summary("whole")) << what;
    return true;
  }

  // The bytes about the ends of lines one by one, those between at a stride that changes each bit
  // of a byte in turn.
  static std::size_t next(const std::string& text, std::size_t at) {
    constexpr std::size_t kAbout = 24;
    const std::size_t from = at < kAbout ? 0 : at - kAbout;
    const std::size_t end = text.find('\n', from);
    return at + (end != std::string::npos && end <= at + kAbout ? 1 : 7);
  }

  // Cuts each file short and changes its bytes, at one place at a time.
  struct Tally {
    int completed = 0;
    int refused = 0;
  };
  Tally sweep(const Files& whole) {
    Tally tally;
    const auto attempt = [&](const std::string& file, std::string text, const std::string& how) {
      Files damaged = whole;
      damaged[file] = std::move(text);
      ends_well(damaged, file + how) ? ++tally.completed : ++tally.refused;
    };
    for (const auto& [file, text] : whole) {
      for (std::size_t at = 0; at < text.size() && !HasFailure(); at = next(text, at)) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
        attempt(file, changed, " changed at " + std::to_string(at));
        attempt(file, text.substr(0, at), " cut at " + std::to_string(at));
      }
    }
    return tally;
  }
};

TEST_F(CaseDamageTest, AnyByteOfAnInterruptedCase) {
  fill(evidence, 6);
  ASSERT_TRUE(run("whole", false));
  run_partly("half", 4);
  const Files half = files("half");
  ASSERT_EQ(half.size(), 2U);
  ASSERT_TRUE(ends_well(half, "as it was"));
  Files more = half;
  more["results.jsonl"] += "{\"schema\":1,\"pa";
  ASSERT_TRUE(ends_well(more, "a record that nothing vouches for"));
  const Tally tally = sweep(half);
  EXPECT_GT(tally.completed, 100);
  EXPECT_GT(tally.refused, 100);
}

TEST_F(CaseDamageTest, AnyByteOfAFinishedCase) {
  fill(evidence, 6);
  ASSERT_TRUE(run("whole", false));
  const Files whole = files("whole");
  ASSERT_EQ(whole.size(), 3U);
  ASSERT_TRUE(ends_well(whole, "as it was"));
  const Tally tally = sweep(whole);
  EXPECT_GT(tally.completed, 100);
  EXPECT_GT(tally.refused, 100);
}

TEST_F(CaseDamageTest, AnyLineOfTheJournalMissingOrTwice) {
  fill(evidence, 6);
  ASSERT_TRUE(run("whole", false));
  const Files whole = files("whole");
  std::istringstream text(whole.at("journal.jsonl"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line + "\n");
  ASSERT_GE(lines.size(), 5U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const int times : {0, 2}) {
      Files damaged = whole;
      std::string& journal = damaged["journal.jsonl"] = "";
      for (std::size_t k = 0; k < lines.size(); ++k) {
        for (int n = 0; n < (k == i ? times : 1); ++n) journal += lines[k];
      }
      ends_well(damaged, "line " + std::to_string(i) + ", " + std::to_string(times) + " times");
    }
  }
}

TEST_F(CaseDamageTest, AFileOfAFinishedCaseThatIsMissing) {
  fill(evidence, 6);
  ASSERT_TRUE(run("whole", false));
  const Files whole = files("whole");
  for (const auto& [name, text] : whole) {
    Files damaged = whole;
    damaged.erase(name);
    damaged.try_emplace("results.jsonl");  // empty, so that it can be compared
    EXPECT_FALSE(ends_well(damaged, name + " missing"));
  }
}

TEST_F(CaseDamageTest, NothingToDoIsSaidOnlyOfResultsThatAreThere) {
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

TEST_F(CaseDamageTest, RefusesRecordsThatWereTamperedWith) {
  fill(evidence, 30);
  run_partly("case", 15);
  std::string text = results("case");
  text[3] = 'X';
  work.put("case/results.jsonl", text);
  expect_refused(run("case", true), Errc::kMismatch, "differs from what was written");
  EXPECT_EQ(results("case"), text);
}

}  // namespace
}  // namespace semblance::scanner
