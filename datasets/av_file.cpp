// SPDX-License-Identifier: Apache-2.0
#include "datasets/av_file.h"

#include <cstdio>
#include <cstring>
#include <utility>

extern "C" {
#include <libavutil/error.h>
}

namespace semblance::datasets {
namespace {

constexpr std::size_t kIoBytes = 1 << 16;
// Added to the level of each of an encoder's lines: libx264 would tell its statistics.
constexpr int kQuieter = 64;

}  // namespace

Error av_refusal(const std::string& subject, std::string_view step, int rc) {
  char words[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(rc, words, sizeof words);
  return {Errc::kUnsupported,
          std::string("encode ").append(subject).append(": ").append(step).append(": ") + words,
          rc};
}

int AvFile::write(void* self, std::uint8_t* data, int size) {
  auto& file = *static_cast<AvFile*>(self);
  const auto count = static_cast<std::size_t>(size);
  if (file.bytes_.size() < file.position_ + count) file.bytes_.resize(file.position_ + count);
  std::memcpy(file.bytes_.data() + file.position_, data, count);
  file.position_ += count;
  return size;
}

std::int64_t AvFile::seek(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<AvFile*>(self);
  const auto size = static_cast<std::int64_t>(file.bytes_.size());
  if ((whence & AVSEEK_SIZE) != 0) return size;
  std::int64_t from = 0;
  if (whence == SEEK_CUR) from = static_cast<std::int64_t>(file.position_);
  if (whence == SEEK_END) from = size;
  if (from + offset < 0) return AVERROR(EINVAL);
  file.position_ = static_cast<std::size_t>(from + offset);
  return from + offset;
}

Status AvFile::open(const std::string& container) {
  container_ = container;
  const AVOutputFormat* kind = av_guess_format(container.c_str(), nullptr, nullptr);
  if (kind == nullptr) return av_refusal(container_, "find container", AVERROR_MUXER_NOT_FOUND);
  AVFormatContext* format = nullptr;
  const int rc = avformat_alloc_output_context2(&format, kind, nullptr, nullptr);
  format_.reset(format);
  if (rc < 0) return av_refusal(container_, "begin", rc);
  packet_.reset(av_packet_alloc());
  auto* buffer = static_cast<std::uint8_t*>(av_malloc(kIoBytes));
  if (buffer == nullptr || !packet_) return av_refusal(container_, "begin", AVERROR(ENOMEM));
  io_.reset(avio_alloc_context(buffer, static_cast<int>(kIoBytes), 1, this, nullptr, &AvFile::write,
                               &AvFile::seek));
  if (!io_) {
    av_free(buffer);
    return av_refusal(container_, "begin", AVERROR(ENOMEM));
  }
  format_->pb = io_.get();
  // Without dates and library versions, so that the same pictures give the same bytes.
  format_->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
  return ok();
}

CodecPtr AvFile::make_encoder(const AVCodec* codec) const {
  CodecPtr encoder(codec == nullptr ? nullptr : avcodec_alloc_context3(codec));
  if (!encoder) return encoder;
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  encoder->log_level_offset = kQuieter;
  if ((format_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  }
  return encoder;
}

Result<AVStream*> AvFile::add_stream(AVCodecContext& encoder, AVDictionary** options) {
  const std::string name = encoder.codec->name;
  int rc = avcodec_open2(&encoder, nullptr, options);
  if (rc < 0) return av_refusal(name, "open encoder", rc);
  AVStream* stream = avformat_new_stream(format_.get(), nullptr);
  if (stream == nullptr) return av_refusal(container_, "add stream", AVERROR(ENOMEM));
  rc = avcodec_parameters_from_context(stream->codecpar, &encoder);
  if (rc < 0) return av_refusal(name, "describe stream", rc);
  stream->time_base = encoder.time_base;
  stream->avg_frame_rate = encoder.framerate;
  return stream;
}

Status AvFile::begin() {
  const int rc = avformat_write_header(format_.get(), nullptr);
  return rc < 0 ? Status(av_refusal(container_, "write header", rc)) : ok();
}

Status AvFile::encode(AVCodecContext& encoder, const AVStream& stream, const AVFrame* frame) {
  int rc = avcodec_send_frame(&encoder, frame);
  if (rc < 0) return av_refusal(encoder.codec->name, "encode frame", rc);
  while ((rc = avcodec_receive_packet(&encoder, packet_.get())) >= 0) {
    packet_->stream_index = stream.index;
    av_packet_rescale_ts(packet_.get(), encoder.time_base, stream.time_base);
    rc = av_interleaved_write_frame(format_.get(), packet_.get());
    if (rc < 0) return av_refusal(container_, "write packet", rc);
  }
  if (rc != AVERROR(EAGAIN) && rc != AVERROR_EOF) {
    return av_refusal(encoder.codec->name, "encode frame", rc);
  }
  return ok();
}

Result<std::string> AvFile::finish() {
  const int rc = av_write_trailer(format_.get());
  if (rc < 0) return av_refusal(container_, "write trailer", rc);
  avio_flush(io_.get());
  return std::move(bytes_);
}

}  // namespace semblance::datasets
