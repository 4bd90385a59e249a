// SPDX-License-Identifier: Apache-2.0
#include "match/pdq_rule.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "semblance/hash256.h"

namespace semblance::match {

int PdqRule::allowed(ProbeKind query, ProbeKind entry) const noexcept {
  const auto of = [&](ProbeKind kind) {
    return kind == ProbeKind::kWhole ? max_distance : parts[static_cast<std::size_t>(kind)];
  };
  const bool trimmed =
      query == ProbeKind::kTrimmed && (entry == ProbeKind::kTrimmed || entry == ProbeKind::kWindow);
  const bool compared = query == ProbeKind::kWhole || entry == ProbeKind::kWhole || trimmed;
  return compared ? std::min(of(query), of(entry)) : kNotCompared;
}

int PdqRule::reach(ProbeKind query) const noexcept {
  int most = kNotCompared;
  for (const ProbeKind entry : kProbeKinds) most = std::max(most, allowed(query, entry));
  return most;
}

Result<PdqRule> rule_of(const BankPolicy& policy, std::optional<int> max_distance_override) {
  int max_distance = kDefaultMaxDistance;
  const auto own = policy.max_distance.find(SignalKind::kPdq);
  if (own != policy.max_distance.end()) max_distance = own->second;
  if (max_distance_override) max_distance = *max_distance_override;
  if (max_distance < 0 || max_distance > Hash256::kBits) {
    return Error{Errc::kBadArgument,
                 "max distance " + std::to_string(max_distance) + ": not in 0..256"};
  }
  return rule_of(max_distance, policy.quality_floor, policy.probes);
}

PdqRule rule_of(int max_distance, int quality_floor, const std::map<ProbeKind, int>& parts) {
  PdqRule rule;
  rule.max_distance = max_distance;
  rule.quality_floor = quality_floor;
  for (const auto& [kind, bits] : parts) {
    const auto at = static_cast<std::size_t>(kind);
    if (kind == ProbeKind::kWhole || at >= rule.parts.size() || bits < 0) continue;
    rule.parts[at] = std::min(bits, max_distance);
  }
  return rule;
}

}  // namespace semblance::match
