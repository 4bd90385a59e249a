// SPDX-License-Identifier: Apache-2.0
#include "bank/policy.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bank/draft.h"
#include "semblance/embedding.h"

namespace semblance::bank {
namespace {

Error bad(std::string what) { return {Errc::kBadArgument, "check policy: " + std::move(what)}; }

Status check_distances(const BankPolicy& policy) {
  for (const auto& [kind, bits] : policy.max_distance) {
    const int most = kind == SignalKind::kPdq ? Hash256::kBits : 0;
    const bool known =
        std::find(kSignalKinds.begin(), kSignalKinds.end(), kind) != kSignalKinds.end();
    if (bits < 0 || bits > most || !known) {
      return bad("max_distance " + std::to_string(bits) + " of " + std::string(name(kind)) +
                 ": not in 0.." + std::to_string(most));
    }
  }
  for (const auto& [kind, bits] : policy.probes) {
    const bool known = kind != ProbeKind::kWhole &&
                       std::find(kProbeKinds.begin(), kProbeKinds.end(), kind) != kProbeKinds.end();
    if (!known) return bad("a probe that is no part: the whole follows max_distance");
    if (bits < 0 || bits > Hash256::kBits) {
      return bad("probe " + std::string(name(kind)) + " within " + std::to_string(bits) +
                 ": not in 0..256");
    }
  }
  return ok();
}

Status check_models(const BankPolicy& policy) {
  if (policy.embeddings.size() > kMaxPolicyModels) {
    return bad(std::to_string(policy.embeddings.size()) + " models, at most " +
               std::to_string(kMaxPolicyModels));
  }
  for (const auto& [model, least] : policy.embeddings) {
    if (!is_model_name(model)) {
      return bad("a model's name is 1 to 64 of a-z, 0-9, '.', '_' and '-'");
    }
    // Written so that what is no number at all is out of range.
    if (!(least > 0 && least <= 1)) {
      return bad("cosine " + std::to_string(least) + " of " + model + ": not above 0, up to 1");
    }
  }
  return ok();
}

// What a matcher takes where the policy does not say.
int bits_of_whole(const BankPolicy& policy) {
  const auto own = policy.max_distance.find(SignalKind::kPdq);
  return own == policy.max_distance.end() ? kDefaultMaxDistance : own->second;
}

}  // namespace

Status check_policy(const BankPolicy& policy) {
  if (policy.quality_floor < 0 || policy.quality_floor > 100) {
    return bad("quality floor " + std::to_string(policy.quality_floor) + ": not in 0..100");
  }
  if (auto status = check_distances(policy); !status) return status;
  if (auto status = check_models(policy); !status) return status;
  return check_text("purpose", policy.purpose, kMaxTextBytes);
}

BankPolicy as_kept(BankPolicy policy) {
  const int most = bits_of_whole(policy);
  for (auto& [kind, bits] : policy.probes) bits = std::min(bits, most);
  return policy;
}

// As the step from schema 4 to 5 writes them: not to be changed with the default.
std::map<ProbeKind, int> early_probes(const BankPolicy& policy) {
  const int most = bits_of_whole(policy);
  return {{ProbeKind::kTrimmed, std::min(31, most)}, {ProbeKind::kPanel, std::min(31, most)}};
}

bool fits_early_store(const BankPolicy& policy) {
  return !policy.entry_windows && !policy.features && policy.embeddings.empty() &&
         policy.probes == early_probes(policy);
}

}  // namespace semblance::bank
