// SPDX-License-Identifier: Apache-2.0
#include "scan/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace semblance::scanner {
namespace {

Hash256 pattern_hash() {
  Hash256 hash;
  hash.bytes.fill(0xf8);
  return hash;
}

Extraction picture(int quality = 100) {
  Extraction extraction;
  extraction.bytes = 183'201;
  extraction.digests = {{SignalKind::kMd5, std::vector<std::uint8_t>(16, 0xd5)},
                        {SignalKind::kSha256, std::vector<std::uint8_t>(32, 0x26)}};
  extraction.facts = {MediaKind::kImage, "jpeg", 1600, 1200, 0, false, "libjpeg-turbo 2.1.5"};
  PdqSignal signal{PdqProfile::kFull, quality, {}};
  signal.hashes.fill(pattern_hash());
  extraction.pdq = {signal};
  return extraction;
}

Match demo_match() {
  Match match;
  match.bank = "demo";
  match.entry = 17;
  match.distance = 8;
  match.max_distance = 31;
  match.transform = Transform::kRot90;
  match.profile = PdqProfile::kFull;
  match.labels = {"group:example", "video"};
  match.source = "list.csv";
  return match;
}

std::string hex_of(int byte, int times) {
  std::string hex;
  for (int i = 0; i < times; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

TEST(RecordTest, WritesAMatchedPictureInTheHousesOrder) {
  MatchResult found;
  found.matches = {demo_match()};
  found.matches[0].source_id = "id-1";
  const Extraction extraction = picture();
  EXPECT_EQ(scan_record({0, "photos/a.jpg", 0}, extraction, judge(extraction, found), found),
            R"({"schema":1,"path":"photos/a.jpg","outcome":"matched","kind":"image",)"
            R"("format":"jpeg","bytes":183201,"sha256":")" +
                hex_of(0x26, 32) + R"(","md5":")" + hex_of(0xd5, 16) +
                R"(","width":1600,"height":1200,"signals":[{"kind":"pdq","value":")" +
                hex_of(0xf8, 32) +
                R"(","quality":100,"profile":"full","precision":"exact","version":"pdq-1",)"
                R"("decoder":"libjpeg-turbo 2.1.5"}],"matches":[{"bank":"demo","entry":17,)"
                R"("kind":"pdq","distance":8,"max_distance":31,"transform":"rot90",)"
                R"("profile":"full","labels":["group:example","video"],"source":"list.csv",)"
                R"("source_id":"id-1"}]})");
}

TEST(RecordTest, LeavesOutWhatIsNotKnown) {
  Extraction extraction;
  extraction.ending = {Reason::kOpenFailed, false, "open: Permission denied"};
  EXPECT_EQ(scan_record({0, "b", 0}, extraction, judge(extraction, MatchResult{}), {}),
            R"({"schema":1,"path":"b","outcome":"not_evaluated","reason":"open_failed",)"
            R"("detail":"open: Permission denied"})");
}

TEST(RecordTest, TellsOrientationAnimationAndPartialReading) {
  Extraction extraction = picture();
  extraction.facts.orientation = 6;
  extraction.facts.animated = true;
  extraction.ending = {Reason::kTruncated, true, "decode: premature end"};
  MatchResult found;
  found.matches = {demo_match()};
  const auto json =
      nlohmann::json::parse(scan_record({0, "b", 0}, extraction, judge(extraction, found), found));
  EXPECT_EQ(json["outcome"], "matched");
  EXPECT_EQ(json["reason"], "truncated");
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["orientation"], 6);
  EXPECT_EQ(json["animated"], true);
}

TEST(RecordTest, IsValidJsonWhateverTheBytes) {
  Extraction extraction;
  extraction.ending = {Reason::kDecodeFailed, false, "decode: \xff\xfe \n\t\x01 \"\\ \xC3"};
  const std::string path = "caf\xE9/\n\"x";
  const std::string line = scan_record({0, path, 0}, extraction, judge(extraction, 0), {});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["path"], "caf\uFFFD/\n\"x");
  EXPECT_EQ(json["path_b64"], "Y2Fm6S8KIng=");
  EXPECT_EQ(json["detail"], "decode: \uFFFD\uFFFD \n\t\x01 \"\\ \uFFFD");
}

struct Case {
  const char* what;
  Reason ending;
  bool partial;
  int quality;  // -1: no PDQ signal
  std::uint32_t side;
  bool below_floor;
  bool matched;
  Outcome outcome;
  Reason reason;
};

TEST(RecordTest, JudgesByTheHousesTable) {
  constexpr auto kNone = Reason::kNone;
  constexpr auto kLow = Reason::kLowQuality;
  constexpr auto kMatched = Outcome::kMatched;
  constexpr auto kClean = Outcome::kClean;
  constexpr auto kNot = Outcome::kNotEvaluated;
  const Case cases[] = {
      {"good picture", kNone, false, 100, 64, false, false, kClean, kNone},
      {"good picture, match", kNone, false, 100, 64, false, true, kMatched, kNone},
      {"under a bank's floor", kNone, false, 30, 64, true, false, kNot, kLow},
      {"under a floor, digest match", kNone, false, 30, 64, true, true, kMatched, kNone},
      {"low, and no bank minds", kNone, false, 30, 64, false, false, kClean, kNone},
      {"no structure", kNone, false, 0, 64, false, false, kNot, kLow},
      {"side of 4", kNone, false, 100, 4, false, false, kNot, kLow},
      {"side of 5", kNone, false, 100, 5, false, false, kClean, kNone},
      {"no media", Reason::kNotMedia, false, -1, 0, false, false, kNot, Reason::kNotMedia},
      {"damaged", Reason::kDecodeFailed, false, -1, 0, false, false, kNot, Reason::kDecodeFailed},
      {"damaged, digest match", Reason::kDecodeFailed, false, -1, 0, false, true, kMatched,
       Reason::kDecodeFailed},
      {"part read", Reason::kTruncated, true, 100, 64, false, false, kNot, Reason::kTruncated},
      {"part read, match", Reason::kTruncated, true, 100, 64, false, true, kMatched,
       Reason::kTruncated},
      {"part read, no reason told", kNone, true, 100, 64, false, false, kNot, Reason::kTruncated},
  };
  for (const Case& row : cases) {
    Extraction extraction = picture(row.quality);
    if (row.quality < 0) extraction.pdq.clear();
    extraction.facts.width = row.side;
    extraction.ending = {row.ending, row.partial, ""};
    MatchResult found;
    if (row.below_floor) found.below_floor = {"demo"};
    if (row.matched) found.matches = {demo_match()};
    const Verdict verdict = judge(extraction, found);
    EXPECT_EQ(verdict.outcome, row.outcome) << row.what;
    EXPECT_EQ(verdict.reason, row.reason) << row.what;
    EXPECT_EQ(verdict.partial, row.partial) << row.what;
    Counts counts;
    count(verdict, 5, counts);
    EXPECT_EQ(counts.by_outcome[static_cast<std::size_t>(row.outcome)], 1u) << row.what;
    EXPECT_EQ(incomplete(counts), row.outcome == kNot && row.reason != Reason::kNotMedia)
        << row.what;
  }
}

TEST(RecordTest, NamesTheBanksWhoseFloorAPictureIsUnder) {
  MatchResult found;
  found.below_floor = {"a", "b"};
  EXPECT_EQ(judge(picture(30), found).detail,
            "look up pdq: quality 30 is under the floor of bank a, b");
}

Extraction video(std::vector<int> qualities) {
  Extraction extraction;
  extraction.bytes = 5'000;
  extraction.facts = {MediaKind::kVideo, "mp4", 640, 360, 0, false, "libavcodec 59.37.100"};
  extraction.facts.codec = "h264";
  extraction.facts.duration_ms = 6'000;
  for (const int quality : qualities) {
    FrameSignal frame;
    frame.at.quality = static_cast<std::uint8_t>(quality);
    for (Hash256& hash : frame.hashes) hash = pattern_hash();
    extraction.frames.push_back(frame);
  }
  return extraction;
}

TEST(RecordTest, AVideoIsJudgedByItsBestFrame) {
  const auto reason = [](const Extraction& extraction, int floor) {
    return judge(extraction, floor).reason;
  };
  EXPECT_EQ(reason(video({0, 10, 60}), 50), Reason::kNone);
  EXPECT_EQ(reason(video({10, 49}), 50), Reason::kLowQuality);
  EXPECT_EQ(reason(video({1}), 0), Reason::kNone);
  EXPECT_EQ(reason(video({}), 0), Reason::kLowQuality);
  EXPECT_EQ(judge(video({}), 0).detail, "hash frames: no frame has structure");
  EXPECT_EQ(judge(video({10, 49}), 50).detail,
            "hash frames: the best has quality 49, under the floor of 50");
  Extraction black = video({});
  black.pdq = picture().pdq;
  EXPECT_EQ(reason(black, 0), Reason::kLowQuality) << "its cover does not speak for it";
  Extraction with_tmk = video({});
  with_tmk.tmk.emplace().mean[0] = 1;
  EXPECT_EQ(reason(with_tmk, 50), Reason::kLowQuality) << "black, whatever banks hold";
  EXPECT_EQ(judge(with_tmk, MatchResult{}).outcome, Outcome::kNotEvaluated);
  with_tmk.hashes_asked = false;
  EXPECT_EQ(reason(with_tmk, 50), Reason::kNone) << "asked for its TMK alone";
  with_tmk.tmk->mean[0] = 0;
  EXPECT_EQ(judge(with_tmk, 0).detail, "hash tmk: no frame has structure");
  Extraction moving = picture(0);
  moving.facts.animated = true;
  EXPECT_EQ(reason(moving, 50), Reason::kLowQuality);
  moving.frames = video({80}).frames;
  EXPECT_EQ(reason(moving, 50), Reason::kNone) << "what follows a black first picture";
}

TEST(RecordTest, NamesTheBanksWhoseFloorAVideoIsUnder) {
  MatchResult found;
  found.below_floor = {"a", "b"};
  EXPECT_EQ(judge(video({20, 30}), found).reason, Reason::kLowQuality);
  EXPECT_EQ(judge(video({20, 30}), found).detail,
            "look up frames: best quality 30 is under the floor of bank a, b");
}

TEST(RecordTest, CountsFramesThatWereNotComparedWithAllThatIsNear) {
  const Extraction film = video({60});
  MatchResult found;
  const auto line = [&] { return scan_record({0, "v", 0}, film, judge(film, found), found); };
  EXPECT_EQ(line().find("crowded_frames"), std::string::npos);
  found.crowded_frames = 7;
  EXPECT_EQ(nlohmann::json::parse(line()).at("crowded_frames"), 7);
}

TEST(RecordTest, ARecordOfAVideoCountsItsFramesAndAHashRecordListsThem) {
  const Extraction extraction = video({80});
  MatchResult found;
  Match match = demo_match();
  match.kind = SignalKind::kVpdq;
  match.profile.reset();
  match.query_interval = {0, 6'000};
  match.entry_interval = {1'500, 7'500};
  found.matches = {match};
  const std::string facts =
      R"("kind":"video","format":"mp4","bytes":5000,"width":640,"height":360,)"
      R"("duration":6.0,"codec":"h264",)";
  const std::string frames =
      R"("signals":[{"kind":"vpdq","frames":1,"sampling":"dense","precision":"exact",)"
      R"("version":"frames-1/pdq-1","decoder":"libavcodec 59.37.100")";
  EXPECT_EQ(scan_record({0, "v", 0}, extraction, judge(extraction, found), found),
            R"({"schema":1,"path":"v","outcome":"matched",)" + facts + frames +
                R"(}],"matches":[{"bank":"demo","entry":17,"kind":"vpdq","distance":8,)"
                R"("max_distance":31,"transform":"rot90","query_interval":[0.0,6.0],)"
                R"("entry_interval":[1.5,7.5],"labels":["group:example","video"],)"
                R"("source":"list.csv"}]})");
  EXPECT_EQ(hash_record({0, "v", 0}, extraction, 50),
            R"({"schema":1,"path":"v",)" + facts + frames +
                R"(,"hashes":[{"number":0,"start":0.0,"end":0.0,"form":"whole","quality":80,)"
                R"("value":")" +
                hex_of(0xf8, 32) + R"("}]}]})");
}

