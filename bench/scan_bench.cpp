// SPDX-License-Identifier: Apache-2.0
// Question: beside the rate at which N threads read JPEGs and decode them with libjpeg-turbo, to
// RGB and to gray, and do nothing else, how fast is a whole scan with N jobs: walk, digest, worker
// processes, hash, match, record? Targets, for 10,000 pictures of 0.5 megapixels: with the
// precision `auto` 2.0 times decoding to gray; with `exact` 0.85 times decoding to RGB.
//
// All work on files that the page cache holds, in turns, in one run; figures are medians. The
// answer is checked first: the pictures that were banked are matched, and no other.
//
// With --startup instead: how long does `semblance --help` take, beside a program that does
// nothing?
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "datasets/hash_list.h"
#include "datasets/library.h"
#include "jpeg_decode.h"
#include "rounds.h"
#include "semblance/scan.h"
#include "semblance/store.h"

namespace semblance::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string pictures;  // empty: they are generated
  bool similar = false;  // the pictures may resemble each other: only misses are an error
  std::uint32_t count = 2000;
  double megapixels = 0.5;
  int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  int rounds = 5;
  Precision precision = Precision::kAuto;
  std::string bin = SEMBLANCE_BENCH_BIN;
};

constexpr std::size_t kBankEvery = 20;  // one picture in so many is known
constexpr int kStrangers = 10'000;      // random hashes in the bank beside them

struct Corpus {
  std::vector<std::string> files;  // sorted
  double megabytes = 0.0;
  double megapixels = 0.0;
};

Result<Corpus> list_corpus(const std::string& folder) {
  Corpus corpus;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".jpg") continue;
    corpus.files.push_back(entry.path());
    corpus.megabytes += static_cast<double>(entry.file_size()) * 1e-6;
  }
  if (failed) return Error{Errc::kIo, "read folder " + folder + ": " + failed.message()};
  std::ranges::sort(corpus.files);
  if (corpus.files.size() < 2) return Error{Errc::kNotFound, "read folder " + folder + ": no .jpg"};
  return corpus;
}

