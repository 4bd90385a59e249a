// SPDX-License-Identifier: Apache-2.0
#include "decode/video/container.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "decode/picture.h"
#include "decode/video/end_mark.h"
#include "decode/video/stated_size.h"
#include "decode/video/stream_decoder.h"
#include "decode/video/timeline.h"
#include "decode/video/turn.h"
#include "decode/video/whitelists.h"

extern "C" {
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
}

namespace semblance::decode {
namespace {

// How far a file is looked into before its streams are known: libavformat's own defaults, stated.
constexpr std::int64_t kProbeBytes = 5'000'000;
constexpr int kProbePackets = 2'500;
constexpr int kMaxStreams = 1'000;  // of all kinds; a broadcast multiplex has some two hundred

constexpr AVRational kMicroseconds = {1, AV_TIME_BASE};

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

int is_over(void* deadline) { return static_cast<const Deadline*>(deadline)->over() ? 1 : 0; }

/// A context whose demuxer can reach nothing but `io`; null without memory.
AVFormatContext* make_context(AVIOContext* io, const Deadline& deadline) {
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) return nullptr;
  context->pb = io;
  context->flags |= AVFMT_FLAG_CUSTOM_IO;
  context->io_open = &refuse_to_open;
  context->interrupt_callback = {&is_over, const_cast<Deadline*>(&deadline)};
  context->probesize = kProbeBytes;
  context->max_probe_packets = kProbePackets;
  context->max_streams = kMaxStreams;
  av_opt_set(context, "protocol_whitelist", "none", 0);
  av_opt_set(context, "format_whitelist", kDemuxers, 0);
  av_opt_set(context, "codec_whitelist", kDecoders, 0);
  return context;
}

bool states_more_of(const FileInput& input) {
  std::array<std::uint8_t, kStatedSizeHead> head{};
  const std::size_t got = input.peek(0, head);
  return states_more(std::span(head).first(got), input.bytes());
}

/// Opens what `context` reads; libav's code. It is freed if that fails.
int open_input(AVFormatContext*& context, const ReadPlan& plan) {
  AVDictionary* options = nullptr;
  // An edit list leaves out, as who made the file likes, what is in it all the same.
  if (!plan.first_stream_only) av_dict_set_int(&options, "ignore_editlist", 1, 0);
  const int rc = avformat_open_input(&context, nullptr, nullptr, &options);
  av_dict_free(&options);
  return rc;
}

Error open_error(int rc, bool cut, std::string_view format) {
  const std::string words = av_words(rc);
  Errc code = Errc::kDecode;
  if (rc == AVERROR_EXIT) {
    code = Errc::kTimeout;
  } else if (cut || rc == AVERROR_EOF || words.find("moov atom not found") != std::string::npos) {
    code = Errc::kTruncated;
  } else if (rc == AVERROR(ENOMEM)) {
    code = Errc::kLimit;  // of memory, or of streams
  } else if (words.find("not on whitelist") != std::string::npos || rc == AVERROR_PATCHWELCOME) {
    code = Errc::kUnsupported;
  } else if (rc == AVERROR(EPERM)) {
    return decode_error(Errc::kUnsupported, format, "it is a list of other files");
  }
  Error error = decode_error(code, format, words);
  error.native = rc;
  return error;
}

/// One dictionary a stream, as avformat_find_stream_info wants them; freed with this. It has none
/// for streams that it comes upon only then, as in transport and program streams and FLV: of those
/// it may decode a few frames over our limit, within libavcodec's own, before we refuse them.
class StreamOptions {
 public:
  StreamOptions(unsigned streams, std::int64_t max_pixels) : options_(streams, nullptr) {
    for (AVDictionary*& options : options_) av_dict_set_int(&options, "max_pixels", max_pixels, 0);
  }
  StreamOptions(const StreamOptions&) = delete;
  StreamOptions& operator=(const StreamOptions&) = delete;
  ~StreamOptions() {
    for (AVDictionary*& options : options_) av_dict_free(&options);
  }
  AVDictionary** data() { return options_.empty() ? nullptr : options_.data(); }

 private:
  std::vector<AVDictionary*> options_;
};

std::int64_t microseconds(std::int64_t ticks, AVRational time_base) {
  if (ticks == AV_NOPTS_VALUE || ticks <= 0 || time_base.num <= 0 || time_base.den <= 0) return 0;
  return std::clamp<std::int64_t>(av_rescale_q(ticks, time_base, kMicroseconds), 0, kLatestUs);
}

std::uint32_t side(int v) { return static_cast<std::uint32_t>(std::max(v, 0)); }

}  // namespace

std::string container_library() { return av_library("libavformat", avformat_version()); }

Result<Container> Container::open(int descriptor, std::uint64_t bytes, std::string_view format,
                                  const ReadPlan& plan, const Limits& limits,
                                  const Deadline& deadline) {
  capture_av_log();
  forget_av_words();
  Container self(std::make_unique<FileInput>(descriptor, bytes, deadline));
  if (self.input_->context() == nullptr) return open_error(AVERROR(ENOMEM), false, format);
  AVFormatContext* context = make_context(self.input_->context(), deadline);
  if (context == nullptr) return open_error(AVERROR(ENOMEM), false, format);
  self.states_more_ = states_more_of(*self.input_);
  int rc = open_input(context, plan);
  if (rc < 0) return open_error(rc, self.states_more_, format);
  self.format_.reset(context);
  for (unsigned i = 0; i < context->nb_streams; ++i) {
    const AVStream& stream = *context->streams[i];
    self.stated_us_.push_back(microseconds(stream.duration, stream.time_base));
  }
  // Where the header is all there is and names no video, nothing needs to be guessed from packets.
  const bool more_to_come = (context->ctx_flags & AVFMTCTX_NOHEADER) != 0;
  if (!more_to_come && self.video_streams().empty()) return self;
  StreamOptions options(context->nb_streams, libav_max_pixels(limits));
  rc = avformat_find_stream_info(context, options.data());
  if (rc < 0) return open_error(rc, self.states_more_, format);
  forget_av_words();  // of streams that we do not decode, or of those that say it again
  return self;
}

