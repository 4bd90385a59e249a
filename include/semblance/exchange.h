// SPDX-License-Identifier: Apache-2.0
// Hash lists from and to other systems.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance {

/// A format of hash list.
enum class ListFormat : std::uint8_t {
  kCsv,             // `kind,value,label...`
  kJsonLines,       // one entry a line, our own full form: items and withdrawals whole
  kHex,             // one hex hash a line, optional `kind ` or `kind:` before it
  kThreatExchange,  // Meta's `threat_updates` JSON
  kTcap,            // Tech Against Terrorism's TCAP hash list, version 2
  kVpdq,            // the vPDQ of one video, in any form that read_vpdq knows
  kTmk,             // the TMK+PDQF of one video
};

/// Returns `csv jsonl hex threatexchange tcap vpdq tmk`.
std::string_view name(ListFormat format) noexcept;

/// Parses a format's word; any other text is Errc::kBadArgument and lists them.
Result<ListFormat> parse_list_format(std::string_view word);

/// Guesses the format from the first bytes of a list; Errc::kBadFormat if none fits.
Result<ListFormat> sniff_list_format(std::string_view head);

/// How to import.
struct ImportOptions {
  std::string source;                          // provenance of every entry, such as the list's name
  PdqProfile pdq_profile = PdqProfile::kFull;  // of PDQ hashes whose record does not say
  std::optional<UnixSeconds> expires_at;       // of entries whose record does not say
  std::size_t batch = 50'000;                  // rows in one transaction, at most
  std::optional<SignalKind> bare_kind;         // of hex rows without a kind; absent: by length
};

/// One row that could not be imported.
struct BadRow {
  std::uint64_t line = 0;  // 1-based line of the file where the row starts
  std::string why;
};

/// What an import did. Every row is in exactly one count.
struct ImportReport {
  std::uint64_t rows = 0;
  std::uint64_t added = 0;
  std::uint64_t updated = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t kept_withdrawn = 0;
  std::uint64_t withdrawn = 0;
  std::uint64_t tombstones_unknown = 0;
  std::uint64_t bad = 0;
};

/// Told while an import runs. Both may be empty.
struct ImportObserver {
  std::function<void(const BadRow&)> on_bad_row;
  std::function<void(std::uint64_t bytes_read, const ImportReport&)> on_batch;
};

/// Imports a list into a bank, streaming: constant memory, one transaction a batch.
///
/// A bad row costs that row and is reported with its line. Errc::kBadFormat if the list as a
/// whole cannot be read to its end, or is a vPDQ or TMK and none that is whole, kIo if `in` goes
/// bad: a row that it cut off is dropped, and the rows before it stay. kNotFound if there is no
/// such bank.
Result<ImportReport> import_list(Store& store, std::string_view bank, std::istream& in,
                                 ListFormat format, const ImportOptions& options,
                                 const ImportObserver& observer);

/// What an export wrote.
struct ExportReport {
  std::uint64_t entries = 0;
  std::uint64_t signals = 0;
  std::uint64_t tombstones = 0;
  std::uint64_t skipped = 0;  // signals or entries that the format cannot express
                              // or, of jsonl, videos of more bytes than a line may have
  // What was left behind of the active entries, since the format has no place for it.
  std::uint64_t below_floor = 0;    // PDQ signals under the bank's quality floor; part of skipped
  std::uint64_t lost_labels = 0;    // labels
  std::uint64_t lost_profiles = 0;  // PDQ signals of another profile than `full`
  std::uint64_t lost_expiry = 0;    // entries that expire
};

/// Writes a bank as a list, streaming, in order of entry id.
///
/// Formats that know tombstones (jsonl, threatexchange, tcap) carry withdrawn and expired entries
/// as such; the others leave them out. All but jsonl cannot say how good a PDQ hash is: a receiver
/// would match those that this bank does not, so that they are left out. Videos, features,
/// embeddings and hashes of parts of pictures are kept by jsonl alone; a vpdq or tmk file is of one
/// video: Errc::kBadArgument if the bank does not hold exactly one. kIo if `out` fails.
Result<ExportReport> export_list(Store& store, std::string_view bank, std::ostream& out,
                                 ListFormat format);

}  // namespace semblance
