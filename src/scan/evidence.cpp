// SPDX-License-Identifier: Apache-2.0
#include "scan/evidence.h"

#include <array>
#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files.h"
#include "scan/json_text.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kEvidenceDigest = {SignalKind::kSha256};
constexpr std::size_t kBlock = std::size_t{256} << 10;

std::string content_sha256(int descriptor) {
  std::vector<std::uint8_t> block(kBlock);
  Digester digester(kEvidenceDigest);
  for (std::uint64_t at = 0;;) {
    auto got = read_at(descriptor, block, at, "");
    if (!got) return "unreadable";
    if (*got == 0) return to_hex(digester.finish().front().bytes);
    digester.update({block.data(), *got});
    at += *got;
  }
}

std::string quoted(const Json& path) {
  return path.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Where a record and a walked item are not the same file; empty: they are.
std::string difference(std::uint64_t number, const Json& record, const WalkedItem& walked) {
  Json now;
  set_path(now, walked.item.path);
  now = Json::parse(to_line(now));  // as it would read back, with U+FFFD for what is not UTF-8
  const Json then = record.value("path", Json());
  const std::string at = "record " + std::to_string(number) + " is of ";
  if (then != now["path"] || record.value("path_b64", Json()) != now.value("path_b64", Json())) {
    return at + quoted(then) + ", the walk now meets " + quoted(now["path"]) + " there";
  }
  if (record.contains("bytes") && record["bytes"] != walked.item.bytes) {
    return at + quoted(then) + " with " + quoted(record["bytes"]) + " bytes, which now has " +
           std::to_string(walked.item.bytes);
  }
  return {};
}

}  // namespace

std::string evidence_text(const WalkedItem& walked) {
  // A path holds no NUL, so that no two lists of items spell the same bytes.
  std::string text = walked.item.path;
  text.push_back('\0');
  text.append(std::to_string(walked.item.bytes)).append(" ");
  text.append(std::to_string(walked.modified_ns)).append(" ");
  text.append(name(walked.problem.reason));
  if (walked.given >= 0) text.append(" ").append(content_sha256(walked.given));
  text.push_back('\n');
  return text;
}

EvidenceDigest::EvidenceDigest() : digester_(kEvidenceDigest) {}

void EvidenceDigest::add(const WalkedItem& walked) {
  ++evidence_.items;
  evidence_.bytes += walked.item.bytes;
  digester_.update(evidence_text(walked));
}

Evidence EvidenceDigest::finish() {
  evidence_.sha256 = to_hex(digester_.finish().front().bytes);
  return std::move(evidence_);
}

Result<std::optional<Evidence>> count_evidence(const RunOptions& options, Progress* progress,
                                               const StopFlag* stop) {
  Walk walk(options.paths, options.dash_descriptor, options.exclude);
  EvidenceDigest digest;
  for (;;) {
    if (stop != nullptr && stop->load()) return std::optional<Evidence>{};
    auto walked = walk.next();
    if (!walked) return std::move(walked).error();
    if (!walked->has_value()) break;
    digest.add(**walked);
  }
  Evidence evidence = digest.finish();
  if (progress != nullptr) {
    progress->total_bytes = evidence.bytes;
    progress->total_items = evidence.items;
  }
  return std::optional(std::move(evidence));
}

Result<std::string> first_difference(const RunOptions& options, const std::string& results_path,
                                     std::uint64_t records) {
  std::ifstream results(results_path, std::ios::binary);
  Walk walk(options.paths, options.dash_descriptor, options.exclude);
  std::string line;
  for (std::uint64_t number = 1; number <= records && std::getline(results, line); ++number) {
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object()) break;
    auto walked = walk.next();
    if (!walked) return std::move(walked).error();
    if (!walked->has_value()) {
      return "record " + std::to_string(number) + " is of " + quoted(record.value("path", Json())) +
             ", where the walk now ends";
    }
    if (std::string found = difference(number, record, **walked); !found.empty()) return found;
  }
  return std::string();
}

Result<std::string> first_other_stretch(const RunOptions& options,
                                        const std::vector<Stretch>& stretches) {
  Walk walk(options.paths, options.dash_descriptor, options.exclude);
  std::uint64_t number = 0;
  for (const Stretch& stretch : stretches) {
    const std::uint64_t first = number + 1;
    EvidenceDigest digest;
    for (; number < stretch.records; ++number) {
      auto walked = walk.next();
      if (!walked) return std::move(walked).error();
      if (!walked->has_value()) break;
      digest.add(**walked);
    }
    if (digest.finish().sha256 == stretch.evidence) continue;
    return "a name, a size or a time of change differs among records " + std::to_string(first) +
           " to " + std::to_string(stretch.records);
  }
  if (number == 0) return std::string();
  return "the files of all " + std::to_string(number) +
         " records are as they were, what differs comes after them";
}

}  // namespace semblance::scanner
