// SPDX-License-Identifier: Apache-2.0
#include "extract/video_item.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "decode/video.h"
#include "extract/detail.h"
#include "extract/frame_sampler.h"
#include "extract/picture_item.h"
#include "extract/wire.h"
#include "hash/tmk/tmk_hasher.h"

namespace semblance::extract {
namespace {

/// How long frames that were found may wait for more of them before they are given.
constexpr std::chrono::seconds kMostDelay{2};

/// Gives frames in batches: full ones, or what there is when the first has waited for long.
class FrameBatches {
 public:
  explicit FrameBatches(ExtractSink& sink) : sink_(sink) { waiting_.reserve(kMaxFrameBatch); }

  void add(const FrameSignal& frame) {
    if (waiting_.empty()) since_ = Clock::now();
    waiting_.push_back(frame);
    ++count_;
    if (waiting_.size() == kMaxFrameBatch) give();
  }
  void give_if_late() {
    if (!waiting_.empty() && Clock::now() - since_ >= kMostDelay) give();
  }
  void give() {
    if (!waiting_.empty()) sink_.on_frames(waiting_);
    waiting_.clear();
  }
  /// No room for what one more frame, and the end of all scenes, can give.
  bool full() const noexcept { return count_ > kMaxSignalFrames - kMostAtOnce; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostAtOnce = 1024;

  ExtractSink& sink_;
  std::vector<FrameSignal> waiting_;
  std::size_t count_ = 0;
  Clock::time_point since_{};
};

/// The rows of a frame of TMK's size.
class TmkRows final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo&) override {}
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t row = 0; row < count && at_ < rgb_.size(); ++row, at_ += kRowBytes) {
      std::copy_n(first + static_cast<std::ptrdiff_t>(row) * stride, kRowBytes,
                  rgb_.begin() + static_cast<std::ptrdiff_t>(at_));
    }
  }
  bool complete() const noexcept { return at_ == rgb_.size(); }
  const auto& rgb() const noexcept { return rgb_; }

 private:
  static constexpr std::size_t kRowBytes = std::size_t{3} * hash::kTmkSide;
  std::array<std::uint8_t, kRowBytes * hash::kTmkSide> rgb_{};
  std::size_t at_ = 0;
};

/// What one file gives while it is read, on its way to the sink of the item.
class VideoExtraction final : public decode::FrameSink {
 public:
  VideoExtraction(const Plan& plan, const Limits& limits, FirstPicture first, ExtractSink& sink)
      : plan_(plan), limits_(limits), facts_(std::move(first.facts)), sink_(sink), batches_(sink) {
    if (!first.signals.empty()) pictures_.push_back(std::move(first.signals));
  }

  void begin(const decode::VideoInfo& info) override {
    take_facts(info);
    tell_facts();
    if (plan_.pdq_profiles.empty()) return;
    const auto emit = [this](const FrameSignal& frame) { batches_.add(frame); };
    if (plan_.frames.sampling != Sampling::kVpdq) {
      sampler_ = make_scene_sampler(emit);
      return;
    }
    auto sampler = make_vpdq_sampler(plan_.frames, info, emit);
    if (sampler) {
      sampler_ = std::move(*sampler);
    } else {
      refusal_ = std::move(sampler).error();
    }
  }

  void attached(std::span<const std::uint8_t> coded) override {
    if (plan_.pdq_profiles.empty() || facts_.kind == MediaKind::kImage) return;
    Ending ending;
    if (attached_ == kMostAttached) {
      ending = {Reason::kOverLimit, false,
                "decode: more than " + std::to_string(kMostAttached) + " pictures are carried"};
    } else {
      ++attached_;
      ending = take_picture(coded);
    }
    if (left_out_.reason == Reason::kNone) left_out_ = std::move(ending);
  }

