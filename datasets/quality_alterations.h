// SPDX-License-Identifier: Apache-2.0
// The catalogue by which methods of matching are compared: what is done to pictures, class by
// class, far beyond what one hash withstands.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "datasets/encode.h"
#include "datasets/picture.h"
#include "datasets/random.h"
#include "semblance/result.h"

namespace semblance::datasets {

/// Pictures of others that the alterations of collages and overlays are given.
inline constexpr std::size_t kOthers = 8;

/// One alteration: a function on pixels whose parameters come from the seed, then an encoding.
struct QualityAlteration {
  std::string_view family;  // its class, such as `crop-anywhere`; members stand together
  std::string_view name;    // unique
  // What it does and within which bounds its parameters are drawn, in a few words.
  std::string_view what;
  bool shows_others;  // the result holds parts of `others` that are large enough to be found
  Encoding encoding;
  Picture (*apply)(const Picture& original, std::span<const Picture* const> others, Random& random);
};

/// All of them, in a fixed order.
std::span<const QualityAlteration> quality_alterations() noexcept;

/// Applies the alteration and encodes the result. `others` are kOthers pictures, none of them the
/// original. The same arguments give the same pixels on every machine. Errors as of encode.
Result<std::string> quality_copy(const Picture& original, std::span<const Picture* const> others,
                                 const QualityAlteration& alteration, Random& random);

}  // namespace semblance::datasets
