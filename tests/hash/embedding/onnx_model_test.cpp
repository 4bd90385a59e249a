// SPDX-License-Identifier: Apache-2.0
// Models that make_models.py wrote, through OpenCV: against numpy, and damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/digest.h"
#include "core/files.h"
#include "core/temporary_folder.h"
#include "hash/embedding/embedder.h"
#include "hash/embedding/rasters.h"

namespace semblance::hash {
namespace {

using Json = nlohmann::json;
using Vectors = std::vector<std::vector<float>>;

// What is promised of a value: against the model run elsewhere, and in batches.
constexpr float kTolerance = 1e-4F;
constexpr std::uint32_t kSide = 32;
constexpr std::size_t kPictures = 5;

// As picture() of make_models.py.
Raster picture(std::size_t n) {
  Raster raster{kSide, kSide, 3, {}};
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        raster.samples.push_back(
            static_cast<std::uint8_t>(x * (n + 3) * 5 + y * (2 * n + 7) + c * 61 + x * y * n));
      }
    }
  }
  return raster;
}

std::vector<Raster> pictures(std::size_t count) {
  std::vector<Raster> all;
  for (std::size_t n = 0; n < count; ++n) all.push_back(picture(n));
  return all;
}

void expect_near(const std::vector<float>& a, const std::vector<float>& b, const char* what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(a[i], b[i], kTolerance) << what << ' ' << i;
}

class OnnxModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(models() / "expected.txt")) {
      GTEST_SKIP() << "python3-onnx was not there when this was built: no models";
    }
  }

  static std::filesystem::path models() { return SEMBLANCE_TEST_MODELS; }
  static std::string path(const std::string& file) { return (models() / file).string(); }

  static std::unique_ptr<Embedder> open(const std::string& description) {
    auto opened = open_model(description);
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().what);
    return opened ? *std::move(opened) : nullptr;
  }
  static Vectors embed(Embedder& model, const std::vector<Raster>& all) {
    auto made = model.embed(all);
    EXPECT_TRUE(made) << (made ? "" : made.error().what);
    return made ? *std::move(made) : Vectors(all.size());
  }

  static Vectors expected() {
    std::ifstream in(path("expected.txt"));
    Vectors all;
    for (std::string line; std::getline(in, line);) {
      std::istringstream values(line);
      auto& vector = all.emplace_back();
      for (float value = 0; values >> value;) vector.push_back(value);
    }
    return all;
  }

  // The description of a model beside a copy of it, with some fields changed.
  std::string changed(const std::string& kind, const Json& fields) {
    const auto weights = read_file(path(kind + ".onnx"), 1U << 20);
    const auto text = read_file(path(kind + ".json"), 1U << 20);
    EXPECT_TRUE(weights && text);
    folder_.write(kind + ".onnx", *weights);
    Json description = Json::parse(*text);
    description.update(fields);
    return folder_.write("changed.json", description.dump());
  }

  // A description of other bytes, with their true digest.
  std::string of_weights(const std::string& bytes) {
    const std::string description = changed("tiny", {{"sha256", sha256_hex(bytes)}});
    folder_.write("tiny.onnx", bytes);
    return description;
  }

  void expect_refused(const std::string& description, Errc code, const std::string& words) {
    const auto opened = open_model(description);
    ASSERT_FALSE(opened) << words;
    EXPECT_EQ(opened.error().code, code) << opened.error().what;
    EXPECT_NE(opened.error().what.find(words), std::string::npos) << opened.error().what;
    EXPECT_EQ(opened.error().what.find('\n'), std::string::npos) << opened.error().what;
  }

  TemporaryFolder folder_;
};

TEST_F(OnnxModelTest, GivesWhatTheReferenceGives) {
  const auto model = open(path("tiny.json"));
  ASSERT_TRUE(model);
  EXPECT_EQ(model->id().model, "tiny");
  EXPECT_EQ(model->id().dimension, 16U);
  EXPECT_TRUE(model->id().version.starts_with("sha256:")) << model->id().version;
  const Vectors wanted = expected();
  ASSERT_EQ(wanted.size(), kPictures);
  const Vectors made = embed(*model, pictures(kPictures));
  for (std::size_t n = 0; n < kPictures; ++n) expect_near(made[n], wanted[n], "tiny");
}

