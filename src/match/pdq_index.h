// SPDX-License-Identifier: Apache-2.0
// Private to src/match: PDQ hashes of a store in a live index, built from it and kept up with it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "match/bank_selection.h"
#include "semblance/live_index.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// How many banks a label tells apart. Which bank an entry is of is known from the store; what the
/// label says of it spares reading entries of banks that a query is too far from.
inline constexpr std::int64_t kBankHints = 256;

/// The highest id of an entry whose hashes can be indexed: a label has 57 bits.
inline constexpr std::int64_t kMaxEntry = (std::int64_t{1} << 49) - 1;

/// The label of an entry's hashes, and what it says of them.
constexpr std::int64_t label_of(std::int64_t entry, std::int64_t bank) noexcept {
  return entry * kBankHints + bank % kBankHints;
}
constexpr std::int64_t entry_of(std::int64_t label) noexcept { return label / kBankHints; }
constexpr std::size_t bank_hint(std::int64_t label) noexcept {
  return static_cast<std::size_t>(label % kBankHints);
}

/// The place of a profile in kPdqProfiles.
std::size_t position(PdqProfile profile) noexcept;

/// One index a profile, in order of kPdqProfiles; null: not of concern.
using ProfileIndexes = std::array<std::shared_ptr<LiveIndex>, kPdqProfiles.size()>;

/// Adds every active hash of the selected banks that their floors admit to the indexes that are
/// there. `step` is told how many hashes were read, and returns whether to go on; Errc::kIo if not.
Status index_all(Store& store, const BankSelection& banks, const ProfileIndexes& into,
                 const std::function<bool(std::uint64_t read)>& step = {});

/// As index_all, the entries of ids above `after` and up to those of banks.state alone, in portions
/// between which others may use the store. What changes meanwhile is a change since banks.state.
Status index_after(Store& store, const BankSelection& banks, std::int64_t after,
                   const ProfileIndexes& into);

/// Brings indexes that hold what the store held `then` to what it holds at banks.state. A hash that
/// an entry has had stays until the entry is withdrawn: matches are judged by what the store says.
///
/// False, with nothing done, if so much has changed that building anew costs less.
/// Precondition: store.has_been(then).
Result<bool> catch_up(Store& store, const BankSelection& banks, const StoreState& then,
                      const ProfileIndexes& indexes);

}  // namespace semblance::match
