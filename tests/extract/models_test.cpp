// SPDX-License-Identifier: Apache-2.0
// Embedding models, in this process and in caged workers that share them.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/temporary_folder.h"
#include "datasets/scene.h"
#include "extract/media.h"
#include "semblance/extract.h"

namespace semblance::extract {
namespace {

using test::expect_same;
using test::extract_all;

std::string scene(std::uint64_t number) {
  const auto drawn = datasets::draw_scene(6, number, 400, 300);
  return test::to_jpeg({drawn.width, drawn.height, drawn.rgb});
}

Plan with(std::vector<std::string> embedders) {
  Plan plan;
  plan.embedders = std::move(embedders);
  return plan;
}

class ModelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(model("tiny"))) {
      GTEST_SKIP() << "python3-onnx was not there when this was built: no models";
    }
  }
  static std::string model(const std::string& name) {
    return std::string(SEMBLANCE_TEST_MODELS) + '/' + name + ".json";
  }
  static Result<std::unique_ptr<Extractor>> start(std::vector<std::string> models) {
    WorkerOptions options{test::extract_program(), 2};
    options.models = std::move(models);
    return make_worker_extractor(options);
  }
};

TEST_F(ModelsTest, WorkersEmbedAsThisProcessDoes) {
  const std::vector<std::string> models = {model("tiny"), model("single")};
  auto here = make_in_process_extractor(models);
  ASSERT_TRUE(here) << here.error().what;
  auto pool = start(models);
  ASSERT_TRUE(pool) << pool.error().what;
  EXPECT_EQ((*pool)->embedders(), (*here)->embedders());
  EXPECT_EQ((*pool)->decoders(), (*here)->decoders());
  for (std::uint64_t number = 0; number < 6; ++number) {
    const auto plan = with({"single", "gist", "tiny"});
    const auto found = extract_all(**pool, scene(number), plan);
    EXPECT_EQ(found.ending, Ending{}) << found.ending.detail;
    ASSERT_EQ(found.embeddings.size(), 3U);
    EXPECT_EQ(found.embeddings[0].id, (*here)->embedders().at(2));
    EXPECT_EQ(found.embeddings[1].id, (*here)->embedders().at(0));
    expect_same(found, extract_all(**here, scene(number), plan), std::to_string(number));
  }
}

TEST_F(ModelsTest, EachIsNamedWithItsDigestsAmongWhatResultsDependOn) {
  auto here = make_in_process_extractor({model("tiny")});
  ASSERT_TRUE(here) << here.error().what;
  const auto embedders = (*here)->embedders();
  ASSERT_EQ(embedders.size(), 2U);
  EXPECT_EQ(embedders[0].model, "gist");
  EXPECT_EQ(embedders[1].model, "tiny");
  EXPECT_EQ(embedders[1].dimension, 16U);
  EXPECT_EQ((*here)->decoders(), make_in_process_extractor()->decoders() + "embedding:tiny " +
                                     embedders[1].version + "\n");
}

TEST_F(ModelsTest, APathMayBeRelativeAndTheProgramMayHaveToBeRunAgain) {
  auto pool = start({std::filesystem::relative(model("tiny")).string()});
  ASSERT_TRUE(pool) << pool.error().what;
  const auto plan = with({"tiny"});
  const auto before = extract_all(**pool, scene(1), plan);
  ASSERT_EQ(before.embeddings.size(), 1U) << before.ending.detail;
  const auto programs = test::children_of(::getpid());
  ASSERT_EQ(programs.size(), 1U);
  ASSERT_GT(programs[0], 1);
  ASSERT_EQ(::kill(programs[0], SIGKILL), 0);
  ASSERT_TRUE(test::eventually([&] { return test::state_of(programs[0]) == 0; }));
  expect_same(extract_all(**pool, scene(1), plan), before, "again");
}

TEST_F(ModelsTest, ManyItemsLeaveAWorkerWhatItHad) {
  auto pool = start({model("wide")});
  ASSERT_TRUE(pool) << pool.error().what;
  const auto workers = test::children_of(test::children_of(::getpid()).at(0));
  for (std::uint64_t number = 0; number < 12; ++number) {
    ASSERT_EQ(extract_all(**pool, scene(number), with({"wide"})).embeddings.size(), 1U);
  }
  EXPECT_EQ(test::children_of(test::children_of(::getpid()).at(0)), workers);
}

TEST_F(ModelsTest, TwoOfOneNameAreRefused) {
  auto here = make_in_process_extractor({model("tiny"), model("tiny")});
  ASSERT_FALSE(here);
  EXPECT_EQ(here.error().code, Errc::kBadArgument);
  auto pool = start({model("tiny"), model("tiny")});
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, Errc::kWorker);
  EXPECT_NE(pool.error().what.find("there is one of the name tiny"), std::string::npos)
      << pool.error().what;
}

TEST_F(ModelsTest, OneWhoseWeightsAreOthersIsRefused) {
  const TemporaryFolder folder;
  std::filesystem::copy_file(model("tiny"), folder / "tiny.json");
  std::filesystem::copy_file(std::filesystem::path(model("tiny")).replace_extension(".onnx"),
                             folder / "tiny.onnx");
  std::ofstream(folder / "tiny.onnx", std::ios::app) << 'x';
  const std::string path = folder / "tiny.json";
  auto here = make_in_process_extractor({path});
  ASSERT_FALSE(here);
  EXPECT_EQ(here.error().code, Errc::kMismatch) << here.error().what;
  auto pool = start({path});
  ASSERT_FALSE(pool);
  EXPECT_NE(pool.error().what.find("tiny"), std::string::npos) << pool.error().what;
}

}  // namespace
}  // namespace semblance::extract
