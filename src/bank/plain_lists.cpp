// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "bank/list_codec.h"

namespace semblance::bank {

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

Result<SignalKind> parse_kind_spelling(std::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c - 'A' + 'a');
    } else if (c != '-' && c != '_') {
      plain += c;
    }
    if (plain == "hash") plain.clear();
  }
  if (plain == "videomd5") plain = "md5";  // ThreatExchange's word for a video's MD5
  auto kind = parse_signal_kind(plain);
  if (kind && is_short(*kind)) return kind;
  return Error{Errc::kBadArgument, "signal kind '" + printable(word.substr(0, 40)) +
                                       "': not one of pdq, md5, sha1, sha256, sha512"};
}

BankSignal bare_signal(SignalValue value, PdqProfile profile) {
  BankSignal signal;
  if (value.kind == SignalKind::kPdq) signal.profile = profile;
  signal.value = std::move(value);
  return signal;
}

void make_plain_item(ListRow& row, SignalValue value, const ImportOptions& options) {
  row.what = ListRow::What::kItem;
  row.merge = Merge::kUnite;
  row.item.source = options.source;
  row.item.source_id = std::string(name(value.kind)) + ':' + to_hex(value.bytes);
  row.item.expires_at = options.expires_at;
  row.item.signals.push_back(bare_signal(std::move(value), options.pdq_profile));
}

}  // namespace semblance::bank
