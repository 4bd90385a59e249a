// SPDX-License-Identifier: Apache-2.0
// The version of this library.
#pragma once

#include <string_view>

namespace semblance {

/// The semantic version, such as `0.1.0`.
std::string_view version() noexcept;

/// The version and what else decides a result's bits, one line: compiler, build type, and a digest
/// of the sources. Two builds of one version with other sources are told apart by it.
std::string_view build_description() noexcept;

}  // namespace semblance
