// SPDX-License-Identifier: Apache-2.0
// Private to src/match: from frames that are alike to intervals that show the same.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "semblance/match.h"
#include "semblance/video.h"

namespace semblance::match {

/// A frame of the query within reach of a frame of the entry.
struct FrameHit {
  std::uint32_t query = 0;  // index into the query's frames
  std::uint32_t entry = 0;  // index into the entry's frames
  int distance = 0;         // bits
};

/// A part of the query that shows a part of the entry.
struct AlignedInterval {
  TimeSpan query;
  TimeSpan entry;
  double speed = 1;              // seconds of the entry that a second of the query shows
  std::uint32_t frames = 0;      // different frames of the query that agree
  std::uint32_t compared = 0;    // that could have: those within the interval, frames included
  int distance = 0;              // of the agreeing frames, the median
  double confidence = 0;         // 0..1
  std::uint32_t best_query = 0;  // of the nearest agreeing pair: indices into the frames
  std::uint32_t best_entry = 0;
};

/// The speeds that are looked for, and those at which nothing is believed.
inline constexpr double kSlowest = 0.5;
inline constexpr double kFastest = 2.0;

/// Frames that must agree in their times before they are an interval; fewer may be chance, or a
/// title that many videos begin with.
inline constexpr std::uint32_t kAgreeing = 3;

/// Finds the intervals in which hits lie on a line: entry time = speed * query time + offset.
///
/// A vote over offsets at speeds from kSlowest to kFastest, then a line fitted to what voted for
/// it, as often as there is one; each hit belongs to one interval at most. Costs grow with the
/// hits and not with pairs of frames. Intervals come by start of the query's. `query` and `entry`
/// are all usable frames of either side, of one form or of several, by start; those of `query` that
/// no hit names are what could have agreed and did not.
/// **Source:** Hough, 1962, as in Jiang et al., "VCDB", 2014 (temporal Hough voting).
std::vector<AlignedInterval> align(std::span<const FramePlace> query,
                                   std::span<const FramePlace> entry,
                                   std::span<const FrameHit> hits);

}  // namespace semblance::match
