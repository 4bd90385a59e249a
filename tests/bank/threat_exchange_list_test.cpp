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

class ThreatExchangeListTest : public BankTest {
 protected:
  Imported import_json(std::string text) {
    return import_text(*store, "b", std::move(text), ListFormat::kThreatExchange);
  }
  static std::string record(const std::string& id, const std::string& type,
                            const std::string& indicator, const std::string& rest) {
    return R"({"id":")" + id + R"(","type":")" + type + R"(","indicator":")" + indicator + '"' +
           rest + '}';
  }
  static constexpr const char* kLive = R"(,"descriptors":{"data":[{"id":"9"}]})";
};

TEST_F(ThreatExchangeListTest, ReadsTheSampleFile) {
  const std::string path = SEMBLANCE_TEST_DATA "/format-samples/threat_update.json";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  std::ifstream in(path);
  const auto imported = import_json(std::string(std::istreambuf_iterator<char>(in), {}));
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.rows, 2U);
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(imported.report.tombstones_unknown, 1U);
  const auto entries = entries_of(*store, bank);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].item.source_id, "1234567890");
  EXPECT_THAT(entries[0].item.labels,
              ElementsAre("group:example-entity", "media_type_photo", "status:malicious"));
}

TEST_F(ThreatExchangeListTest, ReadsTagsInEveryShapeAndIdsAsNumbers) {
  const auto imported = import_json(
      "[{\"id\":42,\"type\":\"HASH_PDQ\",\"indicator\":\"" + hex_of('a') +
      R"(","tags":{"data":[{"text":"x"},{"text":"y"}]},"descriptors":[{"tags":["y","z"]},7]}])");
  EXPECT_THAT(imported.bad, IsEmpty());
  const auto entries = entries_of(*store, bank);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].item.source_id, "42");
  EXPECT_THAT(entries[0].item.labels, ElementsAre("x", "y", "z"));
}

TEST_F(ThreatExchangeListTest, DeletedOrphanedAndHarmlessRecordsAreTombstones) {
  std::string live, dead;
  const std::vector<std::string> ends = {
      R"(,"should_delete":true,"descriptors":{"data":[{}]})", "", R"(,"descriptors":{"data":[]})",
      R"(,"descriptors":[])", R"(,"status":"NON_MALICIOUS","descriptors":{"data":[{}]})"};
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::string id = std::to_string(i);
    live += (i == 0 ? "" : ",") + record(id, "HASH_MD5", hex_of('1', 32), kLive);
    dead += (i == 0 ? "" : ",") + record(id, "HASH_MD5", hex_of('1', 32), ends[i]);
  }
  EXPECT_EQ(import_json("{\"data\":[" + live + "]}").report.added, ends.size());
  EXPECT_EQ(import_json("{\"data\":[" + dead + "]}").report.withdrawn, ends.size());
  EXPECT_EQ(import_json("{\"data\":[" + dead + "]}").report.tombstones_unknown, ends.size());
  EXPECT_THAT(*store->find_digest(value_of(SignalKind::kMd5, hex_of('1', 32))), IsEmpty());
  EXPECT_EQ(import_json("{\"data\":[" + live + "]}").report.updated, ends.size());
}

TEST_F(ThreatExchangeListTest, ARecordOfWrongShapeIsABadRowWithItsLine) {
  const std::string deep = std::string(30, '[') + std::string(30, ']');
  const auto imported =
      import_json("{\"paging\":{\"x\":[1,[2]]},\n \"data\": [\n" +       // 2
                  record("1", "HASH_PDQ", hex_of('a'), kLive) + ",\n" +  // 3
                  "17,\n" +                                              // 4
                  "[{}],\n" +                                            // 5
                  "{\"type\":\"HASH_PDQ\"},\n" +                         // 6
                  record("2", "HASH_TMK", "00", kLive) + ",\n" +         // 7
                  record("3", "HASH_MD5", hex_of('a'), kLive) + ",\n" +  // 8
                  record("4", "HASH_PDQ", hex_of('b'),
                         ",\n\n\"x\":" + deep + kLive) +
                  ",\n" +                                                 // 9
                  "\n{\"id\":\"5\"," + std::string(kLive + 1) + "},\n" +  // 13
                  record("6", "HASH_SHA1", hex_of('b', 40), kLive) + "\n],\n\"data2\":[1,2]}\n");
  EXPECT_FALSE(imported.error) << imported.error->what;
  EXPECT_THAT(imported.bad_lines(), ElementsAre(4, 5, 6, 7, 8, 9, 13));
  EXPECT_EQ(imported.report.added, 2U);
  EXPECT_THAT(imported.bad[3].why, HasSubstr("HASH_TMK"));
  EXPECT_THAT(imported.bad[5].why, HasSubstr("deep"));
}

