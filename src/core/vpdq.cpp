// SPDX-License-Identifier: Apache-2.0
// The reference's vPDQ: its files.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <istream>
#include <limits>
#include <optional>
#include <ostream>
#include <string>

#include "semblance/video.h"

namespace semblance {
namespace {

constexpr std::size_t kHexDigits = 2 * Hash256::kBytes;

// No line of a file, and no string of an array, that is one is longer.
constexpr std::size_t kLongest = 256;

Error bad(const std::string& where, const std::string& why) {
  return {Errc::kBadFormat, "read vpdq" + where + ": " + why};
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> fields_of(std::string_view text) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t comma = text.find(',');
    fields.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return fields;
    text.remove_prefix(comma + 1);
  }
}

// All of the text as a number.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What is wrong with a frame that was read; empty if nothing.
std::string set_number(std::string_view text, KnownFrame& frame) {
  const auto number = number_of<std::uint32_t>(text);
  if (!number) return "no frame number";
  frame.at.number = *number;
  return {};
}

std::string set_quality(std::string_view text, KnownFrame& frame) {
  const auto quality = number_of<std::uint32_t>(text);
  if (!quality || *quality > 100) return "no quality from 0 to 100";
  frame.at.quality = static_cast<std::uint8_t>(*quality);
  return {};
}

std::string set_hash(std::string_view text, KnownFrame& frame) {
  const auto hash = parse_hash256(text);
  if (!hash) return hash.error().what;
  frame.hash = *hash;
  return {};
}

std::string set_time(std::string_view text, KnownFrame& frame) {
  const auto seconds = number_of<double>(text);
  // Written so that a NaN is not one.
  if (!seconds || !(*seconds >= 0)) return "no time in seconds";
  const double ms = std::round(*seconds * 1000);
  if (!(ms <= std::numeric_limits<std::uint32_t>::max())) return "a time beyond 49 days";
  frame.at.start_ms = static_cast<std::uint32_t>(ms);
  frame.at.end_ms = frame.at.start_ms;
  return {};
}

using Setter = std::string (*)(std::string_view, KnownFrame&);

Result<KnownFrame> frame_of(std::span<const std::string_view> fields,
                            std::initializer_list<Setter> setters, const std::string& where) {
  KnownFrame frame;
  std::size_t field = 0;
  for (const Setter set : setters) {
    if (std::string why = set(fields[field++], frame); !why.empty()) return bad(where, why);
  }
  return frame;
}

// A line of the reference's: of four fields (it does not mind more), or of three as it once was.
Result<KnownFrame> frame_of_line(std::string_view line, const std::string& where) {
  const std::vector<std::string_view> fields = fields_of(line);
  if (fields.size() >= 4) {
    return frame_of(fields, {set_number, set_quality, set_hash, set_time}, where);
  }
  if (fields.size() < 3) return bad(where, "neither three nor four fields");
  if (fields[1].size() == kHexDigits) {
    return frame_of(fields, {set_number, set_hash, set_quality}, where);
  }
  return frame_of(fields, {set_number, set_quality, set_hash}, where);
}

std::string at(std::string_view what, std::size_t number) {
  return " " + std::string(what) + " " + std::to_string(number);
}

Status add(Result<KnownFrame> frame, VideoSignal& signal) {
  if (!frame) return std::move(frame).error();
  if (signal.frames.size() == kMaxSignalFrames) return bad("", "too many frames");
  signal.frames.push_back(*frame);
  return ok();
}

// The next line, without its end. Nothing at the end of the file.
Result<std::optional<std::string>> next_line(std::istream& in, const std::string& where) {
  std::string line;
  int c = in.get();
  if (c == std::istream::traits_type::eof()) return std::optional<std::string>();
  for (; c != std::istream::traits_type::eof() && c != '\n'; c = in.get()) {
    if (line.size() == kLongest) return bad(where, "a line that is too long");
    line.push_back(static_cast<char>(c));
  }
  return std::optional(std::move(line));
}

Status read_lines(std::istream& in, VideoSignal& signal) {
  for (std::size_t number = 1;; ++number) {
    const std::string where = at("line", number);
    auto line = next_line(in, where);
    if (!line) return std::move(line).error();
    if (!*line) return ok();
    if (trimmed(**line).empty()) continue;
    if (Status added = add(frame_of_line(**line, where), signal); !added) return added;
  }
}

// The next character that is no white space.
int next_mark(std::istream& in) {
  int c = in.get();
  while (c != std::istream::traits_type::eof() && is_space(static_cast<char>(c))) c = in.get();
  return c;
}

// The rest of a string whose opening quote was read. Escapes have no place in what it may say.
Result<std::string> rest_of_string(std::istream& in, const std::string& where) {
  std::string text;
  for (int c = in.get(); c != '"'; c = in.get()) {
    if (c == std::istream::traits_type::eof() || c == '\\' || c < ' ' || text.size() == kLongest) {
      return bad(where, "no string of three fields");
    }
    text.push_back(static_cast<char>(c));
  }
  return text;
}

Result<KnownFrame> frame_of_string(std::string_view text, const std::string& where) {
  const std::vector<std::string_view> fields = fields_of(text);
  if (fields.size() != 3) return bad(where, "no string of three fields");
  return frame_of(fields, {set_hash, set_quality, set_time}, where);
}

// A JSON array of strings, whose opening bracket was read. It has no frame numbers: they count.
Status read_array(std::istream& in, VideoSignal& signal) {
  int mark = next_mark(in);
  while (mark == '"') {
    const std::string where = at("string", signal.frames.size() + 1);
    auto text = rest_of_string(in, where);
    if (!text) return std::move(text).error();
    auto frame = frame_of_string(*text, where);
    if (frame) frame->at.number = static_cast<std::uint32_t>(signal.frames.size());
    if (Status added = add(std::move(frame), signal); !added) return added;
    mark = next_mark(in);
    if (mark != ',') break;
    mark = next_mark(in);
    if (mark != '"') return bad("", "a comma without a string after it");
  }
  if (mark != ']') return bad("", "not an array of strings");
  if (next_mark(in) != std::istream::traits_type::eof()) return bad("", "more after the array");
  return ok();
}

}  // namespace

Status write_vpdq(std::ostream& out, std::span<const KnownFrame> frames) {
  for (const KnownFrame& frame : frames) {
    if (frame.at.form != FrameForm::kWhole) continue;
    std::string milliseconds = std::to_string(frame.at.start_ms % 1000);
    milliseconds.insert(0, 3 - milliseconds.size(), '0');
    out << frame.at.number << ',' << int{frame.at.quality} << ',' << to_hex(frame.hash) << ','
        << frame.at.start_ms / 1000 << '.' << milliseconds << '\n';
  }
  out.flush();
  if (!out) return Error{Errc::kIo, "write vpdq: the output failed"};
  return ok();
}

Result<VideoSignal> read_vpdq(std::istream& in) {
  VideoSignal signal;
  signal.sampling = Sampling::kVpdq;
  Status done = ok();
  if ((in >> std::ws).peek() == '[') {
    in.get();
    done = read_array(in, signal);
  } else {
    done = read_lines(in, signal);
  }
  if (!done) return std::move(done).error();
  if (in.bad()) return Error{Errc::kIo, "read vpdq: the input failed"};
  if (signal.frames.empty()) return bad("", "no frame");
  std::stable_sort(
      signal.frames.begin(), signal.frames.end(),
      [](const KnownFrame& a, const KnownFrame& b) { return a.at.start_ms < b.at.start_ms; });
  signal.duration_ms = signal.frames.back().at.start_ms;
  return signal;
}

}  // namespace semblance
