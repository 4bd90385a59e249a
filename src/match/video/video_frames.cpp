// SPDX-License-Identifier: Apache-2.0
#include "match/video/video_frames.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace semblance::match {
namespace {

// Places of one start: `first` up to, and without, `last`.
struct Group {
  std::size_t first = 0;
  std::size_t last = 0;
  std::uint32_t end_ms = 0;
};

// The group that the place is of.
Group group_at(std::span<const FramePlace> places, std::size_t place) {
  Group group{place, place + 1, 0};
  const std::uint32_t start = places[place].start_ms;
  while (group.first > 0 && places[group.first - 1].start_ms == start) --group.first;
  while (group.last < places.size() && places[group.last].start_ms == start) ++group.last;
  for (std::size_t i = group.first; i < group.last; ++i) {
    group.end_ms = std::max(group.end_ms, places[i].end_ms);
  }
  return group;
}

// Numbers the times of places in their order; see VideoFrames::is_kept.
std::vector<std::uint32_t> times_of(std::span<const FramePlace> places) {
  std::vector<std::uint32_t> times;
  times.reserve(places.size());
  std::uint32_t of_group = 0;  // the first of those of one start
  std::uint32_t next = 0;      // of one form
  std::uint32_t beyond = 0;    // all that were given
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0 && places[i].start_ms != places[i - 1].start_ms) {
      of_group = beyond;
      next = of_group;
    } else if (i > 0 && places[i].form != places[i - 1].form) {
      next = of_group;
    }
    times.push_back(next++);
    beyond = std::max(beyond, next);
  }
  return times;
}

// Frames further apart than what a sparse sampling leaves out are not neighbours.
bool are_neighbours(std::uint32_t end_ms, std::uint32_t start_ms) {
  return start_ms <= std::uint64_t{end_ms} + kMaxGapMs;
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
      streams_.push_back({all[frame].stream, {}, {}, {}});
    }
    StreamFrames& stream = streams_.back();
    positions_[frame] = {static_cast<std::uint32_t>(streams_.size() - 1),
                         static_cast<std::uint32_t>(stream.places.size())};
    stream.places.push_back(all[frame]);
    stream.frames.push_back(frame);
  }
  for (StreamFrames& stream : streams_) stream.times = times_of(stream.places);
}

std::optional<VideoFrames::Position> VideoFrames::position_of(std::uint32_t frame) const noexcept {
  if (frame >= positions_.size() || positions_[frame].stream == kUnusable) return std::nullopt;
  return positions_[frame];
}

bool VideoFrames::is_kept(std::uint32_t frame, std::uint32_t stride) const noexcept {
  const Position at = positions_[frame];
  return streams_[at.stream].times[at.place] % stride == 0;
}

std::uint32_t VideoFrames::most_times() const noexcept {
  std::uint32_t most = 0;
  for (const StreamFrames& stream : streams_) {
    for (const std::uint32_t time : stream.times) most = std::max(most, time + 1);
  }
  return most;
}

TimeSpan VideoFrames::span_around(std::uint32_t frame, const std::vector<bool>& alike) const {
  const Position at = positions_[frame];
  const StreamFrames& stream = streams_[at.stream];
  const std::span<const FramePlace> places(stream.places);
  // Of a time that was hashed whole and trimmed, one form that is alike is enough.
  const auto is_alike = [&](const Group& group) {
    for (std::size_t i = group.first; i < group.last; ++i) {
      if (alike[stream.frames[i]]) return true;
    }
    return false;
  };
  Group first = group_at(places, at.place);
  Group last = first;
  std::uint32_t end_ms = first.end_ms;
  while (first.first > 0) {
    const Group before = group_at(places, first.first - 1);
    if (!are_neighbours(before.end_ms, places[first.first].start_ms) || !is_alike(before)) break;
    first = before;
    end_ms = std::max(end_ms, first.end_ms);
  }
  while (last.last < places.size()) {
    const Group after = group_at(places, last.last);
    if (!are_neighbours(last.end_ms, places[after.first].start_ms) || !is_alike(after)) break;
    last = after;
    end_ms = std::max(end_ms, last.end_ms);
  }
  return {places[first.first].start_ms, end_ms};
}

KnownVideo::KnownVideo(VideoSignal video, int quality_floor)
    : signal(std::move(video)), usable(places_of(signal.frames), quality_floor) {}

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
