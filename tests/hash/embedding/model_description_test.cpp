// SPDX-License-Identifier: Apache-2.0
#include "hash/embedding/model_description.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace semblance::hash {
namespace {

using Json = nlohmann::json;

Json good() {
  return {{"name", "lab-1"},       {"weights", "lab.onnx"},   {"sha256", std::string(64, 'a')},
          {"width", 288},          {"height", 224},           {"resize", "crop"},
          {"channels", "bgr"},     {"mean", {0.4, 0.5, 0.6}}, {"std", {0.2, 1, 0.3}},
          {"output", "embedding"}, {"dimensions", 512},       {"normalisation", "l2"}};
}

Json with(const char* field, const Json& value) {
  Json object = good();
  object[field] = value;
  return object;
}

void expect_bad(const std::string& text, const std::string& words) {
  const auto parsed = parse_model_description(text, "lab.json");
  ASSERT_FALSE(parsed) << text.substr(0, 200);
  EXPECT_EQ(parsed.error().code, Errc::kBadFormat);
  EXPECT_TRUE(parsed.error().what.starts_with("read lab.json: ")) << parsed.error().what;
  EXPECT_NE(parsed.error().what.find(words), std::string::npos) << parsed.error().what;
  EXPECT_EQ(parsed.error().what.find('\n'), std::string::npos);
}

TEST(ModelDescriptionTest, EveryFieldIsRead) {
  const auto parsed = parse_model_description(good().dump(2), "lab.json");
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(parsed->name, "lab-1");
  EXPECT_EQ(parsed->weights, "lab.onnx");
  EXPECT_EQ(parsed->sha256, std::string(64, 'a'));
  EXPECT_EQ(parsed->width, 288U);
  EXPECT_EQ(parsed->height, 224U);
  EXPECT_EQ(parsed->resize, Fit::kCrop);
  EXPECT_EQ(parsed->channels, ChannelOrder::kBgr);
  EXPECT_EQ(parsed->mean, (std::vector{0.4, 0.5, 0.6}));
  EXPECT_EQ(parsed->std, (std::vector{0.2, 1.0, 0.3}));
  EXPECT_EQ(parsed->output, "embedding");
  EXPECT_EQ(parsed->dimensions, 512U);
  EXPECT_EQ(parsed->normalisation, Normalisation::kL2);
  EXPECT_EQ(parsed->channel_count(), 3U);
}

TEST(ModelDescriptionTest, EveryFieldIsRequiredAndNoOther) {
  const Json all = good();
  for (const auto& item : all.items()) {
    Json object = good();
    object.erase(item.key());
    expect_bad(object.dump(), "\"" + item.key() + "\" is missing");
    expect_bad(with(item.key().c_str(), nullptr).dump(), "\"" + item.key() + "\"");
    expect_bad(with(item.key().c_str(), Json::object()).dump(), "\"" + item.key() + "\"");
  }
  expect_bad(with("scale", 1).dump(), "\"scale\" is unknown");
  std::string twice = good().dump();
  twice.insert(1, "\"width\": 3, ");
  expect_bad(twice, "\"width\" is there twice");
}

TEST(ModelDescriptionTest, ValuesOutOfTheirRange) {
  expect_bad(with("name", "Lab").dump(), "\"name\"");
  expect_bad(with("name", "").dump(), "\"name\"");
  for (const char* weights : {"../lab.onnx", "/etc/passwd", "a/b.onnx", ".", "..", "a\\b", ""}) {
    expect_bad(with("weights", weights).dump(), "\"weights\"");
  }
  expect_bad(with("weights", std::string("a\0b", 3)).dump(), "\"weights\"");
  expect_bad(with("sha256", std::string(63, 'a')).dump(), "\"sha256\"");
  expect_bad(with("sha256", std::string(64, 'A')).dump(), "\"sha256\"");
  for (const Json& side : {Json(0), Json(-1), Json(2'049), Json(1.5), Json("288"), Json(1e300)}) {
    expect_bad(with("width", side).dump(), "\"width\"");
    expect_bad(with("height", side).dump(), "\"height\"");
  }
  expect_bad(with("dimensions", 4'097).dump(), "\"dimensions\"");
  expect_bad(with("resize", "squash").dump(), "stretch, crop, pad");
  expect_bad(with("channels", "rgba").dump(), "rgb, bgr, gray");
  expect_bad(with("normalisation", "none").dump(), "l2, model");
  expect_bad(with("output", std::string(256, 'o')).dump(), "\"output\"");
}

TEST(ModelDescriptionTest, NumbersOfChannels) {
  expect_bad(with("mean", {0.5}).dump(), "\"mean\"");
  expect_bad(with("mean", {0.5, 0.5, "0.5"}).dump(), "\"mean\"");
  expect_bad(with("mean", {0.5, 0.5, 1e7}).dump(), "\"mean\"");
  expect_bad(with("std", {0.2, 0.2, 0}).dump(), "\"std\"");
  expect_bad(with("std", {0.2, 0.2, -1}).dump(), "\"std\"");
  expect_bad(with("std", {0.2, 0.2, 0.2, 0.2}).dump(), "\"std\"");
  expect_bad(with("std", {0.2, 0.2, {0.2}}).dump(), "nested");
  Json gray = with("channels", "gray");
  expect_bad(gray.dump(), "\"mean\"");
  gray["mean"] = {0.5};
  gray["std"] = {0.25};
  const auto parsed = parse_model_description(gray.dump(), "lab.json");
  ASSERT_TRUE(parsed) << parsed.error().what;
  EXPECT_EQ(parsed->channel_count(), 1U);
}

TEST(ModelDescriptionTest, WhatIsNoObject) {
  for (const char* text :
       {"", "{", "[]", "1", "null", "\"a\"", "{}x", "\xff\xfe", "{\"name\":nan}"}) {
    expect_bad(text, "");
  }
  expect_bad(std::string(std::size_t{1} << 20, '['), "");
  std::string deep;
  for (int n = 0; n < 100'000; ++n) deep += "{\"a\":";
  expect_bad(deep, "");
}

TEST(ModelDescriptionTest, CutAndChangedTextsAreReadOrRefused) {
  const std::string text = good().dump();
  for (std::size_t size = 0; size < text.size(); ++size) expect_bad(text.substr(0, size), "");
  std::mt19937 rng(3);
  for (int n = 0; n < 2'000; ++n) {
    std::string changed = text;
    changed[rng() % changed.size()] = static_cast<char>(rng());
    const auto parsed = parse_model_description(changed, "lab.json");
    EXPECT_TRUE(!parsed || !version_of(*parsed).empty());
  }
}

// Two descriptions of one file of weights are comparable only where they prepare pictures alike.
TEST(ModelDescriptionTest, TheVersionTellsOfAllThatChangesValues) {
  const auto version = [](const Json& object) {
    const auto parsed = parse_model_description(object.dump(), "lab.json");
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().what);
    return parsed ? version_of(*parsed) : std::string();
  };
  const std::string before = version(good());
  EXPECT_EQ(before.size(), 7U + 64 + 1 + 16);
  EXPECT_EQ(version(with("name", "other")), before);  // stands in the id for itself
  EXPECT_EQ(version(with("weights", "moved.onnx")), before);
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, Json>>{{"sha256", std::string(64, 'b')},
                                                 {"width", 224},
                                                 {"height", 288},
                                                 {"resize", "stretch"},
                                                 {"channels", "rgb"},
                                                 {"mean", {0.4, 0.5, 0.61}},
                                                 {"std", {0.2, 1, 0.31}},
                                                 {"output", "other"},
                                                 {"dimensions", 256},
                                                 {"normalisation", "model"}}) {
    EXPECT_NE(version(with(field, value)), before) << field;
  }
}

}  // namespace
}  // namespace semblance::hash
