// SPDX-License-Identifier: Apache-2.0
// Every frame of a stream, as it comes.
#include "decode/video/container.h"
#include "decode/video/track.h"

namespace semblance::decode {
namespace {

class WholeTrack final : public Track {
 public:
  WholeTrack(const TrackPlan& plan, StreamDecoder decoder, Progress& progress)
      : number_(plan.number),
        turn_(turn_of(*plan.stream)),
        timeline_(plan.stream->time_base, frame_rate_of(*plan.stream), plan.base_us),
        decoder_(std::move(decoder)),
        progress_(progress),
        give_([this](AVFrame& frame) { return give(frame); }) {}

  Status take(AVPacket& packet) override {
    Status decoded = decoder_.decode(packet, give_);
    note_damage();
    return decoded;
  }

  Status finish() override {
    Status drained = decoder_.drain(give_);
    note_damage();
    return drained;
  }

 private:
  Status give(AVFrame& pixels) {
    FrameView frame(pixels, turn_, progress_.pixels());
    frame.stream = number_;
    frame.number = frames_++;
    frame.start_us = timeline_.place(pixels.best_effort_timestamp, pixels.pkt_duration);
    frame.length_us = timeline_.length(pixels.pkt_duration);
    frame.key = pixels.key_frame != 0;
    return progress_.give(pixels, frame);
  }

  void note_damage() {
    if (const auto damage = decoder_.take_damage()) progress_.note(*damage);
  }

  std::uint32_t number_;
  Turn turn_;
  Timeline timeline_;
  StreamDecoder decoder_;
  Progress& progress_;
  StreamDecoder::Take give_;
  std::uint32_t frames_ = 0;
};

}  // namespace

Result<std::unique_ptr<Track>> make_whole_track(const TrackPlan& plan, Progress& progress) {
  auto decoder = StreamDecoder::open(*plan.stream, progress.limits(), progress.format());
  if (!decoder) return std::move(decoder).error();
  return std::unique_ptr<Track>(std::make_unique<WholeTrack>(plan, *std::move(decoder), progress));
}

}  // namespace semblance::decode
