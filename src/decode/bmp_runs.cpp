// SPDX-License-Identifier: Apache-2.0
// BMP of run lengths through libavcodec, fed the whole file as one packet.
#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstring>
#include <string>

#include "decode/av.h"
#include "decode/bmp_header.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

Error av_error(int rc) {
  const Errc code = rc == AVERROR_PATCHWELCOME ? Errc::kUnsupported
                    : rc == AVERROR(ENOMEM)    ? Errc::kLimit
                                               : Errc::kDecode;
  Error error = decode_error(code, "bmp", av_words(rc));
  error.native = rc;
  return error;
}

/// A copy, since libav reads some bytes beyond the end and wants them to be zeros.
Result<PacketPtr> make_packet(Bytes bytes) {
  PacketPtr packet(av_packet_alloc());
  if (!packet || bytes.size() > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE ||
      av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) {
    return decode_error(Errc::kLimit, "bmp", "out of memory");
  }
  std::memcpy(packet->data, bytes.data(), bytes.size());
  return packet;
}

Result<FramePtr> decode_packet(const AVPacket& packet, const Limits& limits) {
  const AVCodec* decoder = avcodec_find_decoder(AV_CODEC_ID_BMP);
  if (decoder == nullptr) return decode_error(Errc::kUnsupported, "bmp", "libavcodec without BMP");
  const CodecPtr codec(avcodec_alloc_context3(decoder));
  FramePtr frame(av_frame_alloc());
  if (!codec || !frame) return decode_error(Errc::kLimit, "bmp", "out of memory");
  codec->thread_count = 1;
  codec->max_pixels =
      static_cast<std::int64_t>(std::min<std::uint64_t>(limits.max_pixels, INT64_MAX));
  int rc = avcodec_open2(codec.get(), decoder, nullptr);
  if (rc >= 0) rc = avcodec_send_packet(codec.get(), &packet);
  if (rc >= 0) rc = avcodec_receive_frame(codec.get(), frame.get());
  if (rc < 0) return av_error(rc);
  return frame;
}

void give_frame(const AVFrame& frame, const BmpHeader& header, RowWriter& writer) {
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* in = frame.data[0] + std::ptrdiff_t{y} * frame.linesize[0];
    std::uint8_t* out = writer.row();
    for (int x = 0; x < frame.width; ++x, out += 3) {
      const std::size_t index = std::min<std::size_t>(in[x], header.palette.size() - 1);
      std::copy_n(header.palette[index].data(), 3, out);
    }
    writer.row_done();
  }
}

}  // namespace

std::string bmp_library() { return av_library("libavcodec", avcodec_version()); }

Result<DecodeEnd> decode_bmp_runs(Bytes bytes, const BmpHeader& header, const Limits& limits,
                                  RowSink& sink) {
  capture_av_log();
  forget_av_words();
  if (header.bits != 4 && header.bits != 8) {
    return decode_error(Errc::kDecode, "bmp", "run lengths of another depth than 4 or 8");
  }
  PictureInfo info;
  info.width = static_cast<std::uint32_t>(header.width);
  info.height = static_cast<std::uint32_t>(header.height);
  info.decoder = bmp_library();
  // The packet, and the frame of one byte a pixel, whose sides libav rounds up.
  constexpr std::uint64_t kFrameAlign = 64;
  const std::uint64_t frame_bytes = (header.width + kFrameAlign) * (header.height + kFrameAlign);
  const std::uint64_t held_bytes = bytes.size() + frame_bytes + RowWriter::band_bytes(info);
  if (Status held = check_memory(held_bytes, limits, "bmp"); !held) {
    return std::move(held).error();
  }
  const Result<PacketPtr> packet = make_packet(bytes);
  if (!packet) return packet.error();
  const Result<FramePtr> decoded = decode_packet(**packet, limits);
  if (!decoded) return decoded.error();
  const AVFrame& frame = **decoded;
  const bool expected = frame.format == AV_PIX_FMT_PAL8 && frame.width > 0 && frame.height > 0 &&
                        static_cast<std::uint64_t>(frame.width) == header.width &&
                        static_cast<std::uint64_t>(frame.height) == header.height;
  if (!expected) return decode_error(Errc::kDecode, "bmp", "unexpected frame");
  RowWriter writer(sink, info);
  give_frame(frame, header, writer);
  // libavcodec keeps what came before the damage and reports success.
  if (header.data_bytes > 0 && header.data_offset + header.data_bytes > bytes.size()) {
    return partial_end(Errc::kTruncated, "bmp", "the file ends before its last run");
  }
  if (has_av_words()) return partial_end(Errc::kDecode, "bmp", av_words(0));
  return DecodeEnd{};
}

}  // namespace semblance::decode
