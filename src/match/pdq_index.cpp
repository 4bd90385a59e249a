// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_index.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "match/saved_index.h"
#include "match/signal_feed.h"

namespace semblance::match {
namespace {

// How many codes are handed to an index at once: large, since each portion may become a segment of
// its own, and small beside the index.
constexpr std::size_t kPortion = std::size_t{1} << 18;

// How many entries are read at once from a store that others use meanwhile, and hashes, of which a
// video has thousands: milliseconds.
constexpr std::int64_t kEntriesAtOnce = 2'000;
constexpr std::int64_t kHashesAtOnce = 20'000;

// Reading a changed entry by itself costs about as much as ten in a row.
constexpr std::size_t kFewChanges = 10'000;
constexpr std::size_t kEntriesForAChange = 10;

// The codes of one profile on their way to its index.
class Feeder {
 public:
  // `file`: that the index was opened from, or empty.
  Feeder(LiveIndex* index, const std::string& file) : index_(index), file_(file) {}

  Status add(const Hash256& code, std::int64_t label) {
    if (index_ == nullptr) return ok();
    codes_.push_back(code);
    labels_.push_back(label);
    return codes_.size() < kPortion ? ok() : flush();
  }

  Status flush() {
    if (codes_.empty()) return ok();
    if (new_only_) {
      if (auto kept = keep_new(); !kept) return kept;
    }
    auto added = index_->add(codes_, labels_);
    codes_.clear();
    labels_.clear();
    if (!added) return if_damaged("add to index", file_, added.error());
    return ok();
  }

  Status withdraw(const std::vector<std::int64_t>& labels) {
    if (index_ == nullptr || labels.empty()) return ok();
    auto withdrawn = index_->withdraw(labels);
    if (!withdrawn) return if_damaged("withdraw from index", file_, withdrawn.error());
    return ok();
  }

  // From now on, what the index holds under the same label already is not added again.
  void add_new_only() { new_only_ = true; }

 private:
  // Forgets the codes that the index holds under the same label already.
  Status keep_new() {
    if (codes_.empty()) return ok();
    auto hits = index_->range_search(codes_, 0);
    if (!hits) return if_damaged("search index", file_, hits.error());
    std::vector<bool> known(codes_.size());
    for (const LabelledHit& hit : *hits) {
      if (hit.label == labels_[hit.query]) known[hit.query] = true;
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < codes_.size(); ++i) {
      if (known[i]) continue;
      codes_[kept] = codes_[i];
      labels_[kept++] = labels_[i];
    }
    codes_.resize(kept);
    labels_.resize(kept);
    return ok();
  }

  LiveIndex* index_;
  bool new_only_ = false;
  std::string file_;
  std::vector<Hash256> codes_;
  std::vector<std::int64_t> labels_;
};

std::vector<Feeder> feeders_of(const BankSelection& banks, const ProfileIndexes& indexes) {
  std::vector<Feeder> feeders;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    feeders.emplace_back(indexes[i].get(), banks.pdq[i].file);
  }
  return feeders;
}

Status flush(std::vector<Feeder>& feeders) {
  for (Feeder& feeder : feeders) {
    if (auto flushed = feeder.flush(); !flushed) return flushed;
  }
  return ok();
}

Status add_signal(const BankSelection& banks, const IndexedSignal& signal,
                  std::vector<Feeder>& feeders) {
  const auto bank = banks.position_of(signal.bank);
  if (!bank || !banks.rules[*bank].admits(signal.quality)) return ok();
  if (signal.entry > kMaxEntry) {
    return Error{Errc::kLimit,
                 "index entry " + std::to_string(signal.entry) +
                     ": the id is above 2^49, which no store comes to; it is damaged: "
                     "restore a copy"};
  }
  return feeders[position(signal.profile)].add(signal.hash, label_of(signal.entry, signal.bank));
}

Error damaged(std::int64_t entry, const Error& error) {
  return {Errc::kCorruptStore, "read entry " + std::to_string(entry) + ": " + error.what +
                                   "; the store is damaged: restore a copy"};
}

// The entries that were there and are not what they were.
Status apply_changes(Store& store, const BankSelection& banks,
                     const std::vector<std::int64_t>& changed, const ProfileIndexes& indexes) {
  std::vector<Feeder> feeders = feeders_of(banks, indexes);
  for (Feeder& feeder : feeders) feeder.add_new_only();
  auto gone = visit_changed(store, banks, changed, [&](const Entry& entry, std::size_t bank) {
    const auto hashes = indexed_signals(entry.item.signals, entry.id, banks.ids[bank]);
    if (!hashes) return Status(damaged(entry.id, hashes.error()));
    for (const IndexedSignal& indexed : *hashes) {
      if (auto added = add_signal(banks, indexed, feeders); !added) return added;
    }
    return ok();
  });
  if (!gone) return std::move(gone).error();
  if (auto flushed = flush(feeders); !flushed) return flushed;
  for (Feeder& feeder : feeders) {
    if (auto withdrawn = feeder.withdraw(*gone); !withdrawn) return withdrawn;
  }
  return ok();
}

}  // namespace

std::size_t position(PdqProfile profile) noexcept {
  return static_cast<std::size_t>(std::find(kPdqProfiles.begin(), kPdqProfiles.end(), profile) -
                                  kPdqProfiles.begin());
}

Status index_all(Store& store, const BankSelection& banks, const ProfileIndexes& into,
                 const std::function<bool(std::uint64_t read)>& step) {
  constexpr std::uint64_t kStep = 4096;
  std::vector<Feeder> feeders = feeders_of(banks, into);
  Status added = ok();
  std::uint64_t read = 0;
  auto visited = store.for_each_pdq(0, [&](const IndexedSignal& signal) {
    if (++read % kStep == 0 && step && !step(read)) {
      added = Error{Errc::kIo, "index banks: told to stop"};
    } else {
      added = add_signal(banks, signal, feeders);
    }
    return static_cast<bool>(added);
  });
  if (!visited) return visited;
  if (!added) return added;
  return flush(feeders);
}

Status index_after(Store& store, const BankSelection& banks, std::int64_t after,
                   const ProfileIndexes& into) {
  std::vector<Feeder> feeders = feeders_of(banks, into);
  for (bool more = after < banks.state.newest_entry; more;) {
    more = false;
    Status added = ok();
    std::int64_t entries = 0;
    std::int64_t hashes = 0;
    std::int64_t last = after;
    auto visited = store.for_each_pdq(after, [&](const IndexedSignal& signal) {
      if (signal.entry > banks.state.newest_entry) return false;
      ++hashes;
      if (signal.entry != last && (++entries > kEntriesAtOnce || hashes > kHashesAtOnce)) {
        more = true;
        return false;
      }
      last = signal.entry;
      added = add_signal(banks, signal, feeders);
      return static_cast<bool>(added);
    });
    if (!visited) return visited;
    if (!added) return added;
    after = last;
  }
  return flush(feeders);
}

Result<bool> catch_up(Store& store, const BankSelection& banks, const StoreState& then,
                      const ProfileIndexes& indexes) {
  auto changed = store.changed_entries(then, banks.state);
  if (!changed) return std::move(changed).error();
  const auto all = static_cast<std::size_t>(banks.state.newest_entry);
  if (changed->size() > std::max(kFewChanges, all / kEntriesForAChange)) return false;
  auto added = index_after(store, banks, then.newest_entry, indexes);
  if (!added) return std::move(added).error();
  if (auto applied = apply_changes(store, banks, *changed, indexes); !applied) {
    return std::move(applied).error();
  }
  return true;
}

}  // namespace semblance::match
