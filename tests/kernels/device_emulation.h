// SPDX-License-Identifier: Apache-2.0
// A GPU without a GPU: runs the bodies of the device's kernels on the host, block by block and
// thread by thread, with the tensor cores' instructions played element by element as PTX documents
// them. What it cannot show is how the hardware orders threads, and how fast it is.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "hamming/device_body.h"
#include "hamming/device_scan.h"
#include "kernels/host_block.h"

namespace semblance::kernels::device {

/// One lane's registers of A, of B, and of the sums C and D.
using ShareOfA = std::array<std::uint32_t, 4>;
using ShareOfB = std::array<std::uint32_t, 2>;
using ShareOfSums = std::array<std::int32_t, 4>;

/// What mma.sync.m16n8k32.row.col.s32.s8.s8.s32 does to the sums of a warp.
/// **Source:** PTX ISA, "Matrix Fragments for mma.m16n8k32", its formulas for element i of a lane.
inline void emulate_signed_bytes(std::span<const ShareOfA, 32> a, std::span<const ShareOfB, 32> b,
                                 std::span<ShareOfSums, 32> sums) {
  std::array<std::array<int, 32>, 16> rows{};
  std::array<std::array<int, 32>, 8> columns{};
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned group = lane >> 2;
    const unsigned in_group = lane % 4;
    for (unsigned i = 0; i < 16; ++i) {
      const unsigned row = i < 4 || (8 <= i && i < 12) ? group : group + 8;
      const unsigned k = in_group * 4 + (i & 3) + (i >= 8 ? 16 : 0);
      rows[row][k] = static_cast<std::int8_t>(a[lane][i / 4] >> (8 * (i % 4)));
    }
    for (unsigned i = 0; i < 8; ++i) {
      const unsigned k = in_group * 4 + (i & 3) + (i >= 4 ? 16 : 0);
      columns[group][k] = static_cast<std::int8_t>(b[lane][i / 4] >> (8 * (i % 4)));
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 4; ++i) {
      const auto& row = rows[i < 2 ? lane >> 2 : (lane >> 2) + 8];
      const auto& column = columns[(lane % 4) * 2 + (i & 1)];
      for (unsigned k = 0; k < 32; ++k) sums[lane][i] += row[k] * column[k];
    }
  }
}

/// What mma.sync.m16n8k256.row.col.s32.b1.b1.s32.and.popc does to the sums of a warp.
/// **Source:** PTX ISA, "Matrix Fragments for mma.m16n8k256", likewise.
inline void emulate_shared_ones(std::span<const ShareOfA, 32> a, std::span<const ShareOfB, 32> b,
                                std::span<ShareOfSums, 32> sums) {
  using Bits = std::array<std::uint32_t, 8>;
  std::array<Bits, 16> rows{};
  std::array<Bits, 8> columns{};
  const auto set = [](Bits& bits, unsigned k, std::uint32_t word, unsigned i) {
    bits[k / 32] |= (word >> (i % 32) & 1U) << (k % 32);
  };
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned group = lane >> 2;
    const unsigned in_group = lane % 4;
    for (unsigned i = 0; i < 128; ++i) {
      const unsigned row = i < 32 || (64 <= i && i < 96) ? group : group + 8;
      set(rows[row], in_group * 32 + (i & 0x1f) + (i >= 64 ? 128 : 0), a[lane][i / 32], i);
    }
    for (unsigned i = 0; i < 64; ++i) {
      set(columns[group], in_group * 32 + (i & 0x1f) + (i >= 32 ? 128 : 0), b[lane][i / 32], i);
    }
  }
  for (unsigned lane = 0; lane < 32; ++lane) {
    for (unsigned i = 0; i < 4; ++i) {
      const Bits& row = rows[i < 2 ? lane >> 2 : (lane >> 2) + 8];
      const Bits& column = columns[(lane % 4) * 2 + (i & 1)];
      for (unsigned w = 0; w < 8; ++w) sums[lane][i] += std::popcount(row[w] & column[w]);
    }
  }
}

