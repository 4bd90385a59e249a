// SPDX-License-Identifier: Apache-2.0
// Base64, for names that are not UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace semblance {

/// Standard base64 with padding, no line breaks.
std::string to_base64(std::string_view bytes);

/// Returns whether `text` is well-formed UTF-8 (no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;

}  // namespace semblance
