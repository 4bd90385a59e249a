// SPDX-License-Identifier: Apache-2.0
#include "match/saved_note.h"

#include <charconv>
#include <optional>
#include <utility>

namespace semblance::match {
namespace {

constexpr std::string_view kForm = "semblance-pdq-index 1";
constexpr std::string_view kNone = "-";

// Words of one line, or lines of a text, each taken once.
class Cursor {
 public:
  Cursor(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  std::string_view next() {
    const std::size_t end = rest_.find(separator_);
    const std::string_view word = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return word;
  }
  template <class T>
  bool number(T& into) {
    const std::string_view word = next();
    const auto read = std::from_chars(word.data(), word.data() + word.size(), into);
    return read.ec == std::errc() && read.ptr == word.data() + word.size();
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char separator_;
};

bool is_hex(std::string_view word, std::size_t digits) {
  return word.size() == digits &&
         word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool parse_state(std::string_view line, StoreState& state) {
  constexpr std::size_t kTokenDigits = 32;
  Cursor words(line, ' ');
  if (words.next() != "state" || !words.number(state.number)) return false;
  state.token = words.next();
  if (!is_hex(state.token, kTokenDigits) || !words.number(state.newest_entry) ||
      !words.number(state.newest_change) || !words.number(state.at)) {
    return false;
  }
  const std::string_view expiry = words.next();
  if (expiry != kNone) {
    UnixSeconds when = 0;
    if (!Cursor(expiry, ' ').number(when)) return false;
    state.next_expiry = when;
  }
  return words.at_end();
}

bool parse_bank(std::string_view line, NotedBank& bank) {
  constexpr std::size_t kDigestDigits = 64;
  Cursor words(line, ' ');
  if (words.next() != "bank" || !words.number(bank.id) || !words.number(bank.quality_floor) ||
      !words.number(bank.revision)) {
    return false;
  }
  bank.content_digest = words.next();
  return is_hex(bank.content_digest, kDigestDigits) && words.at_end();
}

}  // namespace

const NotedBank* SavedNote::find(std::int64_t bank) const noexcept {
  for (const NotedBank& one : banks) {
    if (one.id == bank) return &one;
  }
  return nullptr;
}

std::string to_text(const SavedNote& note) {
  const StoreState& state = note.state;
  std::string text = std::string(kForm) + '\n';
  text.append("profile ").append(name(note.profile)).append("\n");
  text += "state " + std::to_string(state.number) + ' ' + state.token + ' ' +
          std::to_string(state.newest_entry) + ' ' + std::to_string(state.newest_change) + ' ' +
          std::to_string(state.at) + ' ' +
          (state.next_expiry ? std::to_string(*state.next_expiry) : std::string(kNone)) + '\n';
  for (const NotedBank& bank : note.banks) {
    text += "bank " + std::to_string(bank.id) + ' ' + std::to_string(bank.quality_floor) + ' ' +
            std::to_string(bank.revision) + ' ' + bank.content_digest + '\n';
  }
  return text;
}

Result<SavedNote> parse_saved_note(std::string_view text) {
  const Error foreign{
      Errc::kCorruptStore,
      "its note is not one of an index of a store's PDQ hashes that this build knows"};
  SavedNote note;
  Cursor lines(text, '\n');
  if (lines.next() != kForm) return foreign;
  Cursor profile(lines.next(), ' ');
  if (profile.next() != "profile") return foreign;
  auto known = parse_pdq_profile(profile.next());
  if (!known || !profile.at_end()) return foreign;
  note.profile = *known;
  if (!parse_state(lines.next(), note.state)) return foreign;
  while (!lines.at_end()) {
    NotedBank bank;
    if (!parse_bank(lines.next(), bank)) return foreign;
    note.banks.push_back(std::move(bank));
  }
  return note;
}

}  // namespace semblance::match
