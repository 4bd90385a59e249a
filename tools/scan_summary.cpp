// SPDX-License-Identifier: Apache-2.0
#include "scan_summary.h"

#include <algorithm>
#include <string_view>

#include "progress.h"

namespace semblance::tool {
namespace {

std::string quoted(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+=:,@").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return std::string(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + '\'';
}

std::string outcome_line(const Counts& counts, Outcome outcome, std::string_view label,
                         const std::string& parts) {
  const std::string count = grouped(counts.by_outcome[static_cast<std::size_t>(outcome)]);
  std::string line = "  " + std::string(label);
  line.resize(17, ' ');
  line += std::string(count.size() < 12 ? 12 - count.size() : 0, ' ') + count;
  if (!parts.empty()) line += "  (" + parts + ')';
  return line + '\n';
}

void append_part(std::string& parts, std::string_view name, std::uint64_t count) {
  if (count == 0) return;
  if (!parts.empty()) parts += ", ";
  parts += std::string(name) + ' ' + grouped(count);
}

std::string rates(const Counts& counts, std::uint64_t earlier, double seconds) {
  if (seconds <= 0 || counts.items <= earlier) return "";
  const double items = static_cast<double>(counts.items - earlier);
  return ", " + grouped(static_cast<std::uint64_t>(items / seconds)) + " files/s";
}

}  // namespace

std::string scan_summary(const ScanReport& report, const ScanOptions& options, double seconds) {
  const Counts& counts = report.counts;
  std::string banks;
  for (const auto& [bank, matches] : report.matches_by_bank) append_part(banks, bank, matches);
  std::string reasons;
  for (std::size_t i = 1; i < kReasons; ++i) {
    append_part(reasons, name(static_cast<Reason>(i)), counts.by_reason[i]);
  }

  std::string text;
  if (report.already_finished) text += "scan: this case was finished before; nothing was done\n";
  text += "scan: " + counted(counts.items, "file", "files") + ", " +
          human_bytes(static_cast<double>(counts.bytes));
  if (!report.already_finished) {
    text += " in " + human_duration(seconds) + rates(counts, report.resumed_after, seconds);
  }
  text += '\n';
  if (report.resumed_after > 0 && !report.already_finished) {
    text += "  " + grouped(report.resumed_after) + " of them by an earlier run of this case\n";
  }
  text += outcome_line(counts, Outcome::kMatched, "matched", banks);
  text += outcome_line(counts, Outcome::kClean, "clean", "");
  text += outcome_line(counts, Outcome::kNotEvaluated, "not evaluated", reasons);
  if (counts.extracted_twice > 0) {
    text += "  hashed fast, then exactly to be sure: " + grouped(counts.extracted_twice) + '\n';
  }
  if (counts.partial > 0) text += "  read in part only: " + grouped(counts.partial) + '\n';
  if (counts.skipped_symlinks + counts.skipped_special > 0) {
    text += "  passed over, no record: " +
            counted(counts.skipped_symlinks, "symbolic link", "symbolic links") + ", " +
            counted(counts.skipped_special, "socket, pipe or device", "sockets, pipes or devices") +
            '\n';
  }
  if (counts.skipped_store > 0) {
    text +=
        "  the store itself, passed over: " + counted(counts.skipped_store, "file", "files") + '\n';
  }
  if (!options.out.empty()) {
    text += "case: " + options.out +
            (report.interrupted ? " (not finished)\n" : " (results.jsonl, summary.json)\n");
  }
  return text;
}

std::string resume_command(const CommonOptions& common, const ScanOptions& options) {
  std::string text = "semblance scan --store " + quoted(common.store);
  for (const std::string& bank : options.banks) text += " --bank " + quoted(bank);
  if (options.max_distance) text += " --max-distance " + std::to_string(*options.max_distance);
  if (options.precision != ScanOptions{}.precision) {
    text += " --precision " + std::string(name(options.precision));
  }
  if (options.follow_banks) text += " --follow-banks";
  for (const std::string& model : common.models) text += " --model " + quoted(model);
  const Limits standard;
  if (options.limits.max_bytes != standard.max_bytes) {
    text += " --max-bytes " + std::to_string(options.limits.max_bytes);
  }
  if (options.limits.max_pixels != standard.max_pixels) {
    text += " --max-pixels " + std::to_string(options.limits.max_pixels);
  }
  if (options.limits.max_seconds != standard.max_seconds) {
    text += " --max-seconds " + std::to_string(options.limits.max_seconds);
  }
  text += " --out " + quoted(options.out) + " --resume --";
  for (const std::string& path : options.paths) text += ' ' + quoted(path);
  return text;
}

}  // namespace semblance::tool
