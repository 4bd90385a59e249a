// SPDX-License-Identifier: Apache-2.0
#include "match/signal_feed.h"

#include <optional>
#include <string>
#include <string_view>

#include "match/pdq_index.h"

namespace semblance::match {
namespace {

// How much is read at once from a store that others use meanwhile: milliseconds.
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 22;

Error damaged(std::int64_t entry, const std::string& why) {
  return {Errc::kCorruptStore, "read entry " + std::to_string(entry) + ": " + why +
                                   "; the store is damaged: restore a copy"};
}

Status add_one(const BankSelection& banks, std::int64_t entry, std::size_t bank,
               const BankSignal& signal, SignalHolder& into) {
  if (entry > kMaxEntry) return damaged(entry, "the id is above 2^49, which no store comes to");
  auto added = into.add(bank, label_of(entry, banks.ids[bank]), signal);
  if (added || added.error().code != Errc::kBadFormat) return added;
  return damaged(entry, added.error().what);
}

}  // namespace

Status feed_after(Store& store, const BankSelection& banks, SignalKind kind, std::int64_t after,
                  SignalHolder& into) {
  for (bool more = after < banks.state.newest_entry; more;) {
    more = false;
    Status added = ok();
    std::size_t bytes = 0;
    std::int64_t last = after;
    auto visited = store.for_each_signal(
        kind, after, [&](std::int64_t entry, std::int64_t bank, const BankSignal& signal) {
          if (entry > banks.state.newest_entry) return false;
          if (entry != last && bytes > kBytesAtOnce) {
            more = true;
            return false;
          }
          last = entry;
          bytes += signal.value.bytes.size();
          const auto at = banks.position_of(bank);
          if (at) added = add_one(banks, entry, *at, signal, into);
          return static_cast<bool>(added);
        });
    if (!visited) return visited;
    if (!added) return added;
    after = last;
  }
  return into.flush();
}

Result<std::vector<std::int64_t>> visit_changed(
    Store& store, const BankSelection& banks, std::span<const std::int64_t> changed,
    const std::function<Status(const Entry& entry, std::size_t bank)>& visit) {
  std::vector<std::int64_t> gone;
  for (const std::int64_t id : changed) {
    auto entry = store.entry(id);
    if (!entry) return std::move(entry).error();
    const auto bank = banks.position_of(std::string_view(entry->bank));
    if (!bank) continue;
    if (!entry->active(banks.state.at)) {
      if (id <= kMaxEntry) gone.push_back(label_of(id, banks.ids[*bank]));
      continue;
    }
    if (auto visited = visit(*entry, *bank); !visited) return std::move(visited).error();
  }
  return gone;
}

Status feed_changed(Store& store, const BankSelection& banks, SignalKind kind,
                    std::span<const std::int64_t> changed, SignalHolder& into) {
  auto gone = visit_changed(store, banks, changed, [&](const Entry& entry, std::size_t bank) {
    for (const BankSignal& signal : entry.item.signals) {
      if (signal.value.kind != kind) continue;
      if (auto added = add_one(banks, entry.id, bank, signal, into); !added) return added;
    }
    return ok();
  });
  if (!gone) return std::move(gone).error();
  if (auto flushed = into.flush(); !flushed) return flushed;
  return gone->empty() ? ok() : into.withdraw(*gone);
}

}  // namespace semblance::match
