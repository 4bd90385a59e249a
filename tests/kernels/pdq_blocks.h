// SPDX-License-Identifier: Apache-2.0
// Blocks that run the bodies of PDQ's kernels for a GPU on the host: one whose threads take turns,
// and one of real threads that wait for each other only where the body says so.
#pragma once

#include <array>
#include <atomic>
#include <barrier>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "dct/dct.h"
#include "kernels/host_block.h"
#include "pdq/device_hash.h"
#include "pdq/device_reduce.h"

namespace semblance::kernels::device {

static_assert(std::endian::native == std::endian::little, "words are read as a GPU reads them");

inline constexpr unsigned kPdqWarps = kPdqThreads / kWarpLanes;

/// Threads that take turns.
class TurnsBlock : public HostBlockOf<kPdqThreads> {
 public:
  using HostBlockOf::HostBlockOf;

  void add(std::int32_t* total, PerThread<std::int32_t>& values) const {
    for (unsigned thread = 0; thread < kPdqThreads; ++thread) *total += values[thread];
  }

  void warp_sum(PerThread<std::int32_t>& values) const {
    for (unsigned first = 0; first < kPdqThreads; first += kWarpLanes) {
      std::int32_t sum = 0;
      for (unsigned lane = 0; lane < kWarpLanes; ++lane) sum += values[first + lane];
      for (unsigned lane = 0; lane < kWarpLanes; ++lane) values[first + lane] = sum;
    }
  }

  template <class F>
  void vote(PerThread<std::uint32_t>& answers, const F& answer) const {
    for (unsigned first = 0; first < kPdqThreads; first += kWarpLanes) {
      std::uint32_t all = 0;
      for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
        all |= (answer(first + lane) ? 1U : 0U) << lane;
      }
      for (unsigned lane = 0; lane < kWarpLanes; ++lane) answers[first + lane] = all;
    }
  }
};

/// What the threads of one block meet at. A warp has a meeting of its own, so that what only a
/// warp waits for keeps no other warp in step.
struct Meeting {
  std::barrier<> block{kPdqThreads};
  std::array<std::unique_ptr<std::barrier<>>, kPdqWarps> warps;
  std::array<std::int32_t, kPdqThreads> values{};

  Meeting() {
    for (auto& warp : warps) warp = std::make_unique<std::barrier<>>(kWarpLanes);
  }
};

/// One of kPdqThreads real threads: under ThreadSanitizer, a `sync` that is missing is a race.
class RealThread {
 public:
  template <class T>
  struct PerThread {
    T own{};
    T& operator[](unsigned) { return own; }
  };

  RealThread(unsigned index, unsigned thread, Meeting& meeting)
      : index_(index), thread_(thread), meeting_(meeting) {}

  unsigned index() const { return index_; }
  void sync() const { meeting_.block.arrive_and_wait(); }
  template <class F>
  void each(const F& f) const {
    f(thread_);
  }

  void add(std::int32_t* total, PerThread<std::int32_t>& values) const {
    std::atomic_ref(*total).fetch_add(values.own);
  }

  void warp_sum(PerThread<std::int32_t>& values) const {
    std::int32_t sum = 0;
    for (const std::int32_t value : of_warp(values.own)) sum += value;
    values.own = sum;
    leave_warp();
  }

  template <class F>
  void vote(PerThread<std::uint32_t>& answers, const F& answer) const {
    std::uint32_t all = 0;
    unsigned lane = 0;
    for (const std::int32_t value : of_warp(answer(thread_) ? 1 : 0)) {
      all |= static_cast<std::uint32_t>(value) << lane++;
    }
    answers.own = all;
    leave_warp();
  }

 private:
  std::barrier<>& warp() const { return *meeting_.warps[thread_ / kWarpLanes]; }
  std::span<const std::int32_t, kWarpLanes> of_warp(std::int32_t own) const {
    meeting_.values[thread_] = own;
    warp().arrive_and_wait();
    return std::span<const std::int32_t, kWarpLanes>(
        meeting_.values.data() + thread_ / kWarpLanes * kWarpLanes, kWarpLanes);
  }
  void leave_warp() const { warp().arrive_and_wait(); }

  unsigned index_;
  unsigned thread_;
  Meeting& meeting_;
};

/// Runs `body(thread)` for block `index` on real threads.
template <class Body>
void run_on_threads(unsigned index, const Body& body) {
  Meeting meeting;
  std::vector<std::jthread> threads;
  for (unsigned thread = 0; thread < kPdqThreads; ++thread) {
    threads.emplace_back([&, thread] { body(RealThread(index, thread, meeting)); });
  }
}

/// Bytes of a batch in words, as device memory holds them: not one word more than they need.
class Packed {
 public:
  explicit Packed(std::span<const std::uint8_t> bytes) : words_((bytes.size() + 3) / 4) {
    std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  PackedBytes view() const { return {words_.data(), words_.size()}; }

 private:
  std::vector<std::uint32_t> words_;
};

/// The transpose of the DCT's matrix, as the GPU has it.
inline std::vector<float> device_matrix() {
  std::vector<float> matrix(std::size_t{kReducedSide} * kFrequencies);
  for (std::size_t i = 0; i < kFrequencies; ++i) {
    for (std::size_t k = 0; k < kReducedSide; ++k) {
      matrix[k * kFrequencies + i] = dct_matrix()[i * kReducedSide + k];
    }
  }
  return matrix;
}

/// The launch that reduces pictures, block by block.
inline std::vector<float> emulate_reduction(const Packed& bytes,
                                            const std::vector<DevicePicture>& pictures) {
  std::vector<float> luma(pictures.size() * kBufferPixels);
  const auto memory = std::make_unique<ReductionMemory>();
  const auto blocks = static_cast<unsigned>(pictures.size() * kReducedSide);
  for (unsigned i = 0; i < blocks; ++i) {
    reduce_row(TurnsBlock(i, blocks, 0), Reduction{bytes.view(), pictures.data(), luma.data()},
               *memory);
  }
  return luma;
}

/// The launch that hashes buffers, block by block.
inline std::vector<DevicePdq> emulate_hashing(const std::vector<float>& luma) {
  const auto blocks = static_cast<unsigned>(luma.size() / kBufferPixels);
  const std::vector<float> matrix = device_matrix();
  std::vector<HashWords> words(blocks);
  const auto memory = std::make_unique<HashingMemory>();
  for (unsigned i = 0; i < blocks; ++i) {
    hash_buffer(TurnsBlock(i, blocks, 0), Hashing{luma.data(), matrix.data(), words.data()},
                *memory);
  }
  std::vector<DevicePdq> results;
  for (const HashWords& result : words) results.push_back(std::bit_cast<DevicePdq>(result));
  return results;
}

}  // namespace semblance::kernels::device
