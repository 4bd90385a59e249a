// SPDX-License-Identifier: Apache-2.0
// Private to src/index: what this folder has, as indexes that a user of FAISS knows how to use.
#pragma once

#include <faiss/IndexBinary.h>
#include <faiss/IndexBinaryFlat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "semblance/live_index.h"

namespace semblance::index {

/// An exact faiss::IndexBinary over 256-bit codes: multi-index hashing, or a scan with early
/// reject.
///
/// FAISS's contract: range_search keeps distance < radius, strictly; ids are 0, 1, 2, ... in order
/// of adding, and faiss::IndexBinaryIDMap gives them other names. Results come by distance, then
/// id. Concurrent const calls are safe. It starts no thread. Errors are faiss::FaissException.
///
/// Adding many codes at once builds tables once; adding them one by one merges as it goes.
class BinaryIndex : public faiss::IndexBinary {
 public:
  /// `tables` as LiveIndexOptions has it.
  explicit BinaryIndex(std::optional<std::size_t> tables = std::nullopt);

  void add(std::int64_t n, const std::uint8_t* x) override;
  void reset() override;

  /// The k nearest, exactly: by range searches that widen until k are found.
  void search(std::int64_t n, const std::uint8_t* x, std::int64_t k, std::int32_t* distances,
              std::int64_t* labels, const faiss::SearchParameters* params = nullptr) const override;

  void range_search(std::int64_t n, const std::uint8_t* x, int radius,
                    faiss::RangeSearchResult* result,
                    const faiss::SearchParameters* params = nullptr) const override;

  /// Bytes held, all in.
  std::size_t bytes() const { return codes_->facts().bytes; }

  /// The same codes as FAISS's own index, which faiss::write_index_binary writes for anyone to
  /// read.
  std::unique_ptr<faiss::IndexBinaryFlat> to_flat() const;

  /// An index over the codes of FAISS's own.
  static std::unique_ptr<BinaryIndex> from_flat(const faiss::IndexBinaryFlat& flat,
                                                std::optional<std::size_t> tables = std::nullopt);

 private:
  const std::optional<std::size_t> tables_;
  std::unique_ptr<LiveIndex> codes_;  // labels are ids
};

/// Multi-index hashing, by the number of codes.
class MihIndex final : public BinaryIndex {
 public:
  using BinaryIndex::BinaryIndex;
};

/// Every query against every code, with early reject.
class ScanIndex final : public BinaryIndex {
 public:
  ScanIndex() : BinaryIndex(0) {}
};

}  // namespace semblance::index
