// SPDX-License-Identifier: Apache-2.0
#include "bank/content_digest.h"

#include <array>
#include <bit>
#include <cstddef>
#include <limits>

#include "bank/policy.h"
#include "bank/schema.h"
#include "core/digest.h"

namespace semblance::bank {
namespace {

#define SEMBLANCE_ACTIVE_IN_BANK \
  " WHERE e.bank=?1 AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?2)"

#define SEMBLANCE_SIGNALS(part)                                                    \
  "SELECT e.id, o.name, e.source_id, s.kind, s.value, s.profile, s.quality, " part \
  " FROM entries e CROSS JOIN sources o ON o.id = e.source"                        \
  " CROSS JOIN signals s ON s.entry = e.id" SEMBLANCE_ACTIVE_IN_BANK               \
  " ORDER BY e.id, s.kind, s.value, s.profile"
constexpr const char* kSignals = SEMBLANCE_SIGNALS("s.part");
constexpr const char* kSignalsWithoutParts = SEMBLANCE_SIGNALS("NULL");

// Numbers as eight bytes, low first; text with its length before it: no two contents have the
// same serialisation. Buffered, since a digest call a field would cost more than the digest.
class Canonical {
 public:
  Canonical() : digester_(kKinds) { buffer_.reserve(kFlushBytes + 8192); }

  void number(std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) buffer_.push_back(static_cast<char>(bits & 0xFF));
  }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    buffer_.append(value);
    if (buffer_.size() >= kFlushBytes) flush();
  }
  std::string finish() {
    flush();
    return to_hex(digester_.finish().front().bytes);
  }

 private:
  static constexpr std::array kKinds = {SignalKind::kSha256};
  static constexpr std::size_t kFlushBytes = 64 << 10;

  void flush() {
    digester_.update(buffer_);
    buffer_.clear();
  }

  Digester digester_;
  std::string buffer_;
};

// Silent where the bank could be one of before there were such policies: its digest stays.
void add_parts_policy(Canonical& out, const BankPolicy& policy) {
  if (fits_early_store(policy)) return;
  out.text("probes");
  out.number(static_cast<std::int64_t>(policy.probes.size()));
  for (const auto& [kind, bits] : policy.probes) {
    out.number(static_cast<int>(kind));
    out.number(bits);
  }
  out.text("kept");
  out.number(policy.entry_windows ? 1 : 0);
  out.number(policy.features ? 1 : 0);
  out.number(static_cast<std::int64_t>(policy.embeddings.size()));
  for (const auto& [model, least] : policy.embeddings) {
    out.text(model);
    out.number(std::bit_cast<std::uint32_t>(least));
  }
}

void add_policy(Canonical& out, const BankInfo& bank) {
  out.text("semblance-bank-1");
  out.text(bank.name);
  out.text(bank.policy.purpose);
  out.number(bank.policy.quality_floor);
  out.number(static_cast<std::int64_t>(bank.policy.max_distance.size()));
  for (const auto& [kind, bits] : bank.policy.max_distance) {
    out.number(static_cast<int>(kind));
    out.number(bits);
  }
  add_parts_policy(out, bank.policy);
}

// What stands before the signals of an entry.
class Entries {
 public:
  Entries(Canonical& out, Query& labels) : out_(out), labels_(labels), more_(labels.next()) {}

  void begin(std::int64_t entry, std::string_view source, std::string_view source_id) {
    if (entry == entry_) return;
    entry_ = entry;
    out_.text("entry");
    out_.number(entry);
    out_.text(source);
    out_.text(source_id);
    for (; more_ && labels_.integer(0) <= entry; more_ = labels_.next()) {
      out_.text(labels_.bytes(1));
    }
  }

 private:
  Canonical& out_;
  Query& labels_;  // in order of entry
  bool more_;
  std::int64_t entry_ = 0;
};

void add_signal(Canonical& out, SignalKind kind, std::string_view value, std::int64_t profile,
                std::int64_t quality) {
  out.text("signal");
  out.number(static_cast<int>(kind));
  out.text(value);
  out.number(profile);
  out.number(quality);
}

// The large signals of entries below `before`, each after the other signals of its entry.
Status add_large(Canonical& out, Entries& entries, ActiveLargeSignals& rows, std::int64_t before) {
  for (auto entry = rows.entry(); entry && *entry < before; entry = rows.entry()) {
    const auto read = rows.signal();
    if (!read) return read.error();
    entries.begin(read->entry, read->source, read->source_id);
    const SignalValue& value = read->signal.value;
    add_signal(out, value.kind,
               {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()}, 0, -1);
    // Features and embeddings match those of their own version alone.
    if (value.kind == SignalKind::kOrb || value.kind == SignalKind::kEmbedding) {
      out.text(read->signal.model);
      out.text(read->signal.version);
    }
    rows.advance();
  }
  return ok();
}

}  // namespace

Result<std::string> content_digest(Statements& sql, LargeSignalTable& large, const BankInfo& bank,
                                   UnixSeconds now) {
  Canonical out;
  add_policy(out, bank);
  Query signals = sql(sql.schema() >= kPartsSchema ? kSignals : kSignalsWithoutParts);
  Query labels =
      sql("SELECT l.entry, l.label FROM entries e CROSS JOIN labels l ON l.entry = "
          "e.id" SEMBLANCE_ACTIVE_IN_BANK " ORDER BY e.id, l.position");
  signals.bind(1, bank.id).bind(2, now);
  labels.bind(1, bank.id).bind(2, now);
  ActiveLargeSignals others(sql, large, {.bank = bank.id}, now);

  // All run in order of entry.
  Entries entries(out, labels);
  while (signals.next()) {
    const std::int64_t entry = signals.integer(0);
    if (auto added = add_large(out, entries, others, entry); !added) {
      return std::move(added).error();
    }
    entries.begin(entry, signals.bytes(1), signals.bytes(2));
    add_signal(out, static_cast<SignalKind>(signals.integer(3)), signals.bytes(4),
               signals.integer(5), signals.is_null(6) ? -1 : signals.integer(6));
    if (!signals.is_null(7)) {
      out.text("part");
      out.number(signals.integer(7));
    }
  }
  auto added = add_large(out, entries, others, std::numeric_limits<std::int64_t>::max());
  if (!added) return std::move(added).error();
  return out.finish();
}

}  // namespace semblance::bank
