// SPDX-License-Identifier: Apache-2.0
#include "scan/video_fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

FrameSignal frame_at(std::uint32_t number, std::uint32_t start_ms, std::uint32_t end_ms) {
  FrameSignal frame;
  frame.at = {number, start_ms, end_ms, 0, FrameForm::kWhole, 77};
  for (Hash256& hash : frame.hashes) hash.bytes.fill(0x12);
  frame.hashes[0].bytes.fill(0xab);
  return frame;
}

Extraction video() {
  Extraction extraction;
  extraction.facts.kind = MediaKind::kVideo;
  extraction.facts.format = "mp4";
  extraction.facts.decoder = "libavcodec 59.37.100";
  extraction.facts.codec = "h264";
  extraction.facts.duration_ms = 61'500;
  extraction.facts.frame_rate_num = 30'000;
  extraction.facts.frame_rate_den = 1'001;
  extraction.facts.video_streams = 1;
  extraction.frames = {frame_at(0, 0, 1'250), frame_at(31, 1'333, 1'333)};
  return extraction;
}

TEST(VideoFields, FactsAreInSecondsAndLeftOutWhereTheyAreNotKnown) {
  Json json = Json::object();
  set_video_facts(json, video());
  EXPECT_EQ(json.dump(), R"({"duration":61.5,"frame_rate":29.97,"codec":"h264"})");
  json = Json::object();
  set_video_facts(json, Extraction{});
  EXPECT_EQ(json.dump(), "{}");
}

TEST(VideoFields, RotationAndStreamsAreToldWhereTheyAreUnusual) {
  Extraction extraction;
  extraction.facts.rotation = 90;
  extraction.facts.video_streams = 2;
  Json json = Json::object();
  set_video_facts(json, extraction);
  EXPECT_EQ(json.dump(), R"({"rotation":90,"video_streams":2})");
}

TEST(VideoFields, HowFarAVideoWasDecodedIsToldWhereThatIsNotAll) {
  Extraction extraction;
  extraction.ending = {Reason::kTruncated, true, "decode mp4: ends early", 12'345};
  Json json = Json::object();
  set_video_facts(json, extraction);
  EXPECT_EQ(json.dump(), R"({"decoded_to":12.345})");
  extraction.ending = {Reason::kNone, false, "", 12'345};
  json = Json::object();
  set_video_facts(json, extraction);
  EXPECT_EQ(json.dump(), "{}");
}

TEST(VideoFields, FramesSayHowTheyWereSampled) {
  Extraction extraction = video();
  EXPECT_EQ(frames_json(extraction).dump(),
            R"({"kind":"vpdq","frames":2,"sampling":"dense","precision":"exact",)"
            R"("version":"frames-1/pdq-1","decoder":"libavcodec 59.37.100"})");
  extraction.sampling = Sampling::kKeyframes;
  EXPECT_EQ(frames_json(extraction)["precision"], "fast");
  extraction.sampling = Sampling::kVpdq;
  EXPECT_EQ(frames_json(extraction)["precision"], "exact");
  EXPECT_EQ(frames_json(extraction)["version"], "vpdq/pdq-1");
  extraction.facts.kind = MediaKind::kImage;
  EXPECT_FALSE(frames_json(extraction).contains("decoder"));
}

TEST(VideoFields, EachHashHasItsPlace) {
  Extraction extraction = video();
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  EXPECT_EQ(hashes_text(extraction),
            R"([{"number":0,"start":0.0,"end":1.25,"form":"whole","quality":77,"value":")" + hex +
                R"("},{"number":31,"start":1.333,"end":1.333,"form":"whole","quality":77,)"
                R"("value":")" +
                hex + R"("}])");
  extraction.frames.resize(1);
  extraction.frames[0].at.form = FrameForm::kTrimmed;
  extraction.frames[0].at.stream = 1;
  extraction.facts.video_streams = 2;
  extraction.sampling = Sampling::kKeyframes;  // which knows no numbers
  EXPECT_EQ(hashes_text(extraction),
            R"([{"start":0.0,"end":1.25,"stream":1,"form":"trimmed","quality":77,"value":")" + hex +
                R"("}])");
  extraction.frames.clear();
  EXPECT_EQ(hashes_text(extraction), "[]");
}

TEST(VideoFields, TmkIsNamedAndItsValueLeftOut) {
  TmkSignal signal;
  signal.frames = 300;
  EXPECT_EQ(tmk_json(signal).dump(), R"({"kind":"tmk","frames":300,"version":"tmk-1"})");
}

TEST(VideoFields, AMatchOfVideosSaysWhichPartShowsWhich) {
  Match match;
  match.kind = SignalKind::kVpdq;
  match.query_form = FrameForm::kTrimmed;
  match.query_interval = {12'000, 22'125};
  match.entry_interval = {0, 10'125};
  match.alignment = Alignment{1.25, 0.33333, 1, 71, 80, 0.88755, {41.23456, 100}};
  Json json = Json::object();
  set_video_fields(json, match);
  EXPECT_EQ(json.dump(),
            R"({"form":"trimmed","query_interval":[12.0,22.125],"entry_interval":[0.0,10.125],)"
            R"("speed":1.25,"query_covered":0.333,"entry_covered":1.0,"frames":71,"compared":80,)"
            R"("confidence":0.888,"vpdq":{"query":41.23,"entry":100.0}})");
  match = {};
  match.kind = SignalKind::kTmk;
  match.tmk = TmkScores{0.98765F, 0.5F};
  json = Json::object();
  set_video_fields(json, match);
  EXPECT_EQ(json.dump(), R"({"tmk":{"level1":0.9876,"level2":0.5}})");
  json = Json::object();
  set_video_fields(json, Match{});
  EXPECT_EQ(json.dump(), "{}");
}

}  // namespace
}  // namespace semblance::scanner
