// SPDX-License-Identifier: Apache-2.0
#include "quality/report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <map>

#include "datasets/quality_alterations.h"
#include "quality/intervals.h"
#include "rounds.h"

namespace semblance::bench {
namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char buffer[512];
  std::va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(buffer, sizeof buffer, pattern, arguments);
  va_end(arguments);
  return buffer;
}

unsigned long long wide(std::uint64_t value) { return value; }

// "1.000" is kept for all of them.
std::string recall_text(const Share& share) {
  if (share.of == 0) return "";
  if (share.hits == share.of) return "1.000";
  return format("%.3f", std::min(share.rate(), 0.999));
}

std::string with_interval(const Share& share) {
  const Interval interval = interval_95(share.hits, share.of);
  return recall_text(share) + format(" (%.3f-%.3f)", interval.low, interval.high);
}

const RuleResult* find_rule(const std::vector<RuleResult>& results, const std::string& name) {
  const auto found = std::ranges::find_if(
      results, [&name](const RuleResult& result) { return result.rule.name == name; });
  return found == results.end() ? nullptr : &*found;
}

// What the table of targets asks of some alterations: whole classes, or one member.
struct Target {
  const char* what;
  std::vector<const char*> classes;
  const char* member;              // nullptr: all
  double least;                    // below 0: no worse than plain PDQ
  std::vector<const char*> rules;  // by which it may be reached
};

const std::vector<Target>& targets() {
  static const std::vector<Target> kTargets = {
      {"re-encode, resize, mild colour",
       {"re-encode", "resize", "colour"},
       nullptr,
       -1.0,
       {"probes"}},
      {"letterbox and uniform borders to 30 %", {"border", "letterbox"}, nullptr, 0.95, {"probes"}},
      {"rotation by 90, 180, 270, mirror", {"quarter-turn", "mirror"}, nullptr, 0.98, {"probes"}},
      {"crop keeping 55-95 % of each side, anywhere",
       {"crop-anywhere"},
       "keep-55-95",
       0.9,
       {"features", "probes+features"}},
      {"25-100 % of a collage", {"collage"}, nullptr, 0.8, {"probes", "probes+features"}},
      {"25-100 % of a screenshot", {"screenshot"}, nullptr, 0.8, {"probes", "probes+features"}},
  };
  return kTargets;
}

Share recall_of(const RuleResult& result, const Target& target) {
  Share sum;
  const auto all = datasets::quality_alterations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool in_class = std::ranges::find(target.classes, all[i].family) != target.classes.end();
    if (!in_class || (target.member != nullptr && all[i].name != target.member)) continue;
    sum.hits += result.recall[i].hits;
    sum.of += result.recall[i].of;
  }
  return sum;
}

std::string verdict(const Target& target, const std::vector<RuleResult>& results) {
  const RuleResult* plain = find_rule(results, "pdq");
  double best = -1.0;
  for (const char* name : target.rules) {
    const RuleResult* result = find_rule(results, name);
    if (result == nullptr) continue;
    const double rate = recall_of(*result, target).rate();
    const double least =
        target.least < 0.0 && plain != nullptr ? recall_of(*plain, target).rate() : target.least;
    if (rate >= least) return std::string("reached by ") + name;
    best = std::max(best, rate);
  }
  return best < 0.0 ? "not run" : format("**missed by %.3f**", target.least - best);
}

std::string target_table(const std::vector<RuleResult>& results) {
  constexpr const char* kColumns[] = {"pdq", "probes", "features", "probes+features"};
  std::string out = "| alteration |";
  std::string line = "| --- |";
  for (const char* column : kColumns) {
    if (find_rule(results, column) == nullptr) continue;
    out += format(" %s |", column);
    line += " --: |";
  }
  out += " to reach | |\n" + line + " --- | --- |\n";
  for (const Target& target : targets()) {
    out += format("| %s |", target.what);
    for (const char* column : kColumns) {
      const RuleResult* result = find_rule(results, column);
      if (result != nullptr) out += " " + with_interval(recall_of(*result, target)) + " |";
    }
    out += target.least < 0.0 ? " no worse |" : format(" %.2f |", target.least);
    out += " " + verdict(target, results) + " |\n";
  }
  return out;
}

std::string recall_table(const std::vector<RuleResult>& results) {
  std::string out = "| class | queries |";
  std::string line = "| --- | --: |";
  for (const RuleResult& result : results) {
    out += " " + result.rule.name + " |";
    line += " --: |";
  }
  out += "\n" + line + "\n";
  for (const std::string& family : families()) {
    out +=
        format("| %s | %llu |", family.c_str(), wide(recall_of_family(results.front(), family).of));
    for (const RuleResult& result : results) {
      out += " " + recall_text(recall_of_family(result, family)) + " |";
    }
    out += "\n";
  }
  return out;
}

std::string events_text(const Share& share) {
  if (share.of == 0) return " - | - |";
  return format(" %llu of %.3g | %.2g |", wide(share.hits), static_cast<double>(share.of),
                upper_bound_95(share.hits, share.of));
}

