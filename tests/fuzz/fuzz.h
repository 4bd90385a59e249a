// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: an invariant that holds for every input, and the input in parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

/// Ends the process, as a sanitizer would, unless `condition` holds whatever the input.
#define SEMBLANCE_HOLDS(condition)                                                              \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      (void)std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                             \
    }                                                                                           \
  } while (false)

namespace semblance::fuzz {

/// The bytes as text.
inline std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Takes bytes off an input that say how to parse the rest of it; 0 when there are none left.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }

  /// One of 0..count-1.
  std::size_t below(std::size_t count) { return byte() % count; }

  std::span<const std::uint8_t> rest() const { return bytes_; }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace semblance::fuzz
