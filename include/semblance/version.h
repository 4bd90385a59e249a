// SPDX-License-Identifier: Apache-2.0
// The version of this library.
#pragma once

#include <string_view>

namespace semblance {

/// The semantic version, such as `0.1.0`.
std::string_view version() noexcept;

/// The version and what else decides a result's bits: compiler and build type, one line.
std::string_view build_description() noexcept;

}  // namespace semblance
