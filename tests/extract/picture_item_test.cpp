// SPDX-License-Identifier: Apache-2.0
// What is found of a picture beside the hash of the whole.
#include "extract/picture_item.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "datasets/composition.h"
#include "datasets/geometry.h"
#include "datasets/scene.h"
#include "extract/films.h"
#include "extract/media.h"
#include "hash/probes/probe_hasher.h"
#include "sanitized.h"

namespace semblance::extract {
namespace {

using test::extract_all;

test::Picture of(const datasets::Picture& picture) {
  return {picture.width, picture.height, picture.rgb};
}

datasets::Picture scene(std::uint64_t number, std::uint32_t width, std::uint32_t height) {
  return datasets::draw_scene(20260711, number, width, height);
}

// The scene within a black frame of a tenth of its sides.
datasets::Picture framed_scene(std::uint32_t width, std::uint32_t height) {
  return datasets::bordered(scene(1, width, height), {0.1, 0.1, 0.1, 0.1}, {0, 0, 0});
}

Plan with_probes(Precision precision = Precision::kExact) {
  Plan plan;
  plan.precision = precision;
  plan.probes = {ProbeKind::kTrimmed, ProbeKind::kPanel};
  return plan;
}

Plan with_all() {
  Plan plan = with_probes();
  plan.probes.push_back(ProbeKind::kWindow);
  plan.features = kQueryFeatures;
  plan.mirrored_features = true;
  plan.embedders = {"gist"};
  return plan;
}

class PictureItemTest : public ::testing::Test {
 protected:
  Extraction find(const datasets::Picture& picture, const Plan& plan) {
    return extract_all(*extractor_, test::to_png(of(picture)), plan);
  }
  const ProbeSignal* first(const Extraction& found, ProbeKind kind) {
    const auto at = std::find_if(found.probes.begin(), found.probes.end(),
                                 [&](const ProbeSignal& one) { return one.probe.kind == kind; });
    return at == found.probes.end() ? nullptr : &*at;
  }

