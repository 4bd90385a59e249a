// SPDX-License-Identifier: Apache-2.0
// Question: of clips of known films, altered, cut into other films and encoded once more, how many
// are found, is the interval right to a second at both ends on both sides, and does anything match
// that should not?
//
// Every case is looked up among all known films at once, twice: as `scan --precision auto` does it
// (key frames, and densely unless that rules it out), and by key frames alone. Standard output gets
// a line of CSV a case and way; standard error the table of README.md. What is counted is no time:
// there is no peer, and no machine to compare.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "clip_cases.h"
#include "core/files.h"
#include "datasets/output.h"
#include "match/memory_store.h"
#include "rounds.h"
#include "semblance/extract.h"
#include "semblance/match.h"

namespace semblance::bench {
namespace {

constexpr double kSlackSeconds = 1.0;

struct Options {
  CasePlan plan;
  std::uint32_t cases = 200;  // of kind `bordered`; a quarter as many of each other
  std::vector<std::string> kinds;
  unsigned jobs = 2;
};

// One way to look at a case.
enum class Way : std::uint8_t { kAuto, kKeyframes };
const char* name(Way way) { return way == Way::kAuto ? "auto" : "keyframes"; }

// What one way made of one case.
struct Answer {
  bool found = false;     // the known film is among the matches
  bool interval = false;  // as an interval of frames whose times agree
  bool right = false;     // and that to a second at all four ends
  double worst = 0;       // the largest error of the four, seconds; of the best interval
  int distance = 0;       // bits
  double confidence = 0;
  std::uint32_t frames = 0;
  std::uint32_t compared = 0;
  std::uint32_t false_entries = 0;    // matches of other films
  std::uint32_t false_intervals = 0;  // matches of the film that lie outside of the clip
};

class Bench {
 public:
  Bench(const Options& options, std::vector<ClipKind> kinds)
      : options_(options), kinds_(std::move(kinds)) {}

  Status run() {
    if (folder_.path().empty()) return Error{Errc::kIo, "make a temporary folder"};
    if (Status filled = fill_bank(); !filled) return filled;
    std::printf(
        "kind,case,way,crf,key_interval,scene_cuts,frame_rate,scale,found,interval,right,"
        "worst_s,distance,confidence,frames,compared,false_entries,false_intervals\n");
    std::vector<std::pair<ClipKind, std::uint32_t>> all;
    for (const ClipKind kind : kinds_) {
      const std::uint32_t count =
          kind == ClipKind::kBordered ? options_.cases : std::max(1U, options_.cases / 4);
      for (std::uint32_t i = 0; i < count; ++i) all.emplace_back(kind, i);
    }
    const Status done = for_all(all.size(), [&](std::size_t i) {
      return run_case(make_case(options_.plan, all[i].first, all[i].second));
    });
    if (done) print_table();
    return done;
  }

 private:
  template <class Work>
  Status for_all(std::size_t count, const Work& work) {
    std::atomic<std::size_t> next{0};
    Status first = ok();
    const auto take = [&] {
      for (std::size_t i = next++; i < count; i = next++) {
        Status done = work(i);
        if (done) continue;
        const std::lock_guard lock(mutex_);
        if (first) first = done;
        next = count;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i < options_.jobs; ++i) threads.emplace_back(take);
      take();
    }
    return first;
  }

  Status fill_bank() {
    const auto bank = store_.create_bank("bench", {});
    if (!bank) return bank.error();
    std::vector<std::pair<ClipKind, std::uint32_t>> films;
    for (const ClipKind kind : kinds_) {
      const ClipKind of = has_own_films(kind) ? kind : ClipKind::kBordered;
      for (std::uint32_t i = 0; i < known_films(options_.plan, of); ++i) films.emplace_back(of, i);
    }
    std::sort(films.begin(), films.end());
    films.erase(std::unique(films.begin(), films.end()), films.end());
    const Status filled = for_all(films.size(), [&](std::size_t i) {
      return add_film(bank->id, films[i].first, films[i].second);
    });
    if (!filled) return filled;
    auto matcher = make_matcher(store_, {});
    if (!matcher) return matcher.error();
    matcher_ = *std::move(matcher);
    return ok();
  }

