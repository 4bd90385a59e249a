// SPDX-License-Identifier: Apache-2.0
// Where generated files go: folders that are empty, unless the caller insists.
#pragma once

#include <string>
#include <string_view>

#include "semblance/result.h"

namespace semblance::datasets {

/// Makes the folder, with its parents. Errc::kExists if it has any content and `force` is not set.
Status prepare_folder(const std::string& folder, bool force);

/// Writes a file. Errc::kExists if there is one and `force` is not set.
Status write_file(const std::string& path, std::string_view bytes, bool force);

}  // namespace semblance::datasets
