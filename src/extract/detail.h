// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: texts that foreign code wrote, made fit for a record.
#pragma once

#include <string>
#include <string_view>

#include "semblance/extract.h"

namespace semblance::extract {

/// `text` as one line of well-formed UTF-8 without control characters, cut to kMaxTextBytes.
/// Idempotent, so that an item reads the same from a worker as from this process.
std::string tidy(std::string_view text);

/// `text` as lines that are each tidy and end with a line feed; none are empty.
std::string tidy_lines(std::string_view text);

/// Facts with their texts tidied.
Facts tidy(Facts facts);

/// An ending with its detail tidied.
Ending tidy(Ending ending);

/// The ending of an item that `error` prevented.
Ending ending_of(const Error& error);

/// The ending of an item for which memory did not suffice.
Ending out_of_memory();

}  // namespace semblance::extract
