// SPDX-License-Identifier: Apache-2.0
// Video by libavformat, libavcodec and libswscale.
#include "datasets/encode_video.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "datasets/av_file.h"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

namespace semblance::datasets {
namespace {

struct ScalerDeleter {
  void operator()(SwsContext* scaler) const noexcept { sws_freeContext(scaler); }
};
using ScalerPtr = std::unique_ptr<SwsContext, ScalerDeleter>;

// Options of an encoder by its name; freed with what the encoder left of them.
class Options {
 public:
  Options() = default;
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { av_dict_free(&all_); }
  void set(const char* name, const std::string& value) {
    av_dict_set(&all_, name, value.c_str(), 0);
  }
  AVDictionary** get() noexcept { return &all_; }

 private:
  AVDictionary* all_ = nullptr;
};

bool knows(const AVCodecContext& encoder, const char* option) {
  return encoder.priv_data != nullptr &&
         av_opt_find(encoder.priv_data, option, nullptr, 0, 0) != nullptr;
}

// A silent stream of the first kind that the container takes.
class Silence {
 public:
  Status open(AvFile& file) {
    const AVCodec* codec = nullptr;
    for (const AVCodecID id : {AV_CODEC_ID_AAC, AV_CODEC_ID_MP2, AV_CODEC_ID_OPUS}) {
      if (avformat_query_codec(file.format().oformat, id, FF_COMPLIANCE_NORMAL) != 1) continue;
      codec = avcodec_find_encoder(id);
      if (codec != nullptr) break;
    }
    encoder_ = file.make_encoder(codec);
    if (!encoder_) {
      return Error{Errc::kUnsupported, "encode silence: no audio that the container takes"};
    }
    encoder_->sample_rate = 48'000;
    encoder_->sample_fmt = codec->sample_fmts[0];
    av_channel_layout_default(&encoder_->ch_layout, 1);
    encoder_->bit_rate = 64'000;
    encoder_->time_base = {1, encoder_->sample_rate};
    auto stream = file.add_stream(*encoder_, nullptr);
    if (!stream) return stream.error();
    stream_ = *stream;
    frame_.reset(av_frame_alloc());
    if (!frame_) return av_refusal("silence", "begin", AVERROR(ENOMEM));
    frame_->format = encoder_->sample_fmt;
    frame_->sample_rate = encoder_->sample_rate;
    frame_->nb_samples = encoder_->frame_size;
    av_channel_layout_copy(&frame_->ch_layout, &encoder_->ch_layout);
    const int rc = av_frame_get_buffer(frame_.get(), 0);
    if (rc < 0) return av_refusal("silence", "begin", rc);
    return ok();
  }

  // Writes silence up to that time.
  Status fill(AvFile& file, std::int64_t time, AVRational unit) {
    while (av_compare_ts(samples_, encoder_->time_base, time, unit) <= 0) {
      int rc = av_frame_make_writable(frame_.get());
      if (rc >= 0) {
        rc = av_samples_set_silence(frame_->extended_data, 0, frame_->nb_samples, 1,
                                    encoder_->sample_fmt);
      }
      if (rc < 0) return av_refusal("silence", "fill", rc);
      frame_->pts = samples_;
      samples_ += frame_->nb_samples;
      auto written = file.encode(*encoder_, *stream_, frame_.get());
      if (!written) return written;
    }
    return ok();
  }

  Status finish(AvFile& file) { return file.encode(*encoder_, *stream_, nullptr); }

 private:
  CodecPtr encoder_;
  const AVStream* stream_ = nullptr;
  FramePtr frame_;
  std::int64_t samples_ = 0;
};

// One video as it is made, picture by picture.
class VideoWriter {
 public:
  explicit VideoWriter(const VideoCoding& coding) : coding_(coding) {}

  Status open(std::uint32_t width, std::uint32_t height) {
    if (auto opened = file_.open(coding_.container); !opened) return opened;
    if (coding_.silent_audio_first) {
      if (auto added = silence_.emplace().open(file_); !added) return added;
    }
    if (auto set_up = open_encoder(width, height); !set_up) return set_up;
    if (auto turned = rotate(); !turned) return turned;
    if (auto scaled = open_scaler(); !scaled) return scaled;
    return file_.begin();
  }

  Status add(const Picture& picture, std::uint32_t index) {
    if (picture.width != static_cast<std::uint32_t>(encoder_->width) ||
        picture.height != static_cast<std::uint32_t>(encoder_->height)) {
      return Error{Errc::kBadArgument, "encode video: a picture of another size"};
    }
    const int rc = av_frame_make_writable(frame_.get());
    if (rc < 0) return av_refusal(coding_.codec, "convert picture", rc);
    const std::uint8_t* rows = picture.rgb.data();
    const int row_bytes = static_cast<int>(picture.row_bytes());
    sws_scale(scaler_.get(), &rows, &row_bytes, 0, encoder_->height, frame_->data,
              frame_->linesize);
    frame_->pts = coding_.time_ms ? coding_.time_ms(index) : std::int64_t{index};
    frame_->pkt_duration = coding_.time_ms ? 0 : 1;
    if (silence_) {
      auto filled = silence_->fill(file_, frame_->pts, encoder_->time_base);
      if (!filled) return filled;
    }
    return file_.encode(*encoder_, *stream_, frame_.get());
  }

