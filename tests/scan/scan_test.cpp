// SPDX-License-Identifier: Apache-2.0
#include "semblance/scan.h"

#include <nlohmann/json.hpp>

#include "scan/fakes.h"
#include "scan/scan_item.h"
#include "scan/walk.h"

namespace semblance {
namespace {

using scan_test::FakeExtractor;
using scan_test::FakeMatcher;
using scan_test::fill;
using scan_test::TempFolder;

std::string scan_text(const RunOptions& options, const Matcher& matcher, Extractor& extractor,
                      ScanReport* report = nullptr) {
  std::string text;
  auto done = scan(
      options, matcher, extractor,
      [&](std::string_view line) {
        text.append(line).push_back('\n');
        return ok();
      },
      nullptr, nullptr);
  EXPECT_TRUE(done) << done.error().what;
  if (done && report != nullptr) *report = *done;
  return text;
}

TEST(ScanTest, GivesTheSameBytesForEveryNumberOfJobs) {
  const TempFolder folder;
  fill(folder, 300);
  const FakeMatcher matcher;
  FakeExtractor quick;
  const std::string expected = scan_text({{folder.path()}, 1}, matcher, quick);
  EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 300);
  FakeExtractor slow(300);
  for (int jobs = 1; jobs <= 8; ++jobs) {
    EXPECT_EQ(scan_text({{folder.path()}, jobs}, matcher, slow), expected) << jobs;
  }
}

TEST(ScanTest, WhatTheBanksNeedWhenAnItemIsMatchedIsExtractedOfIt) {
  const TempFolder folder;
  folder.put("a", "picture 100 640x480");
  FakeMatcher matcher;
  FakeExtractor extractor;
  int extracted = 0;
  extractor.on_extract = [&](const std::string&) { ++extracted; };
  RunOptions options{{folder.path()}, 1};
  options.before_match = [&] {  // the first entry with an MD5 comes while the item is extracted
    matcher.mutable_plan().digests = {SignalKind::kSha256, SignalKind::kMd5};
    return ok();
  };
  const auto record = nlohmann::json::parse(scan_text(options, matcher, extractor));
  EXPECT_TRUE(record.contains("md5")) << record;
  EXPECT_EQ(extracted, 2);
  options.paths = {folder.path()};
  scan_text(options, matcher, extractor);
  EXPECT_EQ(extracted, 3) << "once, where nothing changes";
}

TEST(ScanTest, CountsWhatItsRecordsSay) {
  const TempFolder folder;
  fill(folder, 120);
  std::filesystem::create_symlink("1", folder.at("link"));
  FakeMatcher matcher;
  FakeExtractor extractor;
  ScanReport report;
  const std::string text =
      scan_text({{folder.path(), folder.at("missing")}, 2}, matcher, extractor, &report);
  Counts counts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line);
    ++counts.items;
    counts.bytes += record.value("bytes", std::uint64_t{0});
    counts.partial += record.contains("complete") ? 1u : 0u;
    for (std::size_t i = 0; i < 3; ++i) {
      if (record["outcome"] == name(static_cast<Outcome>(i))) ++counts.by_outcome[i];
    }
    for (std::size_t i = 1; i < kReasons; ++i) {
      if (record["outcome"] == "not_evaluated" &&
          record["reason"] == name(static_cast<Reason>(i))) {
        ++counts.by_reason[i];
      }
    }
  }
  counts.skipped_symlinks = 1;
  EXPECT_EQ(report.counts, counts);
  EXPECT_EQ(report.counts.items, 121u);
  EXPECT_EQ(report.counts.by_reason[static_cast<std::size_t>(Reason::kOpenFailed)], 1u);
  EXPECT_GT(report.counts.by_outcome[0], 0u);
  EXPECT_EQ(report.matches_by_bank["demo"], report.counts.by_outcome[0]);
  EXPECT_TRUE(incomplete(report.counts));
}

TEST(ScanTest, TellsProgress) {
  const TempFolder folder;
  fill(folder, 60);
  const FakeMatcher matcher;
  FakeExtractor extractor;
  Progress progress;
  RunOptions options{{folder.path()}, 2};
  options.count_first = true;
  auto report = scan(
      options, matcher, extractor, [](std::string_view) { return ok(); }, &progress, nullptr);
  ASSERT_TRUE(report);
  EXPECT_EQ(progress.total_items, 60u);
  EXPECT_EQ(progress.items, 60u);
  EXPECT_EQ(progress.bytes, report->counts.bytes);
  EXPECT_EQ(progress.total_bytes, report->counts.bytes);
  EXPECT_EQ(progress.by_outcome[0], report->counts.by_outcome[0]);
}

TEST(ScanTest, GivesExtractionsInOrderToTheirConsumer) {
  const TempFolder folder;
  fill(folder, 200);
  FakeExtractor extractor(200);
  std::uint64_t next = 0;
  std::string last;
  auto counts = for_each_extraction(
      {{folder.path()}, 4}, Plan{}, extractor,
      [&](const Item& item, const Extraction& extraction) {
        EXPECT_EQ(item.sequence, next++);
        EXPECT_EQ(extraction.bytes, item.bytes);
        EXPECT_EQ(extraction.digests.size(), 1u);
        return ok();
      },
      nullptr, nullptr);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->items, 200u);
  EXPECT_EQ(next, 200u);
  EXPECT_EQ(counts->by_outcome[static_cast<std::size_t>(Outcome::kMatched)], 0u);

  auto stopped = for_each_extraction(
      {{folder.path()}, 4}, Plan{}, extractor,
      [&](const Item& item, const Extraction&) -> Status {
        if (item.sequence == 5) return Error{Errc::kExists, "add: enough"};
        return ok();
      },
      nullptr, nullptr);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().what, "add: enough");
}

TEST(ScanTest, RecordsAFileThatVanishesBetweenWalkAndOpen) {
  const TempFolder folder;
  folder.put("a", "picture 100 64x64");
  scanner::Walk walk({folder.path()}, -1);
  auto walked = walk.next();
  ASSERT_TRUE(walked && walked->has_value());
  std::filesystem::remove(folder.at("a"));
  FakeExtractor extractor;
  auto finished = scanner::scan_item(**walked, RunOptions{}, FakeMatcher(), extractor, nullptr);
  ASSERT_TRUE(finished);
  const auto record = nlohmann::json::parse(finished->line);
  EXPECT_EQ(record["path"], folder.at("a"));
  EXPECT_EQ(record["outcome"], "not_evaluated");
  EXPECT_EQ(record["reason"], "open_failed");
  EXPECT_EQ(record["detail"], "open: No such file or directory");
}

TEST(ScanTest, RecordsAFileThatVanishesAfterItWasCounted) {
  const TempFolder folder;
  fill(folder, 40);
  const std::string last = folder.at("last");
  folder.put("last", "picture 100 64x64");
  FakeExtractor extractor;
  // At most two items are in flight: every other one is extracted before the last is opened.
  extractor.on_extract = [&](const std::string&) { std::filesystem::remove(last); };
  RunOptions options{{folder.path(), last}, 1};
  options.count_first = true;
  const FakeMatcher matcher;
  ScanReport report;
  const std::string text = scan_text(options, matcher, extractor, &report);
  EXPECT_EQ(report.counts.items, 42u);
  EXPECT_EQ(report.counts.by_reason[static_cast<std::size_t>(Reason::kOpenFailed)], 2u);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 42);
}

}  // namespace
}  // namespace semblance
