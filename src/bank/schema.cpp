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
    // 2 -> 3. What lets a searcher keep up without reading everything. `states` has a row a
    // transaction: who knows one of them knows that this store, and no copy that was changed apart
    // from it, has been there. `changes` has each entry that was changed after it was added, under
    // the number of its last change; new ones are known by their ids. Both are written by triggers,
    // so that no writer can leave them out. `signal_counts` is what entries that are not withdrawn
    // hold, by what decides whether it is searched (quality -1: not said; kind 0: the entries
    // themselves); EntryTable keeps it, a row a transaction and not a row an entry.
    R"sql(
CREATE TABLE states(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  token BLOB NOT NULL
) STRICT;
INSERT INTO states(token) VALUES(randomblob(16));
CREATE TRIGGER state_of_revision AFTER UPDATE OF revision ON banks BEGIN
  INSERT INTO states(token) VALUES(randomblob(16));
END;
CREATE TABLE changes(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  entry INTEGER NOT NULL UNIQUE
) STRICT;
CREATE TRIGGER change_of_entry AFTER UPDATE ON entries BEGIN
  INSERT OR REPLACE INTO changes(entry) VALUES(NEW.id);
END;
CREATE INDEX entries_expiring ON entries(expires_at)
  WHERE expires_at IS NOT NULL AND withdrawn_at IS NULL;
CREATE TABLE signal_counts(
  bank INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  profile INTEGER NOT NULL,
  quality INTEGER NOT NULL,
  signals INTEGER NOT NULL,
  PRIMARY KEY(bank, kind, profile, quality)
) STRICT, WITHOUT ROWID;
INSERT INTO signal_counts
  SELECT e.bank, s.kind, s.profile, COALESCE(s.quality, -1), COUNT(*)
  FROM entries e CROSS JOIN signals s ON s.entry = e.id
  WHERE e.withdrawn_at IS NULL GROUP BY 1, 2, 3, 4;
INSERT INTO signal_counts
  SELECT bank, 0, 0, -1, COUNT(*) FROM entries WHERE withdrawn_at IS NULL GROUP BY bank;
)sql",
    // 3 -> 4. Signals of videos, which are of up to many megabytes: in the clustered `signals` they
    // would stand between the rows that are read in a row. `frame_counts` is how many different
    // hashes of each quality the frames of an entry have, so that counting what a bank holds reads
    // no value. For the same reason what an index needs of a TMK, its mean, stands by itself. In
    // `signal_counts` videos are of kind 2, profile 0 and quality -1, or -2 where they
    // are sparse, and their frames of kind 2, profile 1 and their quality.
    R"sql(
CREATE TABLE large_signals(
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL REFERENCES entries(id),
  kind INTEGER NOT NULL,
  version TEXT NOT NULL,
  sparse INTEGER NOT NULL,
  mean BLOB,
  value BLOB NOT NULL
) STRICT;
CREATE INDEX large_signals_of_entry ON large_signals(entry, kind);
CREATE TABLE frame_counts(
  entry INTEGER NOT NULL REFERENCES entries(id),
  quality INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  PRIMARY KEY(entry, quality)
) STRICT, WITHOUT ROWID;
)sql",
    // 4 -> 5. What is known of a picture beside its hash. `part` is that of picture_parts.h, NULL
    // for the whole; the key stays as it is, since a hash of both is one of the whole. Names of
    // models
    // stand once. Banks that are there get the probes of policy.h's early_probes: what they look at
    // of a query changes nothing of what they hold. In `signal_counts` parts are of kind 1 and
    // profile 3, embeddings of kind 8 and their model for a profile, and under kind 0 and profile 1
    // are the entries that hold a PDQ and no window.
    R"sql(
ALTER TABLE banks ADD COLUMN entry_windows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE banks ADD COLUMN features INTEGER NOT NULL DEFAULT 0;
CREATE TABLE bank_probes(
  bank INTEGER NOT NULL REFERENCES banks(id),
  kind INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  PRIMARY KEY(bank, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO bank_probes
  SELECT b.id, p.kind, MIN(p.bits, COALESCE(d.bits, 31))
  FROM banks b CROSS JOIN (SELECT 1 AS kind, 31 AS bits UNION ALL SELECT 2, 31) p
  LEFT JOIN bank_max_distance d ON d.bank = b.id AND d.kind = 1;
CREATE TABLE bank_embeddings(
  bank INTEGER NOT NULL REFERENCES banks(id),
  model TEXT NOT NULL,
  least REAL NOT NULL,
  PRIMARY KEY(bank, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE models(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
ALTER TABLE signals ADD COLUMN part INTEGER;
ALTER TABLE large_signals ADD COLUMN model INTEGER REFERENCES models(id);
INSERT INTO signal_counts
  SELECT e.bank, 0, 1, -1, COUNT(*) FROM entries e
  WHERE e.withdrawn_at IS NULL
  AND EXISTS(SELECT 1 FROM signals s WHERE s.entry = e.id AND s.kind = 1)
  GROUP BY e.bank;
)sql",
};
static_assert(kSteps.size() >= kPartsSchema);

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
