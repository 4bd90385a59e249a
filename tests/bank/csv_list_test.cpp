// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <map>
#include <random>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CsvListTest : public BankTest {
 protected:
  Imported import_csv(std::string text, ImportOptions options = {}) {
    return import_text(*store, "b", std::move(text), ListFormat::kCsv, std::move(options));
  }
};

TEST_F(CsvListTest, ReadsRowsLabelsAndQuotes) {
  const auto imported = import_csv(
      "\xEF\xBB\xBFKind,Value,Label\r\n"
      "# a comment\r\n"
      "\r\n"
      "pdq," +
      hex_of('A') +
      ",far-right,\"a, \"\"b\"\"\"\r\n"
      " MD5 , \"" +
      hex_of('1', 32) +
      "\" ,, gr\xC3\xBCn ,\n"
      "sha-256," +
      hex_of('2'));
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.rows, 3U);
  EXPECT_EQ(imported.report.added, 3U);
  const auto entries = entries_of(*store, bank);
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[0].item.source, "list");
  EXPECT_EQ(entries[0].item.source_id, "pdq:" + hex_of('a'));
  EXPECT_THAT(entries[0].item.labels, ElementsAre("far-right", "a, \"b\""));
  EXPECT_EQ(entries[0].item.signals, std::vector<BankSignal>{pdq_signal('a')});
  EXPECT_THAT(entries[1].item.labels, ElementsAre("gr\xC3\xBCn"));
  EXPECT_FALSE(entries[1].item.signals[0].profile);
}

TEST_F(CsvListTest, ABadRowCostsThatRowAndIsNamedByItsLine) {
  const std::string good = "pdq," + hex_of('a') + "\n";
  const std::string nul = std::string("pdq,") + hex_of('b') + ",a" + std::string(1, '\0') + "b\n";
  const auto imported = import_csv(good +           // 1
                                   "pdq\n"          // 2
                                   "photodna,00\n"  // 3
                                   "pdq,\"" +
                                   hex_of('b') + "\n" +                  // 4: no closing quote
                                   "pdq," + hex_of('b') + ",a\"b\n" +    // 5
                                   "pdq,\"" + hex_of('b') + "\"x,l\n" +  // 6
                                   "pdq," + hex_of('b', 63) + "\n" +     // 7
                                   "pdq," + hex_of('g') + "\n" +         // 8
                                   "pdq," + hex_of('b') + ",\xFF\n" +    // 9
                                   nul +                                 // 10
                                   ",\n" +                               // 11
                                   "pdq," + hex_of('c') + "\n");         // 12
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.rows, 12U);
  EXPECT_EQ(imported.report.added, 2U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_THAT(imported.bad[1].why, HasSubstr("photodna"));
}

TEST_F(CsvListTest, ALineWithoutEndCostsOneRowAndNoMemory) {
  const std::string good = "pdq," + hex_of('a');
  const auto imported = import_csv(good + '\n' + "pdq," + std::string(5 << 20, '"') + '\n' + good +
                                   ",x\n" + std::string(2 << 20, 'x'));
  EXPECT_EQ(imported.report.rows, 4U);
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(imported.report.updated, 1U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(2, 4));
}

TEST_F(CsvListTest, RowsOfOneValueAreOneEntryWithAllItsLabels) {
  const std::string row = "pdq," + hex_of('a');
  const auto imported = import_csv(row + ",x\n" + row + ",y\n" + row + ",x\n");
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(imported.report.updated, 1U);
  EXPECT_EQ(imported.report.unchanged, 1U);
  EXPECT_THAT(entries_of(*store, bank)[0].item.labels, ElementsAre("x", "y"));
}

TEST_F(CsvListTest, OptionsSayWhatRowsDoNot) {
  ImportOptions options;
  options.pdq_profile = PdqProfile::kCli512;
  options.expires_at = now + 50;
  import_csv("pdq," + hex_of('a') + "\n", options);
  const auto entries = entries_of(*store, bank);
  EXPECT_EQ(entries[0].item.signals[0].profile, PdqProfile::kCli512);
  EXPECT_EQ(entries[0].item.expires_at, now + 50);
}

TEST_F(CsvListTest, WritesActiveEntriesAndQuotesWhatNeedsIt) {
  BankSignal cli = pdq_signal('a');
  cli.profile = PdqProfile::kCli512;
  add(draft_of("1", {pdq_signal('a'), cli}, {"far-right", "a, \"b\"", " c"}));
  add(draft_of("2", {pdq_signal('b')}));
  tombstone("2");
  ExportReport report;
  EXPECT_EQ(export_text(*store, "b", ListFormat::kCsv, &report),
            "kind,value,label\npdq," + hex_of('a') + ",far-right,\"a, \"\"b\"\"\",\" c\"\n");
  EXPECT_EQ(report.entries, 1U);
  EXPECT_EQ(report.signals, 1U);
}

// Random lists against a model that knows no database: value to labels.
TEST_F(CsvListTest, AgreesWithAPlainModelOnRandomLists) {
  std::mt19937 rng(20260611);
  std::map<std::string, std::vector<std::string>> model;
  std::uint64_t added = 0, changed = 0, same = 0, bad = 0;
  std::string text;
  for (int row = 0; row < 3000; ++row) {
    const bool pdq = rng() % 2 == 0;
    std::string hex = hex_of('0', pdq ? 64 : 32);
    hex.back() = "0123456789abcdef"[rng() % 16];
    hex.front() = "0123456789abcdef"[rng() % 16];
    const std::string key = (pdq ? "pdq:" : "md5:") + hex;
    text += std::string(pdq ? "pdq," : "md5,") + hex;
    if (rng() % 20 == 0) {
      text += "0,spoilt\n";
      ++bad;
      continue;
    }
    const bool is_new = !model.contains(key);
    auto& labels = model[key];
    bool grew = false;
    for (auto i = rng() % 3; i > 0; --i) {
      const std::string label = "l, \"" + std::to_string(rng() % 4) + "\"";
      text += ",\"l, \"\"" + label.substr(4, 1) + "\"\"\"";
      if (std::find(labels.begin(), labels.end(), label) == labels.end()) {
        labels.push_back(label);
        grew = true;
      }
    }
    text += '\n';
    ++(is_new ? added : grew ? changed : same);
  }
  ImportOptions options;
  options.batch = 37;
  const auto imported = import_csv(text, options);
  EXPECT_EQ(imported.report.added, added);
  EXPECT_EQ(imported.report.updated, changed);
  EXPECT_EQ(imported.report.unchanged, same);
  EXPECT_EQ(imported.report.bad, bad);
  std::map<std::string, std::vector<std::string>> stored;
  for (const Entry& entry : entries_of(*store, bank)) {
    stored[entry.item.source_id] = entry.item.labels;
  }
  EXPECT_EQ(stored, model);

  const std::int64_t copy = create("copy");
  const auto again =
      import_text(*store, "copy", export_text(*store, "b", ListFormat::kCsv), ListFormat::kCsv);
  EXPECT_THAT(again.bad, IsEmpty());
  EXPECT_EQ(active_values(copy), active_values(bank));
}

}  // namespace
}  // namespace semblance::bank
