// SPDX-License-Identifier: Apache-2.0
#include "decode/video/stream_decoder.h"

#include <utility>

#include "decode/picture.h"
#include "decode/video/whitelists.h"

extern "C" {
#include <libavutil/avstring.h>
#include <libavutil/opt.h>
}

namespace semblance::decode {
namespace {

/// Code for what libav refuses while it decodes.
Errc code_of(int rc, const std::string& words) {
  if (words.find("Picture size") != std::string::npos) return Errc::kLimit;  // is over ours, or its
  if (rc == AVERROR(ENOMEM)) return Errc::kLimit;
  if (rc == AVERROR_PATCHWELCOME || rc == AVERROR(ENOSYS)) return Errc::kUnsupported;
  return Errc::kDecode;
}

Error error_of(int rc, std::string_view format) {
  const std::string words = av_words(rc);
  Error error = decode_error(code_of(rc, words), format, words);
  error.native = rc;
  return error;
}

/// The decoder that libavcodec itself prefers for that coding; null if there is none, or it may not
/// be used.
const AVCodec* find_decoder(AVCodecID id) {
  const AVCodec* codec = avcodec_find_decoder(id);
  return codec != nullptr && av_match_name(codec->name, kDecoders) != 0 ? codec : nullptr;
}

CodecPtr make_context(const AVCodec* codec, const AVStream& stream, const Limits& limits) {
  CodecPtr context(avcodec_alloc_context3(codec));
  if (!context || avcodec_parameters_to_context(context.get(), stream.codecpar) < 0) return {};
  context->thread_count = 1;
  context->max_pixels = libav_max_pixels(limits);
  context->pkt_timebase = stream.time_base;
  // A decoder that hands over to another by name may hand over to these alone.
  av_opt_set(context.get(), "codec_whitelist", kDecoders, 0);
  return context;
}

/// A stream that states frames over the limit may have others: its decoder then starts without a
/// size, and learns it from the packets, each within the limit.
std::optional<Error> forget_size_over_limit(AVCodecContext& context, const Limits& limits,
                                            std::string_view format) {
  const auto width = static_cast<std::uint64_t>(std::max(context.width, 0));
  const auto height = static_cast<std::uint64_t>(std::max(context.height, 0));
  if (width * height <= limits.max_video_pixels) return std::nullopt;
  context.width = context.height = context.coded_width = context.coded_height = 0;
  return decode_error(Errc::kLimit, format,
                      std::to_string(width) + " x " + std::to_string(height) +
                          " pixels are more than " + std::to_string(limits.max_video_pixels));
}

bool is_damaged(const AVFrame& frame) {
  return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

}  // namespace

std::int64_t libav_max_pixels(const Limits& limits) {
  constexpr std::uint64_t kEdges = 1 << 16;  // of a small frame
  const std::uint64_t allowed = std::min<std::uint64_t>(limits.max_video_pixels, INT32_MAX);
  return static_cast<std::int64_t>(allowed + allowed / 2 + kEdges);
}

Result<StreamDecoder> StreamDecoder::open(const AVStream& stream, const Limits& limits,
                                          std::string_view format) {
  const AVCodecParameters& stated = *stream.codecpar;
  const AVCodec* codec = find_decoder(stated.codec_id);
  if (codec == nullptr) {
    char tag[AV_FOURCC_MAX_STRING_SIZE] = {};
    av_fourcc_make_string(tag, stated.codec_tag);
    const std::string name =
        stated.codec_id == AV_CODEC_ID_NONE ? tag : avcodec_get_name(stated.codec_id);
    return decode_error(Errc::kUnsupported, format, "no decoder for the video codec " + name);
  }
  forget_av_words();
  CodecPtr context = make_context(codec, stream, limits);
  FramePtr frame(av_frame_alloc());
  if (!context || !frame) return error_of(AVERROR(ENOMEM), format);
  std::optional<Error> over_limit = forget_size_over_limit(*context, limits, format);
  const int rc = avcodec_open2(context.get(), codec, nullptr);
  if (rc < 0) return over_limit.value_or(error_of(rc, format));
  StreamDecoder decoder(std::move(context), std::move(frame), format);
  decoder.damage_ = std::move(over_limit);
  return decoder;
}

void StreamDecoder::note(int rc) {
  if (!damage_) damage_ = error_of(rc, format_);
}

int StreamDecoder::send(const AVPacket* packet) {
  forget_av_words();
  return avcodec_send_packet(codec_.get(), packet);
}

Status StreamDecoder::receive_all(const Take& take) {
  for (;;) {
    const int rc = avcodec_receive_frame(codec_.get(), frame_.get());
    if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF) return ok();
    if (rc < 0) {
      note(rc);
      return ok();  // the rest of the packet is lost, not what comes behind it
    }
    if (is_damaged(*frame_)) note(AVERROR_INVALIDDATA);
    Status taken = take(*frame_);
    av_frame_unref(frame_.get());
    if (!taken) return taken;
  }
}

Status StreamDecoder::decode(const AVPacket& packet, const Take& take) {
  // A packet of no bytes would be the end of the stream to libavcodec.
  if (packet.data == nullptr || packet.size <= 0) return ok();
  int rc = send(&packet);
  if (rc == AVERROR(EAGAIN)) {  // a frame is left from before an error
    Status given = receive_all(take);
    if (!given) return given;
    rc = send(&packet);
  }
  if (rc < 0) note(rc);
  Status given = receive_all(take);
  // Decoders conceal damage and only log it.
  if (has_av_words()) note(AVERROR_INVALIDDATA);
  return given;
}

Status StreamDecoder::drain(const Take& take) {
  if (send(nullptr) < 0) {
    flush();
    return ok();
  }
  Status given = receive_all(take);
  if (has_av_words()) note(AVERROR_INVALIDDATA);
  flush();
  return given;
}

void StreamDecoder::flush() { avcodec_flush_buffers(codec_.get()); }

void StreamDecoder::skip_unneeded(bool skip) noexcept {
  codec_->skip_frame = skip ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
}

std::optional<Error> StreamDecoder::take_damage() { return std::exchange(damage_, std::nullopt); }

}  // namespace semblance::decode
