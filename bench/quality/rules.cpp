// SPDX-License-Identifier: Apache-2.0
#include "quality/rules.h"

#include <algorithm>
#include <array>

#include "datasets/quality_alterations.h"
#include "quality/intervals.h"

namespace semblance::bench {
namespace {

constexpr float kPdqDistance = 31.0F;
constexpr int kLeastProposed = 0;
constexpr int kMostProposed = 31;

bool is_sampled(const Outcome& outcome, const Rule& rule) {
  return std::ranges::any_of(
      rule.parts, [&outcome](const auto& part) { return outcome.channels[part.first].sampled; });
}

// Collects rules of channels that are there.
class RuleBook {
 public:
  explicit RuleBook(const Outcome& outcome) : outcome_(outcome) {}

  using Parts = std::vector<std::pair<std::string, float>>;

  void add(const std::string& name, const Parts& parts) {
    Rule rule{name, {}};
    for (const auto& [channel, threshold] : parts) {
      const int index = channel_of(outcome_, channel);
      if (index < 0) return;
      rule.parts.emplace_back(static_cast<std::size_t>(index), threshold);
    }
    rules.push_back(std::move(rule));
  }

  std::vector<Rule> rules;

 private:
  const Outcome& outcome_;
};

RuleBook::Parts operator+(RuleBook::Parts a, const RuleBook::Parts& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Rule probes_rule(const Outcome& outcome, const ProbeDistances& distances) {
  RuleBook book(outcome);
  book.add("probes", {{"whole", kPdqDistance},
                      {"trimmed", static_cast<float>(distances.trimmed)},
                      {"panel", static_cast<float>(distances.panel)},
                      {"window", static_cast<float>(distances.window)},
                      {"entry-window", static_cast<float>(distances.entry_window)}});
  return book.rules.empty() ? Rule{} : book.rules.front();
}

}  // namespace

bool Rule::matches(const std::vector<float>& scores) const {
  return std::ranges::any_of(
      parts, [&scores](const auto& part) { return scores[part.first] <= part.second; });
}

int channel_of(const Outcome& outcome, const std::string& name) {
  const auto found = std::ranges::find(outcome.channels, name, &Channel::name);
  return found == outcome.channels.end() ? -1 : static_cast<int>(found - outcome.channels.begin());
}

float threshold_at(const Outcome& outcome, std::size_t channel, double rate) {
  std::vector<float> scores;
  for (const NearPair& pair : outcome.near) {
    // Beyond the limit pairs are kept for the sake of other channels alone.
    if (pair.scores[channel] <= outcome.channels[channel].limit) {
      scores.push_back(pair.scores[channel]);
    }
  }
  std::ranges::sort(scores);
  const auto allowed = static_cast<std::size_t>(rate * static_cast<double>(outcome.pairs.all()));
  // The first score that is one too many; the threshold lies just below it.
  if (allowed >= scores.size()) return outcome.channels[channel].limit;
  const auto end = std::lower_bound(scores.begin(), scores.end(), scores[allowed]);
  return end == scores.begin() ? -kFar : *(end - 1);
}

std::vector<Rule> make_rules(const Outcome& outcome, const ProbeDistances& distances,
                             int least_inliers) {
  using Parts = RuleBook::Parts;
  const Parts whole = {{"whole", kPdqDistance}};
  const Parts trimmed = whole + Parts{{"trimmed", static_cast<float>(distances.trimmed)}};
  const Parts panels = trimmed + Parts{{"panel", static_cast<float>(distances.panel)}};
  const Parts windows = panels + Parts{{"window", static_cast<float>(distances.window)}};
  const auto entry = static_cast<float>(distances.entry_window);
  const Parts all = windows + Parts{{"entry-window", entry}};
  const Parts features = {{"features", -static_cast<float>(least_inliers)}};
  RuleBook book(outcome);
  book.add("pdq", whole);
  book.add("trimmed", trimmed);
  book.add("panels", panels);
  book.add("windows", windows);
  book.add("probes", all);
  book.add("probes, panels too", all + Parts{{"panel-entry-window", entry}});
  if (const int gist = channel_of(outcome, "gist"); gist >= 0) {
    const auto index = static_cast<std::size_t>(gist);
    const Parts loose = {{"gist", threshold_at(outcome, index, 1e-4)}};
    const Parts strict = {{"gist", threshold_at(outcome, index, 1e-5)}};
    book.add("gist-1e-4", loose);
    book.add("gist-1e-5", strict);
    book.add("probes+gist", all + strict);
    book.add("features", features);
    book.add("probes+features", all + features);
    book.add("everything", all + strict + features);
    return std::move(book.rules);
  }
  book.add("features", features);
  book.add("probes+features", all + features);
  return std::move(book.rules);
}

std::vector<Share> recall_by_alteration(const Outcome& outcome, const Rule& rule) {
  std::vector<Share> shares(datasets::quality_alterations().size());
  for (const Truth& truth : outcome.truths) {
    ++shares[truth.alteration].of;
    if (rule.matches(truth.scores)) ++shares[truth.alteration].hits;
  }
  return shares;
}

FalseMatches false_matches(const Outcome& outcome, const Rule& rule) {
  const bool sampled = is_sampled(outcome, rule);
  const PairCounts& pairs = sampled ? outcome.sampled_pairs : outcome.pairs;
  FalseMatches result{{0, pairs.pictures}, {0, pairs.strangers}};
  for (const NearPair& pair : outcome.near) {
    if ((sampled && !pair.sampled) || !rule.matches(pair.scores)) continue;
    ++(pair.stranger ? result.strangers : result.pictures).hits;
  }
  return result;
}

ProbeDistances propose_distances(const Outcome& outcome, double rate) {
  ProbeDistances chosen{kLeastProposed, kLeastProposed, kLeastProposed, kLeastProposed};
  const std::array<int*, 4> knobs = {&chosen.trimmed, &chosen.panel, &chosen.window,
                                     &chosen.entry_window};
  std::array<bool, 4> stuck{};
  for (;;) {
    // The smallest that may still be raised.
    std::size_t next = knobs.size();
    for (std::size_t k = 0; k < knobs.size(); ++k) {
      if (stuck[k] || *knobs[k] >= kMostProposed) continue;
      if (next == knobs.size() || *knobs[k] < *knobs[next]) next = k;
    }
    if (next == knobs.size()) return chosen;
    ++*knobs[next];
    const Share found = false_matches(outcome, probes_rule(outcome, chosen)).all();
    if (upper_bound_95(found.hits, found.of) > rate) {
      --*knobs[next];
      stuck[next] = true;
    }
  }
}

}  // namespace semblance::bench
