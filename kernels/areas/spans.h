// SPDX-License-Identifier: Apache-2.0
// Means over stretches of a row of sums: the second half of bringing a picture to a smaller size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace semblance::kernels {

/// What the samples of a row cover of its pixels, where they divide it evenly and none is smaller
/// than a pixel. In units of 1/pixel_units of a pixel, a sample covers sample_units: both whole
/// numbers, so that what it covers of each pixel is one too.
struct Spans {
  /// Sums that are read beyond the last pixel, whatever they hold.
  static constexpr std::size_t kPadding = 64;

  std::uint32_t pixels = 0;
  std::uint32_t pixel_units = 0;
  std::uint32_t sample_units = 0;

  // Of each sample: its first and last pixel, and how many units it covers of them; of those
  // between them, all. The last one may be the one past the last pixel, of which it covers nothing.
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> last;
  std::vector<std::uint32_t> of_first;
  std::vector<std::uint32_t> of_last;

  // Of the second and of the third pixel, where no sample covers more than three; without the third
  // where none covers that many.
  std::vector<std::uint32_t> of_second;
  std::vector<std::uint32_t> of_third;

  std::size_t samples() const noexcept { return first.size(); }
};

/// Precondition: 1 <= samples <= pixels <= 65536.
Spans make_spans(std::uint32_t pixels, std::uint32_t samples);

/// out[s] = (the sum of what sample s covers, each sum weighed by its units) / area, to the
/// nearest, halves up.
///
///   sums  spans.pixels sums, readable for Spans::kPadding more; any alignment
///   area  at least 1; no sum weighed is above 255 area
///   out   one byte a sample, any alignment
///
/// Exact, and so the same bits on every target. Fast where area is at most 2^23 and no sample
/// covers more than three pixels.
void mean_of_spans(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                   std::uint8_t* out) noexcept;

/// The obvious loop: the oracle.
void mean_of_spans_reference(const std::uint32_t* sums, const Spans& spans, std::uint64_t area,
                             std::uint8_t* out) noexcept;

}  // namespace semblance::kernels
