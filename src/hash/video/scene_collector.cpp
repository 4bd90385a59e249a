// SPDX-License-Identifier: Apache-2.0
#include "hash/video/scene_collector.h"

#include <algorithm>

namespace semblance::hash {

void SceneCollector::add(std::uint8_t stream, std::uint32_t number, std::uint32_t time_ms,
                         const FrameHashes& hashes) {
  std::uint32_t& latest = latest_[stream];
  latest = std::max(latest, time_ms);
  take({stream, FrameForm::kWhole}, number, latest, &hashes.whole);
  take({stream, FrameForm::kTrimmed}, number, latest, hashes.trimmed ? &*hashes.trimmed : nullptr);
}

void SceneCollector::take(Key key, std::uint32_t number, std::uint32_t time_ms,
                          const PdqSignal* signal) {
  const bool shows = signal != nullptr && signal->quality > 0;
  const auto scene = open_.find(key);
  if (scene != open_.end()) {
    const Hash256& first = scene->second.hashes[0];
    if (shows && hamming_distance(first, signal->hash()) <= kSceneDistance) {
      scene->second.at.end_ms = time_ms;
      return;
    }
    emit_(scene->second);
    open_.erase(scene);
  }
  if (!shows) return;
  FramePlace at{number, time_ms, time_ms, key.stream, key.form, 0};
  at.quality = static_cast<std::uint8_t>(signal->quality);
  open_.emplace(key, FrameSignal{at, signal->hashes});
}

void SceneCollector::finish() {
  for (const auto& [key, scene] : open_) emit_(scene);
  open_.clear();
  latest_.clear();
}

}  // namespace semblance::hash
