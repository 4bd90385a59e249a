// SPDX-License-Identifier: Apache-2.0
// Key frames, each decoded alone, and what lies between them only where it takes too long.
//
// Packets wait undecoded. When the next key frame comes in time, and a decoder that has seen
// nothing else makes a clean frame of it, those that waited are dropped. When it does not, a second
// decoder is fed with them, from the last key frame on, up to the frame that is due. So it is never
// the file's word that keeps a picture unseen: a packet is dropped only between two frames that
// were given, no further apart than kMaxGapMs.
#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "decode/picture.h"
#include "decode/video/container.h"
#include "decode/video/frame_picker.h"
#include "decode/video/packet_clock.h"
#include "decode/video/track.h"

namespace semblance::decode {
namespace {

constexpr int kMaxFailedKeys = 3;      // in a row; from there on the flags are not believed
constexpr int kMaxEarlierFrames = 32;  // that a decoder can give before the one it was started at
constexpr std::size_t kPacketBytes = 512;  // that a packet takes beside its data
constexpr std::size_t kMaxHeldPackets = 1 << 14;

bool is_key(const AVPacket& packet) { return (packet.flags & AV_PKT_FLAG_KEY) != 0; }

/// Whether the decoder itself says that the frame needs no other.
bool stands_alone(const AVFrame& frame) {
  const bool intra =
      frame.pict_type == AV_PICTURE_TYPE_I || frame.pict_type == AV_PICTURE_TYPE_NONE;
  return frame.key_frame != 0 && intra;
}

class KeyTrack final : public Track {
 public:
  KeyTrack(const TrackPlan& plan, StreamDecoder alone, Progress& progress)
      : plan_(plan),
        timeline_(plan.stream->time_base, frame_rate_of(*plan.stream), plan.base_us),
        picker_(plan.number, turn_of(*plan.stream), progress),
        alone_(std::move(alone)),
        progress_(progress),
        give_([this](AVFrame& frame) { return give_from_run(frame); }) {}

  Status take(AVPacket& packet) override {
    if (packet.data == nullptr || packet.size <= 0) return ok();
    const std::optional<std::int64_t> time = blind_ ? std::nullopt : clock_.time(packet, timeline_);
    if (!time || goes_back(*time)) return take_blind(packet);
    seen_us_ = std::max(seen_us_, *time);
    end_us_ = std::max(end_us_, *time + timeline_.length(packet.duration));
    if (!first_us_) first_us_ = time;
    if (may_stand_alone(packet, *time)) {
      const Result<bool> alone = take_alone(packet, *time);
      if (!alone) return alone.error();
      if (*alone) return ok();
    }
    previous_key_ = is_key(packet);
    if (Status held = hold(packet, *time); !held) return held;
    return catch_up();
  }

  Status finish() override {
    const bool unseen =
        !picker_.any_given() || end_us_ > picker_.due_us() + picker_.given_length_us();
    while (unseen && !held_.empty()) {
      if (Status fed = feed_first(); !fed) return fed;
    }
    if (run_fed_) {
      Status drained = run_->drain(give_);
      note_damage();
      if (!drained) return drained;
    }
    if (Status given = picker_.finish(end_us_); !given) return given;
    if (picker_.any_given()) progress_.reach(end_us_);
    return ok();
  }

 private:
  struct Held {
    PacketPtr packet;
    std::int64_t time_us = 0;
  };

  /// Whether the packet is of a time that was left behind unseen: a frame can be given before those
  /// that are shown before it, but none so long before them.
  bool goes_back(std::int64_t time_us) const {
    return picker_.any_given() && time_us + most_back_us_ < picker_.given_us();
  }

  /// Decodes everything, where stamps mean nothing; from there on to the end.
  Status take_blind(AVPacket& packet) {
    blind_ = true;
    earlier_than_.reset();
    while (!held_.empty()) {
      if (Status fed = feed_first(); !fed) return fed;
    }
    return run(packet, false);
  }

