// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the TMK signals of a store, found by their means.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "semblance/float_index.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"
#include "semblance/tmk.h"

namespace semblance::match {

/// The entries that may hold a TMK like a query.
struct NearTmk {
  std::vector<std::int64_t> entries;  // ascending
  bool crowded = false;               // there were more than kMaxEntriesOfFrame
};

/// The means of all TMK signals of a selection's banks, of one moment. Thread-safe.
class TmkIndex {
 public:
  static Result<std::shared_ptr<const TmkIndex>> of(Store& store, const BankSelection& banks);

  /// The entries that may hold a TMK of at least kTmkLevel1 with the query: of many the
  /// kMaxEntriesOfFrame of the highest, since each is read whole to be verified.
  Result<NearTmk> near(const TmkSignal& query) const;

 private:
  TmkIndex() : means_(make_float_index(kTmkDimension)) {}

  std::unique_ptr<FloatIndex> means_;  // of length 1
};

/// The best match of the query with a TMK among the signals, by its level 2: kTmk, without bank,
/// entry, labels and sources. None if no score is at least kTmkLevel1 and kTmkLevel2.
/// Errc::kBadFormat if one cannot be read.
Result<std::optional<Match>> compare_tmk(const TmkSignal& query,
                                         std::span<const BankSignal> signals);

}  // namespace semblance::match
