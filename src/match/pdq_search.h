// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the entries that pictures and their parts are near, by the index.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "match/pdq_index.h"
#include "match/pdq_match.h"
#include "semblance/result.h"

namespace semblance::match {

/// Searches the index of one profile by the rules of the banks that it holds.
class PdqSearch {
 public:
  /// Both must outlive it.
  PdqSearch(const BankSelection& banks, const ProfileIndex& index);

  /// Tells `found` of each entry that has an indexed hash as near to queries[i] as its bank allows
  /// a part of that kind to be to anything, with that hash's distance. Queries of other profiles
  /// are left out, and whatever is under its bank's floor.
  ///
  /// One search for all that is looked up as far, since a narrow one costs a fraction of a wide
  /// one; the hits of one query come in a row. Errc::kCorruptStore if a part of a saved index that
  /// this needs is damaged.
  Status each_near(
      std::span<const PdqQuery> queries, Margins margins,
      const std::function<void(std::size_t i, std::int64_t entry, int distance)>& found) const;

  /// How many hashes that looks up.
  static std::size_t hashes_of(std::span<const PdqQuery> queries, PdqProfile profile);

 private:
  // How far a query is looked up, and with what quality.
  struct Range {
    int margin = 0;
    int quality = 0;
    int widest = kNotCompared;
  };
  Range range_of(const PdqQuery& query, Margins margins) const;

  const ProfileIndex& index_;
  std::vector<std::size_t> hints_;       // that the banks' labels have
  std::array<int, kBankHints> floor_{};  // by hint: the lowest of its banks
  std::array<std::array<int, kBankHints>, kProbeKinds.size()> reach_{};  // by kind, then hint
};

}  // namespace semblance::match
