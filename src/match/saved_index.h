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

/// Opens the saved index of that profile beside the store; absent if there is none.
///
/// Errc::kCorruptStore if it is damaged; kMismatch if it is of another store, of a moment that this
/// one never had, or of other floors. Both name the file and say what to do.
Result<std::optional<OpenedIndex>> open_saved(Store& store, const std::string& store_path,
                                              PdqProfile profile, const BankSelection& banks);

/// The error with the file that it is of, and what to do about it.
Error about_index(std::string_view operation, const std::string& file, const Error& error);

}  // namespace semblance::match
