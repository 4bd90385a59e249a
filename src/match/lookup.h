// SPDX-License-Identifier: Apache-2.0
// Private to src/match: one call of a matcher, with the banks that it got and what the store says
// meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/candidate.h"
#include "match/pdq_match.h"
#include "match/video/video_match.h"
#include "semblance/embedding.h"
#include "semblance/features.h"
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
  std::span<const FeatureSet> features{};
  std::span<const EmbeddingSignal> embeddings{};
};

/// What of it an index says to be near an entry.
struct Asked {
  bool pictures = false;
  std::vector<NearFrame> frames{};
  bool tmk = false;
  bool embeddings = false;
  bool features = false;  // or it is near by other signals, which features may explain
};
using AskedEntries = std::map<std::int64_t, Asked>;

/// Answers one call. The index only names entries; whether and how one matches is computed from
/// what the store says of it now, by the rule of its bank. Not thread-safe.
class Lookup {
 public:
  Lookup(Store& store, const BankSelection& banks)
      : store_(store), banks_(banks), candidates_(store, banks) {}

  Status match_digest(const SignalValue& digest, std::vector<Match>& into);

  /// Adds the entries that what is looked up of pictures is near: by their hashes, features and
  /// embeddings. Of more than kMaxEntriesOfFrame by hashes, or by one model's embeddings, the
  /// nearest.
  struct Found {
    std::uint64_t crowded = 0;   // how many of these there were
    bool more_features = false;  // features named entries that they are not compared with
  };
  Result<Found> find_pictures(const Looked& looked, AskedEntries& into) const;

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
  Status compare_pictures(const Candidates::Active& active, const Asked& asked,
                          const Looked& looked, std::optional<Match> single,
                          std::vector<Match>& into) const;

  Store& store_;
  const BankSelection& banks_;
  Candidates candidates_;
};

}  // namespace semblance::match