// Decodes every file on `jobs` threads; the pixels in all, or the first failure.
Result<std::uint64_t> decode_all(const Corpus& corpus, int jobs, JpegOutput output) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::uint64_t> pixels{0};
  std::vector<Status> endings(static_cast<std::size_t>(jobs), ok());
  std::vector<std::thread> threads;
  for (Status& ending : endings) {
    threads.emplace_back([&corpus, &next, &pixels, &ending, output] {
      JpegDecoder decoder(output);
      for (std::size_t i = next++; i < corpus.files.size(); i = next++) {
        auto decoded = decoder.decode(corpus.files[i]);
        if (!decoded) {
          ending = decoded.error();
          return;
        }
        pixels += *decoded;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Status& ending : endings) {
    if (!ending) return ending.error();
  }
  return pixels.load();
}

// What a scan needs, made once, as the command does.
struct Engine {
  std::unique_ptr<Store> store;
  std::unique_ptr<Extractor> extractor;
  std::unique_ptr<Matcher> matcher;
  std::set<std::string> banked;
};

EntryDraft draft_of(const Hash256& hash, std::string id) {
  EntryDraft draft;
  draft.source = "bench";
  draft.source_id = std::move(id);
  BankSignal& signal = draft.signals.emplace_back();
  signal.value.bytes.assign(hash.bytes.begin(), hash.bytes.end());
  signal.quality = 100;
  signal.profile = PdqProfile::kFull;
  return draft;
}

Status fill_bank(Engine& engine, const Corpus& corpus, int jobs) {
  auto bank = engine.store->create_bank("bench", BankPolicy{});
  if (!bank) return bank.error();
  RunOptions run;
  run.jobs = jobs;
  for (std::size_t i = 0; i < corpus.files.size(); i += kBankEvery) {
    run.paths.push_back(corpus.files[i]);
  }
  std::vector<EntryDraft> drafts;
  auto counts = for_each_extraction(
      run, Plan{}, *engine.extractor,
      [&](const Item& item, const Extraction& found) -> Status {
        if (found.pdq.empty()) return Error{Errc::kDecode, "hash " + item.path + ": no signal"};
        engine.banked.insert(item.path);
        drafts.push_back(draft_of(found.pdq.front().hash(), item.path));
        return ok();
      },
      nullptr, nullptr);
  if (!counts) return counts.error();
  datasets::Random random(1);
  for (int i = 0; i < kStrangers; ++i) {
    drafts.push_back(draft_of(datasets::random_hash(random), "random " + std::to_string(i)));
  }
  return engine.store->transaction([&]() -> Status {
    for (const EntryDraft& draft : drafts) {
      auto added = engine.store->add_entry(bank->id, draft, Merge::kReplace);
      if (!added) return added.error();
    }
    return ok();
  });
}

Result<Engine> make_engine(const Corpus& corpus, const std::string& folder,
                           const Options& options) {
  Engine engine;
  auto store = open_store(folder + "/bench.db", true);
  if (!store) return store.error();
  engine.store = std::move(*store);
  auto extractor = make_worker_extractor({options.bin + "/semblance-extract", options.jobs});
  if (!extractor) return extractor.error();
  engine.extractor = std::move(*extractor);
  if (auto filled = fill_bank(engine, corpus, options.jobs); !filled) return filled.error();
  auto matcher = make_matcher(*engine.store, {});
  if (!matcher) return matcher.error();
  engine.matcher = std::move(*matcher);
  return engine;
}

using LineSink = std::function<Status(std::string_view)>;

Status scan_all(const Corpus& corpus, Engine& engine, const Options& options,
                const LineSink& write) {
  RunOptions run;
  run.paths = {fs::path(corpus.files.front()).parent_path()};
  run.jobs = options.jobs;
  run.precision = options.precision;
  auto report = scan(run, *engine.matcher, *engine.extractor, write, nullptr, nullptr);
  if (!report) return report.error();
  const Counts& counts = report->counts;
  if (counts.items < corpus.files.size() || incomplete(counts)) {
    return Error{Errc::kMismatch, "scan: not every picture was evaluated"};
  }
  return ok();
}

// Scans once and compares what was matched with what was banked.
Status check_answer(const Corpus& corpus, Engine& engine, const Options& options) {
  std::set<std::string> matched;
  auto scanned = scan_all(corpus, engine, options, [&matched](std::string_view line) -> Status {
    const auto record = nlohmann::json::parse(line, nullptr, false);
    if (record.is_discarded()) return Error{Errc::kBadFormat, "read a record: not JSON"};
    if (record.value("outcome", "") == "matched") matched.insert(record.value("path", ""));
    return ok();
  });
  if (!scanned) return scanned;
  const bool complete = std::ranges::includes(matched, engine.banked);
  if (!complete || (!options.similar && matched.size() != engine.banked.size())) {
    return Error{Errc::kMismatch, "scan: " + std::to_string(engine.banked.size()) + " banked, " +
                                      std::to_string(matched.size()) + " matched: not timed"};
  }
  std::printf("checked: %zu pictures banked beside %d random hashes, %zu of %zu matched\n",
              engine.banked.size(), kStrangers, matched.size(), corpus.files.size());
  return ok();
}

void print_rate(const char* what, const Corpus& corpus, double seconds) {
  std::printf("%-14s %8.3f s %9.1f files/s %8.1f MB/s %8.1f MP/s\n", what, seconds,
              static_cast<double>(corpus.files.size()) / seconds, corpus.megabytes / seconds,
              corpus.megapixels / seconds);
}

// Seconds that decoding everything took.
Result<double> time_decoding(const Corpus& corpus, const Options& options, JpegOutput output) {
  Status failed = ok();
  const double seconds = seconds_of([&] {
    auto done = decode_all(corpus, options.jobs, output);
    if (!done) failed = done.error();
  });
  if (!failed) return failed.error();
  return seconds;
}

Result<double> time_scanning(const Corpus& corpus, Engine& engine, const Options& options) {
  Status done = ok();
  std::size_t written = 0;
  const double seconds = seconds_of([&] {
    done = scan_all(corpus, engine, options, [&written](std::string_view line) {
      written += line.size() + 1;
      return ok();
    });
  });
  if (!done) return done.error();
  return seconds;
}

Status compare(Corpus& corpus, Engine& engine, const Options& options) {
  // Checks every file, and warms the page cache.
  auto pixels = decode_all(corpus, options.jobs, JpegOutput::kRgb);
  if (!pixels) return pixels.error();
  corpus.megapixels = static_cast<double>(*pixels) * 1e-6;
  if (auto checked = check_answer(corpus, engine, options); !checked) return checked;
  std::printf(
      "%zu files, %.1f MB, %.1f MP; %d threads or jobs, precision %s; medians of %d rounds"
      " in turns\n",
      corpus.files.size(), corpus.megabytes, corpus.megapixels, options.jobs,
      std::string(name(options.precision)).c_str(), options.rounds);
  std::vector<double> rgb;
  std::vector<double> gray;
  std::vector<double> scans;
  std::vector<double> to_rgb;
  std::vector<double> to_gray;
  for (int round = 0; round < options.rounds; ++round) {
    const auto colour = time_decoding(corpus, options, JpegOutput::kRgb);
    if (!colour) return colour.error();
    const auto luma = time_decoding(corpus, options, JpegOutput::kGray);
    if (!luma) return luma.error();
    const auto scanned = time_scanning(corpus, engine, options);
    if (!scanned) return scanned.error();
    rgb.push_back(*colour);
    gray.push_back(*luma);
    scans.push_back(*scanned);
    to_rgb.push_back(*colour / *scanned);
    to_gray.push_back(*luma / *scanned);
    std::printf("round %d: decode to RGB %.3f s, to gray %.3f s, scan %.3f s: %.3f and %.3f\n",
                round + 1, *colour, *luma, *scanned, to_rgb.back(), to_gray.back());
  }
  print_rate("decode to RGB", corpus, median(rgb));
  print_rate("decode to gray", corpus, median(gray));
  print_rate("scan", corpus, median(scans));
  std::printf(
      "scan: %.3f times the rate of decoding to RGB, %.3f times that of decoding to gray"
      " (medians of the rounds' ratios)\n",
      median(to_rgb), median(to_gray));
  return ok();
}

Status bench_scan(const Options& options) {
  const TemporaryFolder folder;
  if (folder.path().empty()) return Error{Errc::kIo, "make a temporary folder: refused"};
  std::string pictures = options.pictures;
  if (pictures.empty()) {
    pictures = folder.path() + "/pictures";
    datasets::PicturesOptions make;
    make.count = options.count;
    make.megapixels = options.megapixels;
    if (auto made = datasets::write_pictures(pictures, make, {}); !made) return made;
  }
  auto corpus = list_corpus(pictures);
  if (!corpus) return corpus.error();
  auto engine = make_engine(*corpus, folder.path(), options);
  if (!engine) return engine.error();
  return compare(*corpus, *engine, options);
}

// Milliseconds from the start of a program to its end, its output thrown away.
Result<double> run_once(const std::string& program, const char* argument) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::string name = program;
  std::string word = argument;
  char* const arguments[] = {name.data(), word.data(), nullptr};
  int status = -1;
  int failed = 0;
  const double seconds = seconds_of([&] {
    pid_t child = -1;
    failed = ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ);
    if (failed == 0) ::waitpid(child, &status, 0);
  });
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0 || status != 0) {
    return Error{Errc::kIo, "run " + program + ": it failed", failed};
  }
  return seconds * 1e3;
}

