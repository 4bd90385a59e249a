// SPDX-License-Identifier: Apache-2.0
#include "bank/list_input.h"

#include <algorithm>

namespace semblance::bank {
namespace {

constexpr std::size_t kChunkBytes = 64 << 10;

}  // namespace

ListInput::ListInput(std::istream& in) : in_(in), chunk_(kChunkBytes) { skip_byte_order_mark(); }

bool ListInput::fill() {
  if (!in_.good()) return false;
  before_chunk_ += filled_;
  in_.read(chunk_.data(), static_cast<std::streamsize>(chunk_.size()));
  filled_ = static_cast<std::size_t>(in_.gcount());
  at_ = 0;
  return filled_ > 0;
}

void ListInput::skip_byte_order_mark() {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (fill() && std::string_view(chunk_.data(), filled_).starts_with(kMark)) at_ = kMark.size();
}

bool ListInput::next_line(ListLine& line, std::size_t most) {
  line = {};
  joined_.clear();
  bool any = false;
  bool whole = false;
  for (;;) {
    if (at_ == filled_ && !fill()) break;
    any = true;
    const std::string_view rest(chunk_.data() + at_, filled_ - at_);
    const std::size_t end = rest.find('\n');
    const std::string_view piece = rest.substr(0, end);
    at_ += end == std::string_view::npos ? piece.size() : end + 1;
    whole = end != std::string_view::npos;
    if (whole && joined_.empty()) {
      line.text = piece;
      break;
    }
    const std::size_t room = most - joined_.size();
    line.too_long = line.too_long || piece.size() > room;
    joined_.append(piece.substr(0, room));
    line.text = joined_;
    if (whole) break;
  }
  // A line that the failure of the stream cut off is not what its source wrote.
  if (!any || (!whole && in_.bad())) return false;
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  line.number = line_++;
  return true;
}

std::optional<std::string> ListInput::rest(std::size_t most) {
  std::string all;
  while (at_ < filled_ || fill()) {
    if (filled_ - at_ > most - all.size()) return std::nullopt;
    all.append(chunk_.data() + at_, filled_ - at_);
    at_ = filled_;
  }
  return all;
}

Status ListInput::status() const {
  if (!in_.bad()) return ok();
  return Error{Errc::kIo, "read list: input failed or was interrupted"};
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 300;
  std::string line(text.substr(0, kMost));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
  if (text.size() > kMost) line += "...";
  return line;
}

}  // namespace semblance::bank