  Result<std::string> finish() {
    if (auto flushed = file_.encode(*encoder_, *stream_, nullptr); !flushed) {
      return flushed.error();
    }
    if (silence_) {
      if (auto flushed = silence_->finish(file_); !flushed) return flushed.error();
    }
    return file_.finish();
  }

 private:
  Status open_encoder(std::uint32_t width, std::uint32_t height) {
    const AVCodec* codec = avcodec_find_encoder_by_name(coding_.codec.c_str());
    encoder_ = file_.make_encoder(codec);
    if (!encoder_ || codec->type != AVMEDIA_TYPE_VIDEO) {
      return Error{Errc::kUnsupported, "encode " + coding_.codec + ": no such encoder"};
    }
    encoder_->width = static_cast<int>(width);
    encoder_->height = static_cast<int>(height);
    encoder_->framerate = {static_cast<int>(coding_.frame_rate_num),
                           static_cast<int>(coding_.frame_rate_den)};
    encoder_->time_base = coding_.time_ms ? AVRational{1, 1000} : av_inv_q(encoder_->framerate);
    encoder_->gop_size = coding_.key_interval;
    if ((codec->capabilities & AV_CODEC_CAP_DELAY) != 0) encoder_->max_b_frames = coding_.b_frames;
    encoder_->strict_std_compliance = FF_COMPLIANCE_UNOFFICIAL;  // MJPEG in limited range
    encoder_->pix_fmt = av_get_pix_fmt(coding_.pixel_format.c_str());
    if (encoder_->pix_fmt == AV_PIX_FMT_NONE) {
      return Error{Errc::kUnsupported,
                   "encode " + coding_.codec + ": no pixel format " + coding_.pixel_format};
    }
    if (codec->pix_fmts != nullptr) {
      encoder_->pix_fmt =
          avcodec_find_best_pix_fmt_of_list(codec->pix_fmts, encoder_->pix_fmt, 0, nullptr);
    }
    Options options;
    set_quality(options);
    auto stream = file_.add_stream(*encoder_, options.get());
    if (!stream) return stream.error();
    stream_ = *stream;
    return ok();
  }

  void set_quality(Options& options) {
    const std::string name = encoder_->codec->name;
    if (knows(*encoder_, "crf")) {
      options.set("crf", std::to_string(coding_.quality));
    } else {
      encoder_->flags |= AV_CODEC_FLAG_QSCALE;
      encoder_->global_quality = coding_.quality * FF_QP2LAMBDA;
    }
    if (name == "libx264") {
      options.set("preset", coding_.preset);
      options.set("x264-params",
                  std::string("threads=1") + (coding_.scene_cuts ? "" : ":scenecut=0"));
    } else if (name == "libx265") {
      options.set("preset", coding_.preset);
      options.set("x265-params", "pools=none:frame-threads=1:log-level=none");
    } else if (name.starts_with("libvpx")) {
      options.set("deadline", "realtime");
      options.set("cpu-used", "8");
      // Without a rate libvpx takes one that is too low for most; with 0, VP9 goes by quality.
      encoder_->bit_rate = name == "libvpx" ? 4'000'000 : 0;
    }
  }

  Status rotate() {
    if (coding_.rotation == 0) return ok();
    std::uint8_t* matrix =
        av_stream_new_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t));
    if (matrix == nullptr) return av_refusal(coding_.container, "rotate", AVERROR(ENOMEM));
    std::array<std::int32_t, 9> turned{};
    av_display_rotation_set(turned.data(), coding_.rotation);
    std::memcpy(matrix, turned.data(), sizeof turned);
    return ok();
  }

  Status open_scaler() {
    scaler_.reset(sws_getContext(encoder_->width, encoder_->height, AV_PIX_FMT_RGB24,
                                 encoder_->width, encoder_->height, encoder_->pix_fmt,
                                 SWS_BICUBIC | SWS_BITEXACT | SWS_ACCURATE_RND, nullptr, nullptr,
                                 nullptr));
    frame_.reset(av_frame_alloc());
    if (!scaler_ || !frame_) {
      return Error{Errc::kUnsupported, "encode " + coding_.codec + ": no conversion to " +
                                           av_get_pix_fmt_name(encoder_->pix_fmt)};
    }
    frame_->format = encoder_->pix_fmt;
    frame_->width = encoder_->width;
    frame_->height = encoder_->height;
    const int rc = av_frame_get_buffer(frame_.get(), 0);
    return rc < 0 ? Status(av_refusal(coding_.codec, "begin", rc)) : ok();
  }

  const VideoCoding& coding_;
  AvFile file_;
  std::optional<Silence> silence_;
  CodecPtr encoder_;
  AVStream* stream_ = nullptr;
  ScalerPtr scaler_;
  FramePtr frame_;
};

}  // namespace

Result<std::string> encode_video(const PictureSource& pictures, const VideoCoding& coding) {
  std::optional<Picture> picture = pictures(0);
  if (!picture) return Error{Errc::kBadArgument, "encode video: no picture"};
  VideoWriter writer(coding);
  if (auto opened = writer.open(picture->width, picture->height); !opened) return opened.error();
  for (std::uint32_t index = 0; picture; picture = pictures(++index)) {
    if (auto added = writer.add(*picture, index); !added) return added.error();
  }
  return writer.finish();
}

}  // namespace semblance::datasets
