// SPDX-License-Identifier: Apache-2.0
#include "bank/indexed_rows.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "bank/entry_table.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

using Visit = std::function<bool(const IndexedSignal&)>;

#define SEMBLANCE_HASHES(part)                                                            \
  "SELECT e.bank, s.kind, s.value, s.profile, s.quality, '', " part                       \
  ", e.id"                                                                                \
  " FROM entries e CROSS JOIN signals s ON s.entry = e.id WHERE s.kind = 1 AND e.id > ?2" \
  " AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?1)"           \
  " ORDER BY e.id, s.value, s.profile"
constexpr const char* kHashes = SEMBLANCE_HASHES("s.part");
constexpr const char* kHashesWithoutParts = SEMBLANCE_HASHES("NULL");

// Gives the frames of the videos of entries below `before`. False: the visitor has enough.
Result<bool> give_frames(ActiveLargeSignals& videos, std::int64_t before, const Visit& visit) {
  for (auto entry = videos.entry(); entry && *entry < before; entry = videos.entry()) {
    auto read = videos.signal();
    if (!read) return std::move(read).error();
    const auto frames = indexed_signals({&read->signal, 1}, read->entry, read->bank);
    if (!frames) {
      return Error{Errc::kCorruptStore, "read entry " + std::to_string(read->entry) + ": " +
                                            frames.error().what +
                                            "; the store is damaged: restore a copy"};
    }
    for (const IndexedSignal& frame : *frames) {
      if (!visit(frame)) return false;
    }
    videos.advance();
  }
  return true;
}

}  // namespace

Status for_each_indexed(Statements& sql, LargeSignalTable& large, std::int64_t after,
                        UnixSeconds now, const Visit& visit) {
  ActiveLargeSignals videos(sql, large, {.kind = SignalKind::kVpdq, .after = after}, now);
  Query query = sql(sql.schema() >= kPartsSchema ? kHashes : kHashesWithoutParts);
  query.bind(1, now).bind(2, after);
  while (query.next()) {
    const std::int64_t entry = query.integer(7);
    if (videos.entry().value_or(entry) < entry) {
      auto more = give_frames(videos, entry, visit);
      if (!more) return std::move(more).error();
      if (!*more) return ok();
    }
    auto signal = read_signal(query, 1, entry);
    if (!signal) return std::move(signal).error();
    IndexedSignal indexed;
    indexed.entry = entry;
    indexed.bank = query.integer(0);
    indexed.quality = signal->quality;
    indexed.profile = signal->profile.value_or(PdqProfile::kFull);
    indexed.part = signal->part;
    std::memcpy(indexed.hash.bytes.data(), signal->value.bytes.data(), Hash256::kBytes);
    if (!visit(indexed)) return ok();
  }
  auto rest = give_frames(videos, std::numeric_limits<std::int64_t>::max(), visit);
  if (!rest) return std::move(rest).error();
  return ok();
}

Status for_each_of_pictures(Statements& sql, LargeSignalTable& large, SignalKind kind,
                            std::int64_t after, UnixSeconds now,
                            const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                     const BankSignal& signal)>& visit) {
  if (kind != SignalKind::kEmbedding && kind != SignalKind::kOrb) {
    return Error{Errc::kBadArgument,
                 "read signals: of " + std::string(name(kind)) + ", which is not of this way"};
  }
  ActiveLargeSignals rows(sql, large, {.kind = kind, .after = after}, now);
  for (; rows.entry(); rows.advance()) {
    const auto read = rows.signal();
    if (!read) return read.error();
    if (!visit(read->entry, read->bank, read->signal)) break;
  }
  return ok();
}

}  // namespace semblance::bank
