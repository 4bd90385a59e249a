// SPDX-License-Identifier: Apache-2.0
#include "scan/journal.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;
using scan_test::slurp;
using scan_test::TempFolder;

Totals some_totals() {
  Totals totals;
  totals.counts.items = 7;
  totals.counts.bytes = 1'000;
  totals.counts.by_outcome = {1, 2, 4};
  totals.counts.by_reason[static_cast<std::size_t>(Reason::kNotMedia)] = 3;
  totals.counts.by_reason[static_cast<std::size_t>(Reason::kTimedOut)] = 1;
  totals.counts.partial = 1;
  totals.counts.extracted_twice = 3;
  totals.counts.skipped_symlinks = 5;
  totals.counts.skipped_store = 2;
  totals.matches_by_bank = {{"demo", 2}};
  totals.decoders = {{"libfake 1.0", 3}};
  return totals;
}

TEST(JournalTest, TellsALineThatDiffersInAnyByte) {
  std::string line = checked_line({{"records", 1}, {"text", "x\xff"}});
  line.pop_back();
  const auto text = verified(line);
  ASSERT_TRUE(text);
  EXPECT_EQ(Json::parse(*text)["records"], 1);
  EXPECT_TRUE(Json::parse(line).contains("check"));
  for (std::size_t i = 0; i < line.size(); ++i) {
    EXPECT_FALSE(verified(line.substr(0, i)));
    std::string other = line;
    other[i] = static_cast<char>(other[i] ^ 1);
    EXPECT_FALSE(verified(other)) << i;
  }
}

TEST(JournalTest, ReadsBackWhatWasAppended) {
  const TempFolder folder;
  auto journal = Journal::open(folder.at("j"));
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->append({{"format", kJournalFormat}, {"k", "v"}}));
  ASSERT_TRUE(journal->append(checkpoint_json({7, 900, "ab", "cd"}, some_totals())));
  ASSERT_TRUE(journal->append({{"resumed_at", "t"}, {"after", 7}}));
  ASSERT_TRUE(journal->append({{"of", "a later build"}}));
  ASSERT_TRUE(journal->append({{"finished", "t2"}, {"summary_sha256", "ef"}}));
  auto state = journal->read();
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ(Json::parse(state->header)["k"], "v");
  ASSERT_EQ(state->stretches.size(), 1u);
  EXPECT_EQ(state->stretches[0].end, 900u);
  EXPECT_EQ(state->stretches[0].evidence, "cd");
  EXPECT_EQ(state->totals.counts, some_totals().counts);
  EXPECT_EQ(state->totals.matches_by_bank, some_totals().matches_by_bank);
  EXPECT_EQ(state->totals.decoders, some_totals().decoders);
  EXPECT_EQ(state->resumed, 1u);
  EXPECT_EQ(state->finished_at, "t2");
  EXPECT_EQ(state->summary_sha256, "ef");
  EXPECT_EQ(state->good_bytes, slurp(folder.at("j")).size());
}

TEST(JournalTest, IgnoresALastLineCutAnywhere) {
  const TempFolder folder;
  const std::string header = checked_line({{"format", kJournalFormat}});
  const std::string line = checked_line(checkpoint_json({7, 900, "ab"}, some_totals()));
  auto journal = Journal::open(folder.at("j"));
  ASSERT_TRUE(journal);
  for (std::size_t cut = 0; cut < header.size() + line.size(); ++cut) {
    folder.put("j", (header + line).substr(0, cut));
    auto state = journal->read();
    ASSERT_TRUE(state) << cut;
    EXPECT_EQ(state->header.empty(), cut < header.size());
    EXPECT_TRUE(state->stretches.empty());
    EXPECT_EQ(state->good_bytes, cut < header.size() ? 0 : header.size());
  }
}

TEST(JournalTest, RefusesAnUnknownFormAndADamagedFirstLine) {
  const TempFolder folder;
  auto journal = Journal::open(folder.at("j"));
  ASSERT_TRUE(journal);
  folder.put("j", checked_line({{"format", kJournalFormat + 1}}));
  auto state = journal->read();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kBadFormat);
  EXPECT_NE(state.error().what.find("format " + std::to_string(kJournalFormat + 1) +
                                    ", this build knows "),
            std::string::npos);
  folder.put("j", "some other text\n");
  state = journal->read();
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::kBadFormat);
}

TEST(JournalTest, RefusesWhatIsNoWholeNumber) {
  const std::string header = checked_line({{"format", kJournalFormat}});
  const auto parse = [](const std::string& text) {
    std::istringstream in(text);
    return parse_journal(in);
  };
  const Json good = checkpoint_json({7, 900, "ab", "cd"}, some_totals());
  ASSERT_TRUE(parse(header + checked_line(good)));
  for (const Json& number : {Json(1e300), Json(-1), Json(1.5), Json("7"), Json()}) {
    Json stretch = good;
    stretch["records"] = number;
    EXPECT_FALSE(parse(header + checked_line(stretch))) << number;
    Json totals = good;
    totals["totals"]["items"] = number;
    EXPECT_FALSE(parse(header + checked_line(totals))) << number;
    Json bank = good;
    bank["totals"]["matches_by_bank"]["demo"] = number;
    EXPECT_FALSE(parse(header + checked_line(bank))) << number;
  }
  // A format beyond 32 bits is not the one that its lower half spells.
  EXPECT_FALSE(parse(checked_line({{"format", (std::uint64_t{1} << 32) + kJournalFormat}})));
}

TEST(JournalTest, IsHeldByOneRun) {
  const TempFolder folder;
  {
    auto first = Journal::open(folder.at("j"));
    ASSERT_TRUE(first);
    auto second = Journal::open(folder.at("j"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::kExists);
    EXPECT_NE(second.error().what.find("another run"), std::string::npos);
  }
  EXPECT_TRUE(Journal::open(folder.at("j")));
}

}  // namespace
}  // namespace semblance::scanner
