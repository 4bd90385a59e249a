// SPDX-License-Identifier: Apache-2.0
#include "scan/picture_fields.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "scan/policy_json.h"
#include "scan/record.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr Probe kPanel{ProbeKind::kPanel, {1'234, 0, 5'000, 10'000}};

Extraction picture() {
  Extraction extraction;
  extraction.facts.kind = MediaKind::kImage;
  PdqSignal whole;
  whole.quality = 90;
  PdqSignal part = whole;
  part.orders = 3;
  extraction.pdq = {whole};
  extraction.probes = {{{ProbeKind::kTrimmed, {1, 2, 3, 4}}, whole}, {kPanel, part}};
  FeatureSet set;
  set.features.resize(7);
  extraction.features = {set, set};
  extraction.features[1].mirrored = true;
  extraction.embeddings = {{{"gist", "gist-1", 2}, {0.6f, 0.8f}}};
  return extraction;
}

TEST(PictureFields, OfAScannedPictureOnlyThePartsThatMatchedAreTold) {
  const Extraction extraction = picture();
  MatchResult found;
  Match match;
  match.query_probe = kPanel;
  found.matches = {match};
  const Json json =
      Json::parse(scan_record({0, "a", 0}, extraction, judge(extraction, found), found));
  ASSERT_EQ(json["signals"].size(), 2u);
  EXPECT_FALSE(json["signals"][0].contains("part"));
  EXPECT_EQ(json["signals"][1]["part"].dump(), R"({"kind":"panel","window":[0.1234,0.0,0.5,1.0]})");
  EXPECT_EQ(json["signals"][1]["version"], "probe-1/pdq-fast-1/dct6");
  EXPECT_EQ(json["matches"][0]["query_part"], json["signals"][1]["part"]);
  EXPECT_FALSE(json["matches"][0].contains("entry_part"));

  const Json clean = Json::parse(scan_record({0, "a", 0}, extraction, judge(extraction, {}), {}));
  EXPECT_EQ(clean["signals"].size(), 1u);
}

TEST(PictureFields, OfAHashedPictureAllIsTold) {
  const Json json = Json::parse(hash_record({0, "a", 0}, picture(), 50));
  ASSERT_EQ(json["signals"].size(), 6u);
  EXPECT_EQ(json["signals"][3].dump(), R"({"kind":"orb","features":7,"version":"orb-1"})");
  EXPECT_EQ(json["signals"][4]["mirrored"], true);
  EXPECT_EQ(json["signals"][5].dump(),
            R"({"kind":"embedding:gist","dimension":2,"version":"gist-1",)"
            R"("value_b64":"mpkZP83MTD8="})");
}

TEST(PictureFields, NearnessIsInTheKindsOwnFigures) {
  Match match;
  match.distance = 8;
  match.max_distance = 31;
  Json json;
  set_nearness(json, match);
  EXPECT_EQ(json.dump(), R"({"distance":8,"max_distance":31,"transform":"none"})");

  match.kind = SignalKind::kEmbedding;
  match.cosine = 0.712345f;
  match.least_cosine = 0.62f;
  json = Json::object();
  set_nearness(json, match);
  EXPECT_EQ(json.dump(), R"({"cosine":0.7123,"least_cosine":0.62,"transform":"none"})");

  match = {};
  match.kind = SignalKind::kOrb;
  json = Json::object();
  set_nearness(json, match);
  EXPECT_TRUE(json.empty());
}

TEST(PictureFields, GeometryIsCornersInPartsOfTheSides) {
  Match match;
  match.entry_probe = kPanel;
  match.geometry.emplace();
  match.geometry->query_quad = {{{-0.00001f, 0}, {1, 0}, {1.23456f, 1}, {0, 1}}};
  match.geometry->inliers = 40;
  match.geometry->compared = 61;
  Json json;
  set_picture_fields(json, match);
  EXPECT_EQ(json["geometry"].dump(),
            R"({"query_quad":[[0.0,0.0],[1.0,0.0],[1.2346,1.0],[0.0,1.0]],)"
            R"("entry_quad":[[0.0,0.0],[0.0,0.0],[0.0,0.0],[0.0,0.0]],)"
            R"("inliers":40,"compared":61,"mirrored":false})");
  EXPECT_EQ(json["entry_part"]["kind"], "panel");
  EXPECT_FALSE(json.contains("query_part"));
}

TEST(PictureFields, APolicyIsToldWhole) {
  BankPolicy policy;
  policy.purpose = "test";
  policy.probes = {{ProbeKind::kPanel, 20}};
  policy.features = true;
  policy.embeddings = {{"gist", 0.62f}};
  EXPECT_EQ(policy_json(policy).dump(),
            R"({"purpose":"test","quality_floor":50,"max_distance":{"pdq":31},)"
            R"("probes":{"panel":20},"entry_windows":false,"features":true,)"
            R"("embeddings":{"gist":0.62}})");
}

}  // namespace
}  // namespace semblance::scanner
