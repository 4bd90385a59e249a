// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: a container that libavformat has opened, within bounds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "decode/av.h"
#include "decode/video.h"
#include "decode/video/file_input.h"

namespace semblance::decode {

/// The most video streams of one file that are decoded.
inline constexpr std::size_t kMaxVideoStreams = 8;

/// A file's streams and packets. Neither opens anything else, whatever the file names.
class Container {
 public:
  /// Opens it and looks at its streams. `deadline` must outlive it.
  static Result<Container> open(int descriptor, std::uint64_t bytes, std::string_view format,
                                const ReadPlan& plan, const Limits& limits,
                                const Deadline& deadline);

  /// What the file says of its video, as far as its header and first packets tell.
  VideoInfo info() const;

  /// The stream of that index; null if there is none.
  const AVStream* stream(int index) const;

  /// Indices of the video streams, attached pictures left out.
  std::vector<int> video_streams() const;

  /// Whether it is one of video_streams().
  static bool is_video(const AVStream& stream);

  /// Reads no packets but those of these streams, as far as the demuxer can leave others out.
  void keep_only(std::span<const int> streams);

  /// The coded bytes of the pictures that stand beside the streams.
  std::vector<std::span<const std::uint8_t>> attached_pictures() const;

  /// The earliest stamp of any video stream, in microseconds; nothing if none is known.
  std::optional<std::int64_t> start_us() const;

  /// How long the file's header says that it, or that stream, is, in microseconds; 0 if it does not
  /// say. What was only guessed from the size or the end of the file does not count.
  std::int64_t stated_us() const;
  std::int64_t stated_us(int stream) const;

  /// Reads the next packet; libav's code, AVERROR_EOF at the end.
  int read(AVPacket& packet);

  bool has_audio() const;

  /// Whether the mark that ends a file of its kind comes next, behind the packet that ends at
  /// `packet_end`; nothing where there are no such marks, or the offset is -1.
  std::optional<bool> has_end_mark(std::int64_t packet_end) const;

  /// Whether its last packet ends where the file may end: `packet_end` is the offset behind it, or
  /// -1 if that is not known. A file may say how long it is, or end with a mark.
  bool is_cut(std::int64_t packet_end) const;

  /// Whether it was read up to the end of the file.
  bool at_end() const;

  std::uint64_t bytes() const noexcept { return input_->bytes(); }

  /// errno of the read that failed; 0 if none did.
  int failure() const noexcept { return input_->failure(); }

 private:
  explicit Container(std::unique_ptr<FileInput> input) : input_(std::move(input)) {}

  std::unique_ptr<FileInput> input_;  // outlives format_, which reads from it
  FormatPtr format_;
  bool states_more_ = false;             // bytes than there are
  std::vector<std::int64_t> stated_us_;  // of each stream that the header names
};

/// Average frame rate, else the lowest at which every stamp is exact; 0/0 if neither is known.
AVRational frame_rate_of(const AVStream& stream);

}  // namespace semblance::decode
