// SPDX-License-Identifier: Apache-2.0
// A bank's policy as it is shown, in the header of a case and wherever banks are listed.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "semblance/store.h"

namespace semblance::scanner {

/// The policy: `purpose`, `quality_floor`, `max_distance` by kind, `probes` by kind of part,
/// `entry_windows`, `features`, and `embeddings` by model.
nlohmann::ordered_json policy_json(const BankPolicy& policy);

}  // namespace semblance::scanner
