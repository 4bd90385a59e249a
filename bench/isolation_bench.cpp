// SPDX-License-Identifier: Apache-2.0
// Question: how much longer does a scan take when its workers are caged (seccomp, Landlock, limits)
// than with the very same workers without a cage? The target is 5 % for 2,000 pictures of 0.5
// megapixels. And what does the start of one worker cost, caged and not?
//
// Both run in turns, and who begins alternates. A run starts its workers, scans, and ends them; it
// is timed whole, by the clock and by the processor time of all its processes, which a busy machine
// disturbs less. The answer is checked first: both give the same records, with a hash in each.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "datasets/library.h"
#include "rounds.h"
#include "semblance/scan.h"
#include "semblance/store.h"

namespace semblance::bench {
namespace {

struct Options {
  std::uint32_t count = 2000;
  double megapixels = 0.5;
  int jobs = 2;
  int rounds = 7;
  int starts = 15;
  std::string bin = SEMBLANCE_BENCH_BIN;
};

constexpr std::array kModes = {Isolation::kProcess, Isolation::kNone};
constexpr int kMoreWorkers = 16;

struct Cost {
  std::vector<double> wall;
  std::vector<double> cpu;
};

// Of this process and of all its descendants that have ended and were waited for.
double cpu_seconds() {
  double seconds = 0.0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    }
  }
  return seconds;
}

class Bench {
 public:
  explicit Bench(const Options& options) : options_(options) {}

  Status run() {
    if (folder_.path().empty()) return Error{Errc::kIo, "make a temporary folder: refused"};
    if (auto ready = prepare(); !ready) return ready;
    if (auto checked = check_answer(); !checked) return checked;
    if (auto scanned = compare_scans(); !scanned) return scanned;
    return compare_starts();
  }

 private:
  Status prepare() {
    datasets::PicturesOptions make;
    make.count = options_.count;
    make.megapixels = options_.megapixels;
    if (auto made = datasets::write_pictures(pictures(), make, {}); !made) return made;
    auto store = open_store(folder_.path() + "/bench.db", true);
    if (!store) return store.error();
    store_ = std::move(*store);
    if (auto bank = store_->create_bank("bench", BankPolicy{}); !bank) return bank.error();
    auto matcher = make_matcher(*store_, {});
    if (!matcher) return matcher.error();
    matcher_ = std::move(*matcher);
    return ok();
  }

  std::string pictures() const { return folder_.path() + "/pictures"; }

  Result<std::unique_ptr<Extractor>> start(Isolation isolation, int workers) const {
    WorkerOptions options;
    options.program = options_.bin + "/semblance-extract";
    options.workers = workers;
    options.isolation = isolation;
    return make_worker_extractor(options);
  }

  // Starts the workers, scans, ends them; the records.
  Result<std::string> scan_once(Isolation isolation) const {
    auto extractor = start(isolation, options_.jobs);
    if (!extractor) return extractor.error();
    const Protections found = (*extractor)->protections();
    if (isolation == Isolation::kProcess && !found.missing.empty()) {
      return Error{Errc::kWorker, "start workers: no " + found.missing.front() + ": not timed"};
    }
    RunOptions run;
    run.paths = {pictures()};
    run.jobs = options_.jobs;
    std::string records;
    const auto write = [&records](std::string_view line) {
      records.append(line).push_back('\n');
      return ok();
    };
    auto report = scan(run, *matcher_, **extractor, write, nullptr, nullptr);
    if (!report) return report.error();
    if (report->counts.items != options_.count || incomplete(report->counts)) {
      return Error{Errc::kMismatch, "scan: not every picture was evaluated"};
    }
    return records;
  }

  Status check_answer() const {
    auto caged = scan_once(Isolation::kProcess);
    if (!caged) return caged.error();
    auto bare = scan_once(Isolation::kNone);
    if (!bare) return bare.error();
    if (*caged != *bare) return Error{Errc::kMismatch, "scan: the records differ: not timed"};
    std::printf("checked: %u pictures of %.1f MP, the same %zu bytes of records in both modes\n",
                options_.count, options_.megapixels, caged->size());
    return ok();
  }

