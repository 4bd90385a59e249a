// SPDX-License-Identifier: Apache-2.0
// What the tests of video matching share: videos made of hashes that walk, and what shows them.
#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "semblance/store.h"
#include "semblance/video.h"

namespace semblance {

inline constexpr std::uint32_t kStepMs = 125;

/// `hash` with some of its bits, chosen by `rng`, flipped: at most that far away.
inline Hash256 near_hash(Hash256 hash, int bits, std::mt19937_64& rng) {
  for (int i = 0; i < bits; ++i) {
    const std::uint64_t bit = rng() % 256;
    hash.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
  return hash;
}

inline Hash256 any_hash(std::mt19937_64& rng) {
  Hash256 hash;
  for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  return hash;
}

/// A video of `frames` frames, one every kStepMs: shots of five seconds, in which each frame is
/// some bits from the one before.
inline VideoSignal made_up_video(std::uint64_t seed, std::size_t frames) {
  constexpr std::size_t kShot = 40;
  std::mt19937_64 rng(seed);
  VideoSignal video;
  Hash256 hash;
  for (std::uint32_t i = 0; i < frames; ++i) {
    hash = i % kShot == 0 ? any_hash(rng) : near_hash(hash, 7, rng);
    KnownFrame frame;
    frame.at.number = i;
    frame.at.start_ms = i * kStepMs;
    frame.at.end_ms = frame.at.start_ms;
    frame.at.quality = 100;
    frame.hash = hash;
    video.frames.push_back(frame);
  }
  video.duration_ms = static_cast<std::uint32_t>(frames) * kStepMs;
  return video;
}

/// A frame to look up at that time, whose hash turned by `turn` is `hash`, and otherwise random.
inline FrameSignal shown_at(std::uint32_t start_ms, const Hash256& hash, std::mt19937_64& rng,
                            Transform turn = Transform::kNone) {
  FrameSignal frame;
  frame.at.start_ms = start_ms;
  frame.at.end_ms = start_ms;
  frame.at.quality = 100;
  for (Hash256& one : frame.hashes) one = any_hash(rng);
  frame.hashes[static_cast<std::size_t>(turn)] = hash;
  return frame;
}

/// Where a query shows a part of a video.
struct Clip {
  std::size_t at = 0;      // frame of the query where it begins
  std::size_t from = 0;    // first frame of the video that is shown
  std::size_t frames = 0;  // how many frames of the query show it
  std::size_t step = 1;    // frames of the video for each of the query: its speed
  Transform turn = Transform::kNone;
  int noise = 5;  // bits, of each frame
};

/// A query of `frames` frames of nothing known, but for the clips.
inline std::vector<FrameSignal> made_up_query(std::uint64_t seed, std::size_t frames,
                                              const VideoSignal& video,
                                              const std::vector<Clip>& clips) {
  std::mt19937_64 rng(seed);
  std::vector<FrameSignal> query;
  const VideoSignal other = made_up_video(seed + 1'000'000, frames);
  for (const KnownFrame& frame : other.frames) {
    query.push_back(shown_at(frame.at.start_ms, frame.hash, rng));
  }
  for (const Clip& clip : clips) {
    for (std::size_t i = 0; i < clip.frames; ++i) {
      const Hash256& known = video.frames.at(clip.from + i * clip.step).hash;
      FrameSignal& frame = query.at(clip.at + i);
      frame = shown_at(frame.at.start_ms, near_hash(known, clip.noise, rng), rng, clip.turn);
    }
  }
  return query;
}

/// A video as a bank keeps it.
inline BankSignal vpdq_signal(const VideoSignal& video) {
  return {{SignalKind::kVpdq, to_bytes(video)}, std::nullopt, std::nullopt, "frames-1"};
}

}  // namespace semblance
