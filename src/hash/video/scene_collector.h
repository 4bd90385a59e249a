// SPDX-License-Identifier: Apache-2.0
// Frames of a video in order of time; scenes that do not change become one signal.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "hash/video/frame_hasher.h"
#include "semblance/video.h"

namespace semblance::hash {

/// Collapses frames whose hashes are within kSceneDistance of the first of their scene, each form
/// and stream by itself. A frame without structure (quality 0) ends the scene and is none.
///
/// Gives each signal when its scene ends, so that a video of any length takes the memory of one
/// scene a stream; within a stream and form they come in order of time.
class SceneCollector {
 public:
  using Emit = std::function<void(const FrameSignal&)>;

  explicit SceneCollector(Emit emit) : emit_(std::move(emit)) {}

  /// The next frame of that stream. Times within a stream never fall: one that does counts as the
  /// time before it.
  void add(std::uint8_t stream, std::uint32_t number, std::uint32_t time_ms,
           const FrameHashes& hashes);

  /// Ends all scenes; what is added afterwards is of another video.
  void finish();

 private:
  struct Key {
    std::uint8_t stream = 0;
    FrameForm form = FrameForm::kWhole;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  void take(Key key, std::uint32_t number, std::uint32_t time_ms, const PdqSignal* signal);

  Emit emit_;
  std::map<Key, FrameSignal> open_;
  std::map<std::uint8_t, std::uint32_t> latest_;  // time of each stream
};

}  // namespace semblance::hash