  Status add_film(std::int64_t bank, ClipKind kind, std::uint32_t film) {
    const auto bytes = encode_known(options_.plan, kind, film);
    if (!bytes) return bytes.error();
    const auto found = extract(*bytes, Sampling::kDense);
    if (!found) return found.error();
    EntryDraft draft;
    draft.source = "bench";
    draft.source_id = std::string(name(kind)) + ' ' + std::to_string(film);
    draft.signals.push_back(
        {.value = {SignalKind::kVpdq,
                   to_bytes(to_known(Sampling::kDense, found->facts.duration_ms, found->frames))},
         .quality = std::nullopt,
         .profile = std::nullopt,
         .version = frames_version(Sampling::kDense)});
    const std::lock_guard lock(mutex_);
    const auto added = store_.add_entry(bank, draft, Merge::kReplace);
    if (!added) return added.error();
    const auto entry = store_.newest_entry();
    if (!entry) return entry.error();
    entries_[{kind, film}] = *entry;
    return ok();
  }

  Result<Extraction> extract(const std::string& bytes, Sampling sampling) {
    const std::string path = folder_.path() + "/" + std::to_string(files_++) + ".mp4";
    if (Status written = datasets::write_file(path, bytes, false); !written) {
      return written.error();
    }
    const auto file = open_for_reading(path);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    if (!file) return file.error();
    Plan plan;
    plan.frames.sampling = sampling;
    Extraction found;
    found.sampling = sampling;
    CollectingSink sink(found);
    make_in_process_extractor()->extract(file->get(), plan, Limits{}, sink);
    if (found.ending.reason != Reason::kNone) return Error{Errc::kDecode, found.ending.detail};
    return found;
  }

  Status run_case(const ClipCase& one) {
    const auto bytes = datasets::encode_clip(one.clip, one.coding);
    if (!bytes) return bytes.error();
    const auto sparse = extract(*bytes, Sampling::kKeyframes);
    if (!sparse) return sparse.error();
    auto by_keys = matcher_->match(*sparse);
    if (!by_keys) return by_keys.error();
    const auto ruled_out = matcher_->rules_out(*sparse);
    if (!ruled_out) return ruled_out.error();
    MatchResult by_auto;
    if (!*ruled_out) {
      const auto dense = extract(*bytes, Sampling::kDense);
      if (!dense) return dense.error();
      auto found = matcher_->match(*dense);
      if (!found) return found.error();
      by_auto = *std::move(found);
    }
    const std::lock_guard lock(mutex_);
    take(one, Way::kAuto, by_auto);
    take(one, Way::kKeyframes, *by_keys);
    return ok();
  }

  // The largest error of the ends that the match states.
  static double error_of(const Match& match, const datasets::ClipPlan& clip) {
    const auto off = [](std::uint32_t ms, double truth) { return std::fabs(ms / 1000.0 - truth); };
    double worst = std::max(off(match.query_interval->start_ms, clip.start()),
                            off(match.query_interval->end_ms, clip.end()));
    if (match.entry_interval) {
      worst = std::max({worst, off(match.entry_interval->start_ms, clip.known_start),
                        off(match.entry_interval->end_ms, clip.known_start + clip.known_seconds)});
    }
    return worst;
  }

  static bool lies_outside(const Match& match, const datasets::ClipPlan& clip) {
    return match.query_interval->start_ms / 1000.0 < clip.start() - kSlackSeconds ||
           match.query_interval->end_ms / 1000.0 > clip.end() + kSlackSeconds;
  }

  void take(const ClipCase& one, Way way, const MatchResult& found) {
    const ClipKind of = has_own_films(one.kind) ? one.kind : ClipKind::kBordered;
    const std::int64_t entry = entries_.at({of, one.film});
    Answer answer;
    for (const Match& match : found.matches) {
      if (match.entry != entry || !match.query_interval) {
        ++answer.false_entries;
        continue;
      }
      answer.found = true;
      if (lies_outside(match, one.clip)) ++answer.false_intervals;
      if (match.kind != SignalKind::kVpdq) continue;
      const double error = error_of(match, one.clip);
      if (answer.interval && error >= answer.worst) continue;
      answer.interval = true;
      answer.worst = error;
      answer.right = error <= kSlackSeconds;
      answer.distance = match.distance;
      answer.confidence = match.alignment->confidence;
      answer.frames = match.alignment->frames;
      answer.compared = match.alignment->compared;
    }
    print_line(one, way, answer);
    answers_[{one.kind, way}].push_back(answer);
  }

  static void print_line(const ClipCase& one, Way way, const Answer& answer) {
    const double rate = 1.0 * one.coding.frame_rate_num / one.coding.frame_rate_den;
    std::printf("%s,%u,%s,%d,%d,%d,%.2f,%.3f,%d,%d,%d,%.3f,%d,%.3f,%u,%u,%u,%u\n",
                std::string(name(one.kind)).c_str(), one.number, name(way), one.coding.quality,
                one.coding.key_interval, one.coding.scene_cuts ? 1 : 0, rate, one.scale,
                answer.found ? 1 : 0, answer.interval ? 1 : 0, answer.right ? 1 : 0, answer.worst,
                answer.distance, answer.confidence, answer.frames, answer.compared,
                answer.false_entries, answer.false_intervals);
    std::fflush(stdout);
  }

