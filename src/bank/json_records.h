// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: JSON read one record at a time, bounded in depth and size.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bank/list_input.h"

namespace semblance::bank {

/// The most containers that may lie within each other in one record, the record included.
inline constexpr std::size_t kMaxRecordDepth = 16;

/// Receives a record, the line it starts at and, where it is nested too deeply to keep, why it is
/// bad; an error stops the reading.
using RecordSink =
    std::function<Status(const nlohmann::json& record, std::uint64_t line, std::string_view bad)>;

/// Gives each element of the array that is the document, or is its member `array_key`, to `sink`.
///
/// Several documents may follow each other, as pages of an exchange saved to one file do.
/// Errc::kBadFormat, with the line, where the text is not JSON, has no such array, or holds a
/// record of more than kMaxRecordBytes.
Status for_each_json_record(ListInput& in, std::string_view array_key, const RecordSink& sink);

/// Parses `text`, which is one JSON value; Errc::kBadFormat if it is not, or nests too deeply.
Result<nlohmann::json> parse_json_record(std::string_view text);

// Members of a record, where they are of the type asked for.
std::optional<std::string> text_member(const nlohmann::json& record, const char* key);
std::optional<std::int64_t> integer_member(const nlohmann::json& record, const char* key);
/// A flag, which decides whether a record is a deletion: false if absent or null, true and false
/// also as 1 and 0 or as text, since exports write them so; anything else is Errc::kBadFormat.
Result<bool> flag_member(const nlohmann::json& record, const char* key);
/// An id: text, or a whole number that is not negative, as text.
std::optional<std::string> id_member(const nlohmann::json& record, const char* key);

/// One line of JSON; bytes that are not UTF-8 become U+FFFD.
std::string to_line(const nlohmann::ordered_json& record);

}  // namespace semblance::bank
