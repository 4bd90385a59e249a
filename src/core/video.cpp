// SPDX-License-Identifier: Apache-2.0
#include "semblance/video.h"

#include <algorithm>
#include <string>

namespace semblance {
namespace {

// A value: form (4 bytes), sampling (1), duration (4), then frames of a fixed size: number, start,
// end (4 each), stream, form, quality (1 each), hash (32). All numbers little-endian.
constexpr std::array<std::uint8_t, 4> kForm = {'S', 'V', 'F', '1'};
constexpr std::size_t kHeadBytes = kForm.size() + 1 + 4;
constexpr std::size_t kFrameBytes = 3 * 4 + 3 + Hash256::kBytes;

void put32(std::vector<std::uint8_t>& into, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    into.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint32_t get32(std::span<const std::uint8_t> bytes) noexcept {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

Error bad(const std::string& why) { return {Errc::kBadFormat, "read video signal: " + why}; }

Result<KnownFrame> parse_frame(std::span<const std::uint8_t> bytes) {
  KnownFrame frame;
  frame.at.number = get32(bytes);
  frame.at.start_ms = get32(bytes.subspan(4));
  frame.at.end_ms = get32(bytes.subspan(8));
  frame.at.stream = bytes[12];
  if (bytes[13] > static_cast<std::uint8_t>(FrameForm::kTrimmed)) return bad("an unknown form");
  frame.at.form = static_cast<FrameForm>(bytes[13]);
  frame.at.quality = bytes[14];
  if (frame.at.quality > 100) return bad("a quality above 100");
  if (frame.at.end_ms < frame.at.start_ms) return bad("a frame that ends before it starts");
  std::copy_n(bytes.begin() + 15, Hash256::kBytes, frame.hash.bytes.begin());
  return frame;
}

}  // namespace

std::string_view name(Sampling sampling) noexcept {
  constexpr std::array<std::string_view, kSamplings.size()> kNames = {"keyframes", "dense", "vpdq"};
  return kNames[static_cast<std::size_t>(sampling) % kNames.size()];
}

Result<Sampling> parse_sampling(std::string_view word) {
  for (const Sampling sampling : kSamplings) {
    if (name(sampling) == word) return sampling;
  }
  return Error{Errc::kBadArgument,
               "sampling '" + std::string(word) + "': not one of keyframes, dense, vpdq"};
}

std::string_view name(FrameForm form) noexcept {
  return form == FrameForm::kTrimmed ? "trimmed" : "whole";
}

VideoSignal to_known(Sampling sampling, std::uint32_t duration_ms,
                     std::span<const FrameSignal> frames) {
  VideoSignal signal{sampling, duration_ms, {}};
  signal.frames.reserve(frames.size());
  for (const FrameSignal& frame : frames) signal.frames.push_back({frame.at, frame.hashes[0]});
  std::stable_sort(
      signal.frames.begin(), signal.frames.end(), [](const KnownFrame& a, const KnownFrame& b) {
        return std::pair(a.at.start_ms, a.at.form) < std::pair(b.at.start_ms, b.at.form);
      });
  return signal;
}

std::vector<std::uint8_t> to_bytes(const VideoSignal& signal) {
  std::vector<std::uint8_t> bytes(kForm.begin(), kForm.end());
  bytes.reserve(kHeadBytes + signal.frames.size() * kFrameBytes);
  bytes.push_back(static_cast<std::uint8_t>(signal.sampling));
  put32(bytes, signal.duration_ms);
  for (const KnownFrame& frame : signal.frames) {
    put32(bytes, frame.at.number);
    put32(bytes, frame.at.start_ms);
    put32(bytes, frame.at.end_ms);
    bytes.push_back(frame.at.stream);
    bytes.push_back(static_cast<std::uint8_t>(frame.at.form));
    bytes.push_back(frame.at.quality);
    bytes.insert(bytes.end(), frame.hash.bytes.begin(), frame.hash.bytes.end());
  }
  return bytes;
}

Result<VideoSignal> parse_video_signal(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeadBytes || !std::equal(kForm.begin(), kForm.end(), bytes.begin())) {
    return bad("not of a form that this build knows");
  }
  VideoSignal signal;
  if (bytes[kForm.size()] >= kSamplings.size()) return bad("an unknown sampling");
  signal.sampling = static_cast<Sampling>(bytes[kForm.size()]);
  signal.duration_ms = get32(bytes.subspan(kForm.size() + 1));
  bytes = bytes.subspan(kHeadBytes);
  if (bytes.size() % kFrameBytes != 0) return bad("cut short");
  if (bytes.size() / kFrameBytes > kMaxSignalFrames) return bad("too many frames");
  signal.frames.reserve(bytes.size() / kFrameBytes);
  for (; !bytes.empty(); bytes = bytes.subspan(kFrameBytes)) {
    auto frame = parse_frame(bytes.first(kFrameBytes));
    if (!frame) return std::move(frame).error();
    signal.frames.push_back(*std::move(frame));
  }
  return signal;
}

}  // namespace semblance
