// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <random>

#include "bank/picture_signals.h"

namespace semblance::bank {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ExportListTest : public BankTest {};

// Entries of several sources with equal ids, of several signals, withdrawn, expired and live.
TEST_F(ExportListTest, EveryFormatReadsBackTheActiveSignalsItWrote) {
  std::mt19937 rng(11);
  for (int i = 0; i < 200; ++i) {
    EntryDraft draft = draft_of(std::to_string(i / 2), {pdq_signal('a', 80)});
    draft.source = i % 2 == 0 ? "one" : "two";
    draft.labels = {"far-right", "label, " + std::to_string(i)};
    for (auto& byte : draft.signals[0].value.bytes) byte = static_cast<std::uint8_t>(rng());
    if (i % 3 == 0) {
      BankSignal md5;
      md5.value = value_of(SignalKind::kMd5, hex_of('1', 32));
      for (auto& byte : md5.value.bytes) byte = static_cast<std::uint8_t>(rng());
      draft.signals.push_back(md5);
    }
    if (i % 7 == 0) draft.expires_at = 1000;  // long ago
    add(draft);
    if (i % 5 == 0) {
      ASSERT_TRUE(store->withdraw(bank, i + 1, "no"));
    }
  }
  const auto expected = active_values(bank);
  EXPECT_GT(expected.size(), 150U);
  for (const ListFormat format : {ListFormat::kCsv, ListFormat::kJsonLines, ListFormat::kHex,
                                  ListFormat::kThreatExchange, ListFormat::kTcap}) {
    SCOPED_TRACE(name(format));
    const std::string text = export_text(*store, "b", format);
    EXPECT_EQ(*sniff_list_format(text), format);
    const std::string copy(name(format));
    const std::int64_t into = create(copy.c_str());
    const auto imported = import_text(*store, copy, text, format);
    EXPECT_FALSE(imported.error);
    EXPECT_THAT(imported.bad, IsEmpty());
    EXPECT_EQ(active_values(into), expected);
  }
}

TEST_F(ExportListTest, CountsWhatAnExportLeavesBehind) {
  BankSignal other = pdq_signal('b', 90);
  other.profile = PdqProfile::kCli512;
  EntryDraft draft = draft_of("1", {pdq_signal('a', 20), other},
                              {"far-right", "group:x", "file_type:jpg", "file_type:png"});
  draft.expires_at = 4'000'000'000;
  add(draft);
  add(draft_of("2", {pdq_signal('c', 49)}));
  add(draft_of("3", {pdq_signal('d')}));
  for (const ListFormat format :
       {ListFormat::kTcap, ListFormat::kThreatExchange, ListFormat::kCsv, ListFormat::kHex}) {
    SCOPED_TRACE(name(format));
    ExportReport report;
    const std::string text = export_text(*store, "b", format, &report);
    EXPECT_THAT(text, testing::Not(HasSubstr(hex_of('a'))));
    EXPECT_THAT(text, testing::Not(HasSubstr(hex_of('c'))));
    EXPECT_EQ(report.entries, 2U);
    EXPECT_EQ(report.signals, 2U);
    EXPECT_EQ(report.below_floor, 2U);
    EXPECT_EQ(report.skipped, 2U);
    EXPECT_EQ(report.lost_profiles, 1U);
    EXPECT_EQ(report.lost_expiry, 1U);
    const std::uint64_t labels = format == ListFormat::kTcap  ? 2
                                 : format == ListFormat::kHex ? 4
                                                              : 0;
    EXPECT_EQ(report.lost_labels, labels);
  }
  ExportReport report;
  const std::string text = export_text(*store, "b", ListFormat::kJsonLines, &report);
  EXPECT_THAT(text, HasSubstr(hex_of('a')));
  EXPECT_EQ(report.entries, 3U);
  EXPECT_EQ(report.below_floor + report.lost_profiles + report.lost_expiry + report.lost_labels,
            0U);
}

// A member would take a part for a picture.
TEST_F(ExportListTest, PartsFeaturesAndEmbeddingsAreNotExchanged) {
  add(draft_of("17", {pdq_signal('a', 80), part_signal('b'), part_signal('c', kTrimmedPart),
                      features_signal(1), embedding_signal("gist", 1)}));
  add(draft_of("18", {part_signal('d'), features_signal(1)}));
  add(draft_of("19", {pdq_signal('e', 80), part_signal('f')}));
  tombstone("19");
  for (const ListFormat format :
       {ListFormat::kTcap, ListFormat::kThreatExchange, ListFormat::kCsv, ListFormat::kHex}) {
    SCOPED_TRACE(name(format));
    ExportReport report;
    const std::string text = export_text(*store, "b", format, &report);
    EXPECT_THAT(text, HasSubstr(hex_of('a')));
    for (const char part : {'b', 'c', 'd', 'f'}) {
      EXPECT_THAT(text, testing::Not(HasSubstr(hex_of(part))));
    }
    EXPECT_EQ(report.entries, 1U);
    EXPECT_EQ(report.signals, 1U);
    EXPECT_GE(report.skipped, 6U);
    const std::string copy(name(format));
    const std::int64_t into = create(copy.c_str());
    import_text(*store, copy, text, format);
    EXPECT_EQ(active_values(into).size(), 1U);
  }
  EXPECT_EQ(store->find_bank("csv")->without_windows, 1U) << "lists hold none";
}

// An exchange's own id stays where parts were added to what it sent.
TEST_F(ExportListTest, PartsTakeNoRecordIds) {
  BankSignal whole = pdq_signal('a', 80);
  whole.quality.reset();
  add(draft_of("17", {whole, part_signal('0'), part_signal('c', kTrimmedPart)}));
  EXPECT_THAT(export_text(*store, "b", ListFormat::kTcap), HasSubstr("\"id\":17,"));
  EXPECT_THAT(export_text(*store, "b", ListFormat::kThreatExchange), HasSubstr("\"id\":\"17\""));
}

TEST_F(ExportListTest, AnEmptyBankIsAListWithNothingInIt) {
  for (const ListFormat format : {ListFormat::kCsv, ListFormat::kJsonLines, ListFormat::kHex,
                                  ListFormat::kThreatExchange, ListFormat::kTcap}) {
    const auto imported = import_text(*store, "b", export_text(*store, "b", format), format);
    EXPECT_FALSE(imported.error) << name(format);
    EXPECT_EQ(imported.report.rows, 0U) << name(format);
  }
}

TEST_F(ExportListTest, AnOutputThatFailsIsAnError) {
  add(draft_of("1", {pdq_signal('a')}));
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  const auto report = export_list(*store, "b", out, ListFormat::kCsv);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::kIo);
  EXPECT_EQ(export_list(*store, "nope", out, ListFormat::kCsv).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace semblance::bank
