// SPDX-License-Identifier: Apache-2.0
#include "match/candidate.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>

namespace semblance::match {
namespace {

UnixSeconds seconds_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since).count();
}

// What a reader wants to see first: the surest kind.
std::ptrdiff_t rank(SignalKind kind) noexcept {
  constexpr std::array kOrder = {SignalKind::kSha256, SignalKind::kSha512, SignalKind::kSha1,
                                 SignalKind::kMd5,    SignalKind::kVpdq,   SignalKind::kTmk,
                                 SignalKind::kPdq,    SignalKind::kOrb,    SignalKind::kEmbedding};
  return std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin();
}

// How far a match of a kind that has no bits is from the best there could be.
double remoteness(const Match& match) noexcept {
  if (match.kind == SignalKind::kOrb && match.geometry)
    return -static_cast<double>(match.geometry->inliers);
  return match.cosine ? -double{*match.cosine} : 0;
}

}  // namespace

Candidates::Candidates(Store& store, const BankSelection& banks)
    : store_(store), banks_(banks), now_(seconds_now()) {}

Result<const Candidates::Active*> Candidates::find(std::int64_t id) {
  auto known = read_.find(id);
  if (known == read_.end()) {
    auto entry = store_.entry(id);
    if (!entry && entry.error().code != Errc::kNotFound) return std::move(entry).error();
    std::optional<Active> active;
    if (entry && entry->active(now_)) {
      if (const auto bank = banks_.position_of(entry->bank)) {
        active.emplace(Active{*std::move(entry), *bank});
      }
    }
    known = read_.emplace(id, std::move(active)).first;
  }
  return known->second ? &*known->second : nullptr;
}

Result<std::span<const KnownVideo>> Candidates::videos(std::int64_t id) {
  Active& active = *read_.at(id);
  if (!active.videos) {
    std::vector<KnownVideo> videos;
    for (BankSignal& signal : active.entry.item.signals) {
      if (signal.value.kind != SignalKind::kVpdq) continue;
      auto video = parse_video_signal(signal.value.bytes);
      if (!video) return std::move(video).error();
      videos.emplace_back(*std::move(video), banks_.rules[active.bank].quality_floor);
    }
    // Not before all are read: whoever asks again gets the same error.
    for (BankSignal& signal : active.entry.item.signals) {
      if (signal.value.kind == SignalKind::kVpdq) signal.value.bytes = {};
    }
    active.videos = std::move(videos);
  }
  return std::span<const KnownVideo>(*active.videos);
}

void Candidates::release_videos(std::int64_t id) {
  const auto known = read_.find(id);
  if (known == read_.end() || !known->second) return;
  known->second->videos.reset();
  std::erase_if(known->second->entry.item.signals,
                [](const BankSignal& signal) { return !is_short(signal.value.kind); });
}

void say_entry(const Entry& entry, Match& match) {
  match.bank = entry.bank;
  match.entry = entry.id;
  match.labels = entry.item.labels;
  match.source = entry.item.source;
  match.source_id = entry.item.source_id;
}

Match digest_match(const Entry& entry, SignalKind kind) {
  Match match;
  match.kind = kind;
  say_entry(entry, match);
  return match;
}

void sort_matches(std::vector<Match>& matches) {
  const auto key = [](const Match& match) {
    return std::tuple(rank(match.kind), match.distance, remoteness(match),
                      std::string_view(match.bank), match.entry, match.query_interval,
                      match.entry_interval, std::string_view(match.model));
  };
  std::sort(matches.begin(), matches.end(),
            [&](const Match& a, const Match& b) { return key(a) < key(b); });
}

}  // namespace semblance::match