  /// Whether it is worth trying to decode the packet alone and to drop those that wait.
  bool may_stand_alone(const AVPacket& packet, std::int64_t time_us) const {
    if (failed_keys_ >= kMaxFailedKeys) return false;
    const bool first = !picker_.any_given() && !run_fed_;
    if (!is_key(packet)) return first;
    if (!picker_.any_given()) return time_us <= first_us_.value_or(time_us) + kMinKeyStepUs;
    if (time_us > picker_.due_us() + picker_.given_length_us()) return false;
    return !previous_key_ || time_us - picker_.given_us() >= kMinKeyStepUs;
  }

  /// Decodes the packet by itself; false if no clean key frame came of it.
  Result<bool> take_alone(AVPacket& packet, std::int64_t time_us) {
    FramePtr frame(av_frame_alloc());
    if (!frame) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    bool any = false;
    const StreamDecoder::Take keep_first = [&](AVFrame& decoded) {
      if (!std::exchange(any, true)) av_frame_move_ref(frame.get(), &decoded);
      return ok();
    };
    if (Status decoded = alone_.decode(packet, keep_first); !decoded) return decoded.error();
    if (Status drained = alone_.drain(keep_first); !drained) return drained.error();
    const bool damaged = alone_.take_damage().has_value();
    if (!any || damaged || !stands_alone(*frame)) {
      ++failed_keys_;  // the other decoder says what is wrong, if anything is
      return false;
    }
    // A decoder that is drained may have lost the stamp of what it was given.
    std::int64_t& stamp = frame->best_effort_timestamp;
    if (stamp == AV_NOPTS_VALUE) stamp = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
    failed_keys_ = 0;
    held_.clear();
    held_bytes_ = 0;
    if (run_fed_) run_->flush();
    run_fed_ = false;
    anchor_.reset(av_packet_alloc());
    if (!anchor_) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    av_packet_move_ref(anchor_.get(), &packet);
    anchor_stamp_ = stamp;
    anchor_us_ = time_us;
    // Before a later one there was another, not far back.
    most_back_us_ = picker_.any_given() ? kMaxGapUs : kMinKeyStepUs;
    previous_key_ = is_key(*anchor_);
    if (Status given = place(*frame, true); !given) return given.error();
    return true;
  }

  Status hold(AVPacket& packet, std::int64_t time_us) {
    // What is shown, and decoded, before the time of the key frame it follows lies between that one
    // and the one before, or not far before the first: see goes_back().
    const bool leading = anchor_ && !run_fed_ && packet.pts != AV_NOPTS_VALUE &&
                         anchor_->pts != AV_NOPTS_VALUE && packet.pts < anchor_->pts &&
                         time_us < anchor_us_;
    if (leading) return ok();
    Held held{PacketPtr(av_packet_alloc()), time_us};
    if (!held.packet) return decode_error(Errc::kLimit, progress_.format(), "out of memory");
    av_packet_move_ref(held.packet.get(), &packet);
    held_bytes_ += bytes_of(*held.packet);
    held_.push_back(std::move(held));
    return ok();
  }

  static std::size_t bytes_of(const AVPacket& packet) {
    return static_cast<std::size_t>(packet.size) + kPacketBytes;
  }

  /// Feeds packets that wait until what is due was given.
  Status catch_up() {
    while (!held_.empty() && must_feed()) {
      if (Status fed = feed_first(); !fed) return fed;
    }
    return ok();
  }

  bool must_feed() const {
    return !picker_.any_given() || held_bytes_ > plan_.held_bytes ||
           held_.size() > kMaxHeldPackets ||
           seen_us_ > picker_.due_us() + picker_.given_length_us();
  }

  Status feed_first() {
    const bool needed = held_.front().time_us >= needed_from_us();
    Held held = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= bytes_of(*held.packet);
    return run(*held.packet, !needed);
  }

