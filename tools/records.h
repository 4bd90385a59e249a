// SPDX-License-Identifier: Apache-2.0
// The JSON that the command prints of banks, entries, matches and files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "semblance/match.h"
#include "semblance/store.h"

namespace semblance::tool {

using Json = nlohmann::ordered_json;

/// `schema` of the lines of `bank` and `match`: grows when a member changes its meaning or goes.
inline constexpr int kLineSchema = 1;

/// One line, without newline. Text that is not UTF-8 is shown with U+FFFD.
std::string to_line(const Json& json);

/// Sets `path`, and `path_b64` with the exact bytes where the path is not UTF-8.
void set_path(Json& json, std::string_view path);

Json to_json(const BankInfo& bank);

/// A signal as a line shows it: those that are long, of videos, features and embeddings, by how
/// much they hold.
Json to_json(const BankSignal& signal);

Json to_json(const Match& match);

/// `now` decides whether the entry's state is active, withdrawn or expired.
Json to_json(const Entry& entry, UnixSeconds now);

/// The word of an outcome: `added updated unchanged kept_withdrawn withdrawn tombstone_unknown`.
std::string_view name(AddOutcome outcome) noexcept;

}  // namespace semblance::tool
