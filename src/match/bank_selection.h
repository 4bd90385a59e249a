// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the banks that one matcher searches, and what they hold.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "match/pdq_rule.h"
#include "semblance/extract.h"
#include "semblance/live_index.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// The hashes of one PDQ profile: they are compared with queries of that profile alone. Frames of
/// videos are of `full`.
struct ProfileIndex {
  PdqProfile profile = PdqProfile::kFull;
  std::shared_ptr<LiveIndex> index;  // labels: see pdq_index.h; shared with later selections
  std::string file;                  // that it was opened from; empty: built in memory
  std::vector<bool> holds_bank;      // by position: whether the bank has any hash that may match
  std::uint64_t hashes = 0;          // of all banks searched that may match
};

class EmbeddingIndex;
class FeatureIndex;
class TmkIndex;

/// The banks searched, as they stood at one moment of the store. Not changed after loading.
struct BankSelection {
  StoreState state;
  std::vector<std::int64_t> ids;                      // of the banks, by position in snapshots
  std::vector<BankSnapshot> snapshots;                // by name
  std::vector<PdqRule> rules;                         // by position in snapshots
  std::array<ProfileIndex, kPdqProfiles.size()> pdq;  // in order of kPdqProfiles
  Plan plan;                                          // see Matcher::plan
  std::vector<SignalKind> digest_kinds;               // that any selected bank holds
  std::shared_ptr<const TmkIndex> tmk;                // null if no bank holds any
  bool holds_sparse_videos = false;                   // see is_dense
  // Null if no bank holds any; shared with later selections.
  std::shared_ptr<FeatureIndex> features;
  std::shared_ptr<const EmbeddingIndex> embeddings;

  /// The position of the bank of that name or id; absent if it is not searched.
  std::optional<std::size_t> position_of(std::string_view bank) const noexcept;
  std::optional<std::size_t> position_of(std::int64_t bank) const noexcept;

  /// The index of that profile, or null if no bank holds it.
  const ProfileIndex* index_of(PdqProfile profile) const noexcept;
};

/// Reads what the banks that `options` name are and hold, and what follows from it: all of a
/// selection but its indexes and the content digests. To be called in a snapshot of the store.
///
/// Errc::kNotFound if a named bank is not there, kBadArgument if the distance is not 0..256.
Result<BankSelection> describe_selection(Store& store, const MatcherOptions& options);

}  // namespace semblance::match
