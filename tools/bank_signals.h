// SPDX-License-Identifier: Apache-2.0
// What a bank keeps of a file that is added to it.
#pragma once

#include <vector>

#include "semblance/extract.h"
#include "semblance/store.h"

namespace semblance::tool {

/// What to extract of a file for a bank of that policy.
Plan plan_for(const BankPolicy& policy, PdqProfile profile, bool tmk);

/// The signals of an item beside its digest: hashes of the picture and of its parts whose quality
/// reaches the floor, features, embeddings of a picture that reaches it, the frames of a video if
/// one does, and TMK.
std::vector<BankSignal> signals_to_bank(const Extraction& found, int quality_floor);

}  // namespace semblance::tool