  void print_table() const {
    std::fprintf(stderr,
                 "%zu known films. right: to %.0f s at both ends of both intervals.\n"
                 "| clip | by | cases | found | right | false matches of other films | false "
                 "intervals | bits, median and largest | error in s, median and 95 %% |\n"
                 "| --- | --- | --: | --: | --: | --: | --: | --: | --: |\n",
                 entries_.size(), kSlackSeconds);
    for (const auto& [key, answers] : answers_) print_row(key.first, key.second, answers);
  }

  static void print_row(ClipKind kind, Way way, const std::vector<Answer>& answers) {
    std::size_t found = 0;
    std::size_t right = 0;
    std::uint64_t entries = 0;
    std::uint64_t intervals = 0;
    std::vector<double> bits;
    std::vector<double> errors;
    for (const Answer& answer : answers) {
      found += answer.found ? std::size_t{1} : 0;
      right += answer.right ? std::size_t{1} : 0;
      entries += answer.false_entries;
      intervals += answer.false_intervals;
      if (!answer.interval) continue;
      bits.push_back(answer.distance);
      errors.push_back(answer.worst);
    }
    std::sort(errors.begin(), errors.end());
    const double count = static_cast<double>(answers.size());
    std::fprintf(
        stderr, "| %s | %s | %zu | %.1f %% | %.1f %% | %llu | %llu |",
        std::string(name(kind)).c_str(), name(way), answers.size(),
        100.0 * static_cast<double>(found) / count, 100.0 * static_cast<double>(right) / count,
        static_cast<unsigned long long>(entries), static_cast<unsigned long long>(intervals));
    if (bits.empty()) {
      std::fprintf(stderr, " - | - |\n");
      return;
    }
    std::fprintf(stderr, " %.0f, %.0f | %.2f, %.2f |\n", median(bits),
                 *std::max_element(bits.begin(), bits.end()), median(errors),
                 errors[errors.size() * 95 / 100]);
  }

  const Options& options_;
  std::vector<ClipKind> kinds_;
  TemporaryFolder folder_;
  std::atomic<std::uint64_t> files_{0};
  std::mutex mutex_;
  MemoryStore store_;
  std::map<std::pair<ClipKind, std::uint32_t>, std::int64_t> entries_;
  std::unique_ptr<Matcher> matcher_;
  std::map<std::pair<ClipKind, Way>, std::vector<Answer>> answers_;
};

Result<std::vector<ClipKind>> chosen(const std::vector<std::string>& words) {
  if (words.empty()) return std::vector<ClipKind>(kClipKinds.begin(), kClipKinds.end());
  std::vector<ClipKind> kinds;
  for (const std::string& word : words) {
    const auto* const kind = std::find_if(kClipKinds.begin(), kClipKinds.end(),
                                          [&](ClipKind one) { return name(one) == word; });
    if (kind == kClipKinds.end()) return Error{Errc::kBadArgument, "no kind of clip: " + word};
    kinds.push_back(*kind);
  }
  return kinds;
}

Status run(const Options& options) {
  const auto kinds = chosen(options.kinds);
  if (!kinds) return kinds.error();
  return Bench(options, *kinds).run();
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  CLI::App app{"Looks for clips of known films inside other films"};
  app.add_option("--cases", options.cases,
                 "Cases of kind `bordered`; a quarter as many of each other [200]")
      ->check(CLI::Range(1, 100000));
  app.add_option("--kinds", options.kinds,
                 "bordered, plain, faster, mirrored, small, letterboxed [all]")
      ->delimiter(',');
  app.add_option("--films", options.plan.films, "Known films [24]")->check(CLI::Range(1, 4000));
  app.add_option("--film-seconds", options.plan.film_seconds, "Length of each [30]")
      ->check(CLI::Range(1.0, 3600.0));
  app.add_option("--clip-seconds", options.plan.clip_seconds, "Known footage in a clip [10]")
      ->check(CLI::Range(1.0, 3600.0));
  app.add_option("--seed", options.plan.seed, "Another seed gives other films [1]");
  app.add_option("--jobs", options.jobs, "Threads [2]")->check(CLI::Range(1, 256));
  CLI11_PARSE(app, argc, argv);
  const semblance::Status status = semblance::bench::run(options);
  if (status) return 0;
  std::fprintf(stderr, "clip_bench: %s\n", status.error().what.c_str());
  return 1;
}
