// SPDX-License-Identifier: Apache-2.0
#include "search_measure.h"

#include <faiss/impl/AuxIndexStructures.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "rounds.h"

namespace semblance::bench {
namespace {

using Row = faiss::IndexBinary::idx_t;

const std::uint8_t* first_byte(CodesView codes) {
  return reinterpret_cast<const std::uint8_t*>(codes.data());
}

void search(const faiss::IndexBinary& index, CodesView queries, int max_distance,
            faiss::RangeSearchResult& found) {
  found.buffer_size = 1024;             // FAISS's own 262,144 takes 3 MB for a single hit
  const int radius = max_distance + 1;  // FAISS keeps what is strictly below
  index.range_search(static_cast<Row>(queries.size()), first_byte(queries), radius, &found);
}

Agreement compare(const Answers& answers, std::span<const std::vector<std::uint64_t>> truth) {
  Agreement agreement;
  agreement.queries = answers.size();
  for (std::size_t q = 0; q < answers.size(); ++q) {
    std::vector<std::uint64_t> common;
    std::ranges::set_intersection(answers[q], truth[q], std::back_inserter(common));
    agreement.expected += truth[q].size();
    agreement.found += common.size();
    agreement.false_hits += answers[q].size() - common.size();
  }
  return agreement;
}

double percentile(const std::vector<double>& sorted, double part) {
  const double rank = std::ceil(part * static_cast<double>(sorted.size()));
  return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

// Queries of one batch size on one index.
class Series {
 public:
  Series(const faiss::IndexBinary& index, const Question& question, const Effort& effort,
         bool singly)
      : index_(index), question_(question), singly_(singly), calls_(question.queries.size()) {
    choose_window(effort);
    check();
  }

  // Each round asks other queries while there are any.
  void run_round() {
    if (timing_.rounds.size() == rounds_) return;
    const std::size_t first = window_of(timing_.rounds.size());
    const double seconds = seconds_of([&] {
      for (int i = 0; i < repeats_; ++i) ask(first, timing_.queries);
    });
    timing_.rounds.push_back(1e6 * seconds / repeats_ / static_cast<double>(timing_.queries));
  }

  Timing finish() {
    timing_.microseconds = median(timing_.rounds);
    if (!singly_) return timing_;
    std::vector<double> latencies;
    for (const std::vector<double>& calls : calls_) {
      if (!calls.empty()) latencies.push_back(1e6 * median(calls));
    }
    std::ranges::sort(latencies);
    timing_.p50 = percentile(latencies, 0.50);
    timing_.p99 = percentile(latencies, 0.99);
    return timing_;
  }

 private:
  std::size_t window_of(std::size_t round) const {
    const std::size_t first = round * timing_.queries;
    return first + timing_.queries <= question_.queries.size() ? first : 0;
  }

  void ask(std::size_t first, std::size_t count) {
    const CodesView queries = question_.queries.subspan(first, count);
    if (!singly_) {
      faiss::RangeSearchResult found(static_cast<Row>(count));
      return search(index_, queries, question_.max_distance, found);
    }
    for (std::size_t i = 0; i < count; ++i) {
      calls_[first + i].push_back(seconds_of([&] {
        faiss::RangeSearchResult found(1);
        search(index_, queries.subspan(i, 1), question_.max_distance, found);
      }));
    }
  }

  // How many queries, rounds and repetitions the time allows, by a first look that also warms up.
  void choose_window(const Effort& effort) {
    const std::size_t all = question_.queries.size();
    const std::size_t fewest = std::min(effort.fewest_queries, all);
    const auto look = [&] {
      return seconds_of([&] { ask(0, fewest); }) / static_cast<double>(fewest);
    };
    double each = look();
    if (each * static_cast<double>(fewest) < effort.seconds) each = look();  // now warm
    const double slice = effort.seconds / effort.rounds;
    timing_.queries = static_cast<std::size_t>(
        std::clamp(slice / each, static_cast<double>(fewest), static_cast<double>(all)));
    const double pass = each * static_cast<double>(timing_.queries);
    rounds_ = static_cast<std::size_t>(
        std::clamp(effort.seconds / pass, 1.0, static_cast<double>(effort.rounds)));
    repeats_ = std::max(1, static_cast<int>(slice / pass));
  }

  // Compares the answers to every query that will be timed.
  void check() {
    const std::size_t asked = std::min(question_.queries.size(), rounds_ * timing_.queries);
    const CodesView queries = question_.queries.first(asked);
    Answers answers;
    if (singly_) {
      for (std::size_t i = 0; i < asked; ++i) {
        answers.push_back(
            answers_of(index_, queries.subspan(i, 1), question_.max_distance).front());
      }
    } else {
      answers = answers_of(index_, queries, question_.max_distance);
    }
    timing_.agreement = compare(answers, std::span(question_.truth).first(asked));
    calls_.assign(calls_.size(), {});  // what was asked so far found the caches cold
  }

  const faiss::IndexBinary& index_;
  const Question& question_;
  const bool singly_;
  std::size_t rounds_ = 1;
  int repeats_ = 1;  // of the queries of a round, within it
  Timing timing_;
  std::vector<std::vector<double>> calls_;  // seconds, of each query
};

double resident_bytes() {
  ::malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  double whole = 0;
  double resident = 0;
  file >> whole >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("MemAvailable:")) return 1024.0 * std::stod(line.substr(13));
  }
  return 0.0;
}

// One contestant at work.
struct Entrant {
  Measured measured;
  std::unique_ptr<faiss::IndexBinary> index;
  std::vector<Series> series;  // batch, single

