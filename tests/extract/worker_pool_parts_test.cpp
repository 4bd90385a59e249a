// SPDX-License-Identifier: Apache-2.0
// Parts, features and embeddings of pictures, from workers.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "datasets/composition.h"
#include "datasets/scene.h"
#include "extract/films.h"
#include "extract/media.h"
#include "extract/worker_pool.h"

namespace semblance::extract {
namespace {

using test::expect_same;
using test::extract_all;

std::string scene(std::uint64_t number, std::uint32_t width, std::uint32_t height, bool jpeg) {
  const auto drawn = datasets::bordered(datasets::draw_scene(5, number, width, height),
                                        {0.05, 0.1, 0.05, 0.1}, {0, 0, 0});
  const test::Picture picture{drawn.width, drawn.height, drawn.rgb};
  return jpeg ? test::to_jpeg(picture) : test::to_png(picture);
}

std::map<std::string, std::string> assorted_items() {
  test::Film film;
  film.seconds = 0.4;
  film.coding.container = film.coding.codec = "gif";
  const std::string jpeg = scene(1, 1300, 900, true);
  return {{"jpeg", jpeg},
          {"cut jpeg", jpeg.substr(0, jpeg.size() / 2)},
          {"png", scene(2, 500, 400, false)},
          {"animation", test::film_of(film)},
          {"a pixel", test::to_png(test::make_picture(1, 1, 3))},
          {"flat", test::to_png({64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 7)})},
          {"text", "no media at all"}};
}

std::vector<Plan> assorted_plans() {
  Plan most;
  most.probes = {ProbeKind::kTrimmed, ProbeKind::kPanel, ProbeKind::kWindow};
  most.features = kMaxFeatures;
  most.mirrored_features = true;
  most.embedders = {"gist"};
  most.thumbnail_side = kMaxThumbnailSide;
  Plan fast;
  fast.precision = Precision::kAuto;
  fast.probes = {ProbeKind::kTrimmed, ProbeKind::kPanel};
  Plan entry;
  entry.pdq_profiles = {PdqProfile::kFull, PdqProfile::kCli512};
  entry.entry_windows = true;
  entry.features = kEntryFeatures;
  entry.thumbnail_side = 12;
  Plan unhashed = most;
  unhashed.pdq_profiles.clear();
  return {most, fast, entry, unhashed};
}

TEST(WorkerPoolParts, WorkersFindWhatIsFoundInThisProcess) {
  const auto here = make_in_process_extractor();
  auto pool = make_worker_extractor({test::extract_program(), 1});
  ASSERT_TRUE(pool) << pool.error().what;
  EXPECT_EQ((*pool)->embedders(), here->embedders());
  EXPECT_EQ((*pool)->decoders(), here->decoders());
  std::size_t features = 0;
  for (const Plan& plan : assorted_plans()) {
    for (const auto& [what, bytes] : assorted_items()) {
      const auto expected = extract_all(*here, bytes, plan);
      expect_same(extract_all(**pool, bytes, plan), expected, what);
      for (const FeatureSet& set : expected.features) {
        features = std::max(features, set.features.size());
      }
    }
  }
  EXPECT_GT(features, 24'576U / 40) << "no set needs more than one message";
}

TEST(WorkerPoolParts, WhatNoWorkerKnowsIsNotAskedOfOne) {
  auto pool = make_worker_extractor({test::extract_program(), 1});
  ASSERT_TRUE(pool) << pool.error().what;
  Plan plan;
  plan.embedders = {"sscd"};
  const auto found = extract_all(**pool, scene(3, 64, 64, false), plan);
  EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
  EXPECT_EQ(found.ending.detail, "extract: embedding model sscd: it is not loaded; there is gist");
}

TEST(WorkerPoolParts, DecodersNameWhatFeaturesAreMadeWith) {
  EXPECT_NE(make_in_process_extractor()->decoders().find("\nopencv "), std::string::npos);
}

TEST(WorkerPoolParts, AModelThatCannotBeLoadedIsNamed) {
  WorkerOptions options{test::extract_program(), 1};
  options.models = {"/nonexistent/model.json"};
  auto pool = make_worker_extractor(options);
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, Errc::kWorker);
  EXPECT_NE(pool.error().what.find("/nonexistent/model.json"), std::string::npos)
      << pool.error().what;
  options.models.assign(kMaxEmbedders, options.models[0]);
  pool = make_worker_extractor(options);
  ASSERT_FALSE(pool);
  EXPECT_NE(pool.error().what.find("more than 7"), std::string::npos) << pool.error().what;

  auto here = make_in_process_extractor({"/nonexistent/model.json"});
  ASSERT_FALSE(here);
  EXPECT_EQ(here.error().code, Errc::kNotFound) << here.error().what;
}

}  // namespace
}  // namespace semblance::extract
