// SPDX-License-Identifier: Apache-2.0
#include "extract/frame_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "hash/pdq_hasher.h"
#include "hash/video/frame_hasher.h"
#include "hash/video/scene_collector.h"
#include "semblance/pdq.h"

namespace semblance::extract {
namespace {

std::uint32_t to_ms(std::int64_t us) noexcept {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us / 1000, 0, kMost));
}

std::uint8_t stream_of(const decode::DecodedFrame& frame) noexcept {
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(frame.stream, 255));
}

class SceneSampler final : public FrameSampler {
 public:
  explicit SceneSampler(Emit emit) : scenes_(std::move(emit)) {}

  Status take(const decode::DecodedFrame& frame) override {
    const auto plane = frame.luma();
    if (!plane) return plane.error();
    if (std::min(plane->width, plane->height) == 0 ||
        std::max(plane->width, plane->height) > kMaxSide) {
      return Error{Errc::kLimit, "hash frame: a side of 0 or of more than " +
                                     std::to_string(kMaxSide) + " pixels"};
    }
    scenes_.add(stream_of(frame), frame.number, to_ms(frame.start_us), hasher_.hash(*plane));
    return ok();
  }
  void finish() override { scenes_.finish(); }

 private:
  hash::FrameHasher hasher_;
  hash::SceneCollector scenes_;
};

/// Hashes the rows of one frame.
class HashedRows final : public decode::RowSink {
 public:
  HashedRows(std::uint32_t width, std::uint32_t height)
      : hasher_(width, height, 3, kProfile), rows_left_(height) {}
  void begin(const decode::PictureInfo&) override {}
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    count = std::min(count, rows_left_);
    if (count > 0) hasher_.add_rows(first, stride, count);
    rows_left_ -= count;
  }
  std::optional<PdqSignal> finish() {
    if (rows_left_ != 0) return std::nullopt;
    return hasher_.finish().front();
  }

 private:
  static constexpr std::array kProfile = {PdqProfile::kFull};
  hash::PdqHasher hasher_;
  std::uint32_t rows_left_;
};

class VpdqSampler final : public FrameSampler {
 public:
  VpdqSampler(const FramePlan& plan, const decode::VideoInfo& info, Emit emit)
      : form_{plan.width != 0 ? plan.width : info.width,
              plan.height != 0 ? plan.height : info.height, decode::RgbForm::Filter::kArea, false},
        rate_(static_cast<double>(info.frame_rate_num) / info.frame_rate_den),
        step_(std::max(1.0, std::floor(plan.seconds_per_hash * rate_))),
        emit_(std::move(emit)) {}

  Status take(const decode::DecodedFrame& frame) override {
    if (std::fmod(frame.number, step_) != 0) return ok();
    const std::uint32_t side = std::min(form_.width, form_.height);
    if (side < kPdqSmallestSide) {
      return Error{Errc::kUnsupported, "hash vpdq: a side of " + std::to_string(side) +
                                           " pixels is under " + std::to_string(kPdqSmallestSide)};
    }
    auto signal = hash_planes(frame);
    if (!signal) {
      HashedRows rows(form_.width, form_.height);
      if (auto given = frame.rgb(form_, rows); !given) return given;
      signal = rows.finish();
    }
    if (!signal) return Error{Errc::kDecode, "hash vpdq: a frame came without all of its rows"};
    FrameSignal found;
    found.at.number = frame.number;
    found.at.start_ms = found.at.end_ms = time_ms(frame.number);
    found.at.quality = static_cast<std::uint8_t>(signal->quality);
    found.hashes = signal->hashes;
    emit_(found);
    return ok();
  }
  void finish() override {}

 private:
  // Of a frame in the size asked for, the same without writing its R, G, B down.
  std::optional<PdqSignal> hash_planes(const decode::DecodedFrame& frame) {
    const auto planes = frame.planes();
    if (!planes || planes->width != form_.width || planes->height != form_.height) return {};
    return hasher_.hash_as_rgb(*planes);
  }

  // As the reference computes it, in single precision, and prints it, with three decimals: the
  // product is exact in double precision, and both round halves to even.
  std::uint32_t time_ms(std::uint32_t number) const {
    const float seconds = static_cast<float>(number) / static_cast<float>(rate_);
    const double ms = std::nearbyint(static_cast<double>(seconds) * 1000.0);
    return static_cast<std::uint32_t>(
        std::min(ms, double{std::numeric_limits<std::uint32_t>::max()}));
  }

  hash::FrameHasher hasher_;
  decode::RgbForm form_;
  double rate_;
  double step_;  // frames; a whole number
  Emit emit_;
};

}  // namespace

std::unique_ptr<FrameSampler> make_scene_sampler(FrameSampler::Emit emit) {
  return std::make_unique<SceneSampler>(std::move(emit));
}

Result<std::unique_ptr<FrameSampler>> make_vpdq_sampler(const FramePlan& plan,
                                                        const decode::VideoInfo& info,
                                                        FrameSampler::Emit emit) {
  if (info.frame_rate_num == 0 || info.frame_rate_den == 0) {
    return Error{Errc::kUnsupported, "hash vpdq: the file states no frame rate"};
  }
  return std::unique_ptr<FrameSampler>(std::make_unique<VpdqSampler>(plan, info, std::move(emit)));
}

}  // namespace semblance::extract