  Status frame(const decode::DecodedFrame& frame) override {
    if (refusal_) return *refusal_;
    if (batches_.full()) {
      return Error{Errc::kLimit, "hash frames: more than " + std::to_string(kMaxSignalFrames)};
    }
    if (sampler_ != nullptr) {
      if (auto taken = sampler_->take(frame); !taken) return taken;
    }
    if (plan_.tmk) {
      if (auto taken = take_for_tmk(frame); !taken) return taken;
    }
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto now = static_cast<std::uint32_t>(std::min(frame.start_us / 1000, kMost));
    reached_ms_ = std::max(reached_ms_.value_or(0), now);
    batches_.give_if_late();
    return ok();
  }

  void tell_facts() {
    if (std::exchange(told_, true)) return;
    sink_.on_facts(tidy(facts_));
    for (const PictureSignals& picture : pictures_) tell(picture, sink_);
  }

  /// Gives what is not given yet. False if no TMK could be made of the frames that came.
  bool finish() {
    tell_facts();
    if (sampler_ != nullptr) sampler_->finish();
    batches_.give();
    if (!tmk_) return true;
    const auto signal = tmk_->finish();
    if (signal) sink_.on_tmk(*signal);
    return signal.has_value();
  }

  /// Up to where frames came that could be hashed; nothing if none did.
  std::optional<std::uint32_t> reached_ms() const noexcept { return reached_ms_; }
  /// As it turned out to be: what was taken for a sound is a video if it states a video stream.
  MediaKind kind() const noexcept { return facts_.kind; }
  bool has_picture() const noexcept { return !pictures_.empty(); }
  /// Why a picture that the file carries was not hashed, or not all of it; of the first such one.
  const Ending& left_out() const noexcept { return left_out_; }

 private:
  void take_facts(const decode::VideoInfo& info) {
    facts_.duration_ms = info.duration_ms;
    facts_.frame_rate_num = info.frame_rate_num;
    facts_.frame_rate_den = std::max(info.frame_rate_den, 1U);
    if (facts_.kind == MediaKind::kImage) return;  // its first picture has told the rest
    facts_.kind = MediaKind::kVideo;               // also where it seemed to be sound alone
    facts_.width = info.width;
    facts_.height = info.height;
    facts_.decoder = info.decoder;
    facts_.codec = info.codec;
    facts_.rotation = static_cast<std::uint16_t>(((info.rotation % 360) + 360) % 360);
    facts_.video_streams = static_cast<std::uint16_t>(std::min(info.video_streams, 0xFFFFU));
  }

  // Hashes a picture that the file carries, and gives what that found.
  Ending take_picture(std::span<const std::uint8_t> coded) {
    const auto format = decode::sniff(coded.first(std::min<std::size_t>(coded.size(), 4096)));
    if (!decode::decodable(format)) {
      return {Reason::kUnsupported, false,
              "decode: a picture that is carried is of no known format"};
    }
    Facts facts;
    PictureSignals found;
    Ending ending = hash_attached(coded, format, plan_, limits_, facts, found.pdq);
    if (found.pdq.empty()) return ending;
    if (!told_ && pictures_.empty()) facts_.decoder = facts.decoder;
    pictures_.push_back(std::move(found));
    if (told_) tell(pictures_.back(), sink_);
    return ending;
  }

  // Of the first video stream that has a frame, whichever stream's comes first.
  Status take_for_tmk(const decode::DecodedFrame& frame) {
    if (tmk_ && frame.stream > tmk_stream_) return ok();
    if (!tmk_ || frame.stream < tmk_stream_) tmk_.emplace();
    tmk_stream_ = frame.stream;
    TmkRows rows;
    const decode::RgbForm form{hash::kTmkSide, hash::kTmkSide, decode::RgbForm::Filter::kBicubic,
                               true};
    if (auto given = frame.rgb(form, rows); !given) return given;
    if (!rows.complete()) return Error{Errc::kDecode, "hash tmk: a frame without all of its rows"};
    tmk_->add(rows.rgb(), frame.start_us, frame.length_us);
    return ok();
  }

