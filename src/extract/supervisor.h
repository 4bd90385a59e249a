// SPDX-License-Identifier: Apache-2.0
// Private to src/extract and tools/extract_main: the parent of the workers.
#pragma once

namespace semblance::extract {

/// Greets the engine on the socket `control`, then forks and reaps workers as it asks, until the
/// socket closes; kills the workers that are left. Returns the exit status of the program.
///
/// Must be called before the process has a second thread: workers are forked and not executed.
int serve_engine(int control);

}  // namespace semblance::extract
