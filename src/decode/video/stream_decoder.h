// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: the decoder of one video stream.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "decode/av.h"
#include "semblance/limits.h"
#include "semblance/result.h"

namespace semblance::decode {

/// The bound on pixels that libav is told. It holds it against its own buffers, whose edges lie
/// around the frame; frames themselves are checked when they are given.
std::int64_t libav_max_pixels(const Limits& limits);

/// Packets in, frames out, by libavcodec: one thread, no hardware.
class StreamDecoder {
 public:
  /// Receives frames in order of display; an error ends decode() with it. The frame may be moved
  /// from.
  using Take = std::function<Status(AVFrame& frame)>;

  /// Errc::kUnsupported if there is no decoder for the stream, kLimit if its frames are too large.
  static Result<StreamDecoder> open(const AVStream& stream, const Limits& limits,
                                    std::string_view format);

  /// Decodes a packet and gives what frames come of it. Damage is no error: see take_damage().
  Status decode(const AVPacket& packet, const Take& take);

  /// Gives the frames that the decoder still holds, then forgets everything, so that it can start
  /// again at a key frame.
  Status drain(const Take& take);

  /// Forgets what it holds.
  void flush();

  /// Whether frames that no other frame needs may be left out of the packets to come.
  void skip_unneeded(bool skip) noexcept;

  /// What was wrong with the packets since this was last asked; nothing if all decoded well.
  std::optional<Error> take_damage();

 private:
  StreamDecoder(CodecPtr codec, FramePtr frame, std::string_view format)
      : codec_(std::move(codec)), frame_(std::move(frame)), format_(format) {}

  int send(const AVPacket* packet);
  Status receive_all(const Take& take);
  void note(int rc);

  CodecPtr codec_;
  FramePtr frame_;
  std::string_view format_;
  std::optional<Error> damage_;
};

}  // namespace semblance::decode
