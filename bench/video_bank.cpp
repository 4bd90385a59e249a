// SPDX-License-Identifier: Apache-2.0
#include "video_bank.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "datasets/random.h"
#include "match/memory_store.h"
#include "rounds.h"
#include "semblance/match.h"
#include "semblance/video.h"

namespace semblance::bench {
namespace {

constexpr std::uint32_t kStepMs = 125;
constexpr std::uint32_t kClipFrames = 80;    // ten seconds
constexpr std::uint32_t kShotFrames = 32;    // four seconds, in the mean
constexpr int kStepBits = 6;                 // that a frame differs from the one before, at most
constexpr int kCopyBits = 8;                 // that a copy of a frame differs from it, at most
constexpr std::uint32_t kSlackMs = 500;      // of an interval's ends
constexpr std::uint64_t kQueries = 1 << 20;  // numbers of clips, beside those of videos

Hash256 random_hash(datasets::Random& random) {
  Hash256 hash;
  for (std::uint8_t& byte : hash.bytes) byte = static_cast<std::uint8_t>(random.bits());
  return hash;
}

void flip(Hash256& hash, int bits, datasets::Random& random) {
  for (int i = 0; i < bits; ++i) {
    const std::uint32_t bit = random.below(Hash256::kBits);
    hash.bytes[bit / 8] = static_cast<std::uint8_t>(hash.bytes[bit / 8] ^ (1U << (bit % 8)));
  }
}

// Shots that move: each frame some bits from the one before, each shot from a place of its own.
std::vector<Hash256> shots(std::uint64_t number, std::uint32_t frames) {
  datasets::Random random = datasets::Random::stream(7, number);
  std::vector<Hash256> hashes;
  while (hashes.size() < frames) {
    Hash256 hash = random_hash(random);
    const std::uint32_t length = kShotFrames / 2 + random.below(kShotFrames);
    for (std::uint32_t i = 0; i < length && hashes.size() < frames; ++i) {
      hashes.push_back(hash);
      flip(hash, 1 + static_cast<int>(random.below(kStepBits)), random);
    }
  }
  return hashes;
}

FramePlace place(std::uint32_t number) {
  return {.number = number,
          .start_ms = number * kStepMs,
          .end_ms = number * kStepMs,
          .stream = 0,
          .form = FrameForm::kWhole,
          .quality = 100};
}

VideoSignal known_video(const std::vector<Hash256>& hashes) {
  VideoSignal video;
  video.duration_ms = static_cast<std::uint32_t>(hashes.size()) * kStepMs;
  for (std::uint32_t i = 0; i < hashes.size(); ++i) video.frames.push_back({place(i), hashes[i]});
  return video;
}

// Ten seconds of the hashes from `first` on, as a copy has them; what the seven other symmetries
// of a frame look like, nothing known resembles.
Extraction clip_of(const std::vector<Hash256>& hashes, std::uint32_t first, std::uint64_t number) {
  datasets::Random random = datasets::Random::stream(11, number);
  Extraction item;
  item.facts.kind = MediaKind::kVideo;
  item.facts.duration_ms = kClipFrames * kStepMs;
  item.ending.reached_ms = item.facts.duration_ms;
  item.digests = {{SignalKind::kSha256, std::vector<std::uint8_t>(32, 0xab)}};
  for (std::uint32_t i = 0; i < kClipFrames; ++i) {
    FrameSignal& frame = item.frames.emplace_back();
    frame.at = place(i);
    for (Hash256& hash : frame.hashes) hash = random_hash(random);
    frame.hashes[0] = hashes[first + i];
    flip(frame.hashes[0], static_cast<int>(random.below(kCopyBits + 1)), random);
  }
  return item;
}

bool near(std::uint32_t a, std::uint32_t b) {
  return a > b ? a - b <= kSlackMs : b - a <= kSlackMs;
}

// The one interval that is there, where it is.
bool is_right(const MatchResult& found, std::int64_t entry, std::uint32_t first) {
  if (found.matches.size() != 1) return false;
  const Match& match = found.matches.front();
  return match.kind == SignalKind::kVpdq && match.entry == entry && match.query_interval &&
         match.entry_interval && near(match.query_interval->start_ms, 0) &&
         near(match.query_interval->end_ms, kClipFrames * kStepMs) &&
         near(match.entry_interval->start_ms, first * kStepMs) &&
         near(match.entry_interval->end_ms, (first + kClipFrames) * kStepMs);
}

struct Bank {
  MemoryStore store;
  std::vector<VideoSignal> videos;
  std::vector<std::int64_t> entries;
  std::unique_ptr<Matcher> matcher;
};

Status fill(Bank& bank, const BankOptions& options) {
  const auto made = bank.store.create_bank("bench", {});
  if (!made) return made.error();
  for (std::uint32_t i = 0; i < options.videos; ++i) {
    bank.videos.push_back(known_video(shots(i, options.frames)));
    EntryDraft draft;
    draft.source = "bench";
    draft.source_id = std::to_string(i);
    draft.signals.push_back({.value = {SignalKind::kVpdq, to_bytes(bank.videos.back())},
                             .quality = std::nullopt,
                             .profile = std::nullopt,
                             .version = frames_version(Sampling::kDense)});
    const auto added = bank.store.add_entry(made->id, draft, Merge::kReplace);
    if (!added) return added.error();
    const auto newest = bank.store.newest_entry();
    if (!newest) return newest.error();
    bank.entries.push_back(*newest);
  }
  auto matcher = make_matcher(bank.store, {});
  if (!matcher) return matcher.error();
  bank.matcher = *std::move(matcher);
  return ok();
}

// What the reference does: the clip against each known video, frame by frame.
std::size_t compare_with_each(const Extraction& clip, const std::vector<VideoSignal>& videos) {
  const VideoSignal query = to_known(Sampling::kDense, clip.facts.duration_ms, clip.frames);
  std::size_t above = 0;
  for (const VideoSignal& video : videos) {
    if (vpdq_percents(query.frames, video.frames, VpdqRule{}).query >= 80.0) ++above;
  }
  return above;
}

void print(const char* what, const std::vector<double>& seconds) {
  std::printf("%-52s %10.2f ms, at most %.2f\n", what, 1e3 * median(seconds),
              1e3 * *std::max_element(seconds.begin(), seconds.end()));
}

}  // namespace

Status time_lookups(const BankOptions& options) {
  Bank bank;
  Status filled = ok();
  const double built = cpu_seconds_of([&] { filled = fill(bank, options); });
  if (!filled) return filled;
  std::vector<double> known;
  std::vector<double> unknown;
  std::vector<double> brute;
  for (std::uint32_t i = 0; i < options.queries; ++i) {
    datasets::Random random = datasets::Random::stream(13, i);
    const std::uint32_t video = random.below(options.videos);
    const std::uint32_t first = random.below(options.frames - kClipFrames);
    const Extraction clip = clip_of(shots(video, options.frames), first, i);
    const Extraction stranger = clip_of(shots(kQueries + i, options.frames), 0, kQueries + i);
    Result<MatchResult> found = MatchResult{};
    known.push_back(cpu_seconds_of([&] { found = bank.matcher->match(clip); }));
    if (!found) return found.error();
    if (!is_right(*found, bank.entries[video], first)) {
      return Error{Errc::kMismatch, "look up clip " + std::to_string(i) + ": " +
                                        std::to_string(found->matches.size()) +
                                        " matches, not the one interval"};
    }
    unknown.push_back(cpu_seconds_of([&] { found = bank.matcher->match(stranger); }));
    if (!found) return found.error();
    if (!found->matches.empty()) {
      return Error{Errc::kMismatch, "look up a stranger: it matched"};
    }
    if (i >= 3) continue;  // it takes long, and the same each time
    std::size_t above = 0;
    brute.push_back(cpu_seconds_of([&] { above = compare_with_each(clip, bank.videos); }));
    if (above != 1) return Error{Errc::kMismatch, "compare with each: not the one video"};
  }
  std::printf("\n%u known videos of %u frames; clips of %u frames, 8 symmetries each; %u of them\n",
              options.videos, options.frames, kClipFrames, options.queries);
  std::printf("checked: each clip gives the one interval, within %u ms; strangers give nothing\n",
              kSlackMs);
  print("look up and align a clip that is known", known);
  print("look up a clip that is not", unknown);
  print("vPDQ's rule, the clip against each video", brute);
  std::printf("ratio to vPDQ's rule %.1f; store and index made in %.1f s\n",
              median(brute) / median(known), built);
  return ok();
}

}  // namespace semblance::bench
