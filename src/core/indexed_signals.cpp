// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "semblance/store.h"
#include "semblance/video.h"

namespace semblance {
namespace {

// A still that stands for minutes, every frame of it hashed, is one code and not thousands: each
// would be a hit of its own.
void add_frames(VideoSignal video, IndexedSignal indexed, std::vector<IndexedSignal>& into) {
  std::sort(video.frames.begin(), video.frames.end(), [](const KnownFrame& a, const KnownFrame& b) {
    return a.hash.bytes != b.hash.bytes ? a.hash.bytes < b.hash.bytes : a.at.quality > b.at.quality;
  });
  const KnownFrame* last = nullptr;
  for (const KnownFrame& frame : video.frames) {
    if (last != nullptr && last->hash == frame.hash) continue;
    last = &frame;
    indexed.hash = frame.hash;
    indexed.quality = frame.at.quality;
    into.push_back(indexed);
  }
}

}  // namespace

bool is_dense(const VideoSignal& video) {
  if (video.sampling != Sampling::kVpdq) return video.sampling == Sampling::kDense;
  // Times in files of the reference are rounded.
  constexpr std::uint32_t kLongest = kDenseStepMs + 1;
  struct Looked {
    std::uint32_t start_ms;  // of the first frame
    std::uint32_t last_ms;   // when the last one starts
    std::uint32_t until_ms;
    std::size_t frames = 0;
  };
  std::map<std::uint8_t, Looked> streams;
  for (const KnownFrame& frame : video.frames) {
    const FramePlace& at = frame.at;
    Looked& looked =
        streams.try_emplace(at.stream, Looked{at.start_ms, at.start_ms, at.end_ms}).first->second;
    if (at.start_ms < looked.last_ms) return false;
    if (at.start_ms > std::uint64_t{looked.until_ms} + kLongest) return false;
    looked.last_ms = at.start_ms;
    looked.until_ms = std::max(looked.until_ms, at.end_ms);
    ++looked.frames;
  }
  // A list that says no times says nothing of what lies between its frames.
  return std::none_of(streams.begin(), streams.end(), [](const auto& stream) {
    return stream.second.frames > 1 && stream.second.last_ms == stream.second.start_ms;
  });
}

Result<std::vector<IndexedSignal>> indexed_signals(std::span<const BankSignal> signals,
                                                   std::int64_t entry, std::int64_t bank) {
  std::vector<IndexedSignal> all;
  for (const BankSignal& signal : signals) {
    IndexedSignal indexed;
    indexed.entry = entry;
    indexed.bank = bank;
    if (signal.value.kind == SignalKind::kVpdq) {
      auto video = parse_video_signal(signal.value.bytes);
      if (!video) return std::move(video).error();
      add_frames(*std::move(video), indexed, all);
    } else if (signal.value.kind == SignalKind::kPdq &&
               signal.value.bytes.size() == Hash256::kBytes) {
      std::copy(signal.value.bytes.begin(), signal.value.bytes.end(), indexed.hash.bytes.begin());
      indexed.quality = signal.quality;
      indexed.profile = signal.profile.value_or(PdqProfile::kFull);
      indexed.part = signal.part;
      all.push_back(indexed);
    }
  }
  return all;
}

}  // namespace semblance
