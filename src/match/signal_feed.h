// SPDX-License-Identifier: Apache-2.0
// Private to src/match: signals of one kind on their way from a store to where they are searched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "match/bank_selection.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// Where the signals of one kind are searched, under labels as pdq_index.h makes them. It may hold
/// too much: what the store says of an entry decides.
class SignalHolder {
 public:
  virtual ~SignalHolder() = default;

  /// Takes a signal of an active entry of the bank at that position of the selection. Whoever
  /// searches finds it after `flush` at the latest. Errc::kBadFormat if it cannot be read.
  virtual Status add(std::size_t bank, std::int64_t label, const BankSignal& signal) = 0;
  virtual Status flush() = 0;

  /// Takes all of these labels out.
  virtual Status withdraw(const std::vector<std::int64_t>& labels) = 0;
};

/// Brings every signal of the kind to `into`, of the active entries of the banks whose ids are
/// above `after` and up to those of banks.state: in portions, between which others may use the
/// store. Errc::kCorruptStore, naming the entry, if one cannot be read.
Status feed_after(Store& store, const BankSelection& banks, SignalKind kind, std::int64_t after,
                  SignalHolder& into);

/// Calls `visit` with those of `changed` that are active, and the position of their bank; returns
/// the labels of the others. Of banks that are not searched, nothing.
Result<std::vector<std::int64_t>> visit_changed(
    Store& store, const BankSelection& banks, std::span<const std::int64_t> changed,
    const std::function<Status(const Entry& entry, std::size_t bank)>& visit);

/// The same as feed_after, of those of `changed` that are active; the others are withdrawn. What an
/// entry had before stays, so that nobody misses meanwhile what it has still.
Status feed_changed(Store& store, const BankSelection& banks, SignalKind kind,
                    std::span<const std::int64_t> changed, SignalHolder& into);

}  // namespace semblance::match
