// SPDX-License-Identifier: Apache-2.0
// Private to datasets: a file that libavformat writes into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "semblance/result.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace semblance::datasets {

template <auto FreeFn>  // a libav free function of the form void(T**)
struct AvDeleter {
  template <class T>
  void operator()(T* object) const noexcept {
    FreeFn(&object);
  }
};
struct FormatDeleter {
  void operator()(AVFormatContext* format) const noexcept { avformat_free_context(format); }
};
struct IoDeleter {
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};
using CodecPtr = std::unique_ptr<AVCodecContext, AvDeleter<&avcodec_free_context>>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter<&av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter<&av_packet_free>>;
using FormatPtr = std::unique_ptr<AVFormatContext, FormatDeleter>;
using IoPtr = std::unique_ptr<AVIOContext, IoDeleter>;

/// Errc::kUnsupported, "encode <subject>: <step>: <libav's words for rc>".
Error av_refusal(const std::string& subject, std::string_view step, int rc);

/// A container that is written into memory, with whatever streams are added to it.
class AvFile {
 public:
  AvFile() = default;
  AvFile(const AvFile&) = delete;
  AvFile& operator=(const AvFile&) = delete;

  /// Begins a file of that container, libavformat's word.
  Status open(const std::string& container);

  /// An encoder for this container, to be set up and opened by add_stream; null if there is none.
  CodecPtr make_encoder(const AVCodec* codec) const;

  /// Opens the encoder, one thread, and gives it the next stream.
  Result<AVStream*> add_stream(AVCodecContext& encoder, AVDictionary** options);

  /// Writes what comes before the first packet; no stream may be added afterwards.
  Status begin();

  /// Encodes a frame, or with null the rest, and writes what comes of it to the stream.
  Status encode(AVCodecContext& encoder, const AVStream& stream, const AVFrame* frame);

  /// Ends the file, and returns its bytes.
  Result<std::string> finish();

  const AVFormatContext& format() const noexcept { return *format_; }

 private:
  static int write(void* self, std::uint8_t* data, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  std::string container_;
  std::string bytes_;
  std::size_t position_ = 0;
  IoPtr io_;
  FormatPtr format_;
  PacketPtr packet_;
};

}  // namespace semblance::datasets
