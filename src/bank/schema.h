// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the tables of a store, version by version.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>

namespace semblance::bank {

/// Marks an SQLite file as a store: "SmBk" in its header, where file(1) looks.
inline constexpr std::int32_t kApplicationId = 0x536D426B;

/// The first schema whose pages end in a checksum.
inline constexpr std::int32_t kCheckedSchema = 2;

/// The first schema that says what has changed since when, and counts what its banks hold.
inline constexpr std::int32_t kHistorySchema = 3;

/// The first schema that has room for the signals of videos.
inline constexpr std::int32_t kVideoSchema = 4;

/// The first schema that has room for parts of pictures, features and embeddings, and for the
/// policies that ask for them.
inline constexpr std::int32_t kPartsSchema = 5;

/// The newest schema this build writes and knows.
std::int32_t newest_schema() noexcept;

/// Takes a store of schema `version` (0: an empty file) to the newest, in the caller's
/// transaction. 0 <= version <= newest_schema().
void migrate(SQLite::Database& database, std::int32_t version);

}  // namespace semblance::bank