Status bench_startup(const Options& options) {
  constexpr int kRuns = 50;
  const std::string program = options.bin + "/semblance";
  std::vector<double> ours;
  std::vector<double> nothing;
  for (int i = 0; i < kRuns; ++i) {
    auto help = run_once(program, "--help");
    if (!help) return help.error();
    auto empty = run_once("/bin/true", "--help");
    if (!empty) return empty.error();
    ours.push_back(*help);
    nothing.push_back(*empty);
  }
  std::printf("semblance --help: median %.2f ms of %d runs; /bin/true: %.2f ms\n", median(ours),
              kRuns, median(nothing));
  return ok();
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  bool startup = false;
  CLI::App app{"Compares a scan of JPEGs with decoding them only."};
  auto* own = app.add_option("--pictures", options.pictures, "A folder of unrelated .jpg files");
  app.add_option_function<std::string>(
         "--photos",
         [&options](const std::string& folder) {
           options.pictures = folder;
           options.similar = true;
         },
         "A folder of .jpg files, some of which may resemble each other")
      ->excludes(own);
  app.add_option("--count", options.count, "Pictures to generate")->capture_default_str();
  app.add_option("--megapixels", options.megapixels, "Size of each")->capture_default_str();
  app.add_option("--jobs", options.jobs, "Threads, or jobs")->check(CLI::Range(1, 1024));
  app.add_option("--rounds", options.rounds, "Rounds of both")->check(CLI::Range(1, 1000));
  app.add_option_function<std::string>(
         "--precision",
         [&options](const std::string& word) {
           const auto precision = semblance::parse_precision(word);
           if (!precision) throw CLI::ValidationError("--precision", precision.error().what);
           options.precision = *precision;
         },
         "exact, fast or auto")
      ->default_str("auto");
  app.add_option("--bin", options.bin, "Folder of the programs")->capture_default_str();
  app.add_flag("--startup", startup, "Measure the start of the command instead");
  CLI11_PARSE(app, argc, argv);
  const auto done =
      startup ? semblance::bench::bench_startup(options) : semblance::bench::bench_scan(options);
  if (done) return 0;
  std::fprintf(stderr, "scan_bench: %s\n", done.error().what.c_str());
  return 2;
}
