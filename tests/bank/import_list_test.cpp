// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <streambuf>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class ImportListTest : public BankTest {};

std::string pdq_row(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return "pdq," + std::string(64 - digits.size(), '0') + digits + ",label\n";
}

TEST_F(ImportListTest, TwentyThousandRowsWithBadOnesAmongThemAllArriveOrAreNamed) {
  std::mt19937 rng(3);
  std::string text;
  std::vector<std::uint64_t> spoilt;
  for (std::uint64_t line = 1; line <= 20'000; ++line) {
    if (rng() % 50 == 0) {
      spoilt.push_back(line);
      text += rng() % 2 == 0 ? "pdq,\"" + pdq_row(line).substr(4) : "pdq,zz\n";
    } else {
      text += pdq_row(line);
    }
  }
  ImportOptions options;
  options.batch = 3000;
  const auto imported = import_text(*store, "b", text, ListFormat::kCsv, options);
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.rows, 20'000U);
  EXPECT_EQ(imported.report.added, 20'000U - spoilt.size());
  EXPECT_EQ(imported.bad_lines(), spoilt);
  EXPECT_THAT(imported.batches, ElementsAre(3000, 6000, 9000, 12000, 15000, 18000, 20000));
  EXPECT_EQ(store->find_bank("b")->active, 20'000U - spoilt.size());
  const auto again = import_text(*store, "b", text, ListFormat::kCsv, options);
  EXPECT_EQ(again.report.unchanged, 20'000U - spoilt.size());
}

TEST_F(ImportListTest, APersonsWithdrawalOutlivesTheListsItCameFrom) {
  import_text(*store, "b", pdq_row(1) + pdq_row(2), ListFormat::kCsv);
  ASSERT_TRUE(store->withdraw(bank, 1, ""));
  const auto again = import_text(*store, "b", pdq_row(1) + pdq_row(2), ListFormat::kCsv);
  EXPECT_EQ(again.report.kept_withdrawn, 1U);
  EXPECT_EQ(again.report.unchanged, 1U);
  EXPECT_THAT(active_values(bank), SizeIs(1));
}

TEST_F(ImportListTest, AnEntryGrownOverWhatOneMayHoldIsABadRow) {
  std::string text;
  for (int i = 0; i <= 100; ++i) {
    text += "pdq," + hex_of('a') + ",label " + std::to_string(i) + "\n";
  }
  const auto imported = import_text(*store, "b", text, ListFormat::kCsv);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(101));
  EXPECT_THAT(entries_of(*store, bank)[0].item.labels, SizeIs(100));
}

TEST_F(ImportListTest, SaysWhatItCannotStartWithout) {
  std::istringstream in(pdq_row(1));
  const auto nameless = import_list(*store, "b", in, ListFormat::kCsv, {}, {});
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().code, Errc::kBadArgument);
  ImportOptions options;
  options.source = "list";
  const auto bankless = import_list(*store, "nope", in, ListFormat::kCsv, options, {});
  ASSERT_FALSE(bankless);
  EXPECT_EQ(bankless.error().code, Errc::kNotFound);
}

// Gives its text, and then fails as a disk would: what it gave last may end anywhere.
class FailingBuffer : public std::streambuf {
 public:
  explicit FailingBuffer(std::string text) : text_(std::move(text)) {}

 protected:
  std::streamsize xsgetn(char* to, std::streamsize size) override {
    if (given_ == text_.size()) throw std::ios_base::failure("disk");
    const std::size_t some = std::min(text_.size() - given_, static_cast<std::size_t>(size));
    text_.copy(to, some, given_);
    given_ += some;
    return static_cast<std::streamsize>(some);
  }

 private:
  std::string text_;
  std::size_t given_ = 0;
};

// Fills up the 64 KiB that are read at once with blank lines, so that `tail` is the end of them.
std::string chunk_ending_in(const std::string& rows, const std::string& tail) {
  return rows + std::string((64 << 10) - rows.size() - tail.size(), '\n') + tail;
}

TEST_F(ImportListTest, WhatAFailureCutOffIsNoRowAndTheRowsBeforeItStay) {
  struct Case {
    ListFormat format;
    std::string rows;
    std::string tail;  // would be a row if the list ended here
  };
  const std::string tcap = R"({"id":1,"algorithm":"PDQ","hash_digest":")";
  const std::vector<Case> cases = {
      {ListFormat::kCsv, pdq_row(1) + pdq_row(2), "pdq," + hex_of('a') + ",lab"},
      {ListFormat::kHex, hex_of('1') + "\n" + hex_of('2') + "\n", "md5 " + hex_of('a', 32)},
      {ListFormat::kJsonLines,
       R"({"source_id":"1","signals":[{"kind":"pdq","value":")" + hex_of('1') + "\"}]}\n" +
           R"({"source_id":"2","signals":[{"kind":"pdq","value":")" + hex_of('2') + "\"}]}\n",
       R"({"source_id":"3","signals":[{"kind":"pdq","value":")" + hex_of('3') + "\"}]}"},
      {ListFormat::kTcap,
       "[" + tcap + hex_of('1') + "\"},{\"id\":2" + tcap.substr(7) + hex_of('2') + "\"},",
       "{\"id\":3" + tcap.substr(7) + hex_of('3').substr(10)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(name(c.format));
    const std::string into(name(c.format));
    const std::int64_t id = create(into.c_str());
    FailingBuffer buffer(chunk_ending_in(c.rows, c.tail));
    std::istream in(&buffer);
    ImportOptions options;
    options.source = "list";
    ImportReport last;
    ImportObserver observer;
    observer.on_batch = [&](std::uint64_t, const ImportReport& so_far) { last = so_far; };
    const auto report = import_list(*store, into, in, c.format, options, observer);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::kIo);
    EXPECT_THAT(report.error().what,
                testing::HasSubstr("read list: input failed or was interrupted"));
    EXPECT_EQ(last.rows, 2U);
    EXPECT_EQ(last.added, 2U);
    EXPECT_THAT(entries_of(*store, id), SizeIs(2));
  }
}

TEST_F(ImportListTest, ABatchOfHugeRowsEndsEarlyWhateverTheyAreHugeIn) {
  const std::string source(4000, 's');
  std::string text;
  for (int i = 0; i < 9000; ++i) {
    text += R"({"source":")" + source + R"(","source_id":")" + std::to_string(i) +
            R"(","signals":[{"kind":"md5","value":")" + hex_of('1', 32) + "\"}]}\n";
  }
  const auto imported = import_text(*store, "b", text, ListFormat::kJsonLines);
  EXPECT_EQ(imported.report.added, 9000U);
  EXPECT_THAT(imported.batches, SizeIs(2));
}

}  // namespace
}  // namespace semblance::bank
