// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: pages of a store's file that end in a checksum, which SQLite itself has not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace semblance::bank {

/// How many bytes at the end of each page are ours: SQLite calls them reserved, keeps its hands off
/// them, and says in byte 20 of the file how many they are.
inline constexpr int kReservedBytes = 8;

/// The checksum of a page without its last kReservedBytes. Differs wherever one byte does.
///
/// `offset` is the page's place in the file: a page that stands where another belongs is damage
/// too. `body` is a multiple of 8 bytes.
std::uint64_t page_checksum(std::span<const std::uint8_t> body, std::uint64_t offset) noexcept;

/// The name of a VFS that is the system's own, but for the pages of main databases whose header
/// says kReservedBytes: it writes their checksum, and refuses to read a page that differs from
/// its own, with SQLITE_IOERR_DATA. Write-ahead logs have checksums of SQLite's, and are passed
/// through.
///
/// Another program may read the file, and may bring a log that was left into it: the pages from
/// there have zeros for a checksum, and are taken as they are. What it changes itself is refused.
///
/// Registers it at the first call; null if SQLite refuses. Thread-safe.
const char* checked_pages_vfs();

}  // namespace semblance::bank
