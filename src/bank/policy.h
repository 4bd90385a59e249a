// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: which policies a bank may have.
#pragma once

#include <map>

#include "semblance/store.h"

namespace semblance::bank {

inline constexpr std::size_t kMaxPolicyModels = 32;

/// Errc::kBadArgument unless every figure is in range and the purpose is text.
Status check_policy(const BankPolicy& policy);

/// The policy with no part allowed to match further than the whole of a picture.
BankPolicy as_kept(BankPolicy policy);

/// The probes of a bank that was made before policies said any, whose policy is `policy` in all
/// else. A content digest is silent about them, so that such a bank keeps the one that it had.
std::map<ProbeKind, int> early_probes(const BankPolicy& policy);

/// Returns whether a store from before policies said so keeps such a one.
bool fits_early_store(const BankPolicy& policy);

}  // namespace semblance::bank