TEST_F(OnnxModelTest, ABatchGivesWhatEachPictureGives) {
  constexpr std::size_t kMany = 37;  // more than go through together, and a rest
  for (const char* kind : {"tiny", "single", "unit", "wide"}) {
    const auto model = open(path(std::string(kind) + ".json"));
    ASSERT_TRUE(model) << kind;
    const std::vector<Raster> all = pictures(kMany);
    const Vectors together = embed(*model, all);
    ASSERT_EQ(together.size(), kMany);
    for (std::size_t n = 0; n < kMany; ++n) {
      expect_near(together[n], embed(*model, {all[n]}).front(), kind);
      EXPECT_NEAR(cosine(together[n], together[n]), 1, 1e-5) << kind;
    }
  }
}

// What differs between the models of one linear layer is how they take and give, not the values.
TEST_F(OnnxModelTest, ModelsForOnePictureAndThatNormaliseAgree) {
  const Vectors wanted = expected();
  for (const char* kind : {"single", "unit"}) {
    const auto model = open(path(std::string(kind) + ".json"));
    ASSERT_TRUE(model) << kind;
    const Vectors made = embed(*model, pictures(kPictures));
    for (std::size_t n = 0; n < kPictures; ++n) expect_near(made[n], wanted[n], kind);
  }
}

