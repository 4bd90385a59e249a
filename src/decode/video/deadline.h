// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: when reading a video must have ended.
#pragma once

#include <chrono>
#include <cstdint>

namespace semblance::decode {

/// A moment on the steady clock.
class Deadline {
 public:
  explicit Deadline(std::uint32_t seconds)
      : seconds_(seconds), at_(std::chrono::steady_clock::now() + std::chrono::seconds(seconds)) {}

  std::uint32_t seconds() const noexcept { return seconds_; }
  bool over() const { return std::chrono::steady_clock::now() >= at_; }

 private:
  std::uint32_t seconds_;
  std::chrono::steady_clock::time_point at_;
};

}  // namespace semblance::decode