bool Container::is_video(const AVStream& stream) {
  if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO) return false;
  // A track that another one names as its chapters' pictures is a track all the same.
  const bool attached = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  return !attached || (stream.disposition & AV_DISPOSITION_TIMED_THUMBNAILS) != 0;
}

const AVStream* Container::stream(int index) const {
  if (index < 0 || static_cast<unsigned>(index) >= format_->nb_streams) return nullptr;
  return format_->streams[index];
}

std::vector<int> Container::video_streams() const {
  std::vector<int> found;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (is_video(*format_->streams[i])) found.push_back(static_cast<int>(i));
  }
  return found;
}

VideoInfo Container::info() const {
  VideoInfo info;
  const std::vector<int> videos = video_streams();
  info.video_streams = static_cast<std::uint32_t>(videos.size());
  info.decoder = av_library("libavcodec", avcodec_version());
  info.duration_ms = static_cast<std::uint32_t>(stated_us() / 1000);
  if (videos.empty()) return info;
  const AVStream& first = *format_->streams[videos.front()];
  info.codec = avcodec_get_name(first.codecpar->codec_id);
  info.width = side(first.codecpar->width);
  info.height = side(first.codecpar->height);
  if (const std::int64_t own = stated_us(videos.front()); own > 0) {
    info.duration_ms = static_cast<std::uint32_t>(own / 1000);
  }
  if (const AVRational rate = frame_rate_of(first); rate.num > 0 && rate.den > 0) {
    info.frame_rate_num = static_cast<std::uint32_t>(rate.num);
    info.frame_rate_den = static_cast<std::uint32_t>(rate.den);
  }
  info.rotation = rotation_of(first);
  return info;
}

void Container::keep_only(std::span<const int> streams) {
  // Where the streams do not say how long they are, the others' packets tell how far the file goes.
  const bool all_stated = std::all_of(streams.begin(), streams.end(),
                                      [this](int index) { return stated_us(index) > 0; });
  if (!all_stated) return;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const bool kept =
        std::find(streams.begin(), streams.end(), static_cast<int>(i)) != streams.end();
    if (!kept) format_->streams[i]->discard = AVDISCARD_ALL;
  }
}

std::vector<std::span<const std::uint8_t>> Container::attached_pictures() const {
  std::vector<std::span<const std::uint8_t>> pictures;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const AVStream& stream = *format_->streams[i];
    const bool attached = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    if (!attached || is_video(stream) || stream.attached_pic.size <= 0) continue;
    pictures.emplace_back(stream.attached_pic.data,
                          static_cast<std::size_t>(stream.attached_pic.size));
  }
  return pictures;
}

std::optional<std::int64_t> Container::start_us() const {
  std::optional<std::int64_t> start;
  for (const int index : video_streams()) {
    const AVStream& stream = *format_->streams[index];
    if (stream.start_time == AV_NOPTS_VALUE) continue;
    const auto us = to_us(stream.start_time, stream.time_base);
    if (us) start = std::min(start.value_or(*us), *us);
  }
  return start;
}

std::int64_t Container::stated_us() const {
  if (format_->duration_estimation_method != AVFMT_DURATION_FROM_STREAM) return 0;
  return microseconds(format_->duration, kMicroseconds);
}

std::int64_t Container::stated_us(int stream) const {
  const auto i = static_cast<std::size_t>(stream);
  return i < stated_us_.size() ? stated_us_[i] : 0;
}

int Container::read(AVPacket& packet) { return av_read_frame(format_.get(), &packet); }

bool Container::has_audio() const {
  return std::any_of(format_->streams, format_->streams + format_->nb_streams,
                     [](AVStream* s) { return s->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
}

std::optional<bool> Container::has_end_mark(std::int64_t packet_end) const {
  if (packet_end < 0) return std::nullopt;
  const std::string_view demuxer = format_->iformat->name;
  if (demuxer == "gif") return gif_ends(*input_, static_cast<std::uint64_t>(packet_end));
  if (demuxer == "apng") return png_ends(*input_, static_cast<std::uint64_t>(packet_end));
  return std::nullopt;
}

bool Container::is_cut(std::int64_t packet_end) const {
  if (states_more_) return true;
  const std::string_view demuxer = format_->iformat->name;
  if (demuxer == "mpegts") {  // plain packets, with a time code before each, or check bytes behind
    return bytes() % 188 != 0 && bytes() % 192 != 0 && bytes() % 204 != 0;
  }
  return !has_end_mark(packet_end).value_or(true);
}

bool Container::at_end() const {
  AVIOContext* io = input_->context();
  return avio_feof(io) != 0 || avio_tell(io) >= static_cast<std::int64_t>(input_->bytes());
}

AVRational frame_rate_of(const AVStream& stream) {
  const AVRational average = stream.avg_frame_rate;
  return average.num > 0 && average.den > 0 ? average : stream.r_frame_rate;
}

}  // namespace semblance::decode
