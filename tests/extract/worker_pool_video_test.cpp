// SPDX-License-Identifier: Apache-2.0
// Videos in workers: what this process finds of them, and what stays of one whose worker dies.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "extract/films.h"
#include "extract/media.h"
#include "extract/wire.h"
#include "extract/worker_pool.h"
#include "semblance/extract.h"

namespace semblance::extract {
namespace {

using test::children_of;
using test::eventually;
using test::expect_same;
using test::extract_all;
using test::Film;
using test::film_of;

class WorkerPoolVideoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto pool = make_worker_extractor({test::extract_program(), 1});
    ASSERT_TRUE(pool) << pool.error().what;
    pool_ = std::move(*pool);
    program_ = children_of(::getpid()).at(0);
  }

  std::unique_ptr<Extractor> in_process_ = make_in_process_extractor();
  std::unique_ptr<Extractor> pool_;
  pid_t program_ = -1;
};

std::vector<std::pair<std::string, Plan>> plans() {
  std::vector<std::pair<std::string, Plan>> all;
  for (const Sampling sampling : kSamplings) {
    Plan plan;
    plan.frames = {sampling, 0.2, 0, 0};
    all.emplace_back(name(sampling), plan);
  }
  Plan plan;
  plan.frames = {Sampling::kVpdq, 1, 64, 48};
  plan.tmk = true;
  all.emplace_back("small, with TMK", plan);
  plan.pdq_profiles.clear();
  all.emplace_back("TMK alone", plan);
  plan.tmk = false;
  all.emplace_back("nothing", plan);
  return all;
}

TEST_F(WorkerPoolVideoTest, FindsWhatThisProcessFinds) {
  Film film;
  film.coding.silent_audio_first = true;
  film.coding.rotation = 90;
  const std::string whole = film_of(film);
  Film other;
  other.coding.container = "matroska";
  const std::string matroska = film_of(other);
  const std::vector<std::pair<std::string, std::string>> items = {
      {"whole", whole},
      {"cut", whole.substr(0, whole.size() / 2)},
      {"empty stream", test::with_empty_stream_first(matroska)},
      {"covers", test::with_covers(whole, std::vector<std::string>(
                                              9, test::to_jpeg(test::make_picture(99, 77, 1))))},
      {"cut matroska", matroska.substr(0, matroska.size() / 2)},
      {"cover", test::with_cover(whole, test::to_jpeg(test::make_picture(99, 77, 1)))},
      {"sound", test::sound_with_picture("")},
      {"sound and picture",
       test::sound_with_picture(test::to_jpeg(test::make_picture(99, 77, 1)))}};
  for (const auto& [item, bytes] : items) {
    for (const auto& [how, plan] : plans()) {
      expect_same(extract_all(*pool_, bytes, plan), extract_all(*in_process_, bytes, plan),
                  item + ", " + how);
    }
  }
  EXPECT_EQ(children_of(program_).size(), 1U) << "none of them ended a worker";
}

TEST_F(WorkerPoolVideoTest, FindsWhatThisProcessFindsInTheVideosOfTheData) {
  const std::filesystem::path folder = SEMBLANCE_TEST_DATA "/videos";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  Plan plan;
  plan.frames.sampling = Sampling::kKeyframes;
  std::size_t items = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    auto file = open_for_reading(entry.path());
    ASSERT_TRUE(file) << file.error().what;
    const Extraction found = extract_all(*pool_, file->get(), plan);
    EXPECT_NE(found.ending.reason, Reason::kDecoderCrashed)
        << entry.path() << ": " << found.ending.detail;
    expect_same(found, extract_all(*in_process_, file->get(), plan), entry.path().string());
    ++items;
  }
  EXPECT_GT(items, 0U);
}

TEST_F(WorkerPoolVideoTest, AVideoThatIsOutOfTimeKeepsItsFramesAndItsWorker) {
  Film film;
  film.seconds = 30;
  film.coding.codec = "mpeg4";
  film.coding.quality = 10;
  const std::string bytes = film_of(film);
  Limits limits;
  limits.max_video_seconds = 0;
  const Extraction found = extract_all(*pool_, bytes, {}, limits);
  EXPECT_EQ(found.ending.reason, Reason::kTimedOut) << found.ending.detail;
  EXPECT_EQ(children_of(program_).size(), 1U) << "it kept to its time by itself";
  expect_same(extract_all(*pool_, bytes), extract_all(*in_process_, bytes), "in time");
}

}  // namespace
}  // namespace semblance::extract
