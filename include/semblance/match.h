// SPDX-License-Identifier: Apache-2.0
// Signals of an item against the banks of a store, and what to say of each match.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "semblance/extract.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance {

/// An entry within max_distance of a query, with everything that explains why.
struct Match {
  std::string bank;
  std::int64_t entry = 0;
  SignalKind kind = SignalKind::kPdq;
  int distance = 0;                        // bits; 0 for digests
  int max_distance = 0;                    // that allowed it
  Transform transform = Transform::kNone;  // what turns the query into the entry
  std::optional<PdqProfile> profile;       // both hashes were made in it; PDQ only
  std::optional<int> entry_quality;        // PDQ only, where the source said it
  std::vector<std::string> labels;
  std::string source;
  std::string source_id;
};

/// The bank as a matcher found it: what a result depends on.
struct BankSnapshot {
  std::string name;
  std::uint64_t revision = 0;
  std::string content_digest;  // see Store::content_digest; empty where it was not asked for, or
                               // the bank has changed since
  std::uint64_t entries = 0;   // active
  std::uint64_t pdq_indexed = 0;
  std::uint64_t pdq_below_floor = 0;  // known, but under the bank's quality floor: never matched
  BankPolicy policy;

  friend bool operator==(const BankSnapshot& a, const BankSnapshot& b) {
    return a.name == b.name && a.content_digest == b.content_digest;
  }
};

struct MatcherOptions {
  std::vector<std::string> banks;   // by name; empty: all of the store
  std::optional<int> max_distance;  // overrides every bank's, in bits, 0..256
  // Path of the store, where an index saved for it is to be used; see semblance/saved_index.h.
  // Empty, or none saved: the index is built in memory.
  std::string saved_beside{};
  // Whether snapshots carry content digests: each is a pass over the bank, unless a saved index
  // has it.
  bool content_digests = true;
};

/// What looking an item up gave.
struct MatchResult {
  std::vector<Match>
      matches;  // by kind (digests first), distance, bank, entry; best transform each
  // Banks that a PDQ signal of the item could not be looked up in, since its quality is under
  // their floor. An item that has any, and no match, has not been evaluated.
  std::vector<std::string> below_floor;
};

/// Looks items up in the banks of a store. Thread-safe.
///
/// Candidates come from an index of the store as it was when the matcher was made or last
/// refreshed; each is checked against the store before it is reported, so that an entry withdrawn
/// or expired since matches nothing, at once. An entry added since is found by no kind of signal
/// until `refresh`: without it, two runs over one state of the banks agree.
class Matcher {
 public:
  virtual ~Matcher() = default;

  /// The extraction that the banks need: digests of every kind they hold (SHA-256 always), PDQ
  /// in every profile they hold (`full` if they hold none).
  virtual Plan plan() const = 0;

  /// The banks searched, by name, as they were when the matcher was made or last refreshed.
  virtual std::vector<BankSnapshot> banks() const = 0;

  /// Brings in what the store gained and lost since: entries added, changed, withdrawn and expired,
  /// and new banks where all are searched. Costs a look at the store where nothing changed, else
  /// as much as what changed. Whoever matches meanwhile does not wait, and misses no entry that
  /// could match before and after.
  ///
  /// After an error the matcher is what it was, or knows a part of what is new: it may be used.
  virtual Status refresh() = 0;

  /// Looks an extracted item up: its digests, and PDQ by its eight transforms in each profile.
  /// Errc::kCorruptStore if a part of a saved index that this needs is damaged.
  virtual Result<MatchResult> match(const Extraction& item) const = 0;

  /// Returns whether `match` of the exact extraction of the same bytes would give nothing at all:
  /// no match, and no bank whose floor the item is under.
  ///
  /// True only where its digests match nothing, and its fast signals are, by more than
  /// kFastDistanceMargin and kFastQualityMargin, too far from every entry and above every floor.
  /// That is as sure as the margins, which are measured on ordinary files: who makes a file on
  /// purpose may make one whose exact hash is elsewhere. A picture of fewer than two pixels for
  /// each hash searched is not ruled out by a fast signal: the search would take longer than
  /// decoding it. What is not ruled out has to be extracted exactly. Fails as match does.
  virtual Result<bool> rules_out(const Extraction& item) const = 0;

  /// Looks bare values up: PDQ as it stands, without quality, against `profile` or, if absent,
  /// every profile; digests exactly. One result a query, in their order.
  virtual Result<std::vector<std::vector<Match>>> match(
      std::span<const SignalValue> queries, std::optional<PdqProfile> profile) const = 0;
};

/// Makes a matcher over the active entries of `store`, which must outlive it.
///
/// Errc::kNotFound if a named bank is not there; kCorruptStore or kMismatch, naming the file, if a
/// saved index is damaged or is not of this store.
Result<std::unique_ptr<Matcher>> make_matcher(Store& store, const MatcherOptions& options);

}  // namespace semblance
