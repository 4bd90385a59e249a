// SPDX-License-Identifier: Apache-2.0
#include "semblance/version.h"

#include "source_digest.h"  // generated

namespace semblance {

std::string_view version() noexcept { return SEMBLANCE_VERSION; }

std::string_view build_description() noexcept {
  return SEMBLANCE_VERSION " (" SEMBLANCE_BUILD ", source " SEMBLANCE_SOURCE ")";
}

}  // namespace semblance
