// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: which frames of a video are hashed, and how.
#pragma once

#include <functional>
#include <memory>

#include "decode/video.h"
#include "semblance/extract.h"
#include "semblance/result.h"

namespace semblance::extract {

/// Hashes those of a video's frames that its sampling asks for.
class FrameSampler {
 public:
  using Emit = std::function<void(const FrameSignal&)>;

  virtual ~FrameSampler() = default;

  /// The next decoded frame. Errc::kUnsupported if it cannot be hashed.
  virtual Status take(const decode::DecodedFrame& frame) = 0;

  /// Gives what is not given yet.
  virtual void finish() = 0;
};

/// Makes the sampler of kKeyframes and kDense, which differ in the frames that are read: every
/// frame it is given is hashed, whole and trimmed, and scenes that do not change become one signal.
std::unique_ptr<FrameSampler> make_scene_sampler(FrameSampler::Emit emit);

/// Makes the sampler of kVpdq: by count, as RGB in the plan's size, one signal a frame, its time by
/// its number and the stated frame rate. kUnsupported if the file states none.
/// **Source:** ThreatExchange vpdq/cpp (hasher.cpp: hashVideo), whose faults of time stamps by
/// count and of the truncated step are kept, but not that it loses the last frames of some files.
Result<std::unique_ptr<FrameSampler>> make_vpdq_sampler(const FramePlan& plan,
                                                        const decode::VideoInfo& info,
                                                        FrameSampler::Emit emit);

}  // namespace semblance::extract