TEST_F(OnnxModelTest, TwoRunsAndTwoThreadsGiveTheSameBits) {
  const auto model = open(path("tiny.json"));
  ASSERT_TRUE(model);
  const Vectors first = embed(*model, pictures(kPictures));
  EXPECT_EQ(embed(*model, pictures(kPictures)), first);
  std::vector<Vectors> elsewhere(2);
  std::vector<std::thread> threads;
  for (Vectors& made : elsewhere) {
    threads.emplace_back([&made] {
      const auto own = open(path("tiny.json"));
      if (own) made = embed(*own, pictures(kPictures));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Vectors& made : elsewhere) EXPECT_EQ(made, first);
}

TEST_F(OnnxModelTest, PicturesWithoutStructureHaveNone) {
  const auto model = open(path("tiny.json"));
  ASSERT_TRUE(model);
  const Raster plain = rasters::plain(50, 40, 9, 200, 30);
  const Vectors made = embed(*model, {plain, picture(1), plain, picture(2)});
  EXPECT_TRUE(made[0].empty());
  EXPECT_TRUE(made[2].empty());
  expect_near(made[1], expected()[1], "between plain ones");
  expect_near(made[3], expected()[2], "after plain ones");
  EXPECT_TRUE(embed(*model, {}).empty());
}

TEST_F(OnnxModelTest, ChannelsAreGivenInTheirOrder) {
  // Filters see planes in another order, and the pictures' channels are exchanged: the same values.
  const Json mean = {0.406, 0.456, 0.485};
  const Json std = {0.225, 0.224, 0.229};
  const auto model = open(changed("tiny", {{"channels", "bgr"}, {"mean", mean}, {"std", std}}));
  const auto plain = open(changed("tiny", {{"mean", mean}, {"std", std}}));
  ASSERT_TRUE(model && plain);
  EXPECT_NE(model->id().version, plain->id().version);  // not comparable
  Raster exchanged = picture(3);
  for (std::size_t i = 0; i < exchanged.samples.size(); i += 3) {
    std::swap(exchanged.samples[i], exchanged.samples[i + 2]);
  }
  EXPECT_EQ(embed(*model, {exchanged}), embed(*plain, {picture(3)}));
}

TEST_F(OnnxModelTest, GrayPicturesGoToModelsOfThreeChannels) {
  const auto model = open(path("tiny.json"));
  ASSERT_TRUE(model);
  Raster gray{kSide, kSide, 1, {}};
  Raster colour{kSide, kSide, 3, {}};
  for (std::size_t i = 0; i < std::size_t{kSide} * kSide; ++i) {
    const auto sample = static_cast<std::uint8_t>(i * 13 + i / kSide);
    gray.samples.push_back(sample);
    colour.samples.insert(colour.samples.end(), 3, sample);
  }
  EXPECT_EQ(embed(*model, {gray}), embed(*model, {colour}));
}

TEST_F(OnnxModelTest, OtherWeightsAreRefused) {
  const auto weights = read_file(path("tiny.onnx"), 1U << 20);
  ASSERT_TRUE(weights);
  const std::string description = changed("tiny", Json::object());
  EXPECT_TRUE(open_model(description));
  std::string flipped = *weights;
  flipped[flipped.size() / 2] ^= 1;
  for (const std::string& other :
       {flipped, weights->substr(0, weights->size() - 1), *weights + 'x', std::string()}) {
    folder_.write("tiny.onnx", other);
    expect_refused(description, Errc::kMismatch, "SHA-256");
  }
  std::filesystem::remove(folder_ / "tiny.onnx");
  expect_refused(description, Errc::kNotFound, "tiny.onnx");
  expect_refused(folder_ / "none.json", Errc::kNotFound, "none.json");
}

// Described by their true digests: what dnn then says is an error of ours, on one line.
TEST_F(OnnxModelTest, DamagedModelsAreErrors) {
  const auto weights = read_file(path("tiny.onnx"), 1U << 20);
  ASSERT_TRUE(weights);
  expect_refused(of_weights(""), Errc::kUnsupported, "tiny.onnx");
  expect_refused(of_weights("not a model"), Errc::kUnsupported, "tiny.onnx");
  for (std::size_t size = 1; size < weights->size(); size += 97) {
    expect_refused(of_weights(weights->substr(0, size)), Errc::kUnsupported, "tiny.onnx");
  }
}

TEST_F(OnnxModelTest, ModelsThatAreNotAsDescribed) {
  expect_refused(changed("tiny", {{"output", "nosuch"}}), Errc::kBadFormat, "\"output\"");
  expect_refused(changed("tiny", {{"output", "nosuch"}}), Errc::kBadFormat, "\"embedding\"");
  expect_refused(changed("tiny", {{"dimensions", 17}}), Errc::kBadFormat, "\"dimensions\"");
  expect_refused(changed("tiny", {{"normalisation", "model"}}), Errc::kBadFormat,
                 "\"normalisation\"");
  expect_refused(changed("tiny", {{"channels", "gray"}, {"mean", {0.5}}, {"std", {0.5}}}),
                 Errc::kUnsupported, "tiny.onnx");
  expect_refused(changed("wide", {{"width", 40}}), Errc::kUnsupported, "wide.onnx");
  expect_refused(changed("nan", Json::object()), Errc::kUnsupported, "finite");
}

TEST_F(OnnxModelTest, WeightsMayNotLieElsewhere) {
  const std::string description = changed("tiny", {{"weights", "link.onnx"}});
  std::filesystem::create_symlink(path("tiny.onnx"), folder_ / "link.onnx");
  expect_refused(description, Errc::kBadFormat, "\"weights\"");
  std::filesystem::remove(folder_ / "link.onnx");
  std::filesystem::create_directory(folder_ / "link.onnx");
  expect_refused(description, Errc::kBadFormat, "\"weights\"");
  expect_refused(changed("tiny", {{"weights", path("tiny.onnx")}}), Errc::kBadFormat,
                 "\"weights\"");
}

TEST_F(OnnxModelTest, WhatIsNoPictureIsRefused) {
  const auto model = open(path("tiny.json"));
  ASSERT_TRUE(model);
  const auto made = model->embed(std::vector<Raster>{picture(0), Raster{8, 8, 3, {}}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kBadArgument);
}

}  // namespace
}  // namespace semblance::hash
