// SPDX-License-Identifier: Apache-2.0
#include "search_contestants.h"

#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "hamming/hamming.h"
#include "index/binary_index.h"
#include "semblance/hash256.h"

namespace semblance::bench {
namespace {

constexpr std::size_t kBytes = Hash256::kBytes;

class FullScan final : public faiss::IndexBinary {
 public:
  FullScan() : faiss::IndexBinary(Hash256::kBits) {}

  void add(idx_t n, const std::uint8_t* x) override {
    if (codes_ != nullptr) throw faiss::FaissException("full scan: one array of codes alone");
    codes_ = x;
    ntotal = n;
  }

  void reset() override {
    codes_ = nullptr;
    ntotal = 0;
  }

  void search(idx_t, const std::uint8_t*, idx_t, std::int32_t*, idx_t*,
              const faiss::SearchParameters*) const override {
    throw faiss::FaissException("full scan: it searches by radius alone");
  }

  void range_search(idx_t n, const std::uint8_t* x, int radius, faiss::RangeSearchResult* result,
                    const faiss::SearchParameters*) const override {
    constexpr std::size_t kBatch = 16;  // queries that share one pass over the codes
    faiss::RangeSearchPartialResult partial(result);
    const auto queries = static_cast<std::size_t>(n);
    for (std::size_t first = 0; first < queries; first += kBatch) {
      const std::size_t batch = std::min(kBatch, queries - first);
      std::array<std::vector<Near>, kBatch> near;
      scan_batch(x + kBytes * first, batch, radius, near);
      for (std::size_t q = 0; q < batch; ++q) {
        auto& hits = partial.new_result(static_cast<idx_t>(first + q));
        for (const Near& hit : near[q]) hits.add(static_cast<float>(hit.distance), hit.row);
      }
    }
    partial.finalize();
  }

 private:
  struct Near {
    std::uint16_t distance;
    idx_t row;
  };

  void scan_batch(const std::uint8_t* queries, std::size_t count, int radius,
                  std::span<std::vector<Near>> near) const {
    constexpr std::size_t kBlock = 512;  // codes: 16 KiB, half of the first cache
    std::array<std::uint16_t, kBlock> distances;
    const auto codes = static_cast<std::size_t>(ntotal);
    for (std::size_t row = 0; row < codes; row += kBlock) {
      const std::size_t block = std::min(kBlock, codes - row);
      for (std::size_t q = 0; q < count; ++q) {
        kernels::hamming_scan(queries + kBytes * q, codes_ + kBytes * row, block, distances.data());
        keep_near(distances.data(), block, radius, row, near[q]);
      }
    }
  }

  // Hits are rare: the smallest distance of a group says, without a branch a code, whether to look.
  static void keep_near(const std::uint16_t* distances, std::size_t count, int radius,
                        std::size_t first_row, std::vector<Near>& near) {
    constexpr std::size_t kGroup = 32;
    for (std::size_t at = 0; at < count; at += kGroup) {
      const std::size_t end = std::min(at + kGroup, count);
      std::uint16_t smallest = 0xffff;
      for (std::size_t i = at; i < end; ++i) smallest = std::min(smallest, distances[i]);
      if (static_cast<int>(smallest) >= radius) continue;
      for (std::size_t i = at; i < end; ++i) {
        if (distances[i] < radius) {
          near.push_back({distances[i], static_cast<idx_t>(first_row + i)});
        }
      }
    }
  }

  const std::uint8_t* codes_ = nullptr;
};

template <int kTables, int kBits, int kFlips>
std::unique_ptr<faiss::IndexBinary> make_multi_hash() {
  auto made = std::make_unique<faiss::IndexBinaryMultiHash>(Hash256::kBits, kTables, kBits);
  made->nflip = kFlips;
  return made;
}

std::unique_ptr<faiss::IndexBinary> make_flat() {
  return std::make_unique<faiss::IndexBinaryFlat>(Hash256::kBits);
}

std::unique_ptr<faiss::IndexBinary> make_scan() { return std::make_unique<index::ScanIndex>(); }

std::unique_ptr<faiss::IndexBinary> make_index() { return std::make_unique<index::MihIndex>(); }

constexpr std::array<Contestant, 6> kContestants{{
    {Role::kIndex, "index", "**our index**", true, 150, make_index},
    {Role::kScan, "scan", "**our scan**", true, 75, make_scan},
    {Role::kFullScan, "full-scan", "full 256-bit scan", true, 0, make_full_scan},
    {Role::kFlat, "faiss-flat", "FAISS Flat", false, 64, make_flat},
    {Role::kMultiHash16, "faiss-multihash-16x16", "FAISS MultiHash 16x16, 1 flip", false, 450,
     make_multi_hash<16, 16, 1>},
    {Role::kMultiHash11, "faiss-multihash-11x23", "FAISS MultiHash 11x23, 2 flips", false, 1100,
     make_multi_hash<11, 23, 2>},
}};

}  // namespace

std::span<const Contestant> contestants() { return kContestants; }

const Contestant& contestant(Role role) {
  return *std::ranges::find(kContestants, role, &Contestant::role);
}

std::unique_ptr<faiss::IndexBinary> make_full_scan() { return std::make_unique<FullScan>(); }

}  // namespace semblance::bench
