// SPDX-License-Identifier: Apache-2.0
// TMK+PDQF of a video that arrives frame by frame.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "semblance/tmk.h"

namespace semblance::hash {

/// The side of the frames that TMK is made of, in pixels.
inline constexpr std::uint32_t kTmkSide = 64;

/// Brings frames to 15 a second as the reference's tool does, by repeating and dropping them, and
/// sums up their PDQF vectors. Constant memory; the result depends on the frames alone.
class TmkHasher {
 public:
  TmkHasher();
  ~TmkHasher();
  TmkHasher(TmkHasher&&) noexcept;
  TmkHasher& operator=(TmkHasher&&) noexcept;

  /// The next frame: kTmkSide x kTmkSide pixels of R, G, B, row-major, unpadded; its time from the
  /// start of the file, and how long it is shown, in microseconds (0: unknown).
  void add(std::span<const std::uint8_t, std::size_t{3} * kTmkSide * kTmkSide> rgb,
           std::int64_t start_us, std::int64_t length_us);

  /// The signal; nothing if there was no frame.
  std::optional<TmkSignal> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace semblance::hash
