// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <sstream>

#include "bank/draft.h"
#include "bank/list_codec.h"
#include "bank/picture_signals.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class JsonLinesListTest : public BankTest {
 protected:
  Imported import_lines(std::string text, const char* into = "b", ImportOptions options = {}) {
    return import_text(*store, into, std::move(text), ListFormat::kJsonLines, std::move(options));
  }
};

TEST_F(JsonLinesListTest, WritesOneEntryALine) {
  EntryDraft draft = draft_of("id \"1\"", {pdq_signal('a', 77)}, {"größe"});
  draft.expires_at = now + 9;
  add(draft);
  EXPECT_EQ(export_text(*store, "b", ListFormat::kJsonLines),
            R"({"source":"list","source_id":"id \"1\"","labels":["größe"],"expires_at":)" +
                std::to_string(now + 9) + R"(,"added_at":)" + std::to_string(now) +
                R"(,"signals":[{"kind":"pdq","value":")" + hex_of('a') +
                R"(","quality":77,"profile":"full","version":""}]})" + "\n");
}

TEST_F(JsonLinesListTest, AWithdrawalIsWrittenEvenIfItsOnlySignalIsTooLarge) {
  Entry entry;
  entry.item = draft_of("film", {});
  entry.item.signals.push_back(
      {{SignalKind::kVpdq, std::vector<std::uint8_t>(40 << 20)}, {}, {}, ""});
  ExportReport report;
  const auto written = [&] {
    std::ostringstream out;
    make_json_lines_writer()->write(out, entry, !entry.withdrawn_at, report);
    return out.str();
  };
  EXPECT_EQ(written(), "");
  EXPECT_EQ(report.skipped, 1U);
  EXPECT_EQ(report.tombstones, 0U);
  entry.withdrawn_at = now;
  entry.withdrawn_by = WithdrawnBy::kSource;
  entry.withdrawn_reason = "mistake";
  const std::string line = written();
  EXPECT_EQ(report.tombstones, 1U);
  // Whoever has the entry takes it back.
  add(draft_of("film", {pdq_signal('a')}));
  EXPECT_EQ(import_lines(line).report.withdrawn, 1U);
}

TEST_F(JsonLinesListTest, LosesNothingOfADraftAndCarriesWithdrawals) {
  BankSignal cli = pdq_signal('a', 90);
  cli.profile = PdqProfile::kCli512;
  cli.version = "pdq-1";
  BankSignal unsaid = pdq_signal('b');
  unsaid.profile.reset();
  EntryDraft full = draft_of("1\n2", {pdq_signal('a'), cli, unsaid}, {"x", "y, z"});
  full.source = "another list";
  full.expires_at = 4'000'000'000;  // an export asks the system's clock, not the test's
  add(full);
  add(draft_of("gone", {pdq_signal('c')}));
  add(draft_of("vetoed", {pdq_signal('d')}));
  const std::string before = export_text(*store, "b", ListFormat::kJsonLines);

  const std::int64_t copy = create("copy");
  const auto first = import_lines(before, "copy");
  EXPECT_EQ(first.report.added, 3U);
  tombstone("gone");
  ASSERT_TRUE(store->withdraw(bank, 3, "a news photo"));
  ExportReport report;
  const std::string after = export_text(*store, "b", ListFormat::kJsonLines, &report);
  EXPECT_EQ(report.entries, 1U);
  EXPECT_EQ(report.tombstones, 2U);
  const auto second = import_lines(after, "copy");
  EXPECT_EQ(second.report.unchanged, 1U);
  EXPECT_EQ(second.report.withdrawn, 2U);

  const auto entries = entries_of(*store, copy);
  ASSERT_THAT(entries, SizeIs(3));
  EXPECT_EQ(entries[0].item.source, full.source);
  EXPECT_EQ(entries[0].item.source_id, full.source_id);
  EXPECT_EQ(entries[0].item.labels, full.labels);
  EXPECT_THAT(entries[0].item.signals, testing::UnorderedElementsAreArray(full.signals));
  EXPECT_EQ(entries[0].item.expires_at, full.expires_at);
  EXPECT_EQ(entries[2].withdrawn_reason, "a news photo");
  EXPECT_EQ(entries[2].withdrawn_by, WithdrawnBy::kPerson);
}

