// SPDX-License-Identifier: Apache-2.0
// Reads a file's packets, stream by stream, until its end or a limit.
#include "decode/video.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "decode/picture.h"
#include "decode/video/container.h"
#include "decode/video/progress.h"
#include "decode/video/track.h"
#include "decode/video/webp_animation.h"

namespace semblance::decode {
namespace {

// A demuxer that fails so often in a row will not come to anything more.
constexpr int kMaxFailedReads = 64;
// Packets may overlap in a file; none that anybody made states its bytes so many times over.
constexpr std::uint64_t kMaxReadings = 16;
constexpr std::uint64_t kFreeReadBytes = std::uint64_t{64} << 20;
constexpr std::size_t kHeldBytes = 32u << 20;  // of packets that wait, over all streams

class Reader {
 public:
  Reader(Container& container, const ReadPlan& plan, Progress& progress)
      : container_(container), plan_(plan), progress_(progress), base_us_(container.start_us()) {}

  Result<VideoEnd> read() {
    for (const auto picture : container_.attached_pictures()) progress_.attached(picture);
    const Status stopped = read_tracks();
    return progress_.end(stopped);
  }

 private:
  Status read_tracks() {
    Status opened = open_tracks();
    if (!opened) return opened;
    Status read = read_packets();
    if (!read) return read;
    for (const Entry& entry : entries_) {
      if (entry.track == nullptr) continue;
      if (Status finished = entry.track->finish(); !finished) return finished;
    }
    check_length();
    return ok();
  }

  Status open_tracks() {
    const std::vector<int> found = container_.video_streams();
    std::vector<int> wanted = found;
    if (wanted.empty()) return no_video();
    if (plan_.first_stream_only) wanted.resize(1);
    if (wanted.size() > kMaxVideoStreams) {
      wanted.resize(kMaxVideoStreams);
      note_more_streams();
    }
    container_.keep_only(wanted);
    for (const int index : wanted) open_track(index, wanted.size());
    return ok();
  }

  void note_more_streams() {
    progress_.note(decode_error(Errc::kLimit, progress_.format(),
                                "the first " + std::to_string(kMaxVideoStreams) + " of " +
                                    std::to_string(container_.video_streams().size()) +
                                    " video streams"));
  }

  Error no_video() const {
    if (container_.stream(0) == nullptr) {
      const Errc code = container_.at_end() ? Errc::kTruncated : Errc::kDecode;
      return decode_error(code, progress_.format(), "no stream");
    }
    return decode_error(Errc::kUnsupported, progress_.format(),
                        container_.has_audio() ? "audio only: no video stream" : "no video stream");
  }

  void open_track(int index, std::size_t streams) {
    TrackPlan plan;
    plan.stream = container_.stream(index);
    plan.number = static_cast<std::uint32_t>(entries_.size());
    plan.base_us = base_us_;
    plan.held_bytes = kHeldBytes / std::max<std::size_t>(streams, 1);
    Entry entry;
    entry.stream = index;
    auto track = plan_.reading == Reading::kKeyframes ? make_key_track(plan, progress_)
                                                      : make_whole_track(plan, progress_);
    if (track) {
      entry.track = *std::move(track);
    } else {
      progress_.note(track.error());
    }
    entries_.push_back(std::move(entry));
  }

  Status read_packets() {
    const PacketPtr packet(av_packet_alloc());
    if (!packet) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    const std::uint64_t bound = container_.bytes() * kMaxReadings + kFreeReadBytes;
    std::uint64_t read_bytes = 0;
    int failed = 0;
    while (failed < kMaxFailedReads) {
      if (Status in_time = progress_.in_time(); !in_time) return in_time;
      forget_av_words();
      const int rc = container_.read(*packet);
      if (rc == AVERROR_EOF) break;
      if (rc < 0) {
        if (failed == 0 && container_.has_end_mark(packet_end_).value_or(false)) return ok();
        ++failed;
        note_failed_read(rc);
        continue;
      }
      failed = 0;
      read_bytes += static_cast<std::uint64_t>(std::max(packet->size, 0));
      Status taken = take(*packet);
      av_packet_unref(packet.get());
      if (!taken) return taken;
      if (read_bytes > bound) {
        return decode_error(Errc::kLimit, progress_.format(),
                            "its packets are many times as long as the file");
      }
    }
    // Some demuxers call it the end where they could not go on, and only log why.
    const bool at_mark = container_.has_end_mark(packet_end_).value_or(false);
    if ((has_av_words() && !at_mark) || container_.failure() != 0)
      note_failed_read(AVERROR_INVALIDDATA);
    return ok();
  }

  Status take(AVPacket& packet) {
    const AVStream* stream = container_.stream(packet.stream_index);
    if (stream == nullptr) return ok();
    reach(packet, *stream);
    Entry* entry = entry_of(packet.stream_index);
    // Damage to what we do not decode is none to us, but that the file ends within it.
    const bool counts = entry != nullptr || container_.at_end();
    if (counts && (packet.flags & AV_PKT_FLAG_CORRUPT) != 0) note_failed_read(AVERROR_INVALIDDATA);
    if (entry == nullptr || entry->track == nullptr) return ok();
    // What a file asks not to show is in it all the same.
    if (!plan_.first_stream_only) packet.flags &= ~AV_PKT_FLAG_DISCARD;
    return entry->track->take(packet);
  }

