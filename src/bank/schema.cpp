// SPDX-License-Identifier: Apache-2.0
#include "bank/schema.h"

#include <array>
#include <cstddef>
#include <string>

namespace semblance::bank {
namespace {

// Step n takes a store of user_version n to n + 1. Steps are never changed once released: a new
// schema is a new step.
constexpr std::array kSteps = {
    // 0 -> 1. `signals` is clustered by entry, so that reading an entry, or all entries in order,
    // reads neighbours; its profile is 0 where none applies, since a key cannot hold NULL. Only
    // digests are looked up by value: PDQ hashes are searched by distance, outside SQL, and are
    // spared an index that would cost every import a random page a row. Source names are few
    // and long: they stand once. `entry_keys` finds an entry by bank, source and source id: a key
    // is eight bytes of a digest of them, so that its pages are few and are filled in order. It is
    // not unique: who finds an entry by its key compares the text.
    R"sql(
CREATE TABLE banks(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  purpose TEXT NOT NULL,
  quality_floor INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE TABLE bank_max_distance(
  bank INTEGER NOT NULL REFERENCES banks(id),
  kind INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  PRIMARY KEY(bank, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE sources(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE entries(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bank INTEGER NOT NULL REFERENCES banks(id),
  source INTEGER NOT NULL REFERENCES sources(id),
  source_id TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,
  withdrawn_at INTEGER,
  withdrawn_by INTEGER,
  withdrawn_reason TEXT
) STRICT;
CREATE TABLE entry_keys(
  key INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  PRIMARY KEY(key, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_of_bank ON entries(bank);
CREATE TABLE labels(
  entry INTEGER NOT NULL REFERENCES entries(id),
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY(entry, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE signals(
  entry INTEGER NOT NULL REFERENCES entries(id),
  kind INTEGER NOT NULL,
  value BLOB NOT NULL,
  profile INTEGER NOT NULL,
  quality INTEGER,
  version TEXT NOT NULL,
  PRIMARY KEY(entry, kind, value, profile)
) STRICT, WITHOUT ROWID;
CREATE INDEX signals_by_digest ON signals(value, kind) WHERE kind <> 1;
)sql",
    // 1 -> 2. The same tables, in pages that end in a checksum. A file is one or the other from its
    // first page on: this step is part of making one, and no store of version 1 is taken to 2.
    "",
};
static_assert(kSteps.size() >= kCheckedSchema);

}  // namespace

std::int32_t newest_schema() noexcept { return static_cast<std::int32_t>(kSteps.size()); }

void migrate(SQLite::Database& database, std::int32_t version) {
  for (auto step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
    database.exec(kSteps[step]);
  }
  database.exec("PRAGMA application_id=" + std::to_string(kApplicationId));
  database.exec("PRAGMA user_version=" + std::to_string(newest_schema()));
}

}  // namespace semblance::bank
