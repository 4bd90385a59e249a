// SPDX-License-Identifier: Apache-2.0
#include "extract/reply.h"

#include <algorithm>
#include <utility>

#include "extract/detail.h"

namespace semblance::extract {

void Reply::begin_again() noexcept {
  facts_.reset();
  signals_.clear();
  picture_.clear();
  frames_.clear();
  frame_count_ = 0;
  reached_ms_ = 0;
  ends_ms_ = {};
  tmk_bytes_.clear();
  tmk_.reset();
  end_.reset();
}

std::optional<std::uint32_t> Reply::reached_ms() const noexcept {
  if (frame_count_ == 0) return std::nullopt;
  return reached_ms_;
}

bool Reply::reaches_beyond(const Reply& other) const noexcept {
  if (!has_part() || !other.has_part()) return has_part();
  return reached_ms().value_or(0) > other.reached_ms().value_or(0);
}

bool Reply::accept(Message&& message) {
  if (end_) return false;
  if (const auto* facts = std::get_if<Facts>(&message)) return accept(*facts);
  if (const auto* batch = std::get_if<PdqBatch>(&message)) return accept(*batch);
  if (auto* batch = std::get_if<FrameBatch>(&message)) return accept(std::move(*batch));
  if (const auto* part = std::get_if<TmkPart>(&message)) return accept(*part);
  if (const auto* batch = std::get_if<ProbeBatch>(&message)) return accept(*batch);
  if (const auto* part = std::get_if<FeaturePart>(&message)) return accept(*part);
  if (auto* reply = std::get_if<EmbeddingReply>(&message)) return accept(std::move(*reply));
  if (const auto* part = std::get_if<ThumbnailPart>(&message)) return accept(*part);
  if (const auto* end = std::get_if<End>(&message)) return accept(*end);
  return false;
}

bool Reply::accept(const Facts& facts) {
  if (facts_) return false;
  facts_ = tidy(facts);
  return true;
}

bool Reply::carries_pictures() const noexcept {
  return facts_ && (facts_->kind == MediaKind::kVideo || facts_->kind == MediaKind::kAudio);
}

bool Reply::accept(const PdqBatch& batch) {
  const auto& profiles = request_->profiles;
  if (!facts_ || profiles.empty() || batch.signals.empty()) return false;
  const std::size_t most = profiles.size() * (carries_pictures() ? kMostAttached : 1);
  if (signals_.size() + batch.signals.size() > most) return false;
  for (const PdqSignal& signal : batch.signals) {
    if (signal.profile != profiles[signals_.size() % profiles.size()]) return false;
    if (signal.precision() == Precision::kFast && !may_be_fast()) return false;
    signals_.push_back(signal);
  }
  return true;
}

// Asked for, of the one profile that has a fast form, and nothing beside it that takes pixels. What
// a video carries is always decoded.
bool Reply::may_be_fast() const noexcept {
  return request_->precision != Precision::kExact && request_->profiles.size() == 1 &&
         request_->profiles.front() == PdqProfile::kFull && facts_->kind == MediaKind::kImage &&
         !request_->entry_windows && request_->features == 0 && request_->embedders.empty() &&
         request_->thumbnail_side == 0;
}

// A picture has them, behind its hashes and before its frames. What a video carries has none.
bool Reply::may_have_parts() const noexcept {
  return facts_ && facts_->kind == MediaKind::kImage && frame_count_ == 0 && has_its_pictures();
}

bool Reply::accept(const ProbeBatch& batch) {
  if (!may_have_parts() || signals_.empty()) return false;
  return picture_.accept(batch, signals_.front().precision());
}

bool Reply::accept(const FeaturePart& part) { return may_have_parts() && picture_.accept(part); }

bool Reply::accept(EmbeddingReply&& reply) {
  return may_have_parts() && picture_.accept(std::move(reply));
}

bool Reply::accept(const ThumbnailPart& part) { return may_have_parts() && picture_.accept(part); }

bool Reply::accept(FrameBatch&& batch) {
  if (!runs_long() || request_->profiles.empty() || batch.frames.empty()) return false;
  if (!picture_.is_complete()) return false;
  frame_count_ += batch.frames.size();
  if (frame_count_ > kMaxSignalFrames) return false;
  for (const FrameSignal& frame : batch.frames) {
    if (!accept(frame.at)) return false;
  }
  frames_.push_back(std::move(batch));
  return true;
}

// Of a stream and form that was asked for, and not before what came before it. A stream may show up
// that the facts did not know of.
bool Reply::accept(const FramePlace& place) {
  if (request_->frames.sampling == Sampling::kVpdq &&
      (place.stream != 0 || place.form != FrameForm::kWhole)) {
    return false;
  }
  std::uint32_t& last = ends_ms_[place.stream][place.form == FrameForm::kWhole ? 0 : 1];
  if (place.start_ms < last) return false;
  last = place.end_ms;
  reached_ms_ = std::max(reached_ms_, place.end_ms);
  return true;
}

bool Reply::accept(const TmkPart& part) {
  if (!facts_ || facts_->kind != MediaKind::kVideo || !request_->tmk) return false;
  if (part.bytes.empty() || part.offset != tmk_bytes_.size()) return false;
  if (part.bytes.size() > kTmkBytes - tmk_bytes_.size()) return false;
  tmk_bytes_.insert(tmk_bytes_.end(), part.bytes.begin(), part.bytes.end());
  if (tmk_bytes_.size() < kTmkBytes) return true;
  auto signal = parse_tmk(tmk_bytes_);
  if (!signal) return false;
  tmk_ = std::move(*signal);
  return true;
}

// Each picture in every profile: of a picture one, of a sound one at least, of a video any number.
bool Reply::has_its_pictures() const noexcept {
  const std::size_t each = request_->profiles.size();
  if (each == 0) return signals_.empty();
  if (!carries_pictures()) return signals_.size() == each;
  if (facts_->kind == MediaKind::kAudio && signals_.empty()) return false;
  return signals_.size() % each == 0;
}

// Whether everything that was asked of such an item came. How many frames of a video are signals is
// its own affair; its TMK is of any that came, and without one it did not end whole.
bool Reply::is_whole() const noexcept {
  if (!has_its_pictures() || !picture_.is_complete()) return false;
  return !facts_ || facts_->kind != MediaKind::kVideo || !request_->tmk || tmk_;
}

bool Reply::accept(const End& end) {
  const bool said_whole = end.ending.reason == Reason::kNone;
  if (said_whole && (end.ending.partial || !is_whole())) return false;
  if (end.ending.reached_ms && !runs_long()) return false;
  if (end.item != request_->item) return false;
  end_ = end;
  return true;
}

void Reply::tell(ExtractSink& sink) {
  if (facts_) sink.on_facts(*facts_);
  if (!signals_.empty()) sink.on_pdq(signals_);
  picture_.tell(sink);
  for (FrameBatch& batch : frames_) sink.on_frames(std::exchange(batch, {}).frames);
  if (tmk_) sink.on_tmk(*tmk_);
}

}  // namespace semblance::extract
