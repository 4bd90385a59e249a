// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: opening a store with a clock of the caller's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "semblance/store.h"

namespace semblance::bank {

using Clock = std::function<UnixSeconds()>;

/// As open_store, with `clock` for the present: what is expired, and when things happened.
Result<std::unique_ptr<Store>> open_store_with_clock(const std::string& path, bool create,
                                                     Clock clock);

}  // namespace semblance::bank
