// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: one worker process.
#pragma once

#include <sys/types.h>

#include "core/files.h"
#include "extract/embedders.h"

namespace semblance::extract {

/// Becomes a worker that answers requests on `channel` until its other side closes, and exits.
///
/// To be called in a child just forked from the single-threaded `supervisor`: closes every other
/// descriptor but the three null devices, dies when the supervisor does, and, where `caged`, closes
/// its cage before it says that it is ready.
[[noreturn]] void run_worker(FileDescriptor channel, pid_t supervisor, bool caged,
                             Embedders& embedders);

}  // namespace semblance::extract
