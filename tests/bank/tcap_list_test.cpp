// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TcapListTest : public BankTest {
 protected:
  Imported import_json(std::string text) {
    return import_text(*store, "b", std::move(text), ListFormat::kTcap);
  }
};

TEST_F(TcapListTest, ReadsTheSampleFile) {
  const std::string path = SEMBLANCE_TEST_DATA "/format-samples/tcap_hash_list.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  std::ifstream in(path);
  const auto imported = import_json(std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(imported.report.tombstones_unknown, 1U);
  const auto entries = entries_of(*store, bank);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].item.source_id, "4241");
  EXPECT_THAT(entries[0].item.labels, ElementsAre("islamist", "file_type:jpg"));
}

TEST_F(TcapListTest, ReadsAllFourAlgorithmsHoweverSpelt) {
  const auto imported = import_json(
      "{\"results\":[\n"
      R"({"id":1,"algorithm":"PDQ","hash_digest":")" +
      hex_of('a') + "\"},\n" + R"({"id":"2","algorithm":"md5","hash_digest":")" + hex_of('b', 32) +
      "\"},\n" + R"({"id":3,"algorithm":"SHA-256","hash_digest":")" + hex_of('C') + "\"},\n" +
      R"({"id":4,"algorithm":"Sha512","hash_digest":")" + hex_of('d', 128) +
      R"(","ideology":null,"file_type":null},)" + "\n" +
      R"({"id":5,"algorithm":"PhotoDNA","hash_digest":"00"},)" + "\n" +
      R"({"id":-6,"algorithm":"PDQ","hash_digest":")" + hex_of('a') + "\"},\n" +
      R"({"id":1.5,"algorithm":"PDQ","hash_digest":")" + hex_of('a') + "\"},\n" +
      R"({"id":8,"algorithm":"PDQ","hash_digest":")" + hex_of('a') + R"(","ideology":7})" + "\n]}");
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.added, 4U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(6, 7, 8, 9));
  EXPECT_EQ(active_values(bank), (std::set<std::pair<SignalKind, std::string>>{
                                     {SignalKind::kPdq, hex_of('a')},
                                     {SignalKind::kMd5, hex_of('b', 32)},
                                     {SignalKind::kSha256, hex_of('c')},
                                     {SignalKind::kSha512, hex_of('d', 128)}}));
}

TEST_F(TcapListTest, ATombstoneTakesItsEntryBackAndALaterRecordRevivesIt) {
  const std::string live =
      R"({"results":[{"id":1,"algorithm":"PDQ","hash_digest":")" + hex_of('a') + "\"}]}";
  EXPECT_EQ(import_json(live).report.added, 1U);
  EXPECT_EQ(import_json(R"({"results":[{"id":1,"deleted":true}]})").report.withdrawn, 1U);
  EXPECT_THAT(active_values(bank), IsEmpty());
  EXPECT_EQ(import_json(live).report.updated, 1U);
  EXPECT_THAT(active_values(bank), SizeIs(1));
}

TEST_F(TcapListTest, ADeletionIsOneHoweverTheFlagIsSpeltAndNothingElseIsAFlag) {
  const auto record = [](int id, const std::string& flag) {
    return R"({"id":)" + std::to_string(id) + R"(,"algorithm":"PDQ","hash_digest":")" +
           hex_of('a') + R"(","deleted":)" + flag + "},\n";
  };
  std::string live = "[\n";
  for (int id = 1; id <= 3; ++id) live += record(id, "false");
  live += record(4, "\"false\"") + record(5, "0") + record(6, "null");
  live.erase(live.size() - 2);
  EXPECT_EQ(import_json(live + "]").report.added, 6U);
  std::string deleted = "[\n" + record(1, "true") + record(2, "\"true\"") + record(3, "1");
  for (const char* flag : {"\"yes\"", "\"\"", "2", "-1", "[]", "{}"}) deleted += record(4, flag);
  deleted.erase(deleted.size() - 2);
  const auto imported = import_json(deleted + "]");
  EXPECT_EQ(imported.report.withdrawn, 3U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(5, 6, 7, 8, 9, 10));
}

TEST_F(TcapListTest, KeepsTheListsOwnIdsInAnExport) {
  import_json(R"({"results":[{"id":77,"algorithm":"PDQ","hash_digest":")" + hex_of('a') +
              R"(","ideology":"far-right","file_type":"jpg"},)" +
              R"({"id":78,"algorithm":"MD5","hash_digest":")" + hex_of('b', 32) + "\"}]}");
  tombstone("78");
  const std::string text = export_text(*store, "b", ListFormat::kTcap);
  EXPECT_EQ(text, "{\"results\":[\n{\"id\":77,\"hash_digest\":\"" + hex_of('a') +
                      R"(","algorithm":"PDQ","ideology":"far-right","file_type":"jpg",)"
                      R"("deleted":false,"updated_on":1767225600.0,)"
                      R"("created_on":"2026-01-01T00:00:00Z"},)" +
                      "\n{\"id\":78,\"hash_digest\":\"" + hex_of('b', 32) +
                      R"(","algorithm":"MD5","ideology":null,"file_type":null,)"
                      R"("deleted":true,"updated_on":1767225600.0,)"
                      R"("created_on":"2026-01-01T00:00:00Z"})" +
                      "\n],\"count\":2,\"next\":null,\"previous\":null}\n");
  EXPECT_EQ(import_json(text).report.unchanged, 1U);
}

TEST_F(TcapListTest, CountsWhatTheListHasNoWordFor) {
  BankSignal sha1;
  sha1.value = value_of(SignalKind::kSha1, hex_of('e', 40));
  add(draft_of("1", {pdq_signal('a'), sha1}));
  ExportReport report;
  const std::string text = export_text(*store, "b", ListFormat::kTcap, &report);
  EXPECT_EQ(report.signals, 1U);
  EXPECT_EQ(report.skipped, 1U);
  EXPECT_THAT(text, HasSubstr("\"count\":1"));
}

}  // namespace
}  // namespace semblance::bank
