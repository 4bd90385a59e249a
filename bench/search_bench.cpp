// SPDX-License-Identifier: Apache-2.0
// Question: what does an exact search within 31 bits cost on one core, with our index and our scan
// beside FAISS's exact ones and beside a scan of all bits, on the same codes in one run? And can a
// bank or a query be made that is slower by the index than by the scan?
//
// Every query that is timed is checked first against the scan of all bits; FAISS Flat, which shares
// no code with it, is held to the same answers. Exit status 2 if an answer is wrong.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "search_codes.h"
#include "search_contestants.h"
#include "search_measure.h"
#include "search_report.h"

namespace semblance::bench {
namespace {

constexpr std::size_t kAttackedAtMost = 10'000'000;  // codes: each query finds all of them
constexpr int kMaxDistance = 31;

struct Options {
  std::vector<std::size_t> codes = {100'000, 1'000'000, 10'000'000};
  std::vector<std::string> sets = {"uniform", "skewed", "attacks"};
  std::vector<std::string> contestants;
  std::size_t queries = 1000;
  std::uint64_t seed = 1;
  std::string csv;
  std::string cache;
  Effort effort;
};

using Group = std::vector<const Contestant*>;

// Ours together, each peer alone: an index of FAISS may take most of the memory.
std::vector<Group> groups(const Options& options) {
  std::vector<Group> groups(1);
  for (const Contestant& one : contestants()) {
    if (std::ranges::find(options.contestants, one.key) == options.contestants.end()) continue;
    if (one.ours) {
      groups.front().push_back(&one);
    } else {
      groups.push_back({&one});
    }
  }
  if (groups.front().empty()) groups.erase(groups.begin());
  return groups;  // at least one: the options hold a contestant
}

Answers truth_of(CodesView codes, CodesView queries) {
  const auto oracle = make_full_scan();
  oracle->add(static_cast<faiss::IndexBinary::idx_t>(codes.size()), codes.front().bytes.data());
  return answers_of(*oracle, queries, kMaxDistance);
}

bool all_exact(const Run& run) {
  return std::ranges::all_of(run.results, [](const Measured& measured) {
    return measured.batch.agreement.exact() && measured.single.agreement.exact();
  });
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  Status run() {
    if (!options_.csv.empty()) {
      csv_.reset(std::fopen(options_.csv.c_str(), "w"));
      if (!csv_) return Error{Errc::kIo, "write " + options_.csv + ": refused"};
      write_csv_head(csv_.get());
    }
    std::printf("One thread, within %d bits; %zu queries, in one call (all) and one by one.\n",
                kMaxDistance, options_.queries);
    for (const std::string& set : options_.sets) {
      if (set == "attacks") {
        run_attacks();
      } else if (auto done = run_set(set); !done) {
        return done;
      }
    }
    if (!runs_.empty()) {
      std::printf("\n### Summary: ratios of queries/s, all in one call\n");
      print_summary(runs_);
    }
    if (wrong_) return Error{Errc::kMismatch, "search: an answer differs from that of the oracle"};
    return ok();
  }

 private:
  Result<Codes> codes_of(const std::string& set, std::uint64_t seed, std::size_t count,
                         const std::string& cache) const {
    if (set == "uniform") return uniform_codes(seed, count);
    return graphic_codes(seed, count, cache);
  }

  Status run_set(const std::string& set) {
    std::fprintf(stderr, "%s: making codes\n", set.c_str());
    auto codes = codes_of(set, options_.seed, std::ranges::max(options_.codes), options_.cache);
    if (!codes) return codes.error();
    auto strangers = codes_of(set, options_.seed + 1, (options_.queries + 1) / 2, "");
    if (!strangers) return strangers.error();
    for (const std::size_t count : options_.codes) {
      run_bank(set, CodesView(*codes).first(count), *strangers);
    }
    return ok();
  }

  void run_bank(const std::string& set, CodesView codes, CodesView strangers) {
    const Codes queries = mixed_queries(options_.seed + 2, options_.queries, codes, strangers);
    const Answers truth = truth_of(codes, queries);
    std::printf("\n### %s codes, N = %s\n\n", set.c_str(),
                grouped(static_cast<double>(codes.size())).c_str());
    describe(codes, truth);
    Run run{set, "mixed", codes.size(), {}};
    measure_all({codes, queries, truth, kMaxDistance}, run);
    print_run(run);
    runs_.push_back(std::move(run));
  }

  void describe(CodesView codes, const Answers& truth) const {
    const CodeFacts facts = facts_of(codes);
    std::size_t planted = 0;
    std::size_t stray = 0;
    for (std::size_t q = 0; q < truth.size(); ++q)
      (q % 2 == 0 ? planted : stray) += truth[q].size();
    std::printf(
        "%s of them distinct; distance of pairs %.1f +- %.2f; a table for each row of 16 bits, one "
        "flip, would look at %.3f %% of them. Hits: %zu of %zu queries that are altered codes, %zu "
        "of %zu others.\n",
        grouped(static_cast<double>(facts.distinct)).c_str(), facts.mean_distance, facts.deviation,
        100.0 * facts.near_rows, planted, (truth.size() + 1) / 2, stray, truth.size() / 2);
  }

  void measure_all(const Question& question, Run& run) {
    for (const Group& group : groups(options_)) {
      for (const Contestant* one : group) {
        std::fprintf(stderr, "%s, N = %zu: %.*s\n", run.set.c_str(), run.codes,
                     static_cast<int>(one->key.size()), one->key.data());
      }
      for (Measured& measured : measure(question, group, options_.effort)) {
        run.results.push_back(std::move(measured));
      }
    }
    wrong_ = wrong_ || !all_exact(run);
    if (csv_) write_csv(csv_.get(), run);
  }

  // FAISS has nothing to prove here.
  void run_attacks() {
    const std::vector<Group> ours = groups(options_);
    if (!ours.front().front()->ours) return;
    for (const std::size_t count : options_.codes) {
      std::printf("\n### Banks and queries made to be slow, N = %s\n",
                  grouped(static_cast<double>(count)).c_str());
      if (count > kAttackedAtMost) {
        std::printf("\nNot run: every query would find %zu codes.\n", count);
        continue;
      }
      std::vector<Run> attacks;
      for (int number = 0; number < kAttacks; ++number) {
        const Attack attack = make_attack(number, options_.seed, count);
        const Answers truth = truth_of(attack.codes, attack.queries);
        Run& run = attacks.emplace_back(Run{attack.codes_name, attack.queries_name, count, {}});
        const Question question{attack.codes, attack.queries, truth, kMaxDistance};
        measure_ours(question, ours.front(), run);
      }
      print_attacks(attacks);
    }
  }

  void measure_ours(const Question& question, const Group& ours, Run& run) {
    std::fprintf(stderr, "N = %zu: %s; %s\n", run.codes, run.set.c_str(), run.queries_name.c_str());
    run.results = measure(question, ours, options_.effort);
    wrong_ = wrong_ || !all_exact(run);
    if (csv_) write_csv(csv_.get(), run);
  }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  const Options& options_;
  std::unique_ptr<std::FILE, Close> csv_;
  std::vector<Run> runs_;
  bool wrong_ = false;
};

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  using namespace semblance::bench;
  Options options;
  std::vector<std::string> keys;
  for (const Contestant& one : contestants()) keys.emplace_back(one.key);
  options.contestants = keys;
  CLI::App app{"Compares exact searches of 256-bit codes within 31 bits, on one thread."};
  app.add_option("--codes", options.codes, "Numbers of codes")
      ->delimiter(',')
      ->check(CLI::Range(1'000, 1'000'000'000))
      ->capture_default_str();
  app.add_option("--sets", options.sets, "What is searched")
      ->delimiter(',')
      ->check(CLI::IsMember({"uniform", "skewed", "attacks"}))
      ->capture_default_str();
  app.add_option("--contestants", options.contestants, "Who takes part")
      ->delimiter(',')
      ->check(CLI::IsMember(keys))
      ->capture_default_str();
  app.add_option("--queries", options.queries, "Queries of a batch")
      ->check(CLI::Range(16, 100'000))
      ->capture_default_str();
  app.add_option("--seconds", options.effort.seconds, "For each contestant and batch size")
      ->check(CLI::Range(0.01, 600.0))
      ->capture_default_str();
  app.add_option("--rounds", options.effort.rounds, "Rounds in that time, at most")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--fewest", options.effort.fewest_queries, "Queries to time, however slow")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of codes and queries")->capture_default_str();
  app.add_option("--csv", options.csv, "File for every figure");
  app.add_option("--codes-cache", options.cache, "Folder that keeps the skewed codes");
  CLI11_PARSE(app, argc, argv);
  std::ranges::sort(options.codes);
  omp_set_num_threads(1);
  const auto done = Bench(options).run();
  if (done) return 0;
  std::fprintf(stderr, "search_bench: %s\n", done.error().what.c_str());
  return 2;
}