  struct Entry {
    int stream = -1;
    std::unique_ptr<Track> track;  // none where it cannot be decoded
    std::int64_t end_us = 0;       // of its packets so far
  };

  /// The stream's entry; a stream that shows up only now gets one, where it counts.
  Entry* entry_of(int stream) {
    for (Entry& entry : entries_) {
      if (entry.stream == stream) return &entry;
    }
    if (plan_.first_stream_only || !Container::is_video(*container_.stream(stream))) return nullptr;
    if (entries_.size() >= kMaxVideoStreams) {
      if (!std::exchange(passed_over_, true)) note_more_streams();
      return nullptr;
    }
    open_track(stream, kMaxVideoStreams);
    return &entries_.back();
  }

  void reach(const AVPacket& packet, const AVStream& stream) {
    const Timeline line(stream.time_base, frame_rate_of(stream), 0);
    packet_end_ = packet.pos < 0 ? -1 : packet.pos + packet.size;
    const auto start = line.at(packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts);
    if (!start) return;
    const std::int64_t end = std::min(*start, kLatestUs) + line.length(packet.duration);
    end_us_ = std::max(end_us_, end);
    for (Entry& entry : entries_) {
      if (entry.stream == packet.stream_index) entry.end_us = std::max(entry.end_us, end);
    }
  }

  void note_failed_read(int rc) {
    Errc code = container_.at_end() ? Errc::kTruncated : Errc::kDecode;
    if (container_.failure() != 0) code = Errc::kIo;
    if (rc == AVERROR_EXIT) code = Errc::kTimeout;
    if (rc == AVERROR(ENOMEM)) code = Errc::kLimit;
    Error error = decode_error(code, progress_.format(), av_words(rc));
    error.native = container_.failure() != 0 ? container_.failure() : rc;
    progress_.note(error);
  }

  /// A file that is much shorter than it says was cut.
  void check_length() {
    std::int64_t stated = container_.stated_us(), reached = reached_of(stated, end_us_);
    for (const Entry& entry : entries_) {
      const std::int64_t own = container_.stated_us(entry.stream);
      if (own <= 0) continue;
      stated = own;
      reached = reached_of(stated, entry.end_us);
      if (is_short(stated, reached)) break;
    }
    if (!is_short(stated, reached)) {
      if (!container_.is_cut(packet_end_)) return;
      return progress_.note(
          decode_error(Errc::kTruncated, progress_.format(), "the file ends before its end"));
    }
    progress_.note(decode_error(Errc::kTruncated, progress_.format(),
                                "it ends after " + std::to_string(reached / 1000) + " of " +
                                    std::to_string(stated / 1000) + " ms"));
  }

  /// Packets up to `end_us` by the measure of what is stated: some files state when they end,
  /// others how long they are. Where they start later than that, it is how long.
  std::int64_t reached_of(std::int64_t stated_us, std::int64_t end_us) const {
    const std::int64_t start = base_us_.value_or(0);
    return stated_us < start ? std::max<std::int64_t>(end_us - start, 0) : end_us;
  }

  bool is_short(std::int64_t stated_us, std::int64_t reached_us) const {
    const std::int64_t slack_us = progress_.frames() > 0 ? 2'000'000 : 0;
    return reached_us < stated_us / 10 * 9 && stated_us - reached_us > slack_us;
  }

  Container& container_;
  ReadPlan plan_;
  Progress& progress_;
  std::optional<std::int64_t> base_us_;
  std::vector<Entry> entries_;
  std::int64_t end_us_ = 0;       // of all packets so far
  std::int64_t packet_end_ = -1;  // in the file, of the last one
  bool passed_over_ = false;      // a stream that showed up late, as one too many
};

/// What the frames of an animated picture may come to in all: as much as of one that stands still.
/// Of a video, whose length is what it is for, they are bounded by the time they take.
std::uint64_t most_decoded(bool picture, std::uint64_t bytes, const Limits& limits) {
  if (!picture) return UINT64_MAX;
  const std::uint64_t ratio = std::max<std::uint64_t>(limits.max_ratio, 1);
  return std::max(kFreeDecodedBytes, bytes > UINT64_MAX / ratio ? UINT64_MAX : bytes * ratio);
}

}  // namespace

Result<VideoEnd> read_video(int descriptor, std::uint64_t bytes, Format format,
                            const ReadPlan& plan, const Limits& limits, FrameSink& sink) {
  const bool picture = media_kind(format) == MediaKind::kImage;
  const Deadline deadline(picture ? limits.max_seconds : limits.max_video_seconds);
  Progress progress(name(format), limits, deadline, most_decoded(picture, bytes, limits), sink);
  try {
    if (format == Format::kWebp) return read_webp(descriptor, bytes, plan, progress);
    auto container = Container::open(descriptor, bytes, name(format), plan, limits, deadline);
    if (!container) return std::move(container).error();
    const VideoInfo info = container->info();
    if (info.video_streams > 0) progress.begin(info);
    return Reader(*container, plan, progress).read();
  } catch (const std::bad_alloc&) {
    return progress.end(decode_error(Errc::kLimit, name(format), "out of memory"));
  }
}

bool has_frames(Format format) noexcept {
  return (format >= Format::kMp4 && format <= Format::kAudio) || format == Format::kGif ||
         format == Format::kWebp || format == Format::kPng;
}

}  // namespace semblance::decode
