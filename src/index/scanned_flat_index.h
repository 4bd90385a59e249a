// SPDX-License-Identifier: Apache-2.0
// Private to src/index: FAISS's flat binary index with a scan of ours under it.
#pragma once

#include <faiss/IndexBinaryFlat.h>

#include <cstdint>

namespace semblance::index {

/// A faiss::IndexBinaryFlat over 256-bit codes whose range_search counts bits with our kernel.
///
/// Distributions build FAISS for the oldest CPU of their kind, without an instruction that counts
/// bits; the kernel picks what this CPU has. Everything else is FAISS's, and so is the contract:
/// range_search keeps distance < radius, strictly, in order of row. It starts no thread. Concurrent
/// const calls are safe.
class ScannedFlatIndex final : public faiss::IndexBinaryFlat {
 public:
  ScannedFlatIndex() : faiss::IndexBinaryFlat(256) {}

  void range_search(std::int64_t n, const std::uint8_t* x, int radius,
                    faiss::RangeSearchResult* result,
                    const faiss::SearchParameters* params = nullptr) const override;
};

}  // namespace semblance::index
