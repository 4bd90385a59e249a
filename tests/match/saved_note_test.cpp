// SPDX-License-Identifier: Apache-2.0
#include "match/saved_note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace semblance::match {
namespace {

SavedNote example() {
  SavedNote note;
  note.profile = PdqProfile::kCli512;
  note.state = {17, std::string(32, 'e'), 1'000'000, 44, 1'900'000'000, std::nullopt};
  note.banks = {{1, 50, 9, std::string(64, 'a')}, {3, 0, 2, std::string(64, 'b')}};
  return note;
}

TEST(SavedNote, ComesBackAsItWas) {
  for (const bool expires : {false, true}) {
    SavedNote note = example();
    if (expires) note.state.next_expiry = 2'000'000'000;
    const auto parsed = parse_saved_note(to_text(note));
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(parsed->profile, note.profile);
    EXPECT_EQ(parsed->state.number, 17);
    EXPECT_EQ(parsed->state.token, note.state.token);
    EXPECT_EQ(parsed->state.newest_entry, 1'000'000);
    EXPECT_EQ(parsed->state.newest_change, 44);
    EXPECT_EQ(parsed->state.at, 1'900'000'000);
    EXPECT_EQ(parsed->state.next_expiry, note.state.next_expiry);
    EXPECT_EQ(parsed->banks, note.banks);
    EXPECT_EQ(parsed->find(3), &parsed->banks[1]);
    EXPECT_EQ(parsed->find(2), nullptr);
  }
}

TEST(SavedNote, AnyOtherTextIsRefused) {
  const std::string text = to_text(example());
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto parsed = parse_saved_note(text.substr(0, length));
    // Cut after a bank or before the last newline, it is a note still.
    const bool whole_lines = length + 1 >= text.size() || text[length] == '\n' ||
                             (length > 0 && text[length - 1] == '\n');
    if (!whole_lines) {
      ASSERT_FALSE(parsed) << text.substr(0, length);
      EXPECT_EQ(parsed.error().code, Errc::kCorruptStore);
    }
  }
  for (const char* wrong : {"", "semblance-pdq-index 2\n", "semblance-pdq-index 1\nprofile half\n",
                            "semblance-pdq-index 1\nprofile full\nstate x\n", "somebody else's"}) {
    EXPECT_FALSE(parse_saved_note(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_saved_note(text + "bank 4\n"));
  EXPECT_FALSE(parse_saved_note(text + "more\n"));
}

}  // namespace
}  // namespace semblance::match
