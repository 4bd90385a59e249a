// SPDX-License-Identifier: Apache-2.0
// PDQ of a picture that arrives row by row: no more of it is held than the filter needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "semblance/signal.h"

namespace semblance::hash {

/// Computes PDQ in one or both profiles while the rows of a picture stream past.
///
/// Give exactly `height` rows, top to bottom, in any portions, then finish. The result depends on
/// the pixels alone, not on the portions or the CPU. Width and height are 1 to kMaxSide; channels
/// is 3 (R, G, B interleaved) or 1 (gray).
class PdqHasher {
 public:
  PdqHasher(std::uint32_t width, std::uint32_t height, int channels,
            std::span<const PdqProfile> profiles);
  PdqHasher(PdqHasher&&) noexcept;
  PdqHasher& operator=(PdqHasher&&) noexcept;
  ~PdqHasher();

  void add_rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count);

  /// One signal a profile, in the order they were asked for.
  std::vector<PdqSignal> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace semblance::hash
