// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

TEST(ListFormatTest, WordsAndFormatsAreOneToOne) {
  for (const char* word : {"csv", "jsonl", "hex", "threatexchange", "tcap", "vpdq", "tmk"}) {
    const auto format = parse_list_format(word);
    ASSERT_TRUE(format) << word;
    EXPECT_EQ(name(*format), word);
  }
  const auto unknown = parse_list_format("xml");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().what,
              testing::HasSubstr("csv, jsonl, hex, threatexchange, tcap, vpdq, tmk"));
}

TEST(ListFormatTest, RecognisesAFormatByItsBeginning) {
  const std::string pdq = hex_of('a');
  const std::vector<std::pair<std::string, ListFormat>> cases = {
      {"kind,value\n", ListFormat::kCsv},
      {"\xEF\xBB\xBF# c\r\n\r\nPDQ," + pdq + ",x\r\n", ListFormat::kCsv},
      {"md5," + hex_of('1', 32), ListFormat::kCsv},
      {pdq, ListFormat::kHex},
      {"sha256:" + pdq + "\n", ListFormat::kHex},
      {"hash=" + pdq + ",file.jpg", ListFormat::kHex},
      {R"({"source":"indicator","source_id":"1","signals":[]})", ListFormat::kJsonLines},
      {R"({"labels":["\"data\": 1"],"source_id":"1"})", ListFormat::kJsonLines},
      {R"({"data":[]})", ListFormat::kThreatExchange},
      {R"([{"id":"1","indicator":"00"}])", ListFormat::kThreatExchange},
      {R"( {"count":0,"results":[]})", ListFormat::kTcap},
  };
  for (const auto& [head, format] : cases) {
    const auto sniffed = sniff_list_format(head);
    ASSERT_TRUE(sniffed) << head;
    EXPECT_EQ(*sniffed, format) << head;
  }
  for (const char* head : {"", "\n\n", "hello", "<xml/>", "{\"a\":1}", "{", "# only a comment"}) {
    const auto sniffed = sniff_list_format(head);
    ASSERT_FALSE(sniffed) << head;
    EXPECT_EQ(sniffed.error().code, Errc::kBadFormat);
  }
}

TEST(ListFormatTest, RecognisesTheSampleFiles) {
  const std::string folder = SEMBLANCE_TEST_DATA "/format-samples/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto sniff = [&](const char* file) {
    std::ifstream in(folder + file);
    return sniff_list_format(std::string(std::istreambuf_iterator<char>(in), {}));
  };
  EXPECT_EQ(*sniff("threat_update.json"), ListFormat::kThreatExchange);
  EXPECT_EQ(*sniff("tcap_hash_list.json"), ListFormat::kTcap);
}

}  // namespace
}  // namespace semblance::bank
