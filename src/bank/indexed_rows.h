// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: the PDQ hashes of a store, of pictures and of the frames of videos, in
// order.
#pragma once

#include <cstdint>
#include <functional>

#include "bank/database.h"
#include "bank/large_signal_table.h"
#include "semblance/store.h"

namespace semblance::bank {

/// See Store::for_each_pdq. Throws SQLite::Exception.
Status for_each_indexed(Statements& sql, LargeSignalTable& large, std::int64_t after,
                        UnixSeconds now, const std::function<bool(const IndexedSignal&)>& visit);

}  // namespace semblance::bank
