// SPDX-License-Identifier: Apache-2.0
// Videos from and to files: vpdq, tmk, and jsonl that holds any number.
#include <gmock/gmock.h>

#include "bank/bank_fixture.h"
#include "bank/video_signals.h"
#include "semblance/exchange.h"

namespace semblance::bank {
namespace {

using testing::HasSubstr;

class VideoFilesTest : public BankTest {
 protected:
  const std::string vpdq_ = "0,100," + hex_of('1') + ",0.000\n30,77," + hex_of('a') + ",1.001\n";
  const std::string tmk_ = [] {
    const auto bytes = to_bytes(tmk_of(0.5F));
    return std::string(bytes.begin(), bytes.end());
  }();

  Error refused_export(ListFormat format) {
    std::ostringstream out;
    auto written = export_list(*store, "b", out, format);
    EXPECT_FALSE(written);
    EXPECT_EQ(out.str(), "");
    return written ? Error{} : written.error();
  }
};

TEST_F(VideoFilesTest, AVpdqFileIsOneEntryAndComesBackAsItWas) {
  const Imported imported = import_text(*store, "b", vpdq_, ListFormat::kVpdq);
  ASSERT_FALSE(imported.error) << imported.error->what;
  EXPECT_EQ(imported.report.added, 1U);
  EXPECT_EQ(import_text(*store, "b", vpdq_, ListFormat::kVpdq).report.unchanged, 1U);
  const auto entry = store->entry(only_entry());
  EXPECT_EQ(entry->item.source, "list");
  EXPECT_THAT(entry->item.source_id, testing::MatchesRegex("vpdq-sha256:[0-9a-f]{64}"));
  ASSERT_EQ(entry->item.signals.size(), 1U);
  const auto video = parse_video_signal(entry->item.signals[0].value.bytes);
  ASSERT_TRUE(video);
  ASSERT_EQ(video->frames.size(), 2U);
  EXPECT_EQ(video->sampling, Sampling::kVpdq);
  EXPECT_EQ(video->frames[1].at.start_ms, 1'001U);
  EXPECT_EQ(video->frames[1].at.quality, 77);
  ExportReport report;
  EXPECT_EQ(export_text(*store, "b", ListFormat::kVpdq, &report), vpdq_);
  EXPECT_EQ(report.entries, 1U);
  EXPECT_EQ(report.skipped, 0U);
}

TEST_F(VideoFilesTest, ATmkFileComesBackByteForByte) {
  EXPECT_EQ(import_text(*store, "b", tmk_, ListFormat::kTmk).report.added, 1U);
  EXPECT_EQ(import_text(*store, "b", tmk_, ListFormat::kTmk).report.unchanged, 1U);
  EXPECT_THAT(store->entry(1)->item.source_id, testing::StartsWith("tmk-sha256:"));
  EXPECT_EQ(export_text(*store, "b", ListFormat::kTmk), tmk_);
}

TEST_F(VideoFilesTest, AFileThatIsNoneIsRefusedAsAWhole) {
  for (const std::string& text : {std::string(), std::string("hello\n"), vpdq_ + "nonsense\n"}) {
    const Imported imported = import_text(*store, "b", text, ListFormat::kVpdq);
    ASSERT_TRUE(imported.error) << text;
    EXPECT_EQ(imported.error->code, Errc::kBadFormat);
  }
  std::string cut = tmk_;
  cut.pop_back();
  for (const std::string& text : {std::string(), cut, tmk_ + "x"}) {
    const Imported imported = import_text(*store, "b", text, ListFormat::kTmk);
    ASSERT_TRUE(imported.error);
    EXPECT_EQ(imported.error->code, Errc::kBadFormat);
  }
  EXPECT_TRUE(entries_of(*store, bank).empty());
}

TEST_F(VideoFilesTest, BothAreRecognised) {
  const auto sniff = [](const std::string& head) {
    const auto format = sniff_list_format(head);
    return format ? name(*format) : std::string_view("none");
  };
  EXPECT_EQ(sniff(vpdq_), "vpdq");
  EXPECT_EQ(sniff("\n\n0," + hex_of('b') + ",100\n"), "vpdq");
  EXPECT_EQ(sniff("[\"" + hex_of('b') + ",100,0.00\", \"" + hex_of('c')), "vpdq");
  EXPECT_EQ(sniff(tmk_), "tmk");
  EXPECT_EQ(sniff(hex_of('b') + "\n"), "hex");
  EXPECT_EQ(sniff("pdq," + hex_of('b') + "\n"), "csv");
  EXPECT_EQ(sniff("[\"text\"]"), "none");
  EXPECT_EQ(sniff("[\"" + hex_of('b')), "none");
}

TEST_F(VideoFilesTest, AFileIsOfOneVideo) {
  EXPECT_THAT(refused_export(ListFormat::kVpdq).what, HasSubstr("no vpdq signals"));
  add(draft_of("1", {vpdq_of(video_of({frame_of(0, 1)})), pdq_signal('a')}, {"label"}));
  ExportReport report;
  export_text(*store, "b", ListFormat::kVpdq, &report);
  EXPECT_EQ(report.skipped, 1U);
  EXPECT_EQ(report.lost_labels, 1U);
  add(draft_of("2", {vpdq_of(video_of({frame_of(0, 2)}))}));
  const Error several = refused_export(ListFormat::kVpdq);
  EXPECT_EQ(several.code, Errc::kBadArgument);
  EXPECT_THAT(several.what, HasSubstr("jsonl"));
  EXPECT_EQ(refused_export(ListFormat::kTmk).code, Errc::kBadArgument);
  tombstone("1");
  EXPECT_FALSE(export_text(*store, "b", ListFormat::kVpdq).empty());
}

TEST_F(VideoFilesTest, JsonLinesKeepVideosWhole) {
  add(draft_of("1",
               {vpdq_of(video_of({frame_of(0, 1), frame_of(50, 2, 30)})), tmk_signal_of(2),
                pdq_signal('a', 90)},
               {"label"}));
  add(draft_of("2", {tmk_signal_of(3)}));
  tombstone("2");
  ExportReport report;
  const std::string lines = export_text(*store, "b", ListFormat::kJsonLines, &report);
  EXPECT_EQ(report.signals, 3U);
  EXPECT_EQ(report.skipped, 0U);
  const std::int64_t other = create("other");
  const Imported imported = import_text(*store, "other", lines, ListFormat::kJsonLines);
  EXPECT_EQ(imported.report.bad, 0U) << (imported.bad.empty() ? "" : imported.bad[0].why);
  const auto was = entries_of(*store, bank);
  const auto is = entries_of(*store, other);
  ASSERT_EQ(is.size(), 2U);
  EXPECT_EQ(is[0].item.signals, was[0].item.signals);
  EXPECT_EQ(is[1].item.signals, was[1].item.signals);
  EXPECT_TRUE(is[1].withdrawn_at);
}

TEST_F(VideoFilesTest, BadVideosInJsonLinesAreBadRows) {
  const auto line = [](const std::string& value) {
    return R"({"source_id":"1","signals":[{"kind":"vpdq","value":")" + value + "\"}]}\n";
  };
  const Imported imported = import_text(
      *store, "b", line("") + line("abc") + line("zz") + line("00112233") + line(hex_of('0', 100)),
      ListFormat::kJsonLines);
  EXPECT_EQ(imported.report.bad, 5U);
}

// What a line may not have is left out and counted, and never written as a line nobody can read.
TEST_F(VideoFilesTest, AVideoThatNoLineCanHoldIsLeftOut) {
  VideoSignal huge = video_of({});
  for (std::uint32_t i = 0; i < 700'000; ++i) huge.frames.push_back(frame_of(i, 7));
  add(draft_of("1", {vpdq_of(huge)}));
  add(draft_of("2", {vpdq_of(huge), pdq_signal('a')}));
  ExportReport report;
  const std::string lines = export_text(*store, "b", ListFormat::kJsonLines, &report);
  EXPECT_EQ(report.entries, 1U);
  EXPECT_EQ(report.signals, 1U);
  EXPECT_EQ(report.skipped, 2U);
  EXPECT_LT(lines.size(), 1'000U);
}

TEST_F(VideoFilesTest, PlainListsAndExchangesLeaveVideosOut) {
  add(draft_of("1", {vpdq_of(video_of({frame_of(0, 1)})), pdq_signal('a')}));
  add(draft_of("2", {tmk_signal_of(2)}));
  for (const ListFormat format :
       {ListFormat::kCsv, ListFormat::kHex, ListFormat::kThreatExchange, ListFormat::kTcap}) {
    ExportReport report;
    const std::string text = export_text(*store, "b", format, &report);
    EXPECT_EQ(report.skipped, 2U) << name(format);
    EXPECT_EQ(report.signals, 1U) << name(format);
    EXPECT_LT(text.size(), 2'000U) << name(format);
  }
  // A row that claims to be one is a bad row.
  EXPECT_EQ(import_text(*store, "b", "tmk," + hex_of('0', 64) + "\nvpdq,00\n", ListFormat::kCsv)
                .report.bad,
            2U);
}

}  // namespace
}  // namespace semblance::bank
