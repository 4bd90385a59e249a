// SPDX-License-Identifier: Apache-2.0
// Videos, in this process: which frames are hashed, what else is found, and how it ends.
#include "extract/video_item.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "extract/films.h"
#include "extract/media.h"
#include "semblance/pdq.h"

namespace semblance {
namespace {

using test::extract_all;
using test::Film;
using test::film_of;

Plan frames_plan(Sampling sampling) {
  Plan plan;
  plan.frames.sampling = sampling;
  return plan;
}

Plan vpdq_plan(double seconds, std::uint32_t width = 0, std::uint32_t height = 0) {
  Plan plan;
  plan.frames = {Sampling::kVpdq, seconds, width, height};
  return plan;
}

std::vector<FrameSignal> whole_frames(const Extraction& found) {
  std::vector<FrameSignal> frames;
  for (const FrameSignal& frame : found.frames) {
    if (frame.at.form == FrameForm::kWhole) frames.push_back(frame);
  }
  return frames;
}

/// The longest time in which nothing was looked at.
std::uint32_t longest_gap_ms(const std::vector<FrameSignal>& frames, std::uint32_t end_ms) {
  std::uint32_t gap = 0;
  std::uint32_t last = 0;
  for (const FrameSignal& frame : frames) {
    gap = std::max(gap, frame.at.start_ms - last);
    last = frame.at.end_ms;
  }
  return std::max(gap, end_ms - last);
}

class VideoItemTest : public ::testing::Test {
 protected:
  Extraction extract(const std::string& bytes, const Plan& plan = {}, const Limits& limits = {}) {
    return extract_all(*extractor_, bytes, plan, limits);
  }
  std::unique_ptr<Extractor> extractor_ = make_in_process_extractor();
};

TEST_F(VideoItemTest, AFilmGivesItsFactsAndAFrameAtEachStep) {
  const Extraction found = extract(film_of({}));
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_FALSE(found.ending.partial);
  EXPECT_EQ(found.facts.kind, MediaKind::kVideo);
  EXPECT_EQ(found.facts.format, "mp4");
  EXPECT_EQ(found.facts.codec, "h264");
  EXPECT_EQ(found.facts.width, 160U);
  EXPECT_EQ(found.facts.height, 120U);
  EXPECT_EQ(found.facts.video_streams, 1U);
  EXPECT_EQ(found.facts.frame_rate_num, 25 * found.facts.frame_rate_den);
  EXPECT_NEAR(found.facts.duration_ms, 6000, 100);
  EXPECT_EQ(found.facts.decoder.rfind("libavcodec", 0), 0U) << found.facts.decoder;
  EXPECT_TRUE(found.pdq.empty());
  EXPECT_FALSE(found.tmk);
  const auto frames = whole_frames(found);
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames.front().at.start_ms, 0U);
  EXPECT_LE(longest_gap_ms(frames, 6000), 41U) << "every frame";
  ASSERT_TRUE(found.ending.reached_ms);
  EXPECT_NEAR(*found.ending.reached_ms, 6000, 50);
  for (const FrameSignal& frame : frames) EXPECT_GT(frame.at.quality, 0);
}

TEST_F(VideoItemTest, KeyFramesThatAreFarApartLeaveNoLongGap) {
  Film film;
  film.seconds = 11;
  film.coding.key_interval = 250;
  film.coding.scene_cuts = false;
  const std::string bytes = film_of(film);
  const Extraction quick = extract(bytes, frames_plan(Sampling::kKeyframes));
  const Extraction dense = extract(bytes);
  EXPECT_EQ(quick.ending.reason, Reason::kNone) << quick.ending.detail;
  const auto frames = whole_frames(quick);
  EXPECT_LE(longest_gap_ms(frames, 11'000), kMaxGapMs + 40);
  EXPECT_GE(frames.size(), 5U);
  EXPECT_LT(frames.size(), whole_frames(dense).size() / 2);
}

TEST_F(VideoItemTest, TheReferencesSamplingIsByCount) {
  Film film;
  film.coding.frame_rate_num = 30'000;
  film.coding.frame_rate_den = 1'001;
  const std::string bytes = film_of(film);
  const Extraction found = extract(bytes, vpdq_plan(1));
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  ASSERT_EQ(found.frames.size(), 7U);
  for (std::size_t i = 0; i < found.frames.size(); ++i) {
    const FramePlace& at = found.frames[i].at;
    EXPECT_EQ(at.number, 29 * i) << "29.97, truncated";
    EXPECT_EQ(at.start_ms, std::lround(1001.0 * at.number / 30.0));
    EXPECT_EQ(at.end_ms, at.start_ms);
    EXPECT_EQ(at.form, FrameForm::kWhole);
  }
  EXPECT_EQ(extract(bytes, vpdq_plan(0.01)).frames.size(), 180U) << "every frame";
  EXPECT_EQ(extract(bytes, vpdq_plan(0)).frames.size(), 180U);
}

TEST_F(VideoItemTest, TheReferencesSamplingLosesNoFrameBehindASoundTrack) {
  Film film;
  film.coding.silent_audio_first = true;
  const Extraction found = extract(film_of(film), vpdq_plan(0));
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  ASSERT_EQ(found.frames.size(), 150U);
  EXPECT_EQ(found.frames.back().at.number, 149U);
}

TEST_F(VideoItemTest, FramesOfEachSamplingLookAlike) {
  const std::string bytes = film_of({});
  const Extraction every = extract(bytes, vpdq_plan(0));
  const Extraction small = extract(bytes, vpdq_plan(0, 64, 64));
  ASSERT_EQ(every.frames.size(), 150U);
  ASSERT_EQ(small.frames.size(), 150U);
  for (const FrameSignal& frame : whole_frames(extract(bytes))) {
    const auto& same = every.frames.at(frame.at.number);
    EXPECT_LE(hamming_distance(frame.hashes[0], same.hashes[0]), 10) << frame.at.number;
    EXPECT_NEAR(frame.at.start_ms, same.at.start_ms, 1);
    EXPECT_LE(hamming_distance(small.frames.at(frame.at.number).hashes[0], same.hashes[0]), 24);
  }
}

TEST_F(VideoItemTest, WhatTheReferenceRefusesIsRefused) {
  const Extraction found = extract(film_of({}), vpdq_plan(1, 4, 64));
  EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
  EXPECT_EQ(found.ending.detail, "hash vpdq: a side of 4 pixels is under 5");
  EXPECT_FALSE(found.ending.partial);
}

TEST_F(VideoItemTest, APlanOutOfRangeIsRefusedBeforeAnythingIsRead) {
  const std::string bytes = film_of({});
  for (const Plan& plan : {vpdq_plan(-1), vpdq_plan(std::nan("")), vpdq_plan(1e9),
                           vpdq_plan(1, kMaxPlannedSide + 1), vpdq_plan(1, 0, 1U << 31)}) {
    const Extraction found = extract(bytes, plan);
    EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
    EXPECT_TRUE(found.digests.empty());
  }
}

TEST_F(VideoItemTest, FramesThatClaimToBeShownAtOnceAreLookedAtAllTheSame) {
  Film film;
  film.coding.container = "matroska";
  film.coding.b_frames = 0;
  film.coding.time_ms = [](std::uint32_t frame) { return std::int64_t{frame}; };
  const auto frames = whole_frames(extract(film_of(film)));
  ASSERT_GE(frames.size(), 3U) << "one of each shot at least";
  EXPECT_GE(frames.back().at.number, 100U);
  EXPECT_LE(frames.back().at.end_ms, 150U);
}

TEST_F(VideoItemTest, AStillFilmIsOneSignalAForm) {
  Film film;
  film.still = true;
  const Extraction found = extract(film_of(film));
  const auto frames = whole_frames(found);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].at.start_ms, 0U);
  EXPECT_GE(frames[0].at.end_ms, 5800U);
}

TEST_F(VideoItemTest, BordersAreTakenOffInAFormOfItsOwn) {
  Film film;
  film.border = 0.1;
  const Extraction bordered = extract(film_of(film));
  const Extraction plain = extract(film_of({}));
  std::size_t trimmed = 0;
  std::size_t alike = 0;
  for (const FrameSignal& frame : bordered.frames) {
    if (frame.at.form != FrameForm::kTrimmed) continue;
    ++trimmed;
    alike += std::any_of(plain.frames.begin(), plain.frames.end(), [&](const FrameSignal& known) {
      return known.at.form == FrameForm::kWhole &&
             hamming_distance(known.hashes[0], frame.hashes[0]) <= kDefaultMaxDistance;
    });
  }
  ASSERT_GT(trimmed, 5U);
  EXPECT_GE(alike * 10, trimmed * 8) << alike << " of " << trimmed;
}

TEST_F(VideoItemTest, TmkTakesEveryFrame) {
  Plan plan = frames_plan(Sampling::kKeyframes);
  plan.tmk = true;
  const std::string bytes = film_of({});
  const Extraction found = extract(bytes, plan);
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  ASSERT_TRUE(found.tmk);
  EXPECT_NEAR(found.tmk->frames, 90, 2);
  EXPECT_EQ(sampling_of(plan), Sampling::kDense);
  EXPECT_EQ(found.frames, extract(bytes).frames) << "dense, since every frame is decoded";
  plan.pdq_profiles.clear();
  const Extraction alone = extract(bytes, plan);
  EXPECT_TRUE(alone.frames.empty());
  EXPECT_EQ(alone.tmk, found.tmk);
}

TEST_F(VideoItemTest, APlanWithoutSignalsLooksAtTheKindAlone) {
  const Extraction found = extract(film_of({}), Plan{{}, {}});
  EXPECT_EQ(found.facts.kind, MediaKind::kVideo);
  EXPECT_EQ(found.facts.format, "mp4");
  EXPECT_EQ(found.facts.width, 0U);
  EXPECT_EQ(found.ending, Ending{});
}

TEST_F(VideoItemTest, BlackFramesAreNoSignals) {
  Film film;
  film.black = true;
  const Extraction found = extract(film_of(film));
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_TRUE(found.frames.empty());
  EXPECT_NEAR(found.ending.reached_ms.value_or(0), 6000, 50);
}

TEST_F(VideoItemTest, OfAFilmCutShortTheFramesBeforeCount) {
  Film film;
  film.coding.container = "matroska";
  const std::string whole = film_of(film);
  const auto all = whole_frames(extract(whole));
  for (const Sampling sampling : {Sampling::kDense, Sampling::kVpdq, Sampling::kKeyframes}) {
    const Extraction found = extract(whole.substr(0, whole.size() / 2), frames_plan(sampling));
    EXPECT_TRUE(found.ending.partial) << name(sampling);
    EXPECT_EQ(found.ending.reason, Reason::kTruncated) << found.ending.detail;
    ASSERT_TRUE(found.ending.reached_ms) << name(sampling);
    EXPECT_LT(*found.ending.reached_ms, 5'500U);
    ASSERT_FALSE(found.frames.empty()) << name(sampling);
    if (sampling == Sampling::kDense) {
      EXPECT_LT(found.frames.size(), all.size());
      EXPECT_EQ(found.frames.front(), all.front());
    }
  }
}

TEST_F(VideoItemTest, LimitsAreKept) {
  const std::string bytes = film_of({});
  Limits limits;
  limits.max_video_pixels = 160 * 120 - 1;
  const Extraction large = extract(bytes, {}, limits);
  EXPECT_EQ(large.ending.reason, Reason::kOverLimit) << large.ending.detail;
  EXPECT_TRUE(large.frames.empty());
  EXPECT_EQ(large.facts.kind, MediaKind::kVideo);
  limits = {};
  limits.max_video_seconds = 0;
  EXPECT_EQ(extract(bytes, {}, limits).ending.reason, Reason::kTimedOut);
}

TEST_F(VideoItemTest, APictureThatMovesHasItsFirstOneAndItsFrames) {
  Film film;
  film.seconds = 2;
  film.coding.container = "gif";
  film.coding.codec = "gif";
  film.coding.pixel_format = "rgb8";
  const Extraction found = extract(film_of(film));
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_EQ(found.facts.kind, MediaKind::kImage);
  EXPECT_TRUE(found.facts.animated);
  EXPECT_EQ(found.facts.decoder.rfind("giflib", 0), 0U) << found.facts.decoder;
  EXPECT_NEAR(found.ending.reached_ms.value_or(0), 2000, 100);
  ASSERT_EQ(found.pdq.size(), 1U);
  const auto frames = whole_frames(found);
  ASSERT_GT(frames.size(), 1U);
  EXPECT_LE(hamming_distance(frames[0].hashes[0], found.pdq[0].hash()), 10);
}

TEST_F(VideoItemTest, ASoundIsToldByThePictureItCarries) {
  const std::string cover = test::to_jpeg(test::make_picture(300, 300, 5));
  const Extraction found = extract(test::sound_with_picture(cover));
  EXPECT_EQ(found.facts.kind, MediaKind::kAudio);
  EXPECT_EQ(found.ending, Ending{}) << found.ending.detail;
  EXPECT_EQ(found.pdq, extract(cover).pdq);
  EXPECT_EQ(found.facts.decoder, extract(cover).facts.decoder);

  const Extraction bare = extract(test::sound_with_picture(""));
  EXPECT_EQ(bare.facts.kind, MediaKind::kAudio);
  EXPECT_EQ(bare.ending.reason, Reason::kUnsupported) << bare.ending.detail;
  EXPECT_TRUE(bare.pdq.empty());

  const std::string half = cover.substr(0, 400);
  const Extraction damaged = extract(test::sound_with_picture(half));
  EXPECT_EQ(damaged.ending.reason, extract(half).ending.reason) << damaged.ending.detail;
  EXPECT_EQ(damaged.pdq, extract(half).pdq);
}

TEST_F(VideoItemTest, EachPictureThatIsCarriedIsHashedOrToldOf) {
  std::vector<std::string> covers;
  std::vector<PdqSignal> signals;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    covers.push_back(test::to_jpeg(test::make_picture(120, 120, seed)));
    signals.push_back(extract(covers.back()).pdq.at(0));
  }
  const std::string film = film_of({});
  const auto check = [&](Reason reason) {
    for (const std::string& bytes :
         {test::sound_with_pictures(covers), test::with_covers(film, covers)}) {
      const Extraction found = extract(bytes);
      EXPECT_EQ(found.ending.reason, reason) << found.facts.format << found.ending.detail;
      EXPECT_EQ(found.ending.partial, reason != Reason::kNone) << found.facts.format;
      EXPECT_EQ(found.pdq, signals) << found.facts.format;
    }
  };
  check(Reason::kNone);
  covers.push_back(covers[0]);
  check(Reason::kOverLimit);
  covers.pop_back();
  signals.erase(signals.begin());
  covers[0] = "GIF of no kind";
  check(Reason::kUnsupported);
}

TEST_F(VideoItemTest, WhatStatesAVideoStreamIsNoSound) {
  std::string film = film_of({});
  film.replace(film.find("ftyp") + 4, 4, "M4A ");
  film.replace(film.find("avc1", film.find("stsd")), 4, "zzz1");
  const std::string cover = test::to_jpeg(test::make_picture(300, 300, 5));
  const Extraction found = extract(test::with_cover(film, cover));
  EXPECT_NE(found.ending.reason, Reason::kNone);
  EXPECT_TRUE(found.ending.partial);
  EXPECT_EQ(found.pdq.size(), 1U);
}

TEST_F(VideoItemTest, TmkIsOfTheFirstStreamThatHasAFrame) {
  Film film;
  film.coding.container = "matroska";
  const std::string bytes = film_of(film);
  Plan plan;
  plan.tmk = true;
  const Extraction found = extract(test::with_empty_stream_first(bytes), plan);
  EXPECT_EQ(found.facts.video_streams, 2U);
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  ASSERT_TRUE(found.tmk);
  EXPECT_EQ(found.tmk, extract(bytes, plan).tmk);
}

TEST_F(VideoItemTest, APictureThatAVideoCarriesIsHashedBesideItsFrames) {
  const std::string cover = test::to_jpeg(test::make_picture(300, 300, 5));
  const std::string film = film_of({});
  Plan plan;
  plan.pdq_profiles = {PdqProfile::kFull, PdqProfile::kCli512};
  plan.precision = Precision::kAuto;
  const Extraction found = extract(test::with_cover(film, cover), plan);
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_EQ(found.facts.video_streams, 1U);
  EXPECT_EQ(found.frames, extract(film).frames);
  plan.precision = Precision::kExact;
  EXPECT_EQ(found.pdq, extract(cover, plan).pdq);
  const Extraction damaged = extract(test::with_cover(film, cover.substr(0, 400)));
  EXPECT_NE(damaged.ending.reason, Reason::kNone) << "what a film carries is a part of it";
  EXPECT_TRUE(damaged.ending.partial);
  EXPECT_EQ(damaged.frames, found.frames);
}

TEST_F(VideoItemTest, FactsComeFirstThenFramesInBatchesThenTheEnd) {
  class Order final : public ExtractSink {
   public:
    void on_digests(std::span<const SignalValue>) override { calls += 'd'; }
    void on_facts(const Facts&) override { calls += 'f'; }
    void on_pdq(std::span<const PdqSignal>) override { calls += 'p'; }
    void on_frames(std::span<const FrameSignal> frames) override {
      EXPECT_FALSE(frames.empty());
      EXPECT_LE(frames.size(), kMaxFrameBatch);
      if (calls.back() != 'v') calls += 'v';
      ++batches;
    }
    void on_tmk(const TmkSignal&) override { calls += 't'; }
    void on_end(const Ending&) override { calls += 'e'; }
    std::string calls;
    int batches = 0;
  };
  Order order;
  Plan plan = vpdq_plan(0);
  plan.tmk = true;
  const FileDescriptor file = test::file_of(film_of({}));
  extractor_->extract(file.get(), plan, {}, order);
  EXPECT_EQ(order.calls, "dfvte");
  EXPECT_GE(order.batches, 3);
}

TEST_F(VideoItemTest, EveryVideoOfTheDataEndsOnce) {
  Limits limits;
  limits.max_video_seconds = 5;
  for (const char* folder : {"/videos", "/hostile"}) {
    const std::filesystem::path path = std::string(SEMBLANCE_TEST_DATA) + folder;
    if (!std::filesystem::is_directory(path)) GTEST_SKIP() << "no " << path;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      auto file = open_for_reading(entry.path());
      ASSERT_TRUE(file) << file.error().what;
      const Extraction found =
          extract_all(*extractor_, file->get(), frames_plan(Sampling::kKeyframes), limits);
      const Ending& ending = found.ending;
      EXPECT_EQ(ending.reason == Reason::kNone, ending.detail.empty()) << entry.path();
      EXPECT_FALSE(ending.partial && ending.reason == Reason::kNone) << entry.path();
      EXPECT_NE(ending.reason, Reason::kDecoderCrashed) << entry.path();
      if (!found.frames.empty()) {
        EXPECT_TRUE(has_frames(found.facts)) << entry.path();
      }
    }
  }
}

}  // namespace
}  // namespace semblance
