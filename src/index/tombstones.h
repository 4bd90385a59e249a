// SPDX-License-Identifier: Apache-2.0
// Private to src/index: which rows of a segment were withdrawn.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace semblance::index {

/// One mark for each row of a segment. Marks are only ever set; setting and reading may run at
/// once.
class Tombstones {
 public:
  explicit Tombstones(std::size_t rows) : rows_(rows) {}

  /// Sets the mark; returns whether it was not set before. Calls must not run beside each other.
  bool set(std::size_t row) {
    if (owned_ == nullptr) {  // most segments never lose a row, and need no marks
      owned_ = std::make_unique<std::atomic<std::uint64_t>[]>(rows_ / 64 + 1);
      words_.store(owned_.get(), std::memory_order_release);
    }
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    const bool fresh = (owned_[row / 64].fetch_or(bit, std::memory_order_release) & bit) == 0;
    if (fresh) count_.fetch_add(1, std::memory_order_release);
    return fresh;
  }

  bool test(std::size_t row) const noexcept {
    const auto* const words = words_.load(std::memory_order_acquire);
    return words != nullptr &&
           (words[row / 64].load(std::memory_order_acquire) >> (row % 64) & 1) != 0;
  }

  /// How many marks are set.
  std::size_t count() const noexcept { return count_.load(std::memory_order_acquire); }

 private:
  const std::size_t rows_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> owned_;
  std::atomic<const std::atomic<std::uint64_t>*> words_ = nullptr;
  std::atomic<std::size_t> count_ = 0;
};

}  // namespace semblance::index