  /// The time of the last frame that is not too late, as far as packets are here: of those before
  /// it only what it refers to is needed.
  std::int64_t needed_from_us() {
    const std::int64_t due = picker_.any_given() ? picker_.due_us() : INT64_MIN;
    if (due == needed_due_us_) return needed_us_;
    needed_due_us_ = due;
    needed_us_ = INT64_MIN;
    for (const Held& held : held_) {
      if (held.time_us <= due) needed_us_ = std::max(needed_us_, held.time_us);
    }
    return needed_us_;
  }

  /// Feeds the decoder that goes through what lies between key frames.
  Status run(const AVPacket& packet, bool only_if_referred_to) {
    if (!run_) {
      auto opened = StreamDecoder::open(*plan_.stream, progress_.limits(), progress_.format());
      if (!opened) return std::move(opened).error();
      run_ = *std::move(opened);
    }
    if (!run_fed_ && anchor_) {
      if (!blind_) earlier_than_ = anchor_stamp_;
      earlier_frames_ = 0;
      run_->skip_unneeded(false);
      if (Status primed = run_->decode(*anchor_, give_); !primed) return primed;
    }
    run_fed_ = true;
    run_->skip_unneeded(only_if_referred_to);
    Status decoded = run_->decode(packet, give_);
    note_damage();
    return decoded;
  }

  Status give_from_run(AVFrame& frame) {
    if (earlier_than_) {
      // The key frame that it was started at was given before, and so was all that is before it.
      const bool earlier = frame.best_effort_timestamp == AV_NOPTS_VALUE ||
                           frame.best_effort_timestamp <= *earlier_than_;
      if (earlier && earlier_frames_++ < kMaxEarlierFrames) return ok();
      earlier_than_.reset();
    }
    return place(frame, false);
  }

  Status place(AVFrame& frame, bool wanted) {
    const std::int64_t length = timeline_.length(frame.pkt_duration);
    const std::int64_t start = timeline_.place(frame.best_effort_timestamp, frame.pkt_duration);
    const bool key = frame.key_frame != 0;
    const bool apart = !placed_key_ || start - picker_.given_us() >= kMinKeyStepUs;
    placed_key_ = key;
    end_us_ = std::max(end_us_, start + length);
    return picker_.take(frame, start, length, wanted || (key && apart));
  }

  void note_damage() {
    if (const auto damage = run_->take_damage()) progress_.note(*damage);
  }

  TrackPlan plan_;
  Timeline timeline_;
  PacketClock clock_;
  FramePicker picker_;
  StreamDecoder alone_;               // sees one packet at a time
  std::optional<StreamDecoder> run_;  // goes on from packet to packet
  bool blind_ = false;                // whatever the packets' stamps say is not to be believed
  bool run_fed_ = false;              // since the last key frame that stood alone
  Progress& progress_;
  StreamDecoder::Take give_;

  std::deque<Held> held_;  // read, not decoded
  std::size_t held_bytes_ = 0;
  PacketPtr anchor_;  // the key frame that stood alone last: what is held follows it
  std::int64_t anchor_stamp_ = AV_NOPTS_VALUE;
  std::int64_t anchor_us_ = 0;
  std::int64_t most_back_us_ = kMaxGapUs;     // that packets may be of, before what was given last
  std::optional<std::int64_t> earlier_than_;  // frames up to this stamp were given
  int earlier_frames_ = 0;

  std::optional<std::int64_t> first_us_;  // of packets
  std::int64_t seen_us_ = 0;
  std::int64_t end_us_ = 0;
  bool previous_key_ = false;  // the packet before this one
  bool placed_key_ = false;    // the frame before this one
  int failed_keys_ = 0;
  std::int64_t needed_due_us_ = INT64_MAX;
  std::int64_t needed_us_ = INT64_MIN;
};

}  // namespace

Result<std::unique_ptr<Track>> make_key_track(const TrackPlan& plan, Progress& progress) {
  auto decoder = StreamDecoder::open(*plan.stream, progress.limits(), progress.format());
  if (!decoder) return std::move(decoder).error();
  return std::unique_ptr<Track>(std::make_unique<KeyTrack>(plan, *std::move(decoder), progress));
}

}  // namespace semblance::decode
