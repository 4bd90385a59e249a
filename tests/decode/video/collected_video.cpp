// SPDX-License-Identifier: Apache-2.0
#include "decode/video/collected_video.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

#include "core/files.h"
#include "decode/video/coded_film.h"

namespace semblance::decode {

void VideoCollector::begin(const VideoInfo& stated) {
  ++begun;
  EXPECT_TRUE(frames.empty());
  info = stated;
}

void VideoCollector::attached(std::span<const std::uint8_t> coded) {
  pictures.emplace_back(coded.begin(), coded.end());
}

Status VideoCollector::frame(const DecodedFrame& frame) {
  EXPECT_EQ(begun, 1);
  if (frames.size() >= stop_after) return Error{Errc::kBadArgument, "enough"};
  CollectedFrame kept;
  kept.stream = frame.stream;
  kept.number = frame.number;
  kept.start_us = frame.start_us;
  kept.length_us = frame.length_us;
  kept.key = frame.key;
  const Result<LumaPlane> luma = frame.luma();
  EXPECT_TRUE(luma) << (luma ? "" : luma.error().what);
  if (!luma) return ok();
  kept.width = luma->width;
  kept.height = luma->height;
  kept.coded = coded_number(*luma);
  EXPECT_GE(kept.start_us, 0);
  EXPECT_GE(kept.length_us, 0);
  for (auto before = frames.rbegin(); before != frames.rend(); ++before) {
    if (before->stream != kept.stream) continue;
    EXPECT_GT(kept.start_us, before->start_us);
    break;
  }
  frames.push_back(kept);
  return ok();
}

std::vector<std::uint32_t> VideoCollector::coded(std::uint32_t stream) const {
  std::vector<std::uint32_t> numbers;
  for (const CollectedFrame& frame : frames) {
    if (frame.stream == stream) numbers.push_back(frame.coded);
  }
  return numbers;
}

std::int64_t VideoCollector::longest_gap_us(std::uint32_t stream) const {
  std::int64_t longest = 0, last = -1;
  for (const CollectedFrame& frame : frames) {
    if (frame.stream != stream) continue;
    if (last >= 0) longest = std::max(longest, frame.start_us - last);
    last = frame.start_us;
  }
  return longest;
}

std::int64_t VideoCollector::largest_error_us(std::int64_t step_us) const {
  std::int64_t largest = 0;
  for (const CollectedFrame& frame : frames) {
    largest = std::max(largest, std::abs(frame.start_us - step_us * frame.coded));
  }
  return largest;
}

Result<VideoEnd> read_bytes_as(std::string_view file, Format format, FrameSink& sink,
                               const ReadPlan& plan, const Limits& limits) {
  const FileDescriptor memory(::memfd_create("video", MFD_CLOEXEC));
  EXPECT_TRUE(memory);
  EXPECT_TRUE(write_all(memory.get(), file, "video"));
  return read_video(memory.get(), file.size(), format, plan, limits, sink);
}

Result<VideoEnd> read_bytes(std::string_view file, FrameSink& sink, const ReadPlan& plan,
                            const Limits& limits) {
  const std::span head(reinterpret_cast<const std::uint8_t*>(file.data()),
                       std::min<std::size_t>(file.size(), 4096));
  return read_bytes_as(file, sniff(head), sink, plan, limits);
}

std::string words_of(const Result<VideoEnd>& end) {
  if (end && !end->end.partial) return "whole";
  const Errc code = end ? end->end.code : end.error().code;
  return std::to_string(static_cast<int>(code)) + " " + (end ? end->end.detail : end.error().what);
}

}  // namespace semblance::decode
