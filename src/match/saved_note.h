// SPDX-License-Identifier: Apache-2.0
// Private to src/match: what a saved index says of the store that it was made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance::match {

/// A bank as a saved index found it.
struct NotedBank {
  std::int64_t id = 0;
  int quality_floor = 0;  // hashes below it are not in the index
  std::uint64_t revision = 0;
  std::string content_digest;

  friend bool operator==(const NotedBank&, const NotedBank&) = default;
};

/// The note in a saved index.
struct SavedNote {
  PdqProfile profile = PdqProfile::kFull;
  StoreState state;
  std::vector<NotedBank> banks;

  /// The bank of that id, or null.
  const NotedBank* find(std::int64_t bank) const noexcept;
};

/// The note as text: one line a fact, the first with the number of the form.
std::string to_text(const SavedNote& note);

/// The inverse of to_text; Errc::kCorruptStore for any other text, an unknown number included.
Result<SavedNote> parse_saved_note(std::string_view text);

}  // namespace semblance::match
