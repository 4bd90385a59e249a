// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the banks that one matcher searches, and the indexes over their hashes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "semblance/extract.h"
#include "semblance/index.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// What decides a PDQ match with one bank, once the policy and the options are settled.
struct PdqRule {
  int max_distance = kDefaultMaxDistance;    // bits, inclusive
  int quality_floor = kDefaultQualityFloor;  // of the query and of the entry

  /// Returns whether a hash of that quality may be compared; one that does not say may.
  bool admits(std::optional<int> quality) const noexcept {
    return !quality || *quality >= quality_floor;
  }
};

/// Where a row of an index comes from.
struct RowOrigin {
  std::int64_t entry = 0;
  std::uint32_t bank = 0;  // position in BankSelection::snapshots
};

/// The hashes of one PDQ profile: they are compared with queries of that profile alone.
struct ProfileIndex {
  PdqProfile profile = PdqProfile::kFull;
  std::unique_ptr<Index> index;
  std::vector<RowOrigin> rows;   // by row of the index
  std::vector<bool> holds_bank;  // by position: whether the bank has any row here
};

/// The banks searched, as they stood at one moment of the store. Not changed after loading.
struct BankSelection {
  std::vector<BankSnapshot> snapshots;   // by name
  std::vector<PdqRule> rules;            // by position in snapshots
  std::vector<ProfileIndex> pdq;         // profiles that hold any row, in order of kPdqProfiles
  Plan plan;                             // see Matcher::plan
  std::vector<SignalKind> digest_kinds;  // that any selected bank holds
  std::int64_t newest_entry = 0;         // entries above it were added later

  /// The position of the bank of that name; absent if it is not searched.
  std::optional<std::size_t> position_of(std::string_view bank) const noexcept;

  /// The index of that profile, or null if no bank holds it.
  const ProfileIndex* index_of(PdqProfile profile) const noexcept;
};

/// Reads the banks that `options` name, and indexes their PDQ hashes.
///
/// Errc::kNotFound if a named bank is not there, kBadArgument if the distance is not 0..256.
Result<BankSelection> load_banks(Store& store, const MatcherOptions& options);

}  // namespace semblance::match
