// SPDX-License-Identifier: Apache-2.0
#include "search_report.h"

#include <algorithm>

#include "rounds.h"

namespace semblance::bench {
namespace {

std::string text(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

// Two or three figures that count; all of a large number's.
std::string figure(double value) {
  if (value >= 99.95) return grouped(value);
  if (value >= 9.995) return text("%.1f", value);
  return text(value >= 0.095 ? "%.2f" : "%.2g", value);
}

// How many times as many queries a second as the peer; blank where one was not measured.
// Contestants of ours took turns: the median of the rounds' ratios is free of what slowed a round.
std::string times(const Measured* measured, const Measured* peer, bool single) {
  if (measured == nullptr || peer == nullptr) return "";
  const Timing& timing = single ? measured->single : measured->batch;
  const Timing& other = single ? peer->single : peer->batch;
  const bool in_turns = measured->contestant->ours && peer->contestant->ours &&
                        timing.rounds.size() == other.rounds.size();
  if (!in_turns) return figure(other.microseconds / timing.microseconds);
  std::vector<double> ratios;
  for (std::size_t i = 0; i < timing.rounds.size(); ++i) {
    ratios.push_back(other.rounds[i] / timing.rounds[i]);
  }
  return figure(median(ratios));
}

// "1.000" is kept for an exact answer.
std::string recall_of(const Agreement& agreement) {
  if (agreement.exact()) return "1.000";
  return text("**%.6f**", std::min(agreement.recall(), 0.999999)) + ", " +
         std::to_string(agreement.false_hits) + " false";
}

void print_row(const Run& run, const Measured& measured, bool single) {
  const Timing& timing = single ? measured.single : measured.batch;
  const std::string name(measured.contestant->name);
  std::printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %zu x %zu |\n",
              single ? "" : name.c_str(), single ? "1" : "all", figure(timing.per_second()).c_str(),
              times(&measured, run.of(Role::kFlat), single).c_str(),
              times(&measured, run.of(Role::kMultiHash16), single).c_str(),
              times(&measured, run.of(Role::kScan), single).c_str(),
              single ? figure(timing.p50).c_str() : "", single ? figure(timing.p99).c_str() : "",
              recall_of(timing.agreement).c_str(),
              single ? "" : text("%.0f", measured.bytes_a_code).c_str(),
              single ? "" : text("%.2f", measured.build_seconds).c_str(), timing.queries,
              timing.rounds.size());
}

void write_csv_line(std::FILE* file, const Run& run, const Measured& measured, bool single) {
  const Timing& timing = single ? measured.single : measured.batch;
  std::fprintf(file, "%s,%s,%zu,%.*s,%s,", run.set.c_str(), run.queries_name.c_str(), run.codes,
               static_cast<int>(measured.contestant->key.size()), measured.contestant->key.data(),
               single ? "1" : "all");
  if (!measured.skipped.empty()) {
    std::fprintf(file, ",,,,,,,,,\"%s\"\n", measured.skipped.c_str());
    return;
  }
  std::fprintf(file, "%.6g,%.4g,%.4g,%.9g,%zu,%.1f,%.3f,%zu,%zu,\n", timing.per_second(),
               timing.p50, timing.p99, timing.agreement.recall(), timing.agreement.false_hits,
               measured.bytes_a_code, measured.build_seconds, timing.queries, timing.rounds.size());
}

}  // namespace

const Measured* Run::of(Role role) const {
  for (const Measured& measured : results) {
    if (measured.contestant->role == role && measured.skipped.empty()) return &measured;
  }
  return nullptr;
}

std::string grouped(double value) {
  std::string digits = text("%.0f", value);
  for (std::size_t left = 3; left < digits.size(); left += 4) {
    digits.insert(digits.size() - left, 1, ',');
  }
  return digits;
}

void print_run(const Run& run) {
  std::printf(
      "\n| | batch | queries/s | times FAISS Flat | times FAISS MultiHash 16x16 | times our scan | "
      "p50 us | p99 us | recall | bytes a code | build s | queries x rounds |\n"
      "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n");
  for (const Measured& measured : run.results) {
    if (!measured.skipped.empty()) {
      std::printf("| %.*s | not run: %s |||||||||||\n",
                  static_cast<int>(measured.contestant->name.size()),
                  measured.contestant->name.data(), measured.skipped.c_str());
      continue;
    }
    print_row(run, measured, false);
    print_row(run, measured, true);
  }
  std::fflush(stdout);
}

void print_summary(const std::vector<Run>& runs) {
  std::printf(
      "\n| codes | N | scan : Flat | scan : full scan | index : MultiHash 16x16 | index : scan | "
      "index, bytes a code | index, p99 alone : mean in a batch | index, of its uniform rate |\n"
      "| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n");
  for (const Run& run : runs) {
    const Measured* index = run.of(Role::kIndex);
    const Measured* scan = run.of(Role::kScan);
    const auto uniform = std::ranges::find_if(runs, [&run](const Run& other) {
      return other.codes == run.codes && other.set == "uniform";
    });
    const Measured* even = uniform == runs.end() ? nullptr : uniform->of(Role::kIndex);
    std::printf("| %s | %s | %s | %s | %s | %s |", run.set.c_str(),
                grouped(static_cast<double>(run.codes)).c_str(),
                times(scan, run.of(Role::kFlat), false).c_str(),
                times(scan, run.of(Role::kFullScan), false).c_str(),
                times(index, run.of(Role::kMultiHash16), false).c_str(),
                times(index, scan, false).c_str());
    if (index != nullptr) {
      std::printf(" %.0f | %s |", index->bytes_a_code,
                  figure(index->single.p99 / index->batch.microseconds).c_str());
    } else {
      std::printf(" | |");
    }
    // Not timed in turns with each other: a plain ratio.
    std::printf(" %s |\n",
                index == nullptr || even == nullptr
                    ? ""
                    : figure(even->batch.microseconds / index->batch.microseconds).c_str());
  }
  std::fflush(stdout);
}

void print_attacks(const std::vector<Run>& attacks) {
  std::printf(
      "\n| codes | queries | hits a query | full scan us | our scan us | our index us | "
      "index : scan, time in a batch | the same, alone | exact |\n"
      "| --- | --- | --: | --: | --: | --: | --: | --: | --- |\n");
  for (const Run& run : attacks) {
    const Measured* index = run.of(Role::kIndex);
    const Measured* scan = run.of(Role::kScan);
    const Measured* full = run.of(Role::kFullScan);
    bool exact = true;
    double hits = 0.0;
    for (const Measured& measured : run.results) {
      const Agreement& agreement = measured.batch.agreement;
      exact = exact && agreement.exact() && measured.single.agreement.exact();
      hits = static_cast<double>(agreement.expected) / static_cast<double>(agreement.queries);
    }
    const auto cost = [](const Measured* measured) {
      return measured == nullptr ? std::string() : figure(measured->batch.microseconds);
    };
    std::printf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", run.set.c_str(),
                run.queries_name.c_str(), figure(hits).c_str(), cost(full).c_str(),
                cost(scan).c_str(), cost(index).c_str(), times(scan, index, false).c_str(),
                times(scan, index, true).c_str(), exact ? "yes" : "**no**");
  }
  std::fflush(stdout);
}

void write_csv_head(std::FILE* file) {
  std::fputs(
      "set,queries,codes,contestant,batch,queries_per_s,p50_us,p99_us,recall,false_hits,"
      "bytes_a_code,build_s,queries_timed,rounds,skipped\n",
      file);
}

void write_csv(std::FILE* file, const Run& run) {
  for (const Measured& measured : run.results) {
    for (const bool single : {false, true}) write_csv_line(file, run, measured, single);
  }
  std::fflush(file);
}

}  // namespace semblance::bench
