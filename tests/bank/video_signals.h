// SPDX-License-Identifier: Apache-2.0
// Signals of videos that do not exist, for the tests of banks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "semblance/store.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::bank {

/// A frame whose hash is all of that byte.
inline KnownFrame frame_of(std::uint32_t start_ms, std::uint8_t byte, std::uint8_t quality = 100) {
  KnownFrame frame;
  frame.at.number = start_ms;
  frame.at.start_ms = start_ms;
  frame.at.end_ms = start_ms;
  frame.at.quality = quality;
  frame.hash.bytes.fill(byte);
  return frame;
}

inline VideoSignal video_of(std::vector<KnownFrame> frames, Sampling sampling = Sampling::kDense) {
  return {sampling, 1'000, std::move(frames)};
}

inline BankSignal vpdq_of(const VideoSignal& video, std::string version = "frames-1") {
  return {{SignalKind::kVpdq, to_bytes(video)}, std::nullopt, std::nullopt, std::move(version)};
}

inline TmkSignal tmk_of(float figure) {
  TmkSignal tmk;
  tmk.frames = 15;
  tmk.mean.fill(figure);
  tmk.mean[3] = -2 * figure;
  tmk.cosines.assign(kTmkWaves, figure * 1e-6F);  // no wave is longer than its coefficient allows
  tmk.sines.assign(kTmkWaves, -figure * 1e-6F);
  return tmk;
}

inline BankSignal tmk_signal_of(float figure) {
  return {{SignalKind::kTmk, to_bytes(tmk_of(figure))}, std::nullopt, std::nullopt, "tmk-1"};
}

}  // namespace semblance::bank