std::string false_table(const Outcome& outcome, const std::vector<RuleResult>& results) {
  std::string out =
      "| rule | matches where at most | false, all pairs | bound | among the pictures | bound |\n"
      "| --- | --- | --: | --: | --: | --: |\n";
  for (const RuleResult& result : results) {
    out += "| " + result.rule.name + " |";
    for (const auto& [channel, threshold] : result.rule.parts) {
      const double shown = threshold;
      const std::string& name = outcome.channels[channel].name;
      if (name == "gist") {
        out += format(" %s: cosine %.4f", name.c_str(), 1.0 - shown);
      } else if (name == "features") {
        out += format(" %s: %.0f inliers", name.c_str(), -shown);
      } else {
        out += format(" %s: %.0f", name.c_str(), shown);
      }
    }
    out += " |" + events_text(result.false_matches.all()) +
           events_text(result.false_matches.pictures) + "\n";
  }
  return out;
}

std::string cost_table(const Outcome& outcome) {
  std::string out = "| step | us a query, median | us a megapixel, median |\n| --- | --: | --: |\n";
  for (const auto& [name, costs] : outcome.costs) {
    std::vector<double> relative;
    for (std::size_t i = 0; i < costs.size(); ++i) {
      relative.push_back(costs[i] / std::max(0.01, outcome.megapixels[i]));
    }
    out += format("| %s | %.0f | %.0f |\n", name.c_str(), median(costs), median(relative));
  }
  return out;
}

}  // namespace

std::vector<RuleResult> apply_rules(const Outcome& outcome, const std::vector<Rule>& rules) {
  std::vector<RuleResult> results;
  for (const Rule& rule : rules) {
    results.push_back({rule, recall_by_alteration(outcome, rule), false_matches(outcome, rule)});
  }
  return results;
}

std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const datasets::QualityAlteration& alteration : datasets::quality_alterations()) {
    if (names.empty() || names.back() != alteration.family) names.emplace_back(alteration.family);
  }
  return names;
}

Share recall_of_family(const RuleResult& result, const std::string& family) {
  Share sum;
  const auto all = datasets::quality_alterations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].family != family) continue;
    sum.hits += result.recall[i].hits;
    sum.of += result.recall[i].of;
  }
  return sum;
}

std::string markdown(const Outcome& outcome, const std::vector<RuleResult>& results) {
  if (results.empty()) return {};
  return target_table(results) + "\n" + recall_table(results) + "\n" +
         false_table(outcome, results) + "\n" + cost_table(outcome);
}

std::string csv(const Outcome& outcome, const std::vector<RuleResult>& results) {
  std::string out = "table,class,name,rule,hits,of,rate,low,high\n";
  const auto all = datasets::quality_alterations();
  for (const RuleResult& result : results) {
    const char* rule = result.rule.name.c_str();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Share& share = result.recall[i];
      const Interval interval = interval_95(share.hits, share.of);
      out += format("recall,%s,%s,\"%s\",%llu,%llu,%.6f,%.6f,%.6f\n",
                    std::string(all[i].family).c_str(), std::string(all[i].name).c_str(), rule,
                    wide(share.hits), wide(share.of), share.rate(), interval.low, interval.high);
    }
    const FalseMatches& wrong = result.false_matches;
    for (const auto& [name, share] :
         {std::pair{"pictures", wrong.pictures}, std::pair{"strangers", wrong.strangers}}) {
      out += format("false,,%s,\"%s\",%llu,%llu,%.4g,,%.4g\n", name, rule, wide(share.hits),
                    wide(share.of), share.rate(), upper_bound_95(share.hits, share.of));
    }
  }
  for (const auto& [name, costs] : outcome.costs) {
    out += format("cost,,%s,,,%llu,%.1f,,\n", name.c_str(), wide(costs.size()), median(costs));
  }
  return out;
}

std::string false_curve(const Outcome& outcome) {
  std::string out = "channel,score,pairs,of,high\n";
  for (std::size_t c = 0; c < outcome.channels.size(); ++c) {
    const Channel& channel = outcome.channels[c];
    const std::uint64_t of = channel.sampled ? outcome.sampled_pairs.all() : outcome.pairs.all();
    std::map<float, std::uint64_t> counts;
    for (const NearPair& pair : outcome.near) {
      // A descriptor's scores are in hundredths.
      const float score = pair.scores[c];
      if (score > channel.limit) continue;
      ++counts[channel.name == "gist" ? std::ceil(score * 100.0F) / 100.0F : score];
    }
    std::uint64_t within = 0;
    for (const auto& [score, count] : counts) {
      within += count;
      out += format("%s,%g,%llu,%llu,%.4g\n", channel.name.c_str(), static_cast<double>(score),
                    wide(within), wide(of), upper_bound_95(within, of));
    }
    if (counts.empty()) {
      out += format("%s,%g,0,%llu,%.4g\n", channel.name.c_str(), static_cast<double>(channel.limit),
                    wide(of), upper_bound_95(0, of));
    }
  }
  return out;
}

}  // namespace semblance::bench
