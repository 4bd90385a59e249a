// SPDX-License-Identifier: Apache-2.0
// PDQ as it is written down: whole planes, running sums in float32, one step after the other.
#pragma once

#include <array>
#include <vector>

#include "semblance/pdq.h"

namespace semblance::oracle {

/// What the written algorithm gives for a picture, with its intermediate values.
struct Pdq {
  PdqSignal signal;
  std::vector<float> luma64;       // 64 x 64; empty for a picture without a hash
  std::array<float, 256> dct16{};  // 16 x 16
};

/// The plain translation of PDQ, for tests and as the floor of benchmarks. Valid pictures only.
/// **Source:** the description of ThreatExchange pdq/cpp that src/hash/README.md gives.
Pdq pdq(const PictureView& picture, PdqProfile profile);

/// The coefficients of the transformed picture, from those of the picture.
std::array<float, 256> transformed(const std::array<float, 256>& dct16, Transform transform);

}  // namespace semblance::oracle
