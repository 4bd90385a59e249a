// SPDX-License-Identifier: Apache-2.0
// Which parts of a picture are hashed beside the whole of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "hash/probes/probe_plane.h"
#include "semblance/probe.h"

namespace semblance::hash {

/// The probes of a picture that is looked up, of the kinds asked for (kWhole gives nothing): what
/// its borders enclose; the panels between its long straight edges; the windows of the query's
/// grid. At most kMaxProbes, in order of kind; no rectangle twice.
std::vector<ProbeSignal> hash_probes(const ProbePlane& plane, std::span<const ProbeKind> kinds);

/// How many orders of each block hash_probes needs of a JPEG of that size, so that it finds panels
/// where it finds them among the pixels; 0 where only every pixel will do. What the whole needs
/// serves the other kinds.
int orders_for_panel_probes(std::uint32_t width, std::uint32_t height) noexcept;

/// The windows of a known picture by which a crop of it is found, in a fixed order: ../README.md
/// says which, and what they are worth.
std::span<const Window> entry_windows() noexcept;

/// What its borders enclose, where they enclose less than all; those windows of the picture; and
/// the largest of the usual shapes (square, 4:5, 4:3, 16:9) in its middle. At most 17.
std::vector<ProbeSignal> hash_entry_probes(const ProbePlane& plane);

}  // namespace semblance::hash