TEST_F(JsonLinesListTest, WritesPartsApartFromSignals) {
  add(draft_of("1", {pdq_signal('a', 77), part_signal('b'), embedding_signal("gist", 0)}));
  EXPECT_EQ(
      export_text(*store, "b", ListFormat::kJsonLines),
      R"({"source":"list","source_id":"1","labels":[],"expires_at":null,"added_at":)" +
          std::to_string(now) + R"(,"signals":[{"kind":"pdq","value":")" + hex_of('a') +
          R"(","quality":77,"profile":"full","version":""},{"kind":"embedding:gist","value":)" +
          R"("0000803f000000000000000000000000","quality":null,"profile":null,"version":"v1"}],)" +
          R"("parts":[{"probe":"window","window":[0,2000,6000,8000],"value":")" + hex_of('b') +
          R"(","quality":90,"version":"probe-1/pdq-1"}]})" + "\n");
}

TEST_F(JsonLinesListTest, LosesNothingOfWhatIsKnownOfAPicture) {
  EntryDraft whole =
      draft_of("1", {pdq_signal('a', 77), part_signal('b'), part_signal('c', kTrimmedPart, {}),
                     features_signal(3), embedding_signal("gist", 0),
                     embedding_signal("lab-2", 1, "sha256:0"), embedding_signal("gist", 1, "v2")});
  add(whole);
  add(draft_of("2", {part_signal('d')}));
  add(draft_of("3", {part_signal('d')}));
  tombstone("3");
  const std::string list = export_text(*store, "b", ListFormat::kJsonLines);
  const std::int64_t copy = create("copy");
  const auto imported = import_lines(list, "copy");
  EXPECT_EQ(imported.report.added, 2U);
  EXPECT_EQ(imported.report.withdrawn, 1U);
  const auto entries = entries_of(*store, copy);
  ASSERT_THAT(entries, SizeIs(3));
  normalise(whole);
  EXPECT_EQ(entries[0].item.signals, whole.signals);
  EXPECT_EQ(entries[1].item.signals, std::vector<BankSignal>{part_signal('d')});
  EXPECT_EQ(import_lines(list, "copy").report.unchanged, 3U);
}

TEST_F(JsonLinesListTest, APartThatIsNoneIsABadRow) {
  const std::string value = R"("value":")" + hex_of('b') + '"';
  const auto row = [&](const std::string& part) {
    return R"({"source_id":"1","signals":[],"parts":)" + part + "}\n";
  };
  const std::string window = R"("probe":"window","window":[0,0,5000,5000],)";
  std::string text;
  std::vector<std::uint64_t> lines;
  for (const std::string& part : {
           std::string("7"),
           std::string("[7]"),
           std::string("{}"),
           "[{" + value + "}]",
           "[{\"probe\":\"window\"," + value + "}]",
           R"([{"probe":"whole","window":[0,0,1,1],)" + value + "}]",
           R"([{"probe":"place","window":[0,0,1,1],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,1],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,1,1,1],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,1,-1],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,1,1.5],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,1,65537],)" + value + "}]",
           R"([{"probe":"window","window":[0,0,0,1],)" + value + "}]",
           R"([{"probe":"window","window":[9000,0,5000,1],)" + value + "}]",
           "[{" + window + "\"value\":\"00\"}]",
           "[{" + window + value + ",\"quality\":101}]",
           "[{" + window + value + ",\"version\":7}]",
       }) {
    text += row(part);
    lines.push_back(lines.size() + 1);
  }
  for (const char* signal : {
           R"({"kind":"embedding","value":"0000803f","version":"1"})",
           R"({"kind":"embedding:","value":"0000803f","version":"1"})",
           R"({"kind":"embedding:A b","value":"0000803f","version":"1"})",
           R"({"kind":"embedding:gist","value":"0000803f"})",
           R"({"kind":"embedding:gist","value":"0000003f","version":"1"})",
           R"({"kind":"embedding:gist","value":"0000c07f","version":"1"})",
           R"({"kind":"embedding:gist","value":"0","version":"1"})",
           R"({"kind":"embedding:gist","value":"zz","version":"1"})",
           R"({"kind":"embedding:gist","value":"","version":"1"})",
           R"({"kind":"orb","value":"00","version":"1"})",
           R"({"kind":"orb","value":"534c46310000000000","version":"1"})",
       }) {
    text += std::string(R"({"source_id":"1","signals":[)") + signal + "]}\n";
    lines.push_back(lines.size() + 1);
  }
  const auto imported = import_lines(text + row("[{" + window + value + "}]") + row("null"));
  lines.push_back(lines.size() + 2);  // without a signal
  EXPECT_EQ(imported.bad_lines(), lines);
  EXPECT_EQ(imported.report.added, 1U);
}

