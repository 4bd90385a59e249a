// SPDX-License-Identifier: Apache-2.0
// How much structure a 64 x 64 buffer has: the sum that PDQ's quality is made of.
#pragma once

namespace semblance::kernels {

/// The sum over all vertical and horizontal neighbours u, v of |int((u - v) * 100 / 255)|, or
/// `enough` if the sum reaches it: summing stops there.
///
///   in  64 x 64 finite float32, row-major, any alignment
///
/// Luma is 0..255, so that no pair counts more than 100; what lies beyond counts as 100.
/// float32 arithmetic, truncated towards zero pair by pair: every target gives the same sum.
/// **Source:** ThreatExchange pdq/cpp/hashing/pdqhashing.cpp, the image-domain quality metric.
int gradient_sum(const float* in, int enough) noexcept;

/// The obvious loop: the oracle.
int gradient_sum_reference(const float* in, int enough) noexcept;

}  // namespace semblance::kernels
