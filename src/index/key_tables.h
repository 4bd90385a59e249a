// SPDX-License-Identifier: Apache-2.0
// Codes that share a key with a query: near ones of codes whose bits are far from even, as those of
// local features are, where an exact search would have to scan.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <shared_mutex>
#include <span>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/live_index.h"
#include "semblance/result.h"

namespace semblance::index {

/// Tables of codes by some of their bits, each by others. Most near codes are found, not all: see
/// README.md. What is found is a function of the codes held, of the most that were ever held at
/// once, and where a bucket is crowded of the order in which they came; it depends on no thread or
/// processor. Thread-safe: a search waits for an add.
///
/// Source: Indyk, Motwani, "Approximate nearest neighbors: towards removing the curse of
/// dimensionality", STOC 1998, for bits of Hamming space.
class KeyTables {
 public:
  static constexpr std::size_t kTables = 8;

  /// Of a bucket of more than kCrowd codes kOfCrowd are looked at, those that came first: what so
  /// many share says little of each, and no query may cost more the more are held; but what is held
  /// a hundred times is found.
  static constexpr std::uint32_t kCrowd = 100;
  static constexpr std::uint32_t kOfCrowd = 16;

  KeyTables();

  /// Adds codes; labels[i] (>= 0) is what hits on codes[i] are called. Errc::kBadArgument if the
  /// counts differ or a label is negative; kLimit if there would be more than 2^32 - 2 codes.
  Status add(std::span<const Hash256> codes, std::span<const std::int64_t> labels);

  /// The same of those codes alone that are not here under their label: for what is read again. One
  /// pass over the labels held.
  Status add_new(std::span<const Hash256> codes, std::span<const std::int64_t> labels);

  /// Takes back every code of these labels, and returns how many codes that were. One pass over the
  /// labels held, however many are withdrawn at once.
  std::size_t withdraw(std::span<const std::int64_t> labels);

  /// Number of codes that a search can find.
  std::size_t size() const;

  /// (query, label) pairs with distance <= max_distance bits, each code at most once a query;
  /// ordered by query, then distance, then label.
  std::vector<LabelledHit> search(std::span<const Hash256> queries, int max_distance) const;

 private:
  struct Bucket {
    std::uint32_t first = 0;  // row + 1; 0: none
    std::uint32_t last = 0;   // the same
    std::uint32_t codes = 0;  // that a search can find
  };
  struct Table {
    std::vector<Bucket> buckets;      // by key
    std::vector<std::uint32_t> next;  // by row: row + 1; 0: none
  };

  std::uint32_t key(const Hash256& code, std::size_t table) const noexcept;
  Status add_locked(std::span<const Hash256> codes, std::span<const std::int64_t> labels);
  void link(std::uint32_t row);
  void build();  // all tables, without what was withdrawn
  void search_one(const Hash256& query, std::uint32_t number, int max_distance,
                  std::vector<std::uint32_t>& rows, std::vector<LabelledHit>& hits) const;

  static constexpr std::int64_t kWithdrawn = -1;

  mutable std::shared_mutex mutex_;
  int key_bits_;
  std::vector<Hash256> codes_;
  std::vector<std::int64_t> labels_;
  std::size_t withdrawn_ = 0;
  std::array<Table, kTables> tables_;
};

}  // namespace semblance::index
