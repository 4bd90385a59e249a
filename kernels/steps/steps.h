// SPDX-License-Identifier: Apache-2.0
// Where rows of a picture step: the places of straight edges.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace semblance::kernels {

/// A step of fewer gray levels may be the noise of coding.
inline constexpr std::uint8_t kLeastStep = 6;

/// Six neighbouring lines of samples: an edge is looked for between the third and the fourth.
using StepLines = std::array<const std::uint8_t*, 6>;

/// Adds 1 to counts[x] wherever there is an edge between lines[2][x] and lines[3][x]; x in [0, n).
///
///   lines   n samples each, any alignment; they may overlap one another
///   counts  n counts below 255, any alignment; must not overlap a line
///
/// The step there is the higher one of |lines[3] - lines[1]| and |lines[4] - lines[2]|: an edge
/// between two lines has both, one within a line has one. It must exceed kLeastStep, and by a third
/// what steps beside it: |lines[1] - lines[0]| and |lines[5] - lines[4]|. Pure integers: every
/// target gives the same bits.
void add_steps(const StepLines& lines, std::size_t n, std::uint8_t* counts) noexcept;

/// out[x] = (above[2x] + above[2x + 1] + below[2x] + below[2x + 1] + 2) / 4, for x in [0, n).
///
///   above, below  2n samples, any alignment
///   out           n samples, any alignment; must not overlap an input
void halve_rows(const std::uint8_t* above, const std::uint8_t* below, std::size_t n,
                std::uint8_t* out) noexcept;

/// The obvious loops: the oracles.
void add_steps_reference(const StepLines& lines, std::size_t n, std::uint8_t* counts) noexcept;
void halve_rows_reference(const std::uint8_t* above, const std::uint8_t* below, std::size_t n,
                          std::uint8_t* out) noexcept;

}  // namespace semblance::kernels
