// SPDX-License-Identifier: Apache-2.0
// `semblance match`: hashes in, one JSON line of matches each out.
#include <unistd.h>

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "console.h"
#include "input.h"
#include "match_picture.h"
#include "match_video.h"
#include "progress.h"
#include "query.h"
#include "records.h"
#include "subcommands.h"

namespace semblance::tool {
namespace {

// Answers to some lines, one JSON line each, and what they amount to.
struct Answers {
  std::vector<std::string> lines;
  std::uint64_t bad = 0;  // lines that were no hash
  bool matched = false;
  Status status = ok();
};

class HashLookup {
 public:
  HashLookup(Matcher& matcher, std::optional<PdqProfile> profile, int jobs)
      : matcher_(matcher), profile_(profile), jobs_(static_cast<std::size_t>(jobs)) {}

  /// Answers the lines in their order, and writes the answers out before it returns. The lines
  /// are shared out among as many threads as there are jobs, in stretches.
  Status answer(std::span<const InputLine> lines) {
    if (lines.empty()) return ok();
    // What another program has added by now is found by these lines.
    if (Status fresh = matcher_.refresh(); !fresh) return fresh;
    const std::size_t shares = std::clamp<std::size_t>(lines.size() / kLeastShare, 1, jobs_);
    std::vector<Answers> answers(shares);
    const auto look_up = [&](std::size_t i) {
      const std::size_t first = lines.size() * i / shares;
      look_up_share(lines.subspan(first, lines.size() * (i + 1) / shares - first), answers[i]);
    };
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < shares; ++i) threads.emplace_back(look_up, i);
      look_up(0);
    }
    for (const Answers& share : answers) {
      if (!share.status) return share.status;
      for (const std::string& line : share.lines) {
        if (Status status = out_.line(line); !status) return status;
      }
      bad_ += share.bad;
      matched_ |= share.matched;
    }
    return out_.flush();
  }

  std::uint64_t bad() const noexcept { return bad_; }
  bool matched() const noexcept { return matched_; }

 private:
  static constexpr std::size_t kLeastShare = 16;  // lines for which a thread is worth starting

  // Runs in a thread of its own, which an exception must not leave.
  void look_up_share(std::span<const InputLine> lines, Answers& into) const noexcept {
    try {
      into.status = look_up(lines, into);
    } catch (const std::bad_alloc&) {
      into.status = Error{Errc::kLimit, "match: out of memory"};
    }
  }

  Status look_up(std::span<const InputLine> lines, Answers& into) const {
    std::vector<SignalValue> queries;
    std::vector<Result<std::size_t>> slots;  // of each line: its query, or why it is none
    for (const InputLine& line : lines) slots.push_back(parse(line, queries));

    const Result<std::vector<std::vector<Match>>> found = matcher_.match(queries, profile_);
    if (!found) return found.error();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view query = trimmed(lines[i].text);
      if (query.empty()) continue;
      Json json;
      json["schema"] = kLineSchema;
      json["query"] = query;
      if (slots[i]) {
        const std::vector<Match>& matches = (*found)[*slots[i]];
        json["kind"] = name(queries[*slots[i]].kind);
        json["matches"] = Json::array();
        for (const Match& match : matches) json["matches"].push_back(to_json(match));
        into.matched |= !matches.empty();
      } else {
        json["error"] = slots[i].error().what;
        ++into.bad;
      }
      into.lines.push_back(to_line(json));
    }
    return ok();
  }

  static Result<std::size_t> parse(const InputLine& line, std::vector<SignalValue>& queries) {
    if (line.too_long) return Error{Errc::kBadHash, "parse hash: the line is above 64 KiB"};
    Result<SignalValue> value = parse_query(line.text);
    if (!value) return std::move(value).error();
    queries.push_back(*std::move(value));
    return queries.size() - 1;
  }

  Matcher& matcher_;
  std::optional<PdqProfile> profile_;
  std::size_t jobs_;
  LineWriter out_;
  std::uint64_t bad_ = 0;
  bool matched_ = false;
};

// Answers the hashes of the command line in their order; standard input stands where `-` does.
Status answer_all(const Session& session, std::vector<std::string> hashes, HashLookup& lookup) {
  const auto answer = [&](std::span<const InputLine> lines) { return lookup.answer(lines); };
  if (hashes.empty()) hashes.emplace_back("-");
  std::vector<InputLine> lines;
  for (std::string& hash : hashes) {
    if (hash != "-") {
      lines.push_back({.text = std::move(hash)});
      continue;
    }
    Status status = answer(std::exchange(lines, {}));
    if (!status) return status;
    session.tell_waiting();
    status = for_each_line_batch(STDIN_FILENO, session.stop(), answer);
    if (!status) return status;
  }
  return answer(lines);
}

}  // namespace

Exit run_match(Session& session, const MatchOptions& options) {
  if (options.video) return run_match_video(session, options);
  if (options.picture) return run_match_picture(session, options);
  const Result<std::unique_ptr<Store>> store = session.open_existing_store();
  if (!store) return session.fail(store.error());
  const Result<std::unique_ptr<Matcher>> matcher = session.build_matcher(
      **store,
      {.banks = options.banks, .max_distance = options.max_distance, .content_digests = false});
  if (!matcher) return session.fail(matcher.error());

  HashLookup lookup(**matcher, options.profile, session.options().jobs);
  const Status status = answer_all(session, options.hashes, lookup);
  if (!status) return session.fail(status.error());
  if (session.stop()) return session.fail({Errc::kIo, "match: interrupted"});
  if (options.fail_on_match && lookup.matched()) return Exit::kMatched;
  if (lookup.bad() == 0) return Exit::kDone;
  warn("match: " + counted(lookup.bad(), "input is no hash", "inputs are no hashes"));
  return Exit::kIncomplete;
}

}  // namespace semblance::tool
