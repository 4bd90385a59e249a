// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: owning handles for libav objects, and its words as ours.
#pragma once

#include <memory>
#include <string>
#include <string_view>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace semblance::decode {

template <auto FreeFn>  // a libav free function of the form void(T**)
struct AvDeleter {
  template <class T>
  void operator()(T* p) const noexcept {
    FreeFn(&p);
  }
};
using CodecPtr = std::unique_ptr<AVCodecContext, AvDeleter<&avcodec_free_context>>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter<&av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter<&av_packet_free>>;
using FormatPtr = std::unique_ptr<AVFormatContext, AvDeleter<&avformat_close_input>>;

struct ScalerDeleter {
  void operator()(SwsContext* p) const noexcept { sws_freeContext(p); }
};
using ScalerPtr = std::unique_ptr<SwsContext, ScalerDeleter>;

/// Name and version of one of libav's libraries, by its own packed number: `libavcodec 59.37.100`.
std::string av_library(std::string_view name, unsigned version);

/// Takes libav's log, for the whole process, the first time it is called. Call it before anything
/// else of libav: that library would print.
void capture_av_log();

/// Forgets the words that libav logged on this thread.
void forget_av_words() noexcept;

/// Whether libav logged an error on this thread since.
bool has_av_words() noexcept;

/// The first error that libav logged on this thread since; else its words for `rc`.
std::string av_words(int rc);

}  // namespace semblance::decode