  Status compare_scans() const {
    std::array<Cost, kModes.size()> costs;
    Cost ratios;
    for (int round = 0; round < options_.rounds; ++round) {
      for (std::size_t i = 0; i < kModes.size(); ++i) {
        const std::size_t mode = (i + static_cast<std::size_t>(round)) % kModes.size();
        Status failed = ok();
        const double before = cpu_seconds();
        costs[mode].wall.push_back(seconds_of([&] {
          if (auto done = scan_once(kModes[mode]); !done) failed = done.error();
        }));
        costs[mode].cpu.push_back(cpu_seconds() - before);
        if (!failed) return failed;
      }
      ratios.wall.push_back(costs[0].wall.back() / costs[1].wall.back());
      ratios.cpu.push_back(costs[0].cpu.back() / costs[1].cpu.back());
      std::printf("round %d: caged %.3f s (CPU %.3f), bare %.3f s (CPU %.3f), ratio %.3f (%.3f)\n",
                  round + 1, costs[0].wall.back(), costs[0].cpu.back(), costs[1].wall.back(),
                  costs[1].cpu.back(), ratios.wall.back(), ratios.cpu.back());
    }
    std::printf("%d jobs, %d rounds; medians: caged %.3f s, bare %.3f s\n", options_.jobs,
                options_.rounds, median(costs[0].wall), median(costs[1].wall));
    std::printf(
        "the cage costs %+.1f %% by the clock, %+.1f %% of processor time (medians of the "
        "rounds' ratios)\n",
        100.0 * (median(ratios.wall) - 1.0), 100.0 * (median(ratios.cpu) - 1.0));
    return ok();
  }

  // The start of many workers less that of one is the start of the others.
  Status compare_starts() const {
    for (const Isolation mode : kModes) {
      std::vector<double> first;
      std::vector<double> another;
      for (int i = 0; i < options_.starts; ++i) {
        std::array<double, 2> seconds{};
        for (const bool many : {false, true}) {
          Status failed = ok();
          std::unique_ptr<Extractor> keep;  // ends after the clock has
          seconds[many ? 1 : 0] = seconds_of([&] {
            auto extractor = start(mode, many ? 1 + kMoreWorkers : 1);
            if (!extractor) {
              failed = extractor.error();
            } else {
              keep = std::move(*extractor);
            }
          });
          if (!failed) return failed;
        }
        first.push_back(1e3 * seconds[0]);
        another.push_back(1e3 * (seconds[1] - seconds[0]) / kMoreWorkers);
      }
      std::printf(
          "%-7s: semblance-extract with its first worker starts in %.1f ms, another "
          "worker in %.2f ms (medians of %d)\n",
          std::string(name(mode)).c_str(), median(first), median(another), options_.starts);
    }
    return ok();
  }

  const Options& options_;
  const TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Matcher> matcher_;
};

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  CLI::App app{"Compares a scan by caged workers with one by the same workers without a cage."};
  app.add_option("--count", options.count, "Pictures to generate")->capture_default_str();
  app.add_option("--megapixels", options.megapixels, "Size of each")->capture_default_str();
  app.add_option("--jobs", options.jobs, "Jobs")->check(CLI::Range(1, 1024));
  app.add_option("--rounds", options.rounds, "Rounds of both")->check(CLI::Range(1, 1000));
  app.add_option("--starts", options.starts, "Starts of each")->check(CLI::Range(1, 1000));
  app.add_option("--bin", options.bin, "Folder of the programs")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto done = semblance::bench::Bench(options).run();
  if (done) return 0;
  std::fprintf(stderr, "isolation_bench: %s\n", done.error().what.c_str());
  return 2;
}
