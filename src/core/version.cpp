// SPDX-License-Identifier: Apache-2.0
#include "semblance/version.h"

namespace semblance {

std::string_view version() noexcept { return SEMBLANCE_VERSION; }

std::string_view build_description() noexcept { return SEMBLANCE_VERSION " (" SEMBLANCE_BUILD ")"; }

}  // namespace semblance
