// SPDX-License-Identifier: Apache-2.0
// Private to src/extract and tools/extract_main: the parent of the workers.
#pragma once

#include <string>
#include <vector>

namespace semblance::extract {

/// Greets the engine on the socket `control`, then forks and reaps workers as it asks, until the
/// socket closes; kills the workers that are left. Returns the exit status of the program.
///
/// `models` are the JSON files of embedding models, which are loaded first: every worker shares
/// them. One that cannot be is told to the engine, and ends the program.
///
/// Must be called before the process has a second thread: workers are forked and not executed.
int serve_engine(int control, const std::vector<std::string>& models);

}  // namespace semblance::extract
