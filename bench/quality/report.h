// SPDX-License-Identifier: Apache-2.0
// Private to bench: the tables of quality, as Markdown, CSV and a picture.
#pragma once

#include <string>
#include <vector>

#include "quality/rules.h"

namespace semblance::bench {

/// A rule with what it reached.
struct RuleResult {
  Rule rule;
  std::vector<Share> recall;  // by index into quality_alterations()
  FalseMatches false_matches;
};

/// Applies every rule to the outcome.
std::vector<RuleResult> apply_rules(const Outcome& outcome, const std::vector<Rule>& rules);

/// The classes of alterations, in order, each once.
std::vector<std::string> families();

/// What a rule finds of all members of a class together.
Share recall_of_family(const RuleResult& result, const std::string& family);

/// The tables of bench/README.md: targets, recall by class, false matches, thresholds, costs.
std::string markdown(const Outcome& outcome, const std::vector<RuleResult>& results);

/// One line a figure: `table,class,name,rule,hits,of,rate,low,high`. Of `table` recall, name is the
/// alteration; of false, whether the entries are pictures or strangers, with the upper bound of one
/// side as `high`; of cost, the step, with microseconds as `rate`.
std::string csv(const Outcome& outcome, const std::vector<RuleResult>& results);

/// How many unrelated pairs each channel puts within each score: `channel,score,pairs,of,high`, the
/// upper bound of one side at 95 %.
std::string false_curve(const Outcome& outcome);

/// Recall by class and rule as a table of coloured cells, an SVG.
std::string plot(const std::vector<RuleResult>& results, const std::string& subtitle);

}  // namespace semblance::bench
