// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "bank/bank_fixture.h"
#include "bank/list_codec.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class HexListTest : public BankTest {};

TEST_F(HexListTest, TheLengthSaysTheKindUnlessAWordDoes) {
  const std::vector<std::pair<std::string, SignalKind>> cases = {
      {hex_of('a', 32), SignalKind::kMd5},
      {hex_of('a', 40), SignalKind::kSha1},
      {hex_of('A', 64), SignalKind::kPdq},
      {hex_of('a', 128), SignalKind::kSha512},
      {"sha256 " + hex_of('a', 64), SignalKind::kSha256},
      {"sha256:" + hex_of('a', 64), SignalKind::kSha256},
      {"SHA-256:\t" + hex_of('a', 64), SignalKind::kSha256},
      {"HASH_PDQ " + hex_of('a', 64), SignalKind::kPdq},
      {"pdq  " + hex_of('a', 64), SignalKind::kPdq},
      {"hash=" + hex_of('a', 64) + ",norm=128,a b:c.jpg", SignalKind::kPdq},
      {hex_of('a', 64) + ",100,file.jpg", SignalKind::kPdq},
  };
  for (const auto& [line, kind] : cases) {
    const auto value = parse_hex_line(line);
    ASSERT_TRUE(value) << line;
    EXPECT_EQ(value->kind, kind) << line;
  }
}

TEST_F(HexListTest, WhatIsNotAHashIsABadRow) {
  const std::string pdq = hex_of('a');
  // The last is what sha256sum prints: read as PDQ it would match other pictures.
  const auto imported =
      import_text(*store, "b",
                  "# list\r\n\r\n" + pdq + "\r\nxyz\n" + hex_of('a', 63) + "\nphotodna " + pdq +
                      "\n" + hex_of('g') + "\nmd5 " + pdq + "\n" + pdq + "  file.jpg\n",
                  ListFormat::kHex);
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(4, 5, 6, 7, 8, 9));
}

TEST_F(HexListTest, WritesWhatItReads) {
  BankSignal sha;
  sha.value = value_of(SignalKind::kSha256, hex_of('b'));
  add(draft_of("1", {pdq_signal('a'), sha}, {"label"}));
  add(draft_of("2", {pdq_signal('c')}));
  tombstone("2");
  const std::string text = export_text(*store, "b", ListFormat::kHex);
  EXPECT_EQ(text, "pdq " + hex_of('a') + "\nsha256 " + hex_of('b') + "\n");
  const std::int64_t copy = create("copy");
  EXPECT_EQ(import_text(*store, "copy", text, ListFormat::kHex).report.added, 2U);
  EXPECT_EQ(active_values(copy), active_values(bank));
}

TEST_F(HexListTest, BareLinesAreOfTheKindThatTheCallerNames) {
  ImportOptions options;
  options.bare_kind = SignalKind::kSha256;
  const auto imported = import_text(*store, "b",
                                    hex_of('a') + "\n" + hex_of('b', 32) + "\npdq " + hex_of('c') +
                                        "\nmd5:" + hex_of('d', 32) + "\n",
                                    ListFormat::kHex, options);
  EXPECT_EQ(imported.bad_lines(), std::vector<std::uint64_t>{2});
  EXPECT_EQ(active_values(bank),
            (std::set<std::pair<SignalKind, std::string>>{{SignalKind::kSha256, hex_of('a')},
                                                          {SignalKind::kPdq, hex_of('c')},
                                                          {SignalKind::kMd5, hex_of('d', 32)}}));
}

}  // namespace
}  // namespace semblance::bank
