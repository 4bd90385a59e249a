// SPDX-License-Identifier: Apache-2.0
#include "policy_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "option_text.h"
#include "semblance/embedding.h"
#include "semblance/hash256.h"

namespace semblance::tool {
namespace {

constexpr std::size_t kMostDecimals = 4;  // as a cosine is shown

// Windows of entries match as windows do, so that a policy without that kind would keep them for
// nothing.
std::string settle_windows(BankPolicy& policy, bool given, int most) {
  if (!policy.entry_windows || policy.probes.contains(ProbeKind::kWindow)) return {};
  if (given) return "--entry-windows: match nothing without --probe window=BITS";
  policy.probes[ProbeKind::kWindow] = std::min(kWindowBits, most);
  return {};
}

Error bad(std::string_view text, std::string_view what) {
  return {Errc::kBadArgument, "'" + std::string(text) + "' " + std::string(what)};
}

}  // namespace

Result<ProbeKind> parse_part(std::string_view text) {
  const Result<ProbeKind> kind = parse_probe_kind(text);
  if (kind && *kind != ProbeKind::kWhole) return *kind;
  return bad(text, "is no part of a picture: trimmed, panel or window");
}

Result<ProbeBits> parse_probe_bits(std::string_view text) {
  if (text == "none") return ProbeBits{};
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) {
    return bad(text, "is not KIND=BITS, such as trimmed=31, and not none");
  }
  const Result<ProbeKind> kind = parse_part(text.substr(0, sign));
  if (!kind) return kind.error();
  const Result<std::uint64_t> bits = parse_number(text.substr(sign + 1), {.most = Hash256::kBits});
  if (!bits) return bits.error();
  return ProbeBits{*kind, static_cast<int>(*bits)};
}

Result<std::string> parse_model_name(std::string_view text) {
  if (is_model_name(text)) return std::string(text);
  return bad(text, "is no model's name: 1 to 64 of a-z, 0-9, '.', '_' and '-'");
}

Result<LeastCosine> parse_least_cosine(std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) return bad(text, "is not MODEL=COSINE, such as gist=0.80");
  Result<std::string> model = parse_model_name(text.substr(0, sign));
  if (!model) return model.error();
  const std::string_view figure = text.substr(sign + 1);
  const Result<double> cosine = parse_decimal(figure, 1);
  if (!cosine) return cosine.error();
  const std::size_t point = figure.find('.');
  const bool fine = point != std::string_view::npos && figure.size() - point - 1 > kMostDecimals;
  if (*cosine == 0 || fine) {
    return bad(figure, "is no cosine above 0 and up to 1, in at most four decimals");
  }
  return LeastCosine{*std::move(model), static_cast<float>(*cosine)};
}

std::string settle(BankPolicy& policy, const std::vector<ProbeBits>& probes,
                   const std::vector<LeastCosine>& embeddings) {
  if (!probes.empty()) policy.probes.clear();
  const int most = policy.max_distance[SignalKind::kPdq];
  for (const ProbeBits& probe : probes) {
    if (!probe.kind) {
      if (probes.size() > 1) return "--probe none: leaves no other";
      continue;
    }
    const std::string word(name(*probe.kind));
    if (probe.bits > most) {
      return "--probe " + word + "=" + std::to_string(probe.bits) +
             ": a part matches no further than the whole, whose --max-distance is " +
             std::to_string(most);
    }
    if (!policy.probes.emplace(*probe.kind, probe.bits).second) {
      return "--probe " + word + ": given twice";
    }
  }
  if (std::string fault = settle_windows(policy, !probes.empty(), most); !fault.empty()) {
    return fault;
  }
  for (const LeastCosine& one : embeddings) {
    if (!policy.embeddings.emplace(one.model, one.cosine).second) {
      return "--embedding " + one.model + ": given twice";
    }
  }
  return {};
}

}  // namespace semblance::tool
