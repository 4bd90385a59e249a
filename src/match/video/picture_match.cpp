// SPDX-License-Identifier: Apache-2.0
#include "match/video/picture_match.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace semblance::match {
namespace {

Match pdq_match(int distance, Transform turn, std::optional<int> quality, const PdqRule& rule) {
  Match match;
  match.kind = SignalKind::kPdq;
  match.distance = distance;
  match.max_distance = rule.max_distance;
  match.transform = turn;
  match.profile = PdqProfile::kFull;
  match.entry_quality = quality;
  return match;
}

// A picture that the rule lets be compared with frames, which are of the profile `full`.
std::optional<Hash256> picture_of(const BankSignal& signal, const PdqRule& rule) {
  if (signal.value.kind != SignalKind::kPdq || signal.value.bytes.size() != Hash256::kBytes ||
      signal.profile.value_or(PdqProfile::kFull) != PdqProfile::kFull ||
      !rule.admits(signal.quality)) {
    return std::nullopt;
  }
  Hash256 hash;
  std::copy(signal.value.bytes.begin(), signal.value.bytes.end(), hash.bytes.begin());
  return hash;
}

struct Nearest {
  int distance = 0;
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
  for (const StreamFrames& stream : usable.streams()) {
    for (const std::uint32_t frame : stream.frames) {
      for (const PdqQuery& picture : pictures) {
        if (picture.profile != PdqProfile::kFull || !rule.admits(picture.quality)) continue;
        for (std::size_t t = 0; t < picture.hashes.size(); ++t) {
          const int distance = hamming_distance(picture.hashes[t], video.frames[frame].hash);
          if (distance > rule.max_distance) continue;
          alike[frame] = true;
          keep_nearer(best, {distance, frame, static_cast<Transform>(t)});
        }
      }
    }
  }
  if (!best) return std::nullopt;
  Match match = pdq_match(best->distance, best->turn, video.frames[best->frame].at.quality, rule);
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
    for (const NearFrame& one : near) {
      if (!usable.position_of(one.frame)) continue;
      const int distance = hamming_distance(query.hash(one), *known);
      if (distance > rule.max_distance) continue;
      alike[one.frame] = true;
      const auto before = best;
      keep_nearer(best, {distance, one.frame, one.turn});
      if (best != before) quality = signal.quality;
    }
  }
  if (!best) return std::nullopt;
  Match match = pdq_match(best->distance, best->turn, quality, rule);
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
