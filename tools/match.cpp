// SPDX-License-Identifier: Apache-2.0
// `semblance match`: hashes in, one JSON line of matches each out.
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "console.h"
#include "input.h"
#include "query.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

class HashLookup {
 public:
  HashLookup(const Matcher& matcher, std::optional<PdqProfile> profile)
      : matcher_(matcher), profile_(profile) {}

  /// Answers the lines in their order, and writes the answers out before it returns.
  Status answer(std::span<const InputLine> lines) {
    std::vector<SignalValue> queries;
    std::vector<Result<std::size_t>> slots;  // of each line: its query, or why it is none
    for (const InputLine& line : lines) slots.push_back(parse(line, queries));

    const Result<std::vector<std::vector<Match>>> found = matcher_.match(queries, profile_);
    if (!found) return found.error();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (trimmed(lines[i].text).empty()) continue;
      Json json;
      json["query"] = trimmed(lines[i].text);
      if (slots[i]) {
        json["kind"] = name(queries[*slots[i]].kind);
        json["matches"] = matches((*found)[*slots[i]]);
      } else {
        json["error"] = slots[i].error().what;
        ++bad_;
      }
      if (Status status = out_.line(to_line(json)); !status) return status;
    }
    return out_.flush();
  }

  std::uint64_t bad() const noexcept { return bad_; }
  bool matched() const noexcept { return matched_; }

 private:
  static Result<std::size_t> parse(const InputLine& line, std::vector<SignalValue>& queries) {
    if (line.too_long) return Error{Errc::kBadHash, "parse hash: the line is above 64 KiB"};
    Result<SignalValue> value = parse_query(line.text);
    if (!value) return std::move(value).error();
    queries.push_back(*std::move(value));
    return queries.size() - 1;
  }

  Json matches(const std::vector<Match>& found) {
    Json list = Json::array();
    for (const Match& match : found) list.push_back(to_json(match));
    matched_ |= !found.empty();
    return list;
  }

  const Matcher& matcher_;
  std::optional<PdqProfile> profile_;
  LineWriter out_;
  std::uint64_t bad_ = 0;
  bool matched_ = false;
};

}  // namespace

Exit run_match(Session& session, const MatchOptions& options) {
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<std::unique_ptr<Matcher>> matcher = session.build_matcher(
      **store, {.banks = options.banks, .max_distance = options.max_distance});
  if (!matcher) return session.fail(matcher.error());

  HashLookup lookup(**matcher, options.profile);
  const auto answer = [&](std::span<const InputLine> lines) { return lookup.answer(lines); };
  Status status = ok();
  if (options.hashes.empty()) {
    status = for_each_line_batch(STDIN_FILENO, session.stop(), answer);
  } else {
    std::vector<InputLine> lines;
    for (const std::string& hash : options.hashes) lines.push_back({.text = hash});
    status = answer(lines);
  }
  if (!status) return session.fail(status.error());
  if (session.stop()) return session.fail({Errc::kIo, "match: interrupted"});
  if (options.fail_on_match && lookup.matched()) return Exit::kMatched;
  if (lookup.bad() == 0) return Exit::kDone;
  warn("match: " + std::to_string(lookup.bad()) + " inputs are no hashes");
  return Exit::kIncomplete;
}

}  // namespace semblance::tool
