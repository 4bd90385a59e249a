// SPDX-License-Identifier: Apache-2.0
// Private to src/match: what the store says, now, of an entry that an index or a digest names.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/video/video_frames.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// Candidate entries as the store has them during one call of a matcher. Not thread-safe.
///
/// Each is read once, and its videos are parsed once, so that all answers of the call agree with
/// each other.
class Candidates {
 public:
  /// An entry that can match, and the position of its bank in the selection.
  struct Active {
    Entry entry;
    std::size_t bank = 0;
    std::optional<std::vector<KnownVideo>> videos{};  // once they were asked for
  };

  Candidates(Store& store, const BankSelection& banks);

  /// The entry; null if it can match nothing: gone, withdrawn, expired, or of a bank not searched.
  /// The pointer is valid as long as this object. Fails as Store::entry does, but for kNotFound.
  Result<const Active*> find(std::int64_t id);

  /// The videos of an entry that `find` gave, in the order of its signals, whose values are gone
  /// from then on. Valid until they are released. Errc::kBadFormat if one cannot be read.
  Result<std::span<const KnownVideo>> videos(std::int64_t id);

  /// Forgets the signals of the entry's videos, which are large, once they have been compared.
  void release_videos(std::int64_t id);

 private:
  Store& store_;
  const BankSelection& banks_;
  const UnixSeconds now_;
  std::map<std::int64_t, std::optional<Active>> read_;
};

/// Makes the match say which entry it is with.
void say_entry(const Entry& entry, Match& match);

/// A match with the entry by a digest of that kind.
Match digest_match(const Entry& entry, SignalKind kind);

/// Sorts into the order that results are given in: kind, surest first; distance, or the largest
/// cosine, or the most features that agree; bank; entry; and of one entry by the interval of the
/// query, or the model.
void sort_matches(std::vector<Match>& matches);

}  // namespace semblance::match
