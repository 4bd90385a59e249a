// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: what plain borders enclose.
#pragma once

#include <optional>

#include "hash/probes/probe_plane.h"

namespace semblance::hash {

/// What the outermost layer of plain borders encloses (video/border.h says which are plain), to a
/// fraction of a sample. Nothing where there are none, or where too little would remain.
std::optional<PlaneArea> find_trimmed(const ProbePlane& plane);

}  // namespace semblance::hash
