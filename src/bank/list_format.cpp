// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <sstream>

#include "bank/list_codec.h"
#include "semblance/exchange.h"
#include "semblance/video.h"

namespace semblance {
namespace {

constexpr std::array kFormats = {
    ListFormat::kCsv,  ListFormat::kJsonLines, ListFormat::kHex, ListFormat::kThreatExchange,
    ListFormat::kTcap, ListFormat::kVpdq,      ListFormat::kTmk};

constexpr std::string_view kTmkMagic = "TMK1FVEC";

// Where `key` stands as a member's name, or npos. A quote inside a JSON text is escaped, so that
// no text can look like one.
std::size_t find_key(std::string_view json, std::string_view key) {
  const std::string quoted = '"' + std::string(key) + '"';
  for (std::size_t at = json.find(quoted); at != std::string_view::npos;
       at = json.find(quoted, at + 1)) {
    const std::size_t next = json.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next != std::string_view::npos && json[next] == ':') return at;
  }
  return std::string_view::npos;
}

std::optional<ListFormat> sniff_json(std::string_view json) {
  struct Mark {
    std::string_view key;
    ListFormat format;
  };
  constexpr std::array<Mark, 7> kMarks = {{{"indicator", ListFormat::kThreatExchange},
                                           {"should_delete", ListFormat::kThreatExchange},
                                           {"data", ListFormat::kThreatExchange},
                                           {"hash_digest", ListFormat::kTcap},
                                           {"results", ListFormat::kTcap},
                                           {"source_id", ListFormat::kJsonLines},
                                           {"signals", ListFormat::kJsonLines}}};
  std::size_t first = std::string_view::npos;
  std::optional<ListFormat> format;
  for (const Mark& mark : kMarks) {
    const std::size_t at = find_key(json, mark.key);
    if (at < first) {
      first = at;
      format = mark.format;
    }
  }
  return format;
}

bool is_vpdq(const std::string& text) {
  std::istringstream in(text);
  return static_cast<bool>(read_vpdq(in));
}

// An array of texts, which may be cut off: whether its first is a frame.
bool is_vpdq_array(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n", 1);
  if (first == std::string_view::npos || json[0] != '[' || json[first] != '"') return false;
  const std::size_t end = json.find('"', first + 1);
  if (end == std::string_view::npos) return false;
  return is_vpdq('[' + std::string(json.substr(first, end + 1 - first)) + ']');
}

std::optional<ListFormat> sniff_line(std::string_view line) {
  const std::string_view first = bank::trimmed(line.substr(0, line.find(',')));
  if (line.find(',') != std::string_view::npos) {
    std::string lower(first);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (lower == "kind" || bank::parse_kind_spelling(first)) return ListFormat::kCsv;
  }
  if (bank::parse_hex_line(line)) return ListFormat::kHex;
  if (is_vpdq(std::string(line))) return ListFormat::kVpdq;
  return std::nullopt;
}

}  // namespace

std::string_view name(ListFormat format) noexcept {
  switch (format) {
    case ListFormat::kCsv:
      return "csv";
    case ListFormat::kJsonLines:
      return "jsonl";
    case ListFormat::kHex:
      return "hex";
    case ListFormat::kThreatExchange:
      return "threatexchange";
    case ListFormat::kTcap:
      return "tcap";
    case ListFormat::kVpdq:
      return "vpdq";
    case ListFormat::kTmk:
      return "tmk";
  }
  return "unknown";
}

Result<ListFormat> parse_list_format(std::string_view word) {
  for (const ListFormat format : kFormats) {
    if (name(format) == word) return format;
  }
  return Error{Errc::kBadArgument, "list format '" + bank::printable(word) +
                                       "': not one of csv, jsonl, hex, threatexchange, tcap, vpdq, "
                                       "tmk"};
}

Result<ListFormat> sniff_list_format(std::string_view head) {
  constexpr std::size_t kSniffedBytes = 64 << 10;
  head = head.substr(0, kSniffedBytes);
  if (head.starts_with(kTmkMagic)) return ListFormat::kTmk;
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && (head[start] == '{' || head[start] == '[')) {
    if (auto format = sniff_json(head.substr(start))) return *format;
    if (is_vpdq_array(head.substr(start))) return ListFormat::kVpdq;
  }
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    std::string_view line = head.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = bank::trimmed(line);
    if (!line.empty() && !line.starts_with('#')) {
      if (auto format = sniff_line(line)) return *format;
    }
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  }
  return Error{Errc::kBadFormat,
               "recognise list: its beginning fits none of csv, jsonl, hex, threatexchange, tcap, "
               "vpdq, tmk; "
               "say which it is"};
}

}  // namespace semblance
