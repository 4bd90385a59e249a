// SPDX-License-Identifier: Apache-2.0
#include "bank/content_digest.h"

#include <array>
#include <cstddef>

#include "core/digest.h"

namespace semblance::bank {
namespace {

#define SEMBLANCE_ACTIVE_IN_BANK \
  " WHERE e.bank=?1 AND e.withdrawn_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?2)"

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
}

}  // namespace

std::string content_digest(Statements& sql, const BankInfo& bank, UnixSeconds now) {
  Canonical out;
  add_policy(out, bank);
  Query entries =
      sql("SELECT e.id, o.name, e.source_id, s.kind, s.value, s.profile, s.quality"
          " FROM entries e CROSS JOIN sources o ON o.id = e.source"
          " CROSS JOIN signals s ON s.entry = e.id" SEMBLANCE_ACTIVE_IN_BANK
          " ORDER BY e.id, s.kind, s.value, s.profile");
  Query labels =
      sql("SELECT l.entry, l.label FROM entries e CROSS JOIN labels l ON l.entry = "
          "e.id" SEMBLANCE_ACTIVE_IN_BANK " ORDER BY e.id, l.position");
  entries.bind(1, bank.id).bind(2, now);
  labels.bind(1, bank.id).bind(2, now);

  // Both run in order of entry: the labels of one are written when its first signal is met.
  bool more_labels = labels.next();
  std::int64_t entry = 0;
  while (entries.next()) {
    if (entries.integer(0) != entry) {
      entry = entries.integer(0);
      out.text("entry");
      out.number(entry);
      out.text(entries.bytes(1));
      out.text(entries.bytes(2));
      for (; more_labels && labels.integer(0) <= entry; more_labels = labels.next()) {
        out.text(labels.bytes(1));
      }
    }
    out.text("signal");
    out.number(entries.integer(3));
    out.text(entries.bytes(4));
    out.number(entries.integer(5));
    out.number(entries.is_null(6) ? -1 : entries.integer(6));
  }
  return out.finish();
}

}  // namespace semblance::bank
