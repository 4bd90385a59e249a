// SPDX-License-Identifier: Apache-2.0
#include "video_decode.h"

#include <algorithm>
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace semblance::bench {
namespace {

template <auto FreeFn>  // a libav free function of the form void(T**)
struct AvDeleter {
  template <class T>
  void operator()(T* object) const noexcept {
    FreeFn(&object);
  }
};
using FormatPtr = std::unique_ptr<AVFormatContext, AvDeleter<&avformat_close_input>>;
using CodecPtr = std::unique_ptr<AVCodecContext, AvDeleter<&avcodec_free_context>>;
using FramePtr = std::unique_ptr<AVFrame, AvDeleter<&av_frame_free>>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter<&av_packet_free>>;

Error failed(const std::string& path, const char* step) {
  return {Errc::kDecode, std::string(step) + ' ' + path};
}

// Takes all frames that the decoder has ready; whether it failed for another reason than having
// none.
bool take_frames(AVCodecContext& decoder, AVFrame& frame, DecodedVideo& video) {
  int rc = 0;
  while ((rc = avcodec_receive_frame(&decoder, &frame)) >= 0) {
    ++video.frames;
    video.luma += frame.data[0][0];
    av_frame_unref(&frame);
  }
  return rc == AVERROR(EAGAIN) || rc == AVERROR_EOF;
}

}  // namespace

Result<DecodedVideo> decode_plainly(const std::string& path, bool key_frames) {
  AVFormatContext* opened = nullptr;
  if (avformat_open_input(&opened, path.c_str(), nullptr, nullptr) < 0) return failed(path, "open");
  const FormatPtr format(opened);
  if (avformat_find_stream_info(format.get(), nullptr) < 0) return failed(path, "find streams of");
  const AVCodec* codec = nullptr;
  const int index = av_find_best_stream(format.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
  if (index < 0) return failed(path, "find the video of");
  const AVStream& stream = *format->streams[index];
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    if (i != static_cast<unsigned>(index)) format->streams[i]->discard = AVDISCARD_ALL;
  }
  const CodecPtr decoder(avcodec_alloc_context3(codec));
  const FramePtr frame(av_frame_alloc());
  const PacketPtr packet(av_packet_alloc());
  if (!decoder || !frame || !packet) return failed(path, "allocate for");
  avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  decoder->thread_count = 1;
  if (key_frames) decoder->skip_frame = AVDISCARD_NONKEY;
  if (avcodec_open2(decoder.get(), codec, nullptr) < 0) return failed(path, "open the decoder of");

  DecodedVideo video;
  bool good = true;
  while (av_read_frame(format.get(), packet.get()) >= 0) {
    if (packet->stream_index == index) {
      good = avcodec_send_packet(decoder.get(), packet.get()) >= 0 && good;
      good = take_frames(*decoder, *frame, video) && good;
    }
    av_packet_unref(packet.get());
  }
  good = avcodec_send_packet(decoder.get(), nullptr) >= 0 && good;
  good = take_frames(*decoder, *frame, video) && good;
  if (!good || video.frames == 0) return failed(path, "decode");
  video.width = static_cast<std::uint32_t>(decoder->width);
  video.height = static_cast<std::uint32_t>(decoder->height);
  video.frame_rate = av_q2d(stream.avg_frame_rate);
  video.seconds = stream.duration > 0
                      ? static_cast<double>(stream.duration) * av_q2d(stream.time_base)
                      : static_cast<double>(std::max<std::int64_t>(format->duration, 0)) / 1e6;
  return video;
}

}  // namespace semblance::bench
