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
                                 SignalKind::kPdq};
  return std::find(kOrder.begin(), kOrder.end(), kind) - kOrder.begin();
}

// The entry's PDQ hash, if the signal is one that the rule lets match.
std::optional<Hash256> comparable_hash(const BankSignal& signal, const PdqRule& rule) {
  if (signal.value.kind != SignalKind::kPdq || signal.value.bytes.size() != Hash256::kBytes ||
      !rule.admits(signal.quality)) {
    return std::nullopt;
  }
  Hash256 hash;
  std::copy(signal.value.bytes.begin(), signal.value.bytes.end(), hash.bytes.begin());
  return hash;
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

std::optional<Match> best_pdq_match(const Entry& entry, const PdqRule& rule,
                                    std::span<const PdqQuery> queries) {
  using Order = std::tuple<int, PdqProfile, Transform>;  // compares as best_pdq_match promises
  std::optional<Order> best;
  std::optional<int> best_quality;
  for (const BankSignal& signal : entry.item.signals) {
    const auto known = comparable_hash(signal, rule);
    if (!known) continue;
    const PdqProfile profile = signal.profile.value_or(PdqProfile::kFull);
    for (const PdqQuery& query : queries) {
      if (query.profile != profile || !rule.admits(query.quality)) continue;
      for (std::size_t t = 0; t < query.hashes.size(); ++t) {
        const int distance = hamming_distance(query.hashes[t], *known);
        const Order order(distance, profile, static_cast<Transform>(t));
        if (distance > rule.max_distance || (best && *best <= order)) continue;
        best = order;
        best_quality = signal.quality;
      }
    }
  }
  if (!best) return std::nullopt;
  Match match;
  match.kind = SignalKind::kPdq;
  say_entry(entry, match);
  std::tie(match.distance, match.profile, match.transform) = *best;
  match.max_distance = rule.max_distance;
  match.entry_quality = best_quality;
  return match;
}

void sort_matches(std::vector<Match>& matches) {
  std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return std::tuple(rank(a.kind), a.distance, std::string_view(a.bank), a.entry, a.query_interval,
                      a.entry_interval) < std::tuple(rank(b.kind), b.distance,
                                                     std::string_view(b.bank), b.entry,
                                                     b.query_interval, b.entry_interval);
  });
}

}  // namespace semblance::match
