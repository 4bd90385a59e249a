// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the names in one folder in order, however many, in little memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace semblance::scanner {

/// The names in one folder by their bytes, held a stretch at a time.
///
/// A folder lists its names in an order of its own, so that the smallest may come last. Where all
/// together are more than the bound, read() keeps the smallest and lists the folder again for
/// those after them: memory grows with an eighth of the names at most, and a folder is
/// listed no more than some 16 times. A name that is there throughout comes exactly once,
/// whatever else is made or removed meanwhile. Not for several threads.
class FolderNames {
 public:
  static constexpr std::size_t kBoundBytes = std::size_t{512} << 10;
  static constexpr std::size_t kMostOf = 8;  // a stretch may hold one name in so many

  /// `bound_bytes`: what a stretch may hold of any folder, however small.
  explicit FolderNames(std::size_t bound_bytes = kBoundBytes) : bound_bytes_(bound_bytes) {}

  /// Takes the place of the stretch with the next one: the names after the last that was taken.
  /// `folder` stays open; its offset is moved. Returns 0, or the errno that ended the listing
  /// before its end; the names listed until then stand.
  int read(int folder);

  /// Whether the stretch has another name; take() returns it, valid until the next read().
  bool has_next() const noexcept { return next_ < order_.size(); }
  const char* take() noexcept { return at(order_[next_++]); }

  /// The name that was taken last. There is one.
  const char* last() const noexcept { return at(order_[next_ - 1]); }

  /// Whether there are names beyond the stretch, for read() when it has been taken.
  bool has_more() const noexcept { return has_more_; }

  /// Gives up what lies beyond the stretch.
  void drop_rest() noexcept { has_more_ = false; }

  /// What the names of the stretch take, in bytes.
  std::size_t held_bytes() const noexcept {
    return names_.size() + order_.size() * sizeof order_.front();
  }

 private:
  const char* at(std::uint32_t offset) const noexcept { return names_.data() + offset; }
  int list(int folder, const std::string& after);
  void add(std::string_view name);
  void keep_smaller_half();

  std::size_t bound_bytes_;
  std::string names_;                 // each ended by NUL
  std::vector<std::uint32_t> order_;  // offsets into names_, sorted by name once read
  std::size_t next_ = 0;              // into order_
  std::string largest_;               // of the names kept, once some were dropped; else empty
  bool has_more_ = false;
};

}  // namespace semblance::scanner
