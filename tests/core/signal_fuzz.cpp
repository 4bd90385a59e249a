// SPDX-License-Identifier: Apache-2.0
// Hashes and words of kinds as text: what parses is written back the same, but for its case.
#include "semblance/signal.h"

#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "semblance/hash256.h"

namespace {

using namespace semblance;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  for (const SignalKind kind : kSignalKinds) {
    const auto value = parse_signal_value(kind, text);
    if (!value) continue;
    SEMBLANCE_HOLDS(value->kind == kind && value->bytes.size() == value_bytes(kind));
    SEMBLANCE_HOLDS(to_hex(value->bytes) == lower(text));
  }
  if (const auto hash = parse_hash256(text)) {
    SEMBLANCE_HOLDS(to_hex(*hash) == lower(text));
    SEMBLANCE_HOLDS(hamming_distance(*hash, *hash) == 0);
    SEMBLANCE_HOLDS(hamming_distance(*hash, Hash256{}) <= Hash256::kBits);
  }
  if (const auto kind = parse_signal_kind(text)) SEMBLANCE_HOLDS(name(*kind) == text);
  if (const auto profile = parse_pdq_profile(text)) SEMBLANCE_HOLDS(name(*profile) == text);
  return 0;
}
