// SPDX-License-Identifier: Apache-2.0
#include "semblance/extract.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace semblance {
namespace {

// By Isolation.
constexpr std::array<std::string_view, 3> kIsolations = {"process", "require", "none"};

}  // namespace

std::string_view name(MediaKind kind) noexcept {
  switch (kind) {
    case MediaKind::kImage:
      return "image";
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kAudio:
      return "audio";
    case MediaKind::kContainer:
      return "container";
    case MediaKind::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view name(Reason reason) noexcept {
  switch (reason) {
    case Reason::kOpenFailed:
      return "open_failed";
    case Reason::kNotMedia:
      return "not_media";
    case Reason::kUnsupported:
      return "unsupported";
    case Reason::kDecodeFailed:
      return "decode_failed";
    case Reason::kTruncated:
      return "truncated";
    case Reason::kLowQuality:
      return "low_quality";
    case Reason::kOverLimit:
      return "over_limit";
    case Reason::kTimedOut:
      return "timed_out";
    case Reason::kDecoderCrashed:
      return "decoder_crashed";
    case Reason::kNone:
      break;
  }
  return "";
}

std::string_view name(Isolation isolation) noexcept {
  return kIsolations[static_cast<std::size_t>(isolation) % kIsolations.size()];
}

Result<Isolation> parse_isolation(std::string_view word) {
  for (std::size_t i = 0; i < kIsolations.size(); ++i) {
    if (kIsolations[i] == word) return static_cast<Isolation>(i);
  }
  return Error{Errc::kBadArgument,
               "isolation '" + std::string(word) + "': not one of require, process, none"};
}

Status check(const FramePlan& plan) {
  if (static_cast<std::size_t>(plan.sampling) >= kSamplings.size()) {
    return Error{Errc::kBadArgument, "plan frames: an unknown sampling"};
  }
  // Written so that what is no number at all is out of range.
  if (!(plan.seconds_per_hash >= 0 && plan.seconds_per_hash <= kMaxPlannedSeconds)) {
    return Error{Errc::kBadArgument, "plan frames: " + std::to_string(plan.seconds_per_hash) +
                                         " seconds between frames, not 0 to a day"};
  }
  for (const std::uint32_t side : {plan.width, plan.height}) {
    if (side > kMaxPlannedSide) {
      return Error{Errc::kBadArgument, "plan frames: a side of " + std::to_string(side) +
                                           " pixels, more than " + std::to_string(kMaxPlannedSide)};
    }
  }
  return ok();
}

Sampling sampling_of(const Plan& plan) noexcept {
  const bool every_frame = plan.tmk && plan.frames.sampling == Sampling::kKeyframes;
  return every_frame ? Sampling::kDense : plan.frames.sampling;
}

Status check_embedders(const Extractor& extractor, const Plan& plan) {
  if (plan.embedders.empty()) return ok();
  const std::vector<EmbedderId> known = extractor.embedders();
  for (const std::string& asked : plan.embedders) {
    const auto is_asked = [&](const EmbedderId& id) { return id.model == asked; };
    if (std::any_of(known.begin(), known.end(), is_asked)) continue;
    std::string names;
    for (const EmbedderId& id : known) names += (names.empty() ? "" : ", ") + id.model;
    return Error{Errc::kUnsupported, "embedding model " + asked + ": it is not loaded; there is " +
                                         (names.empty() ? "none" : names)};
  }
  return ok();
}

std::string frames_version(Sampling sampling) {
  std::string version(sampling == Sampling::kVpdq ? std::string_view("vpdq") : kFramesVersion);
  return version.append("/").append(kPdqVersion);
}

bool has_frames(const Facts& facts) noexcept {
  return facts.kind == MediaKind::kVideo || (facts.kind == MediaKind::kImage && facts.animated);
}

void CollectingSink::on_digests(std::span<const SignalValue> digests) {
  into_.digests.assign(digests.begin(), digests.end());
}
void CollectingSink::on_facts(const Facts& facts) { into_.facts = facts; }
void CollectingSink::on_pdq(std::span<const PdqSignal> signals) {
  into_.pdq.insert(into_.pdq.end(), signals.begin(), signals.end());
}
void CollectingSink::on_frames(std::span<const FrameSignal> frames) {
  into_.frames.insert(into_.frames.end(), frames.begin(), frames.end());
}
void CollectingSink::on_tmk(const TmkSignal& signal) { into_.tmk = signal; }
void CollectingSink::on_probes(std::span<const ProbeSignal> signals) {
  into_.probes.insert(into_.probes.end(), signals.begin(), signals.end());
}
void CollectingSink::on_features(const FeatureSet& set) { into_.features.push_back(set); }
void CollectingSink::on_embedding(const EmbeddingSignal& signal) {
  into_.embeddings.push_back(signal);
}
void CollectingSink::on_thumbnail(const Thumbnail& thumbnail) { into_.thumbnail = thumbnail; }
void CollectingSink::on_end(const Ending& ending) {
  // A stream's forms, and streams among each other, came as their scenes ended.
  std::stable_sort(into_.frames.begin(), into_.frames.end(),
                   [](const FrameSignal& a, const FrameSignal& b) {
                     return std::tie(a.at.stream, a.at.start_ms, a.at.form) <
                            std::tie(b.at.stream, b.at.start_ms, b.at.form);
                   });
  into_.ending = ending;
}

}  // namespace semblance
