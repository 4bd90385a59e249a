// SPDX-License-Identifier: Apache-2.0
#include "match/video/video_frames.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace semblance::match {
namespace {

// Frames further apart than what a sparse sampling leaves out are not neighbours.
bool are_neighbours(const FramePlace& before, const FramePlace& after) {
  return after.start_ms <= before.end_ms + kMaxGapMs;
}

}  // namespace

VideoFrames::VideoFrames(std::span<const FramePlace> all, int quality_floor)
    : positions_(all.size(), Position{kUnusable, 0}) {
  const int floor = std::max(quality_floor, kUsableQuality);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all[i].quality >= floor) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(all[a].stream, all[a].start_ms, all[a].form, a) <
           std::tuple(all[b].stream, all[b].start_ms, all[b].form, b);
  });
  for (const std::uint32_t frame : order) {
    if (streams_.empty() || streams_.back().stream != all[frame].stream) {
      streams_.push_back({all[frame].stream, {}, {}});
    }
    StreamFrames& stream = streams_.back();
    positions_[frame] = {static_cast<std::uint32_t>(streams_.size() - 1),
                         static_cast<std::uint32_t>(stream.places.size())};
    stream.places.push_back(all[frame]);
    stream.frames.push_back(frame);
  }
}

std::optional<VideoFrames::Position> VideoFrames::position_of(std::uint32_t frame) const noexcept {
  if (frame >= positions_.size() || positions_[frame].stream == kUnusable) return std::nullopt;
  return positions_[frame];
}

TimeSpan VideoFrames::span_around(std::uint32_t frame, const std::vector<bool>& alike) const {
  const Position at = positions_[frame];
  const StreamFrames& stream = streams_[at.stream];
  // Of a time that was hashed whole and trimmed, one form that is alike is enough.
  const auto time_is_alike = [&](std::size_t place) {
    const std::uint32_t start = stream.places[place].start_ms;
    const auto [first, last] = std::equal_range(
        stream.places.begin(), stream.places.end(), FramePlace{.start_ms = start},
        [](const FramePlace& a, const FramePlace& b) { return a.start_ms < b.start_ms; });
    for (auto one = first; one != last; ++one) {
      if (alike[stream.frames[static_cast<std::size_t>(one - stream.places.begin())]]) return true;
    }
    return false;
  };
  std::size_t first = at.place;
  std::size_t last = at.place;
  while (first > 0 && are_neighbours(stream.places[first - 1], stream.places[first]) &&
         time_is_alike(first - 1)) {
    --first;
  }
  while (last + 1 < stream.places.size() &&
         are_neighbours(stream.places[last], stream.places[last + 1]) && time_is_alike(last + 1)) {
    ++last;
  }
  TimeSpan span{stream.places[first].start_ms, 0};
  for (std::size_t i = first; i <= last; ++i) {
    span.end_ms = std::max(span.end_ms, stream.places[i].end_ms);
  }
  return span;
}

std::vector<FramePlace> places_of(std::span<const FrameSignal> frames) {
  std::vector<FramePlace> places;
  places.reserve(frames.size());
  for (const FrameSignal& frame : frames) places.push_back(frame.at);
  return places;
}

std::vector<FramePlace> places_of(std::span<const KnownFrame> frames) {
  std::vector<FramePlace> places;
  places.reserve(frames.size());
  for (const KnownFrame& frame : frames) places.push_back(frame.at);
  return places;
}

std::uint32_t end_of(std::span<const FramePlace> places) noexcept {
  std::uint32_t end = 0;
  for (const FramePlace& place : places) end = std::max(end, place.end_ms);
  return end;
}

}  // namespace semblance::match