TEST_F(JsonLinesListTest, AVetoTravelsToAStoreThatNeverKnewTheEntry) {
  add(draft_of("gone", {pdq_signal('c')}, {"x"}));
  add(draft_of("vetoed", {pdq_signal('d', 70)}, {"y"}));
  tombstone("gone");
  ASSERT_TRUE(store->withdraw(bank, 2, "a news photo"));
  const std::string list = export_text(*store, "b", ListFormat::kJsonLines);

  now += 1000;
  const std::int64_t fresh = create("fresh");
  const auto first = import_lines(list, "fresh");
  EXPECT_EQ(first.report.withdrawn, 2U);
  const auto entries = entries_of(*store, fresh);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].withdrawn_by, WithdrawnBy::kSource);
  EXPECT_EQ(entries[1].withdrawn_by, WithdrawnBy::kPerson);
  EXPECT_EQ(entries[1].withdrawn_at, now - 1000);
  EXPECT_EQ(entries[1].withdrawn_reason, "a news photo");
  EXPECT_EQ(entries[1].item.labels, std::vector<std::string>{"y"});
  EXPECT_EQ(entries[1].item.signals, std::vector<BankSignal>{pdq_signal('d', 70)});
  EXPECT_EQ(import_lines(list, "fresh").report.unchanged, 2U);

  // What the source goes on to list comes back, but for what a person took out.
  const std::string live =
      R"({"source":"list","source_id":"gone","signals":[{"kind":"pdq","value":")" + hex_of('c') +
      "\"}]}\n" + R"({"source":"list","source_id":"vetoed","signals":[{"kind":"pdq","value":")" +
      hex_of('d') + "\"}]}\n";
  const auto second = import_lines(live, "fresh");
  EXPECT_EQ(second.report.updated, 1U);
  EXPECT_EQ(second.report.kept_withdrawn, 1U);
  EXPECT_THAT(active_values(fresh), SizeIs(1));
}

TEST_F(JsonLinesListTest, AWithdrawalWithoutSignalsIsTheSourcesTombstone) {
  add(draft_of("1", {pdq_signal('a')}));
  add(draft_of("2", {pdq_signal('b')}));
  const auto imported =
      import_lines(R"({"source":"list","source_id":"1","withdrawn":{"reason":"old"}})"
                   "\n"
                   R"({"source":"list","source_id":"2","withdrawn":{"by":"person"}})"
                   "\n"
                   R"({"source":"list","source_id":"2","withdrawn":{"by":"nobody"}})"
                   "\n"
                   R"({"source":"list","source_id":"2","withdrawn":{"at":"today"}})"
                   "\n");
  EXPECT_EQ(imported.report.withdrawn, 1U);
  EXPECT_THAT(imported.bad_lines(), ElementsAre(2, 3, 4));
  EXPECT_EQ(entries_of(*store, bank)[0].withdrawn_by, WithdrawnBy::kSource);
}

