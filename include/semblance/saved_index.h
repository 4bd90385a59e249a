// SPDX-License-Identifier: Apache-2.0
// The index of a store's PDQ hashes, kept in files beside it so that nobody has to build it again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "semblance/live_index.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance {

/// The file that holds the index of a profile: `<store>.pdq-full.index`,
/// `<store>.pdq-cli512.index`.
std::string saved_index_path(const std::string& store_path, PdqProfile profile);

/// One file of a saved index.
struct SavedIndex {
  PdqProfile profile = PdqProfile::kFull;
  std::string path;
  std::uint64_t bytes = 0;  // of the file
  bool current = false;     // whether the store is in the state that it was made of
  IndexFacts facts;
};

/// Builds the index of every active PDQ hash of the store that its bank's quality floor admits, and
/// writes a file for each profile, with the permissions of the store's; what stood there is
/// replaced, or left as it is if anything fails.
///
/// `step` is told how many hashes were read, of how many, and returns whether to go on.
/// Errc::kUnsupported for a store of an early version, which keeps no history; kIo if it was told
/// to stop, or a file cannot be written.
Result<std::vector<SavedIndex>> save_index(
    Store& store, const std::string& store_path,
    const std::function<bool(std::uint64_t read, std::uint64_t all)>& step);

/// Reads all of the saved index and checks it, and that it is of this store.
///
/// Errc::kNotFound if there is none; kCorruptStore, with the file's name, if it is damaged;
/// kMismatch if it is of another store, or of a later moment of this one.
Result<std::vector<SavedIndex>> verify_index(Store& store, const std::string& store_path);

}  // namespace semblance
