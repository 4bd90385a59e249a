// SPDX-License-Identifier: Apache-2.0
#include "match/video/picture_match.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace semblance::match {
namespace {

Match pdq_match(int distance, int allowed, Transform turn, std::optional<int> quality) {
  Match match;
  match.kind = SignalKind::kPdq;
  match.distance = distance;
  match.max_distance = allowed;
  match.transform = turn;
  match.profile = PdqProfile::kFull;
  match.entry_quality = quality;
  return match;
}

// A picture, or a part of one, that the rule lets be compared with frames, which are of the profile
// `full`.
std::optional<Hash256> picture_of(const BankSignal& signal, const PdqRule& rule) {
  if (signal.profile.value_or(PdqProfile::kFull) != PdqProfile::kFull) return std::nullopt;
  return comparable_hash(signal, rule);
}

// Compares as picture_match.h promises.
struct Nearest {
  int distance = 0;
  Probe part{};  // of the picture
  std::uint32_t frame = 0;
  Transform turn = Transform::kNone;

  friend auto operator<=>(const Nearest&, const Nearest&) = default;
};

void keep_nearer(std::optional<Nearest>& best, const Nearest& other) {
  if (!best || other < *best) best = other;
}

// The nearest frame of one video to the pictures.
std::optional<Match> compare_with_video(std::span<const PdqQuery> pictures,
                                        const VideoSignal& video, const VideoFrames& usable,
                                        const PdqRule& rule) {
  std::optional<Nearest> best;
  std::vector<bool> alike(video.frames.size());
  for (const PdqQuery& picture : pictures) {
    if (picture.profile != PdqProfile::kFull || !rule.admits(picture.quality)) continue;
    const int allowed = rule.allowed(picture.probe.kind, ProbeKind::kWhole);
    for (const StreamFrames& stream : usable.streams()) {
      for (const std::uint32_t frame : stream.frames) {
        for (std::size_t t = 0; t < picture.hashes.size(); ++t) {
          if (!picture.looks_up(t)) continue;
          const int distance = hamming_distance(picture.hashes[t], video.frames[frame].hash);
          if (distance > allowed) continue;
          alike[frame] = true;
          keep_nearer(best, {distance, picture.probe, frame, static_cast<Transform>(t)});
        }
      }
    }
  }
  if (!best) return std::nullopt;
  Match match = pdq_match(best->distance, rule.allowed(best->part.kind, ProbeKind::kWhole),
                          best->turn, video.frames[best->frame].at.quality);
  match.query_probe = said(best->part);
  match.entry_interval = usable.span_around(best->frame, alike);
  return match;
}

}  // namespace

std::optional<Match> compare_with_pictures(VideoQuery& query, std::span<const NearFrame> near,
                                           std::span<const BankSignal> signals,
                                           const PdqRule& rule) {
  const VideoFrames& usable = query.usable(rule.quality_floor);
  std::optional<Nearest> best;
  std::optional<int> quality;
  std::vector<bool> alike(query.frames().size());
  for (const BankSignal& signal : signals) {
    const auto known = picture_of(signal, rule);
    if (!known) continue;
    const int allowed = rule.allowed(ProbeKind::kWhole, part_kind(signal));
    for (const NearFrame& one : near) {
      if (!usable.position_of(one.frame)) continue;
      const int distance = hamming_distance(query.hash(one), *known);
      if (distance > allowed) continue;
      alike[one.frame] = true;
      const auto before = best;
      keep_nearer(best, {distance, signal.part.value_or(Probe{}), one.frame, one.turn});
      if (best != before) quality = signal.quality;
    }
  }
  if (!best) return std::nullopt;
  Match match = pdq_match(best->distance, rule.allowed(ProbeKind::kWhole, best->part.kind),
                          best->turn, quality);
  match.entry_probe = said(best->part);
  match.query_interval = usable.span_around(best->frame, alike);
  match.query_form = query.frames()[best->frame].at.form;
  return match;
}

std::optional<Match> compare_with_frames(std::span<const PdqQuery> pictures,
                                         std::span<const KnownVideo> videos, const PdqRule& rule) {
  std::optional<Match> best;
  for (const KnownVideo& video : videos) {
    auto match = compare_with_video(pictures, video.signal, video.usable, rule);
    if (match && (!best || match->distance < best->distance)) best = std::move(match);
  }
  return best;
}

}  // namespace semblance::match