  const Plan& plan_;
  const Limits& limits_;
  Facts facts_;
  std::vector<PictureSignals> pictures_;  // hashes each in the plan's profiles
  Ending left_out_;
  ExtractSink& sink_;
  FrameBatches batches_;
  std::unique_ptr<FrameSampler> sampler_;
  std::optional<hash::TmkHasher> tmk_;
  std::uint32_t tmk_stream_ = 0;
  std::optional<Error> refusal_;  // why no frame can be hashed
  std::optional<std::uint32_t> reached_ms_;
  std::size_t attached_ = 0;
  bool told_ = false;
};

decode::ReadPlan reading_of(const Plan& plan) noexcept {
  decode::ReadPlan reading;
  if (sampling_of(plan) == Sampling::kKeyframes) reading.reading = decode::Reading::kKeyframes;
  reading.first_stream_only = plan.frames.sampling == Sampling::kVpdq;
  return reading;
}

Ending ending_of_video(const decode::VideoEnd& end) {
  Ending ending;
  if (end.end.partial) {
    ending = ending_of(Error{end.end.code, end.end.detail});
    ending.partial = true;
  }
  ending.reached_ms = end.reached_ms;
  return ending;
}

// Reads all of the file, gives what it finds, and says how that ended by the frames alone.
Ending read_all(const ItemFile& file, const Plan& plan, const Limits& limits,
                VideoExtraction& extraction) {
  Ending ending;
  try {
    auto end = decode::read_video(file.descriptor, file.bytes, file.format, reading_of(plan),
                                  limits, extraction);
    ending = end ? ending_of_video(*end) : ending_of(end.error());
  } catch (const std::bad_alloc&) {
    ending = out_of_memory();
  }
  try {
    if (!extraction.finish() && ending.reason == Reason::kNone) {
      ending.reason = Reason::kDecodeFailed;
      ending.detail = "hash tmk: no frame has a time that one can be made of";
    }
  } catch (const std::bad_alloc&) {
    ending = out_of_memory();  // what was given before still counts
  }
  if (ending.reason != Reason::kNone) {
    ending.partial = ending.partial || extraction.reached_ms().has_value();
    if (!ending.reached_ms) ending.reached_ms = extraction.reached_ms();
  }
  return ending;
}

}  // namespace

Ending extract_video(const ItemFile& file, const Plan& plan, const Limits& limits, Facts facts,
                     ExtractSink& sink) {
  VideoExtraction extraction(plan, limits, {std::move(facts), {}}, sink);
  Ending ending = read_all(file, plan, limits, extraction);
  const Ending& left_out = extraction.left_out();
  const bool seen = extraction.has_picture() || extraction.reached_ms();
  // There is nothing else to see of a sound than its pictures. Of a video there may be: no frame of
  // it came.
  const bool pictures_alone = extraction.kind() == MediaKind::kAudio &&
                              ending.reason == Reason::kUnsupported &&
                              (extraction.has_picture() || left_out.reason != Reason::kNone);
  if (pictures_alone) ending = {};
  if (ending.reason == Reason::kNone && left_out.reason != Reason::kNone) {
    ending.reason = left_out.reason;
    ending.detail = left_out.detail;
  }
  ending.partial = ending.reason != Reason::kNone && (ending.partial || seen);
  return ending;
}

Ending extract_animation(const ItemFile& file, const Plan& plan, const Limits& limits,
                         FirstPicture first, ExtractSink& sink) {
  Plan frames = plan;
  frames.tmk = false;
  VideoExtraction extraction(frames, limits, std::move(first), sink);
  Ending ending = read_all(file, frames, limits, extraction);
  ending.partial = ending.reason != Reason::kNone;  // its first picture at least was decoded
  return ending;
}

}  // namespace semblance::extract
