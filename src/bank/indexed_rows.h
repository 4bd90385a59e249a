// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: what indexes are made of, in order: the PDQ hashes of a store, of pictures,
// their parts and the frames of videos; and features and embeddings.
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

/// See Store::for_each_signal. Throws SQLite::Exception.
Status for_each_of_pictures(Statements& sql, LargeSignalTable& large, SignalKind kind,
                            std::int64_t after, UnixSeconds now,
                            const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                     const BankSignal& signal)>& visit);

}  // namespace semblance::bank
