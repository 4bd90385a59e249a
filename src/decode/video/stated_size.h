// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: what containers say of their own length in bytes.
#pragma once

#include <cstdint>
#include <span>

namespace semblance::decode {

/// How much of a file's beginning stated_size looks at, in bytes.
inline constexpr std::size_t kStatedSizeHead = 4096;

/// Whether a file that begins with `head` should, by its own words, be longer than `bytes` bytes:
/// AVI and its kin, ASF and Matroska state their length. False where nothing is said, as in files
/// that were written as a live stream.
///
/// **Source:** Microsoft RIFF MCI; the ASF specification, 3.2; RFC 8794 and RFC 9559.
bool states_more(std::span<const std::uint8_t> head, std::uint64_t bytes) noexcept;

}  // namespace semblance::decode