/// A block whose threads take turns.
class HostBlock : public HostBlockOf<kBlockThreads> {
 public:
  using HostBlockOf::HostBlockOf;

  void append(const Scan& scan, std::uint64_t key) const {
    const std::uint64_t slot = (*scan.key_count)++;
    if (slot < scan.capacity) scan.keys[slot] = key;
  }

  template <class Form, class B>
  void multiply(Form, PerThread<Sums>& sums, PerThread<Quad>& a, const B& b_of) const {
    for (unsigned first = 0; first < kBlockThreads; first += kLanes) {
      std::array<ShareOfA, 32> of_a;
      std::array<ShareOfB, 32> of_b;
      std::array<ShareOfSums, 32> of_sums;
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        std::ranges::copy(a[first + lane].word, of_a[lane].begin());
        std::ranges::copy(b_of(first + lane), of_b[lane].begin());
        std::ranges::copy(sums[first + lane].at, of_sums[lane].begin());
      }
      if constexpr (Form::kSteps == 1) {
        emulate_shared_ones(of_a, of_b, of_sums);
      } else {
        emulate_signed_bytes(of_a, of_b, of_sums);
      }
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        std::ranges::copy(of_sums[lane], sums[first + lane].at);
      }
    }
  }
};

/// Codes as they lie in the device's memory.
struct Planes {
  std::vector<Quad> low;
  std::vector<Quad> high;

  /// Deals n x 32 bytes, by the kernel's own body in `blocks` blocks.
  static Planes of(const std::uint8_t* bytes, std::size_t n, unsigned blocks = 2) {
    std::vector<Quad> words(2 * n);
    if (n > 0) std::memcpy(words.data(), bytes, 32 * n);
    Planes planes{std::vector<Quad>(n), std::vector<Quad>(n)};
    for (unsigned i = 0; i < blocks; ++i) {
      deal_codes(HostBlock(i, blocks, 0), words.data(), n, planes.low.data(), planes.high.data());
    }
    return planes;
  }
};

/// What a launch left behind.
struct Launched {
  unsigned long long count = 0;     // of all hits
  std::vector<std::uint64_t> keys;  // those for which there was room
};

/// Runs one launch of `blocks` blocks along the rows, and as many batches as the queries need.
inline Launched launch(DeviceMethod method, const Planes& codes, const Planes& queries,
                       std::uint64_t first_row, std::uint64_t end_row, int max_distance,
                       std::size_t capacity, unsigned blocks) {
  Launched result;
  result.keys.resize(capacity + 1, 0xbeef);  // a canary behind the last place
  Scan scan{};
  scan.code_low = codes.low.data();
  scan.code_high = codes.high.data();
  scan.query_low = queries.low.data();
  scan.query_high = queries.high.data();
  scan.first_row = first_row;
  scan.end_row = end_row;
  scan.query_count = static_cast<std::uint32_t>(queries.low.size());
  scan.max_distance = max_distance;
  scan.keys = result.keys.data();
  scan.capacity = capacity;
  scan.key_count = &result.count;
  const unsigned batches = (scan.query_count + kBatchQueries - 1) / kBatchQueries;
  CountedQueries counted{};
  TiledQueries<SignForm> signs{};
  TiledQueries<OverlapForm> overlaps{};
  for (unsigned batch = 0; batch < batches; ++batch) {
    for (unsigned i = 0; i < blocks; ++i) {
      const HostBlock block(i, blocks, batch);
      if (method == DeviceMethod::kPopcount) scan_by_counting(block, scan, counted);
      if (method == DeviceMethod::kInt8) scan_by_tiles<SignForm>(block, scan, signs);
      if (method == DeviceMethod::kBinary) scan_by_tiles<OverlapForm>(block, scan, overlaps);
    }
  }
  if (result.keys.back() != 0xbeef) result.count = ~0ULL;  // wrote past its room
  result.keys.resize(std::min<std::uint64_t>(capacity, result.count));
  return result;
}

}  // namespace semblance::kernels::device
