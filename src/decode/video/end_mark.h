// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the marks that moving pictures end with.
#pragma once

#include <cstdint>

#include "decode/video/file_input.h"

namespace semblance::decode {

/// Whether a GIF, from the end of a picture at `offset` on, comes to its trailer without another
/// picture. Comments may lie between, and anything behind it.
/// **Source:** GIF89a, sections 23 to 27.
bool gif_ends(const FileInput& file, std::uint64_t offset);

/// Whether a PNG, from the end of a chunk at `offset` on, comes to its IEND without another frame.
/// **Source:** PNG specification, 3rd edition, 5.3.
bool png_ends(const FileInput& file, std::uint64_t offset);

}  // namespace semblance::decode
