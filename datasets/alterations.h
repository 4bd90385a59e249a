// SPDX-License-Identifier: Apache-2.0
// The catalogue of alterations: what people do to pictures before they post them again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "datasets/encode.h"
#include "datasets/picture.h"
#include "datasets/random.h"
#include "semblance/result.h"

namespace semblance::datasets {

/// The longer side, in pixels, from which `within_reach` has been measured. Below it the filter of
/// PDQ leans by a larger part of the picture, and a mirrored copy may be lost.
inline constexpr std::uint32_t kMeasuredSide = 640;

/// One alteration: a pure function on pixels, then an encoding.
struct Alteration {
  std::string_view name;  // such as `jpeg-50`; unique
  // Whether PDQ is expected to find the copy of an original of kMeasuredSide or more: a distance of
  // at most 31 bits, the query looked up by its eight transforms. Where false the copy may be found
  // or not; that is a limit of the hash.
  bool within_reach;
  Encoding encoding;
  Picture (*apply)(const Picture& original, Random& random);
};

/// All alterations, in a fixed order. Each has been measured: see datasets/README.md.
std::span<const Alteration> alterations() noexcept;

/// The alteration of that name, or Errc::kNotFound.
Result<Alteration> find_alteration(std::string_view name);

/// Applies the alteration and encodes the result. `random` decides noise and marks only.
Result<std::string> altered_copy(const Picture& original, const Alteration& alteration,
                                 Random& random);

}  // namespace semblance::datasets
