// SPDX-License-Identifier: Apache-2.0
#include "quality/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/quality_alterations.h"

namespace semblance::bench {
namespace {

using testing::HasSubstr;
using testing::Not;

// Ten pictures in every alteration, all of which plain PDQ finds but the crops.
Outcome sample_outcome() {
  Outcome outcome;
  outcome.channels = {{"whole", 48.0F, false}, {"features", -6.0F, true}};
  const auto all = datasets::quality_alterations();
  for (std::uint32_t picture = 0; picture < 10; ++picture) {
    for (std::uint32_t a = 0; a < all.size(); ++a) {
      const bool crop = all[a].family == "crop-anywhere";
      outcome.truths.push_back({picture, a, {crop ? kFar : 8.0F, picture < 8 ? -30.0F : kFar}});
      outcome.megapixels.push_back(0.5);
      outcome.costs["pdq"].push_back(100.0);
    }
  }
  outcome.pairs = {1'000'000, 2'000'000};
  outcome.sampled_pairs = {500, 500};
  NearPair pair;
  pair.scores = {20.0F, kFar};
  outcome.near.push_back(pair);
  return outcome;
}

TEST(ReportTest, ClassesAreSummedOverTheirMembers) {
  const Outcome outcome = sample_outcome();
  const auto results = apply_rules(outcome, make_rules(outcome, {}, 12));
  ASSERT_EQ(results.front().rule.name, "pdq");
  const Share crops = recall_of_family(results.front(), "crop-anywhere");
  EXPECT_EQ(crops.hits, 0U);
  EXPECT_EQ(crops.of, 30U);
  const Share mirrors = recall_of_family(results.front(), "mirror");
  EXPECT_EQ(mirrors.hits, 20U);
  EXPECT_EQ(mirrors.of, 20U);
}

TEST(ReportTest, SaysWhatIsMissedAndWhatWasNotRun) {
  const Outcome outcome = sample_outcome();
  const std::string tables = markdown(outcome, apply_rules(outcome, make_rules(outcome, {}, 12)));
  // Features find 8 of 10 crops, a tenth too few; probes were not run.
  EXPECT_THAT(tables, HasSubstr("| 0.90 | **missed by 0.100** |"));
  EXPECT_THAT(tables, HasSubstr("| 0.95 | not run |"));
  EXPECT_THAT(tables, HasSubstr("| pdq | whole: 31 | 1 of 3e+06 |"));
  EXPECT_THAT(tables, HasSubstr("| pdq | 100 | 200 |"));
}

TEST(ReportTest, TheCsvHasALineForEveryFigure) {
  const Outcome outcome = sample_outcome();
  const auto results = apply_rules(outcome, make_rules(outcome, {}, 12));
  const std::string lines = csv(outcome, results);
  const auto count = static_cast<std::size_t>(std::ranges::count(lines, '\n'));
  EXPECT_EQ(count, 1 + results.size() * (datasets::quality_alterations().size() + 2) + 1);
  EXPECT_THAT(lines, HasSubstr("recall,mirror,mirror,\"pdq\",10,10,1.000000,"));
  EXPECT_THAT(lines, HasSubstr("false,,pictures,\"pdq\",1,1000000,1e-06,,4.744e-06\n"));
}

TEST(ReportTest, TheCurveCountsUpwards) {
  Outcome outcome = sample_outcome();
  outcome.near.push_back(outcome.near.front());
  outcome.near.back().scores[0] = 30.0F;
  const std::string lines = false_curve(outcome);
  EXPECT_THAT(lines, HasSubstr("whole,20,1,3000000,"));
  EXPECT_THAT(lines, HasSubstr("whole,30,2,3000000,"));
  EXPECT_THAT(lines, HasSubstr("features,-6,0,1000,"));
}

TEST(ReportTest, ThePlotHasACellForEachClassAndRule) {
  const Outcome outcome = sample_outcome();
  const auto results = apply_rules(outcome, make_rules(outcome, {}, 12));
  const std::string svg = plot(results, "ten pictures");
  std::size_t cells = 0;
  for (std::size_t at = svg.find("<title>"); at != std::string::npos;
       at = svg.find("<title>", at + 1)) {
    ++cells;
  }
  EXPECT_EQ(cells, families().size() * results.size() + 1);
  EXPECT_THAT(svg, HasSubstr("ten pictures"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace semblance::bench
