// SPDX-License-Identifier: Apache-2.0
// A video as read_video gave it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/video.h"

namespace semblance::decode {

struct CollectedFrame {
  std::uint32_t stream = 0, number = 0;
  std::int64_t start_us = 0, length_us = 0;
  bool key = false;
  std::uint32_t width = 0, height = 0;
  std::uint32_t coded = 0;  // what coded_number makes of its luma
};

/// Keeps what is known of each frame, and holds the calls to their order.
class VideoCollector : public FrameSink {
 public:
  void begin(const VideoInfo& stated) override;
  void attached(std::span<const std::uint8_t> coded) override;
  Status frame(const DecodedFrame& frame) override;

  /// The numbers that the frames of a stream show, in order.
  std::vector<std::uint32_t> coded(std::uint32_t stream = 0) const;

  /// The longest time between two frames of a stream in a row, in microseconds.
  std::int64_t longest_gap_us(std::uint32_t stream = 0) const;

  /// The largest difference between the time of a frame and that of the picture it shows, where
  /// pictures are `step_us` apart.
  std::int64_t largest_error_us(std::int64_t step_us) const;

  VideoInfo info;
  int begun = 0;
  std::vector<std::string> pictures;  // attached
  std::vector<CollectedFrame> frames;
  std::uint32_t stop_after = UINT32_MAX;  // frames; the next one is refused with kBadArgument
};

/// Reads a file that lies in memory, by the format it sniffs as.
Result<VideoEnd> read_bytes(std::string_view file, FrameSink& sink, const ReadPlan& plan = {},
                            const Limits& limits = {});

/// The same, by a format that is told.
Result<VideoEnd> read_bytes_as(std::string_view file, Format format, FrameSink& sink,
                               const ReadPlan& plan = {}, const Limits& limits = {});

/// "whole", or the end's code and words.
std::string words_of(const Result<VideoEnd>& end);

inline constexpr ReadPlan kKeyframesPlan{Reading::kKeyframes, false};

}  // namespace semblance::decode