TEST_F(JsonLinesListTest, OptionsFillInWhatIsAbsentAndNotWhatIsNull) {
  ImportOptions options;
  options.source = "fallback";
  options.pdq_profile = PdqProfile::kCli512;
  options.expires_at = now + 5;
  const std::string signal = R"({"kind":"pdq","value":")" + hex_of('a') + '"';
  import_lines(R"({"source_id":"1","signals":[)" + signal + "}]}\n" +
                   R"({"source":"own","source_id":"1","expires_at":null,"signals":[)" + signal +
                   R"(,"profile":null,"quality":null}]})",
               "b", options);
  const auto entries = entries_of(*store, bank);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].item.source, "fallback");
  EXPECT_EQ(entries[0].item.signals[0].profile, PdqProfile::kCli512);
  EXPECT_EQ(entries[0].item.expires_at, now + 5);
  EXPECT_EQ(entries[1].item.source, "own");
  EXPECT_FALSE(entries[1].item.signals[0].profile);
  EXPECT_FALSE(entries[1].item.expires_at);
}

TEST_F(JsonLinesListTest, EveryLineThatIsNoEntryIsABadRow) {
  const std::string signals = R"("signals":[{"kind":"pdq","value":")" + hex_of('a') + "\"}]";
  std::vector<std::string> bad = {
      "not json",
      "[]",
      "17",
      "{",
      R"({"source_id":"1"})",
      R"({"source_id":7,)" + signals + "}",
      R"({"source_id":"1","signals":[]})",
      R"({"source_id":"1","signals":[{"kind":"pdq"}]})",
      R"({"source_id":"1","signals":[{"kind":"PhotoDNA","value":"00"}]})",
      R"({"source_id":"1","signals":[{"kind":"pdq","value":"00"}]})",
      R"({"source_id":"1","labels":"x",)" + signals + "}",
      R"({"source_id":"1","labels":[1],)" + signals + "}",
      R"({"source_id":"1","labels":["a\u0000b"],)" + signals + "}",
      R"({"source_id":"1","expires_at":"soon",)" + signals + "}",
      R"({"source_id":"1","expires_at":1e999,)" + signals + "}",
      R"({"source_id":"1","expires_at":99999999999999999999,)" + signals + "}",
      R"({"source_id":"1","withdrawn":true,)" + signals + "}",
      R"({"source_id":"1","source":"",)" + signals + "}",
      R"({"source_id":"1",)" + signals + "} {}",
      "{\"source_id\":\"\xFF\"," + signals + "}",
      std::string(100'000, '['),
      R"({"source_id":"1","x":)" + std::string(40, '[') + std::string(40, ']') + "," + signals +
          "}",
      R"({"source_id":"1","signals":[{"kind":"pdq","value":")" + hex_of('a') +
          R"(","quality":101}]})",
      R"({"source_id":"1","signals":[{"kind":"pdq","value":")" + hex_of('a') +
          R"(","profile":"big"}]})",
      R"({"source_id":"1","signals":[{"kind":"pdq","value":")" + hex_of('a') + R"(","version":")" +
          std::string(201, 'v') + "\"}]}",
      R"({"source":")" + std::string(4097, 's') + R"(","source_id":"1",)" + signals + "}",
      R"({"source_id":")" + std::string(4097, 's') + "\"," + signals + "}",
  };
  std::string text;
  std::vector<std::uint64_t> lines;
  for (const std::string& line : bad) {
    text += line + '\n';
    lines.push_back(lines.size() + 1);
  }
  const auto imported = import_lines(text + R"({"source_id":"good",)" + signals + "}\n");
  EXPECT_FALSE(imported.error);
  EXPECT_EQ(imported.bad_lines(), lines);
  EXPECT_EQ(imported.report.added, 1U);
}

}  // namespace
}  // namespace semblance::bank