TEST(RecordTest, APartOfAVideoIsMatchedOrNotEvaluatedAndSaysHowFarItGot) {
  Extraction extraction = video({80});
  extraction.ending = {Reason::kTruncated, true, "decode mp4: ends early", 2'500};
  const auto json = nlohmann::json::parse(
      scan_record({0, "v", 0}, extraction, judge(extraction, MatchResult{}), {}));
  EXPECT_EQ(json["outcome"], "not_evaluated");
  EXPECT_EQ(json["reason"], "truncated");
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["decoded_to"], 2.5);
  EXPECT_EQ(json["signals"][0]["frames"], 1);
}

TEST(RecordTest, HashRecordHasTheSevenOtherSymmetriesAndAScansHasNot) {
  Extraction extraction = picture();
  for (std::size_t t = 0; t < kTransforms; ++t) {
    extraction.pdq[0].hashes[t].bytes.fill(static_cast<std::uint8_t>(t));
  }
  const std::string line = hash_record({0, "a", 0}, extraction, 50);
  const auto signal = nlohmann::ordered_json::parse(line)["signals"][0];
  EXPECT_EQ(signal["value"], hex_of(0, 32));
  std::string expected;
  for (const char* transform :
       {"rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1"}) {
    const int t = static_cast<int>(std::count(expected.begin(), expected.end(), ':')) + 1;
    expected += (t == 1 ? "{\"" : ",\"") + std::string(transform) + "\":\"" + hex_of(t, 32) + '"';
  }
  EXPECT_EQ(signal["dihedral"].dump(), expected + '}');
  EXPECT_EQ(
      scan_record({0, "a", 0}, extraction, judge(extraction, MatchResult{}), {}).find("dihedral"),
      std::string::npos);
}

TEST(RecordTest, HashRecordHasNoOutcomeUnlessThereIsNoUsableHash) {
  EXPECT_EQ(hash_record({0, "a", 0}, picture(49), 49).find("outcome"), std::string::npos);
  const auto low = nlohmann::json::parse(hash_record({0, "a", 0}, picture(49), 50));
  EXPECT_EQ(low["outcome"], "not_evaluated");
  EXPECT_EQ(low["reason"], "low_quality");
  EXPECT_EQ(low["signals"][0]["quality"], 49);
  EXPECT_EQ(unusable_reason(picture(49), 50), Reason::kLowQuality);
  EXPECT_EQ(unusable_reason(picture(49), 0), Reason::kNone);
  EXPECT_EQ(unusable_reason(picture(0), 0), Reason::kLowQuality);
  Extraction bad;
  bad.ending = {Reason::kNotMedia, false, ""};
  EXPECT_EQ(hash_record({0, "a", 0}, bad, 50),
            R"({"schema":1,"path":"a","outcome":"not_evaluated","reason":"not_media","bytes":0})");
}

}  // namespace
}  // namespace semblance::scanner
