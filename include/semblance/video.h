// SPDX-License-Identifier: Apache-2.0
// What a video shows, as PDQ hashes of its frames with their times.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance {

/// Which frames of a video are hashed. The numbers are stored and sent: append only.
enum class Sampling : std::uint8_t {
  kKeyframes = 0,  // key frames, and between them what it takes to leave no gap over kMaxGapMs
  kDense = 1,      // every frame: in a shot that moves, the next one is 20 to 50 bits away
  kVpdq = 2,       // the reference's: every n-th frame, by count
};
inline constexpr std::array kSamplings = {Sampling::kKeyframes, Sampling::kDense, Sampling::kVpdq};

/// Returns `keyframes dense vpdq`.
std::string_view name(Sampling sampling) noexcept;

/// Parses `keyframes`, `dense` or `vpdq`; any other text is Errc::kBadArgument.
Result<Sampling> parse_sampling(std::string_view word);

/// The longest time of a video, in milliseconds, that kKeyframes leaves between two frames it looks
/// at: who makes a file chooses its key frames, and could choose none.
inline constexpr std::uint32_t kMaxGapMs = 2'000;

/// A list of frames none of which are further apart than this, in milliseconds, holds every frame
/// of a video of 20 a second and more: what is known of others may be known of some frames alone.
inline constexpr std::uint32_t kDenseStepMs = 50;

/// Frames in a row are one signal as long as they are within this many bits of the first of them.
inline constexpr int kSceneDistance = 4;

/// The version of how frames are chosen, trimmed and collapsed, for kKeyframes and kDense; changes
/// whenever a bit or a time of any of them could.
inline constexpr std::string_view kFramesVersion = "frames-1";

/// What of a frame was hashed. The numbers are stored and sent: append only.
enum class FrameForm : std::uint8_t {
  kWhole = 0,
  kTrimmed = 1,  // without the plain borders around what it shows
};

/// Returns `whole` or `trimmed`.
std::string_view name(FrameForm form) noexcept;

/// Where frames that are one signal stand in a video.
struct FramePlace {
  std::uint32_t number = 0;    // of the first, by order of display from 0; 0 of kKeyframes
  std::uint32_t start_ms = 0;  // when the first is shown, from the start of the video
  std::uint32_t end_ms = 0;    // when the last was looked at; start_ms for one frame alone
  std::uint8_t stream = 0;     // which of the video streams
  FrameForm form = FrameForm::kWhole;
  std::uint8_t quality = 0;  // 0..100, of the first

  friend bool operator==(const FramePlace&, const FramePlace&) = default;
};

/// A frame, or a scene that does not change, of a video that is looked up.
struct FrameSignal {
  FramePlace at;
  std::array<Hash256, kTransforms> hashes{};  // [t] of the first frame turned by Transform t

  friend bool operator==(const FrameSignal&, const FrameSignal&) = default;
};

/// A frame, or a scene that does not change, of a video as it is kept.
struct KnownFrame {
  FramePlace at;
  Hash256 hash;

  friend bool operator==(const KnownFrame&, const KnownFrame&) = default;
};

/// The `vpdq` signal of one video, as it is kept: SignalKind::kVpdq.
struct VideoSignal {
  Sampling sampling = Sampling::kDense;
  std::uint32_t duration_ms = 0;   // as far as it was looked at; 0 if unknown
  std::vector<KnownFrame> frames;  // by start_ms, and of one time by form

  friend bool operator==(const VideoSignal&, const VideoSignal&) = default;
};

/// The most frames that one signal may have: a day, at 24 different ones a second.
inline constexpr std::size_t kMaxSignalFrames = std::size_t{1} << 21;

/// What is kept of the frames that were looked at.
VideoSignal to_known(Sampling sampling, std::uint32_t duration_ms,
                     std::span<const FrameSignal> frames);

/// The bytes of a signal's value: what a store keeps. Little-endian; see video.cpp.
std::vector<std::uint8_t> to_bytes(const VideoSignal& signal);

/// Reads what to_bytes wrote. Errc::kBadFormat for anything else; nothing is allocated beyond what
/// the bytes that are there can mean.
Result<VideoSignal> parse_video_signal(std::span<const std::uint8_t> bytes);

/// Writes the reference's file: a line `number,quality,hex,seconds` a frame, seconds with three
/// decimals. Trimmed forms, which it does not know, are left out. Errc::kIo if `out` fails.
/// **Source:** ThreatExchange vpdq/cpp (vpdqHashType, dumpHashes).
Status write_vpdq(std::ostream& out, std::span<const KnownFrame> frames);

/// Reads such a file; its older form of three fields (number, and hex and quality in either order),
/// whose frames have no time and get 0; and python-threatexchange's JSON array of
/// `hex,quality,seconds`, whose frames have no number and are counted. Exponents are read. Frames
/// are sorted by time. Errc::kBadFormat, with the line, for what is none; an empty file is none.
Result<VideoSignal> read_vpdq(std::istream& in);

/// How much of two videos is the same by vPDQ's own rule, in percent.
struct VpdqPercents {
  double query = 0;  // of the query's frames, those that are within reach of any of the entry's
  double entry = 0;  // and the reverse

  friend bool operator==(const VpdqPercents&, const VpdqPercents&) = default;
};

/// Which frames count, and which are the same.
struct VpdqRule {
  int max_distance = kDefaultMaxDistance;    // bits, inclusive
  int quality_floor = kDefaultQualityFloor;  // of both
  bool dedupe = true;  // equal hashes count once, as python-threatexchange does
};

/// vPDQ's two percentages, whatever the order and the times of the frames; 0 where a side has none
/// of sufficient quality. Forms other than kWhole do not count.
/// **Source:** ThreatExchange vpdq/cpp (matchTwoHashBrute: no dedupe, and its distance is
/// exclusive), python-threatexchange vpdq (dedupe, inclusive).
VpdqPercents vpdq_percents(std::span<const KnownFrame> query, std::span<const KnownFrame> entry,
                           const VpdqRule& rule);

}  // namespace semblance
