// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the banks that one matcher searches, and what decides a match with each.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/extract.h"
#include "semblance/live_index.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// Below this a picture has no usable hash: it is flat, or a side is under five pixels, and the
/// bits are rounding noise or zero. No policy makes such a hash worth looking up.
inline constexpr int kUsableQuality = 1;

/// What decides a PDQ match with one bank, once the policy and the options are settled.
struct PdqRule {
  int max_distance = kDefaultMaxDistance;    // bits, inclusive
  int quality_floor = kDefaultQualityFloor;  // of the query and of the entry

  /// Returns whether a hash of that quality may be compared; one that does not say may.
  bool admits(std::optional<int> quality) const noexcept {
    return !quality || *quality >= quality_floor;
  }
};

/// The hashes of one PDQ profile: they are compared with queries of that profile alone. Frames of
/// videos are of `full`.
struct ProfileIndex {
  PdqProfile profile = PdqProfile::kFull;
  std::shared_ptr<LiveIndex> index;  // labels: see pdq_index.h; shared with later selections
  std::string file;                  // that it was opened from; empty: built in memory
  std::vector<bool> holds_bank;      // by position: whether the bank has any hash that may match
  std::uint64_t hashes = 0;          // of all banks searched that may match
};

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

/// Loads the banks that `options` name, all of one moment, with their index: the saved one, brought
/// up to date, where there is one.
Result<BankSelection> load_banks(Store& store, const MatcherOptions& options);

/// The banks as they are now, with the index of `held`, which is brought up to date: in portions,
/// so that nobody has to wait for long who uses the store meanwhile.
Result<BankSelection> reload_banks(Store& store, const MatcherOptions& options,
                                   const BankSelection& held);

}  // namespace semblance::match