TEST_F(ThreatExchangeListTest, SavedPagesMayFollowEachOther) {
  const auto imported =
      import_json("{\"data\":[" + record("1", "HASH_PDQ", hex_of('a'), kLive) + "]}\n{\"data\":[" +
                  record("2", "HASH_PDQ", hex_of('b'), kLive) + "]}\n\n");
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.report.added, 2U);
}

TEST_F(ThreatExchangeListTest, TextThatBreaksOffEndsTheImportAtItsLine) {
  const std::string good = record("1", "HASH_PDQ", hex_of('a'), kLive);
  for (const std::string& rest :
       {std::string(""), std::string(",\n "), std::string(",\n{\"id\":\"unterminated"),
        std::string(",\n{\"id\":\"\xFF\"}]}"), std::string(",\n{\"id\":1e999}]}"),
        std::string(",\nnul]}"), std::string(",\n\"a\nb\"]}"), std::string(",\n") + '\0',
        ",\n{\"id\":\"" + std::string(3 << 20, 'x') + "\"}]}", std::string("]\n]")}) {
    const auto imported = import_json("{\"data\":[" + good + rest);
    ASSERT_TRUE(imported.error) << rest.substr(0, 50);
    EXPECT_EQ(imported.error->code, Errc::kBadFormat);
    EXPECT_THAT(imported.error->what, HasSubstr(rest.empty() ? "line 1" : "line 2"));
    EXPECT_LT(imported.error->what.size(), 600U);
    EXPECT_EQ(imported.report.rows, 1U) << "what was whole has been imported";
  }
  for (const char* text : {"", " \n", "{}", "{\"data\":7}", "{\"other\":[]}", "7", "\"data\""}) {
    const auto imported = import_json(text);
    ASSERT_TRUE(imported.error) << text;
    EXPECT_EQ(imported.error->code, Errc::kBadFormat) << text;
  }
  EXPECT_TRUE(import_json(std::string(3 << 20, '[')).error);
}

TEST_F(ThreatExchangeListTest, KeepsTheIdsOfAnExchangeInAnExport) {
  const auto imported =
      import_json("{\"data\":[" +
                  record("77", "HASH_PDQ", hex_of('a'),
                         R"(,"status":"MALICIOUS","tags":["x"],"descriptors":{"data":[{}]})") +
                  "," + record("78", "HASH_MD5", hex_of('1', 32), kLive) + "]}");
  EXPECT_EQ(imported.report.added, 2U);
  tombstone("78");
  ExportReport report;
  const std::string text = export_text(*store, "b", ListFormat::kThreatExchange, &report);
  EXPECT_EQ(report.entries, 1U);
  EXPECT_EQ(report.tombstones, 1U);
  const std::string at = std::to_string(now);
  EXPECT_EQ(text, "{\"data\":[\n{\"id\":\"77\",\"indicator\":\"" + hex_of('a') +
                      R"(","type":"HASH_PDQ","creation_time":)" + at + R"(,"last_updated":)" + at +
                      R"(,"should_delete":false,"status":"MALICIOUS","tags":["x"],)"
                      R"("descriptors":{"data":[{"id":"77","status":"MALICIOUS",)"
                      R"("tags":{"data":[{"text":"x"}]}}]}},)" +
                      "\n{\"id\":\"78\",\"indicator\":\"" + hex_of('1', 32) +
                      R"(","type":"HASH_MD5","creation_time":)" + at + R"(,"last_updated":)" + at +
                      ",\"should_delete\":true}\n]}\n");
  EXPECT_EQ(import_json(text).report.unchanged, 1U);
}

TEST_F(ThreatExchangeListTest, ALabelThatSpellsARetractionRetractsNothing) {
  add(draft_of("1", {pdq_signal('a')}, {"status:non_malicious", "status:"}));
  const std::string text = export_text(*store, "b", ListFormat::kThreatExchange);
  const std::int64_t other = create("other");
  const auto imported = import_text(*store, "other", text, ListFormat::kThreatExchange);
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(active_values(other), active_values(bank));
}

TEST_F(ThreatExchangeListTest, AVideosMd5IsAnMd5) {
  import_json("[" + record("1", "HASH_VIDEO_MD5", hex_of('a', 32), R"(,"descriptors":[{}])") + "]");
  EXPECT_EQ(active_values(bank),
            (std::set<std::pair<SignalKind, std::string>>{{SignalKind::kMd5, hex_of('a', 32)}}));
}

TEST_F(ThreatExchangeListTest, AFlagSpeltAsTextIsReadAndAnUnknownOneIsABadRow) {
  const auto one = [&](const std::string& flag) {
    return "[" +
           record("1", "HASH_PDQ", hex_of('a'), R"(,"descriptors":[{}],"should_delete":)" + flag) +
           "]";
  };
  EXPECT_EQ(import_json(one("\"false\"")).report.added, 1U);
  EXPECT_EQ(import_json(one("\"maybe\"")).report.bad, 1U);
  EXPECT_EQ(import_json(one("\"true\"")).report.withdrawn, 1U);
}

}  // namespace
}  // namespace semblance::bank
