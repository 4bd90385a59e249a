// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the local features of a store's pictures, by which a part is found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "index/key_tables.h"
#include "match/bank_selection.h"
#include "match/signal_feed.h"
#include "semblance/features.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// A feature of a query names an entry that has one within so many bits, of most of those: see
/// index/key_tables.h.
inline constexpr int kNamingDistance = 20;

/// An entry is compared with a query of which at least so many features name it.
inline constexpr std::uint32_t kLeastVotes = 2;

/// The most entries that are compared with a picture by their features: those that its features
/// name with most weight, and as many that it is near by other signals.
inline constexpr std::size_t kMaxVerified = 50;

/// The entries whose features are to be compared with a query's.
struct NearFeatures {
  std::vector<std::int64_t> entries;  // ascending
  bool more = false;                  // others were named that are not among them
};

/// The descriptors of all features of a selection's banks. May be searched while it is kept up.
class FeatureIndex final : public SignalHolder {
 public:
  /// All of what the banks hold.
  static Result<std::shared_ptr<FeatureIndex>> of(Store& store, const BankSelection& banks);

  /// Brings it from what the store held at `then` to banks.state, where `changed` are the entries
  /// that may differ since. False, with nothing done, if building anew costs less.
  Result<bool> catch_up(Store& store, const BankSelection& banks, const StoreState& then,
                        std::span<const std::int64_t> changed);

  /// The entries that at least kLeastVotes features of a set name, of a picture as it is or
  /// mirrored, and of more than kMaxVerified those named with most weight: a feature that names a
  /// hundred entries, as text does, says of each a hundredth of what one says that names a single
  /// one. Of entries of one weight, the oldest.
  NearFeatures near(std::span<const FeatureSet> query) const;

  Status add(std::size_t bank, std::int64_t label, const BankSignal& signal) override;
  Status flush() override;
  Status withdraw(const std::vector<std::int64_t>& labels) override;

 private:
  FeatureIndex() = default;

  index::KeyTables descriptors_;
  bool reads_again_ = false;    // whether what comes in may be here already
  std::size_t read_again_ = 0;  // entries whose features may be of before and of now
  std::vector<Hash256> codes_;  // on their way in
  std::vector<std::int64_t> labels_;
};

/// The features that a signal keeps; absent if it is of another kind, or of features that this
/// build's cannot be compared with. Errc::kBadFormat if they cannot be read.
Result<std::optional<FeatureSet>> comparable_features(const BankSignal& signal);

/// Which region of the query shows which region of the entry: the best of what the sets of both
/// give, by inliers, then the earlier sets. None if they do not show the same.
std::optional<Geometry> best_geometry(std::span<const FeatureSet> query,
                                      std::span<const FeatureSet> entry);

/// A kOrb match: bank, entry, labels and sources are empty.
Match orb_match(const Geometry& geometry);

}  // namespace semblance::match
