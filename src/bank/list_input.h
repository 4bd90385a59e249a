// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: a list as bytes and as lines, counted, in constant memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/result.h"

namespace semblance::bank {

/// The most that one line or one JSON record of a list may have, unless its reader allows more.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 20;

/// One line, without its end (LF or CRLF).
struct ListLine {
  std::uint64_t number = 0;  // 1-based
  std::string_view text;     // valid until the next call
  bool too_long = false;     // over what it may have: text is its beginning, the rest was skipped
};

/// Reads a list in chunks and counts its bytes and lines. A byte order mark at its head is
/// skipped. Use one of next_line, rest, and peek and take.
class ListInput {
 public:
  explicit ListInput(std::istream& in);

  /// The next line, of at most `most` bytes; false at the end, and where the stream failed before
  /// the line ended.
  bool next_line(ListLine& line, std::size_t most = kMaxRecordBytes);

  /// All that is left; absent if that is more than `most` bytes.
  std::optional<std::string> rest(std::size_t most);

  static constexpr int kEnd = -1;
  /// The next byte as 0..255, or kEnd.
  int peek() { return at_ < filled_ || fill() ? static_cast<unsigned char>(chunk_[at_]) : kEnd; }
  /// Takes the byte that peek shows. Precondition: peek() != kEnd.
  void take() {
    // The line end belongs to its line: the count rises with the byte after it.
    line_ += after_newline_ ? 1 : 0;
    after_newline_ = chunk_[at_++] == '\n';
  }

  std::uint64_t line() const noexcept { return line_; }  // of the last byte taken, 1-based
  std::uint64_t bytes() const noexcept { return before_chunk_ + at_; }  // read so far

  /// Errc::kIo if the stream failed (went bad) rather than ended.
  Status status() const;

 private:
  bool fill();
  void skip_byte_order_mark();

  std::istream& in_;
  std::vector<char> chunk_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t before_chunk_ = 0;
  std::uint64_t line_ = 1;
  bool after_newline_ = false;
  std::string joined_;  // a line that does not lie in one chunk
};

/// `text` fit for one line of a message: at most 300 bytes, what is not printable ASCII as '?'.
std::string printable(std::string_view text);

}  // namespace semblance::bank
