// SPDX-License-Identifier: Apache-2.0
#include "match/feature_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "match/geometry/verify.h"
#include "match/pdq_index.h"

namespace semblance::match {
namespace {

// How many codes are handed to the index at once: see pdq_index.cpp.
constexpr std::size_t kPortion = std::size_t{1} << 18;

// Features that are looked up at once: whoever brings the index up to date waits for so many.
constexpr std::size_t kBatch = 32;

// An index is built anew once as many entries as a quarter of it were read again.
constexpr std::size_t kFewChanges = 1'000;
constexpr std::size_t kEntriesForAChange = 4;

// What the features of one set say for an entry.
struct Votes {
  std::uint32_t features = 0;
  std::uint64_t weight = 0;
};

// Adds what one feature says: as much of each entry as it names few.
void vote(std::span<const std::pair<std::uint32_t, std::int64_t>> named,
          std::map<std::int64_t, Votes>& votes) {
  constexpr std::uint64_t kOne = 1U << 20;
  for (const auto& [feature, entry] : named) {
    Votes& of_entry = votes[entry];
    ++of_entry.features;
    of_entry.weight += std::max<std::uint64_t>(1, kOne / named.size());
  }
}

void count_votes(const index::KeyTables& tables, const FeatureSet& set,
                 std::map<std::int64_t, Votes>& votes) {
  std::vector<Hash256> codes;
  std::vector<std::pair<std::uint32_t, std::int64_t>> named;  // by feature, and each once
  for (std::size_t i = 0; i < set.features.size(); ++i) {
    codes.push_back(set.features[i].descriptor);
    if (codes.size() < kBatch && i + 1 < set.features.size()) continue;
    named.clear();
    for (const LabelledHit& hit : tables.search(codes, kNamingDistance))
      named.emplace_back(hit.query, entry_of(hit.label));
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    for (auto first = named.begin(); first != named.end();) {
      const auto last = std::find_if(first, named.end(),
                                     [&](const auto& one) { return one.first != first->first; });
      vote({first, last}, votes);
      first = last;
    }
    codes.clear();
  }
}

}  // namespace

Result<std::shared_ptr<FeatureIndex>> FeatureIndex::of(Store& store, const BankSelection& banks) {
  std::shared_ptr<FeatureIndex> index(new FeatureIndex);
  auto fed = feed_after(store, banks, SignalKind::kOrb, 0, *index);
  if (!fed) return std::move(fed).error();
  return index;
}

Result<bool> FeatureIndex::catch_up(Store& store, const BankSelection& banks,
                                    const StoreState& then, std::span<const std::int64_t> changed) {
  const std::size_t entries = descriptors_.size() / kEntryFeatures;
  read_again_ += changed.size();
  if (read_again_ > std::max(kFewChanges, entries / kEntriesForAChange)) return false;
  auto fed = feed_after(store, banks, SignalKind::kOrb, then.newest_entry, *this);
  reads_again_ = true;
  if (fed) fed = feed_changed(store, banks, SignalKind::kOrb, changed, *this);
  reads_again_ = false;
  if (!fed) return std::move(fed).error();
  return true;
}

Status FeatureIndex::add(std::size_t, std::int64_t label, const BankSignal& signal) {
  auto known = comparable_features(signal);
  if (!known) return std::move(known).error();
  if (!*known) return ok();
  for (const Feature& feature : (*known)->features) {
    codes_.push_back(feature.descriptor);
    labels_.push_back(label);
  }
  return codes_.size() < kPortion ? ok() : flush();
}

Status FeatureIndex::flush() {
  Status added = ok();
  if (!codes_.empty()) {
    // As often as an entry changes, it must not come to crowd the buckets by itself.
    added =
        reads_again_ ? descriptors_.add_new(codes_, labels_) : descriptors_.add(codes_, labels_);
  }
  codes_.clear();
  labels_.clear();
  return added;
}

Status FeatureIndex::withdraw(const std::vector<std::int64_t>& labels) {
  descriptors_.withdraw(labels);
  return ok();
}

NearFeatures FeatureIndex::near(std::span<const FeatureSet> query) const {
  std::map<std::int64_t, std::uint64_t> weights;  // by the set that gives an entry more
  for (const FeatureSet& set : query) {
    std::map<std::int64_t, Votes> votes;
    count_votes(descriptors_, set, votes);
    for (const auto& [entry, of_entry] : votes) {
      if (of_entry.features < kLeastVotes) continue;
      std::uint64_t& weight = weights[entry];
      weight = std::max(weight, of_entry.weight);
    }
  }
  std::vector<std::pair<std::uint64_t, std::int64_t>> ranked;  // the most weight first
  for (const auto& [entry, weight] : weights) ranked.emplace_back(~weight, entry);
  NearFeatures near;
  near.more = ranked.size() > kMaxVerified;
  if (near.more) {
    const auto first_left = ranked.begin() + std::ptrdiff_t{kMaxVerified};
    std::nth_element(ranked.begin(), first_left, ranked.end());
    ranked.resize(kMaxVerified);
  }
  for (const auto& [weight, entry] : ranked) near.entries.push_back(entry);
  std::sort(near.entries.begin(), near.entries.end());
  return near;
}

Result<std::optional<FeatureSet>> comparable_features(const BankSignal& signal) {
  if (signal.value.kind != SignalKind::kOrb || signal.version != kFeaturesVersion) {
    return std::optional<FeatureSet>();
  }
  auto set = features_from_bytes(signal.value.bytes);
  if (!set) return std::move(set).error();
  return std::optional(*std::move(set));
}

std::optional<Geometry> best_geometry(std::span<const FeatureSet> query,
                                      std::span<const FeatureSet> entry) {
  std::optional<Geometry> best;
  for (const FeatureSet& one : query) {
    for (const FeatureSet& other : entry) {
      auto geometry = verify(one, other, GeometryRule{});
      if (geometry && (!best || geometry->inliers > best->inliers)) best = std::move(geometry);
    }
  }
  return best;
}

Match orb_match(const Geometry& geometry) {
  Match match;
  match.kind = SignalKind::kOrb;
  match.geometry = geometry;
  return match;
}

}  // namespace semblance::match
