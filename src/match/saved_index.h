// SPDX-License-Identifier: Apache-2.0
// Private to src/match: opening what semblance/saved_index.h writes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "match/bank_selection.h"
#include "match/saved_note.h"
#include "semblance/live_index.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// A saved index of one profile, open, as its file has it.
struct OpenedIndex {
  std::shared_ptr<LiveIndex> index;
  std::string file;
  SavedNote note;
};

/// Opens the saved index of that profile beside the store; absent if there is none. To be called
/// before a snapshot is read: one saved meanwhile would be of a later moment than that.
///
/// Errc::kCorruptStore if it is damaged, naming the file and saying what to do, as all of these.
Result<std::optional<OpenedIndex>> open_saved(const std::string& store_path, PdqProfile profile);

/// Errc::kMismatch if the index is of another profile, of another store, of a moment that this one
/// never had, or of other floors.
Status check_saved(Store& store, const OpenedIndex& opened, PdqProfile profile,
                   const BankSelection& banks);

/// The error with the file that it is of, and what to do about it.
Error about_index(std::string_view operation, const std::string& file, const Error& error);

/// The same of damage that an operation came upon; any other error, and one of an index that has no
/// file, as it is.
Error if_damaged(std::string_view operation, const std::string& file, const Error& error);

}  // namespace semblance::match