  std::unique_ptr<Extractor> extractor_ = make_in_process_extractor();
};

TEST_F(PictureItemTest, WhatWasNotAskedForIsNotFound) {
  const Extraction found = find(framed_scene(400, 300), {});
  EXPECT_EQ(found.pdq.size(), 1U);
  EXPECT_TRUE(found.probes.empty() && found.features.empty() && found.embeddings.empty());
}

TEST_F(PictureItemTest, WhatBordersEncloseIsHashedAsThePictureWouldBe) {
  const auto original = find(scene(1, 500, 400), {});
  const auto found = find(framed_scene(500, 400), with_probes());
  EXPECT_EQ(found.ending, Ending{});
  EXPECT_GT(hamming_distance(found.pdq.at(0).hash(), original.pdq.at(0).hash()),
            kDefaultMaxDistance);
  const ProbeSignal* trimmed = first(found, ProbeKind::kTrimmed);
  ASSERT_NE(trimmed, nullptr);
  EXPECT_EQ(&found.probes[0], trimmed) << "in order of kind";
  EXPECT_LE(hamming_distance(trimmed->pdq.hash(), original.pdq[0].hash()), kDefaultMaxDistance);
  EXPECT_EQ(trimmed->pdq.precision(), Precision::kExact);
}

TEST_F(PictureItemTest, AKnownPictureHasItsWindowsInPlaceOfProbes) {
  Plan plan = with_probes();
  plan.entry_windows = true;
  const auto found = find(framed_scene(350, 250), plan);
  EXPECT_GE(found.probes.size(), hash::entry_windows().size() + 1);
  EXPECT_LE(found.probes.size(), kMaxProbes);
  EXPECT_EQ(found.probes.at(0).probe.kind, ProbeKind::kTrimmed);
  EXPECT_EQ(first(found, ProbeKind::kPanel), nullptr);
  const ProbeSignal* window = first(found, ProbeKind::kWindow);
  ASSERT_NE(window, nullptr);
  EXPECT_EQ(window->probe.window, hash::entry_windows()[0]);
}

TEST_F(PictureItemTest, PartsAreHashedWhereAProfileIsAskedFor) {
  Plan plan = with_all();
  plan.pdq_profiles = {};
  const auto found = find(framed_scene(350, 250), plan);
  EXPECT_TRUE(found.pdq.empty() && found.probes.empty());
  EXPECT_EQ(found.features.size(), 2U);
  EXPECT_EQ(found.embeddings.size(), 1U);
  EXPECT_EQ(found.facts.width, 420U) << "it was decoded";
  plan.pdq_profiles = {PdqProfile::kCli512};
  const auto other = find(framed_scene(350, 250), plan);
  ASSERT_FALSE(other.probes.empty());
  EXPECT_EQ(other.probes[0].pdq.profile, PdqProfile::kFull);
}

TEST_F(PictureItemTest, NothingThatIsAskedForChangesWhatElseIsFound) {
  const std::string picture = test::to_jpeg(of(framed_scene(1100, 800)));
  const auto find = [&](const std::string& bytes, const Plan& plan) {
    return extract_all(*extractor_, bytes, plan);
  };
  const auto all = find(picture, with_all());
  Plan only = with_all();
  only.embedders = {};
  only.features = 0;
  EXPECT_EQ(find(picture, only).probes, all.probes);
  only = {};
  only.features = kQueryFeatures;
  const auto features = find(picture, only).features;
  ASSERT_EQ(features.size(), 1U);
  EXPECT_EQ(features[0], all.features.at(0));
  only = {};
  only.embedders = {"gist"};
  EXPECT_EQ(find(picture, only).embeddings, all.embeddings);
  EXPECT_EQ(find(picture, {}).pdq, all.pdq);
}

TEST_F(PictureItemTest, FeaturesAreOfThePictureAndOfItMirrored) {
  Plan plan;
  plan.features = 100;
  plan.mirrored_features = true;
  const auto found = find(scene(2, 640, 480), plan);
  ASSERT_EQ(found.features.size(), 2U);
  EXPECT_FALSE(found.features[0].mirrored);
  EXPECT_TRUE(found.features[1].mirrored);
  EXPECT_GT(found.features[0].features.size(), 50U);
  EXPECT_LE(found.features[0].features.size(), 100U);
}

TEST_F(PictureItemTest, AnEmbeddingIsOfTheEmbeddersLength) {
  const auto known = extractor_->embedders();
  ASSERT_FALSE(known.empty());
  EXPECT_EQ(known[0].model, "gist");
  const auto colour = find(scene(3, 320, 240), with_all());
  ASSERT_EQ(colour.embeddings.size(), 1U);
  EXPECT_EQ(colour.embeddings[0].id, known[0]);
  EXPECT_EQ(colour.embeddings[0].values.size(), known[0].dimension);
  EXPECT_NEAR(cosine(colour.embeddings[0].values, colour.embeddings[0].values), 1.0F, 1e-5F);
}

TEST_F(PictureItemTest, APlainPictureHasNeitherFeaturesNorAnEmbedding) {
  datasets::Picture plain(300, 200);
  std::fill(plain.rgb.begin(), plain.rgb.end(), std::uint8_t{90});
  const auto found = find(plain, with_all());
  EXPECT_EQ(found.ending, Ending{});
  EXPECT_EQ(found.pdq.size(), 1U);
  EXPECT_TRUE(found.features.empty());
  EXPECT_TRUE(found.embeddings.empty());
}

TEST_F(PictureItemTest, ASinglePixelIsFineWhateverIsAskedFor) {
  for (const bool entry : {false, true}) {
    Plan plan = with_all();
    plan.entry_windows = entry;
    EXPECT_EQ(find(datasets::Picture(1, 1), plan).ending, Ending{});
    EXPECT_EQ(find(datasets::Picture(3000, 1), plan).ending, Ending{});
    EXPECT_EQ(find(datasets::Picture(1, 3000), plan).ending, Ending{});
  }
}

TEST_F(PictureItemTest, AFastPlanHashesPartsByTheLowFrequenciesToo) {
  for (const bool progressive : {false, true}) {
    const std::string jpeg = test::to_jpeg(of(framed_scene(1280, 960)), progressive);
    Plan whole;
    whole.precision = Precision::kFast;
    const auto fast = extract_all(*extractor_, jpeg, with_probes(Precision::kFast));
    const auto exact = extract_all(*extractor_, jpeg, with_probes());
    EXPECT_EQ(fast.pdq.at(0).precision(), Precision::kFast);
    EXPECT_EQ(fast.pdq, extract_all(*extractor_, jpeg, whole).pdq)
        << "parts must not change the hash of the whole";
    const ProbeSignal* trimmed = first(fast, ProbeKind::kTrimmed);
    const ProbeSignal* expected = first(exact, ProbeKind::kTrimmed);
    ASSERT_TRUE(trimmed != nullptr && expected != nullptr) << progressive;
    EXPECT_EQ(fast.pdq.at(0).orders, 2);
    EXPECT_EQ(trimmed->pdq.orders, 3) << "what panels take";
    EXPECT_LE(hamming_distance(trimmed->pdq.hash(), expected->pdq.hash()), kFastDistanceMargin);
  }
}

TEST_F(PictureItemTest, PanelsOfASmallPictureTakeEveryPixel) {
  const std::string jpeg = test::to_jpeg(of(framed_scene(420, 330)));
  Plan trimmed = with_probes(Precision::kFast);
  trimmed.probes = {ProbeKind::kTrimmed};
  const auto fast = extract_all(*extractor_, jpeg, trimmed);
  EXPECT_EQ(fast.pdq.at(0).precision(), Precision::kFast);
  EXPECT_EQ(fast.probes.at(0).pdq.orders, fast.pdq.at(0).orders);
  test::expect_same(extract_all(*extractor_, jpeg, with_probes(Precision::kFast)),
                    extract_all(*extractor_, jpeg, with_probes()), "as an exact plan");
}

TEST_F(PictureItemTest, WhatTakesEveryPixelIsExactAtOnce) {
  const std::string jpeg = test::to_jpeg(of(framed_scene(1280, 960)));
  Plan features = with_probes(Precision::kFast);
  features.features = 50;
  Plan embeddings = with_probes(Precision::kAuto);
  embeddings.embedders = {"gist"};
  Plan entry = with_probes(Precision::kFast);
  entry.entry_windows = true;
  for (const Plan& plan : {features, embeddings, entry}) {
    Plan exact = plan;
    exact.precision = Precision::kExact;
    const auto found = extract_all(*extractor_, jpeg, plan);
    EXPECT_EQ(found.pdq.at(0).precision(), Precision::kExact);
    EXPECT_EQ(found.probes.at(0).pdq.precision(), Precision::kExact);
    test::expect_same(found, extract_all(*extractor_, jpeg, exact), "as an exact plan");
  }
}

// What a decoder leaves of the rest is plain: the part that it decoded, where it is most of the
// picture, is within a border, and is looked up as one.
TEST_F(PictureItemTest, OfAPictureThatIsCutTheRestIsTrimmed) {
  const auto picture = scene(4, 800, 600);
  const std::string jpeg = test::to_jpeg(of(picture));
  const auto found = extract_all(*extractor_, jpeg.substr(0, jpeg.size() * 3 / 4), with_all());
  EXPECT_EQ(found.ending.reason, Reason::kTruncated);
  EXPECT_TRUE(found.ending.partial);
  EXPECT_EQ(found.features.size(), 2U);
  EXPECT_EQ(found.embeddings.size(), 1U);
  const ProbeSignal* trimmed = first(found, ProbeKind::kTrimmed);
  ASSERT_NE(trimmed, nullptr);
  EXPECT_EQ(trimmed->probe.window.top, 0);
  EXPECT_LT(trimmed->probe.window.height, 9'000);
  const auto rows = trimmed->probe.window.height * 600U / Window::kSide;
  const auto upper = find(datasets::cut(picture, {0, 0, 800, rows}), {});
  const auto from_upper = [&](const Hash256& hash) {
    return hamming_distance(hash, upper.pdq.at(0).hash());
  };
  // Not as near as a copy: where the code ends, within a row of blocks, the edge has a step.
  EXPECT_LT(from_upper(trimmed->pdq.hash()), 64);
  EXPECT_LT(from_upper(trimmed->pdq.hash()), from_upper(found.pdq.at(0).hash()));
}

TEST_F(PictureItemTest, OfOneThatMovesTheFirstPictureHasParts) {
  test::Film film;
  film.seconds = 0.4;
  film.border = 0.1;
  film.coding.container = film.coding.codec = "gif";
  const auto found = extract_all(*extractor_, test::film_of(film), with_all());
  EXPECT_TRUE(found.facts.animated);
  EXPECT_FALSE(found.frames.empty());
  EXPECT_FALSE(found.probes.empty());
  EXPECT_EQ(found.embeddings.size(), 1U);
}

TEST_F(PictureItemTest, AVideoAndWhatItCarriesHaveNone) {
  test::Film film;
  film.seconds = 0.4;
  film.coding.container = "mp4";
  const std::string cover = test::to_png(of(framed_scene(320, 240)));
  for (const std::string& bytes :
       {test::with_cover(test::film_of(film), cover), test::sound_with_picture(cover)}) {
    const auto found = extract_all(*extractor_, bytes, with_all());
    EXPECT_EQ(found.pdq.size(), 1U);
    EXPECT_TRUE(found.probes.empty() && found.features.empty() && found.embeddings.empty());
  }
}

TEST_F(PictureItemTest, WhatNoPictureCanHaveIsUnsupported) {
  const auto refused = [&](const Plan& plan) {
    const auto found = find(scene(5, 64, 64), plan);
    EXPECT_TRUE(found.pdq.empty() && found.digests.empty());
    EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
    return found.ending.detail;
  };
  Plan plan;
  plan.embedders = {"gist", "sscd"};
  EXPECT_EQ(refused(plan), "extract: embedding model sscd: it is not loaded; there is gist");
  plan.embedders = {"gist", "gist"};
  EXPECT_EQ(refused(plan), "extract: plan embedders: one twice");
  plan = {};
  plan.features = kMaxFeatures + 1;
  EXPECT_EQ(refused(plan), "extract: plan features: 1001, more than 1000");
  plan = {};
  plan.probes = {ProbeKind::kPanel, ProbeKind::kPanel};
  EXPECT_EQ(refused(plan), "extract: plan probes: a kind twice");
  plan.probes = {static_cast<ProbeKind>(9)};
  EXPECT_EQ(refused(plan), "extract: plan probes: an unknown kind");
}

/// Writes down the calls.
class CallOrder final : public ExtractSink {
 public:
  void on_digests(std::span<const SignalValue>) override { calls_ += 'd'; }
  void on_facts(const Facts&) override { calls_ += 'f'; }
  void on_pdq(std::span<const PdqSignal>) override { calls_ += 'p'; }
  void on_frames(std::span<const FrameSignal>) override { calls_ += 'v'; }
  void on_tmk(const TmkSignal&) override { calls_ += 't'; }
  void on_probes(std::span<const ProbeSignal>) override { calls_ += 'w'; }
  void on_features(const FeatureSet&) override { calls_ += 'o'; }
  void on_embedding(const EmbeddingSignal&) override { calls_ += 'm'; }
  void on_end(const Ending&) override { calls_ += 'e'; }
  const std::string& calls() const { return calls_; }

 private:
  std::string calls_;
};

// Bytes of addresses that this process uses.
std::uint64_t addresses_used() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

TEST_F(PictureItemTest, HoweverLittleMemoryThereIsItEndsWithAReason) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer has no limit on memory";
  }
  const auto picture = framed_scene(400, 300);
  const std::string png = test::to_png(of(picture));
  const FileDescriptor file = test::file_of(png);
  const Extraction whole = extract_all(*extractor_, file.get(), with_all());
  const pid_t child = ::fork();
  if (child == 0) {
    int wrong = 0;
    int failed = 0;
    Embedders embedders;
    for (std::uint64_t mib = 0; mib < 16; ++mib) {
      rlimit limit{};
      ::getrlimit(RLIMIT_AS, &limit);
      limit.rlim_cur = addresses_used() + (mib << 20);
      ::setrlimit(RLIMIT_AS, &limit);
      Facts facts;
      PictureSignals found;
      const Ending ending = extract_picture({file.get(), png.size(), decode::Format::kPng},
                                            with_all(), {}, embedders, facts, found);
      limit.rlim_cur = limit.rlim_max;
      ::setrlimit(RLIMIT_AS, &limit);
      failed += ending.reason == Reason::kNone ? 0 : 1;
      if (ending.reason == Reason::kNone && found.features != whole.features) ++wrong;
      if (!found.pdq.empty() && found.pdq != whole.pdq) ++wrong;
      if (ending.partial != (ending.reason != Reason::kNone && !found.empty())) ++wrong;
    }
    ::_exit(wrong > 0 || failed == 0 ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << (WIFSIGNALED(status) ? "killed by a signal" : "a wrong ending");
}

TEST_F(PictureItemTest, TheSinkIsToldInOrder) {
  CallOrder order;
  const FileDescriptor file = test::file_of(test::to_png(of(framed_scene(400, 300))));
  extractor_->extract(file.get(), with_all(), {}, order);
  EXPECT_EQ(order.calls(), "dfpwoome");
}

TEST_F(PictureItemTest, WhoDoesNotAskNeedNotListen) {
  // A sink of before there were parts: what it has no word for is nobody's.
  class Plain final : public ExtractSink {
   public:
    void on_digests(std::span<const SignalValue>) override {}
    void on_facts(const Facts&) override {}
    void on_pdq(std::span<const PdqSignal> signals) override { hashes = signals.size(); }
    void on_frames(std::span<const FrameSignal>) override {}
    void on_tmk(const TmkSignal&) override {}
    void on_end(const Ending& ending) override { end = ending; }
    std::size_t hashes = 0;
    Ending end{Reason::kTimedOut, false, {}};
  } sink;
  const FileDescriptor file = test::file_of(test::to_png(of(framed_scene(400, 300))));
  extractor_->extract(file.get(), with_all(), {}, sink);
  EXPECT_EQ(sink.hashes, 1U);
  EXPECT_EQ(sink.end, Ending{});
}

}  // namespace
}  // namespace semblance::extract
