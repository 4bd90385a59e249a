// SPDX-License-Identifier: Apache-2.0
// Private to src/match: one call of a matcher, with the banks that it got and what the store says
// meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/candidate.h"
#include "match/video/video_match.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"
#include "semblance/tmk.h"

namespace semblance::match {

/// What is looked up at once: the signals of one item, or one value. Nothing in it is owned.
struct Looked {
  std::vector<PdqQuery> pictures;
  VideoQuery* video = nullptr;
  const TmkSignal* tmk = nullptr;
};

/// What of it an index says to be near an entry.
struct Asked {
  bool pictures = false;
  std::vector<NearFrame> frames{};
  bool tmk = false;
};
using AskedEntries = std::map<std::int64_t, Asked>;

/// Answers one call. The index only names entries; whether and how one matches is computed from
/// what the store says of it now, by the rule of its bank. Not thread-safe.
class Lookup {
 public:
  Lookup(Store& store, const BankSelection& banks)
      : store_(store), banks_(banks), candidates_(store, banks) {}

  Status match_digest(const SignalValue& digest, std::vector<Match>& into);

  /// Tells `found` of each entry that has an indexed hash within its bank's distance of hashes[i],
  /// and `margin` bits more, with that hash's distance.
  Status find_entries(
      const ProfileIndex& index, std::span<const Hash256> hashes, std::optional<int> quality,
      int margin,
      const std::function<void(std::size_t i, std::int64_t entry, int distance)>& found) const;

  /// Adds the entries that hold a TMK near it. Returns how many queries were crowded: 0 or 1.
  Result<std::uint64_t> find_tmk(const TmkSignal& query, AskedEntries& into) const;

  /// Adds the entries that frames are near, looked up in their first `turns` turns. Returns how
  /// many frames were crowded.
  Result<std::uint64_t> find_frames(std::span<const FrameSignal> frames, std::size_t turns,
                                    AskedEntries& into) const;

  /// Whether this lookup compares the entries again, with another thing that is looked up.
  enum class Then : std::uint8_t { kDone, kAgain };

  /// Adds the matches of what was looked up with the entries that are near it.
  Status confirm(const AskedEntries& entries, const Looked& looked, Then then,
                 std::vector<Match>& into);

  /// Marks the banks whose floor a signal of that profile and quality is under; with a margin, may
  /// be under.
  void note_below_floor(PdqProfile profile, int quality, int margin,
                        std::vector<bool>& below) const;

 private:
  Result<std::vector<Match>> compare(const Candidates::Active& active, const Asked& asked,
                                     const Looked& looked);

  Store& store_;
  const BankSelection& banks_;
  Candidates candidates_;
};

}  // namespace semblance::match
