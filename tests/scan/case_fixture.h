// SPDX-License-Identifier: Apache-2.0
// What the tests of a case share: evidence, a folder of cases, and runs with a checkpoint every few
// records.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "scan/case.h"
#include "scan/fakes.h"

namespace semblance::scanner {

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

}  // namespace semblance::scanner
