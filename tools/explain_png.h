// SPDX-License-Identifier: Apache-2.0
// A drawing as a PNG file: the one codec of this program, and that in one direction alone.
#pragma once

#include <string>

#include "explain.h"
#include "semblance/result.h"

namespace semblance::tool {

/// The bytes of a PNG file without any metadata. Errc::kLimit if memory does not suffice,
/// Errc::kBadArgument for a drawing of no size.
Result<std::string> to_png(const Drawing& drawing);

}  // namespace semblance::tool