  Entrant(const Question& question, const Contestant& contestant) {
    measured.contestant = &contestant;
    const auto count = static_cast<double>(question.codes.size());
    const double before = resident_bytes();
    measured.build_seconds = seconds_of([&] {
      index = contestant.make();
      index->add(static_cast<Row>(question.codes.size()), first_byte(question.codes));
    });
    // The full scan borrows the codes.
    measured.bytes_a_code = contestant.role == Role::kFullScan
                                ? double{Hash256::kBytes}
                                : (resident_bytes() - before) / count;
  }
};

void time_in_turns(std::vector<Entrant>& entrants, const Question& question, const Effort& effort) {
  for (Entrant& entrant : entrants) {
    for (const bool singly : {false, true}) {
      entrant.series.emplace_back(*entrant.index, question, effort, singly);
    }
  }
  for (const std::size_t kind : {0U, 1U}) {
    for (int round = 0; round < effort.rounds; ++round) {
      for (Entrant& entrant : entrants) entrant.series[kind].run_round();
    }
  }
  for (Entrant& entrant : entrants) {
    entrant.measured.batch = entrant.series[0].finish();
    entrant.measured.single = entrant.series[1].finish();
  }
}

double needed_bytes(const Question& question, const Contestant& contestant) {
  return contestant.bytes_a_code * static_cast<double>(question.codes.size());
}

}  // namespace

Answers answers_of(const faiss::IndexBinary& index, CodesView queries, int max_distance) {
  faiss::RangeSearchResult found(static_cast<Row>(queries.size()));
  search(index, queries, max_distance, found);
  Answers answers(queries.size());
  for (std::size_t q = 0; q < queries.size(); ++q) {
    for (std::size_t i = found.lims[q]; i < found.lims[q + 1]; ++i) {
      const auto distance = static_cast<std::uint64_t>(found.distances[i]);
      answers[q].push_back(static_cast<std::uint64_t>(found.labels[i]) << 9 | distance);
    }
    std::ranges::sort(answers[q]);
  }
  return answers;
}

std::vector<Measured> measure(const Question& question, std::span<const Contestant* const> group,
                              const Effort& effort) {
  constexpr double kUsable = 0.95;  // of the memory that is free
  const double free_bytes = kUsable * available_bytes();
  double needed = 0.0;
  for (const Contestant* contestant : group) needed += needed_bytes(question, *contestant);

  std::vector<Measured> results;
  if (needed > free_bytes && group.size() > 1) {
    for (const Contestant* const& contestant : group) {
      results.push_back(measure(question, std::span(&contestant, 1), effort).front());
    }
    return results;
  }
  if (needed > free_bytes) {
    Measured& skipped = results.emplace_back();
    skipped.contestant = group.front();
    char reason[96];
    std::snprintf(reason, sizeof reason, "it may need %.0f GB, and %.0f GB are free", 1e-9 * needed,
                  1e-9 * free_bytes);
    skipped.skipped = reason;
    return results;
  }
  std::vector<Entrant> entrants;
  for (const Contestant* contestant : group) entrants.emplace_back(question, *contestant);
  time_in_turns(entrants, question, effort);
  for (const Entrant& entrant : entrants) results.push_back(entrant.measured);
  return results;
}

}  // namespace semblance::bench
