// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: everything that libraries do only once, done before the cage closes.
#pragma once

#include "extract/embedders.h"

namespace semblance::extract {

/// Decodes and hashes a tiny picture of every format whose decoder starts no thread, whole and
/// damaged, finds the parts and features of a larger picture and embeds it by every embedder, loads
/// the tables that reading a video's texts and dates takes, and throws and catches an exception.
/// Video needs no sample: its decoders use memory, and nothing else of the system.
///
/// For the supervisor, before its first fork: workers inherit the tables, the loaded plugins and
/// the answers of the system that libraries keep. Leaves no thread and no descriptor behind. What
/// cannot be decoded here is passed over: an item of that kind will tell.
void warm_up_shared(Embedders& embedders);

/// The same for the formats whose decoder starts a thread, for each worker before its cage closes:
/// no thread may ever have run in a process that is still to fork. A decoder that starts one for
/// every CPU is left cold: with many workers that would be a storm.
void warm_up_own(Embedders& embedders);

}  // namespace semblance::extract
