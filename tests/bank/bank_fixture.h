// SPDX-License-Identifier: Apache-2.0
// What the tests of src/bank share: a store in a folder of its own, with a clock that they set.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bank/sqlite_store.h"
#include "semblance/exchange.h"

namespace semblance::bank {

inline std::string hex_of(char digit, std::size_t count = 64) { return std::string(count, digit); }

inline SignalValue value_of(SignalKind kind, std::string_view hex) {
  auto value = parse_signal_value(kind, hex);
  EXPECT_TRUE(value) << hex;
  return value ? *value : SignalValue{};
}

inline BankSignal pdq_signal(char digit, std::optional<int> quality = std::nullopt) {
  BankSignal signal;
  signal.value = value_of(SignalKind::kPdq, hex_of(digit));
  signal.quality = quality;
  signal.profile = PdqProfile::kFull;
  return signal;
}

inline EntryDraft draft_of(std::string source_id, std::vector<BankSignal> signals,
                           std::vector<std::string> labels = {}) {
  EntryDraft draft;
  draft.source = "list";
  draft.source_id = std::move(source_id);
  draft.signals = std::move(signals);
  draft.labels = std::move(labels);
  return draft;
}

/// A folder that is removed with what is in it.
class TempFolder {
 public:
  /// Below `parent`, or where the system keeps such things.
  explicit TempFolder(const std::filesystem::path& parent = {}) {
    const auto in = parent.empty() ? std::filesystem::temp_directory_path() : parent;
    std::string name = (in / "semblance.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "cannot make " << name;
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// What an import gave, with the rows that it called bad.
struct Imported {
  std::optional<Error> error;
  ImportReport report;
  std::vector<BadRow> bad;
  std::vector<std::uint64_t> batches;  // rows after each

  std::vector<std::uint64_t> bad_lines() const {
    std::vector<std::uint64_t> lines;
    for (const BadRow& row : bad) lines.push_back(row.line);
    return lines;
  }
};

inline std::uint64_t sum_of(const ImportReport& r) {
  return r.added + r.updated + r.unchanged + r.kept_withdrawn + r.withdrawn + r.tombstones_unknown +
         r.bad;
}

/// Imports `text`, and checks that every row is in exactly one count.
inline Imported import_text(Store& store, std::string_view bank, std::string text,
                            ListFormat format, ImportOptions options = {}) {
  if (options.source.empty()) options.source = "list";
  Imported imported;
  ImportObserver observer;
  observer.on_bad_row = [&](const BadRow& row) { imported.bad.push_back(row); };
  observer.on_batch = [&](std::uint64_t bytes, const ImportReport& report) {
    EXPECT_LE(bytes, text.size());
    EXPECT_EQ(report.rows, sum_of(report));
    imported.batches.push_back(report.rows);
    imported.report = report;
  };
  std::istringstream in(text);
  auto report = import_list(store, bank, in, format, options, observer);
  if (!report) {
    imported.error = report.error();
    return imported;
  }
  imported.report = *report;
  EXPECT_EQ(report->rows, sum_of(*report));
  EXPECT_EQ(report->bad, imported.bad.size());
  return imported;
}

inline std::string export_text(Store& store, std::string_view bank, ListFormat format,
                               ExportReport* report = nullptr) {
  std::ostringstream out;
  auto written = export_list(store, bank, out, format);
  EXPECT_TRUE(written) << (written ? "" : written.error().what);
  if (written && report != nullptr) *report = *written;
  return out.str();
}

inline std::vector<Entry> entries_of(Store& store, std::int64_t bank) {
  std::vector<Entry> entries;
  auto status = store.for_each_entry(bank, 0, [&](const Entry& entry) {
    entries.push_back(entry);
    return true;
  });
  EXPECT_TRUE(status);
  return entries;
}

/// A store with one bank, `b`, and a clock.
class BankTest : public testing::Test {
 protected:
  void SetUp() override {
    store = open(true);
    ASSERT_NE(store, nullptr);
    bank = create("b");
  }

  std::unique_ptr<Store> open(bool create_file) {
    auto opened = open_store_with_clock(path(), create_file, [this] { return now; });
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().what);
    return opened ? *std::move(opened) : nullptr;
  }
  std::int64_t create(const char* name, const BankPolicy& policy = {}) {
    auto made = store->create_bank(name, policy);
    EXPECT_TRUE(made) << (made ? "" : made.error().what);
    return made ? made->id : 0;
  }
  AddOutcome add(const EntryDraft& draft, Merge merge = Merge::kReplace) {
    auto outcome = store->add_entry(bank, draft, merge);
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().what);
    return outcome ? *outcome : AddOutcome::kTombstoneUnknown;
  }
  AddOutcome tombstone(std::string_view source_id) {
    auto outcome = store->apply_tombstone(bank, "list", source_id, "gone");
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : AddOutcome::kAdded;
  }
  std::int64_t only_entry() {
    const auto all = entries_of(*store, bank);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? 0 : all.front().id;
  }
  std::vector<IndexedSignal> indexed() {
    std::vector<IndexedSignal> all;
    EXPECT_TRUE(store->for_each_pdq(0, [&](const IndexedSignal& s) {
      all.push_back(s);
      return true;
    }));
    return all;
  }
  std::string digest(const char* name = "b") {
    auto value = store->content_digest(name);
    EXPECT_TRUE(value);
    return value ? *value : "";
  }
  /// Kind and value of every active signal of a bank.
  std::set<std::pair<SignalKind, std::string>> active_values(std::int64_t of) {
    std::set<std::pair<SignalKind, std::string>> values;
    for (const Entry& entry : entries_of(*store, of)) {
      if (!entry.active(now)) continue;
      for (const BankSignal& s : entry.item.signals) {
        values.emplace(s.value.kind, to_hex(s.value.bytes));
      }
    }
    return values;
  }
  std::string path() const { return folder_ / "store.db"; }

  UnixSeconds now = 1'767'225'600;
  std::unique_ptr<Store> store;
  std::int64_t bank = 0;

 private:
  TempFolder folder_;
};

}  // namespace semblance::bank
