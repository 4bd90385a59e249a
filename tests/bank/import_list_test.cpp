// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

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

// Gives some rows, then fails as a disk would.
class FailingBuffer : public std::streambuf {
 public:
  explicit FailingBuffer(std::string text) : text_(std::move(text)) {
    setg(text_.data(), text_.data(), text_.data() + text_.size());
  }

 protected:
  int_type underflow() override { throw std::ios_base::failure("disk"); }

 private:
  std::string text_;
};

TEST_F(ImportListTest, AListThatCannotBeReadOnIsAnErrorAndNotAnEnd) {
  FailingBuffer buffer(pdq_row(1) + pdq_row(2));
  std::istream in(&buffer);
  ImportOptions options;
  options.source = "list";
  const auto report = import_list(*store, "b", in, ListFormat::kCsv, options, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::kIo);
}

}  // namespace
}  // namespace semblance::bank
