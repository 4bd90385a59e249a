// SPDX-License-Identifier: Apache-2.0
#include "match/video/frame_search.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "match/near_entries.h"
#include "match/pdq_index.h"
#include "match/saved_index.h"

namespace semblance::match {
namespace {

// Frames that are searched for at once. Few, since a frame that all of a bank's videos have, such
// as a title, gives a hit for each of them, and what one search gives lies in memory as a whole.
constexpr std::size_t kBatch = 32;

// A hit, as far as it decides which entries a frame is compared with.
struct Near {
  int distance = 0;
  std::int64_t entry = 0;
  Transform turn = Transform::kNone;
};

// Searches the index of the profile `full`, where frames are, by the rules of the banks.
class FrameSearch {
 public:
  FrameSearch(const BankSelection& banks, int margin) : index_(banks.index_of(PdqProfile::kFull)) {
    reach_.fill(-1);
    floor_.fill(kNeverUsable);
    if (index_ == nullptr) return;
    for (std::size_t bank = 0; bank < banks.rules.size(); ++bank) {
      if (!index_->holds_bank[bank]) continue;
      const PdqRule& rule = banks.rules[bank];
      const std::size_t hint = bank_hint(label_of(0, banks.ids[bank]));
      const int distance = std::min(rule.max_distance + margin, int{Hash256::kBits});
      reach_[hint] = std::max(reach_[hint], distance);
      floor_[hint] = std::min(floor_[hint], std::max(rule.quality_floor, kUsableQuality));
      widest_ = std::max(widest_, distance);
      lowest_floor_ = std::min(lowest_floor_, floor_[hint]);
    }
  }

  // Tells `found` of each hit, those of a frame in a row; it returns whether to go on.
  Status each_hit(std::span<const FrameSignal> frames, std::size_t turns,
                  const std::function<bool(std::uint32_t frame, const Near& hit)>& found) const {
    if (index_ == nullptr) return ok();
    std::vector<Hash256> hashes;
    std::vector<std::uint32_t> batch;
    for (std::uint32_t frame = 0; frame < frames.size(); ++frame) {
      if (frames[frame].at.quality >= lowest_floor_) {
        batch.push_back(frame);
        hashes.insert(hashes.end(), frames[frame].hashes.begin(),
                      frames[frame].hashes.begin() + static_cast<std::ptrdiff_t>(turns));
      }
      const bool full = batch.size() == kBatch || frame + 1 == frames.size();
      if (!full || batch.empty()) continue;
      auto hits = index_->index->range_search(hashes, widest_);
      if (!hits) return if_damaged("search index", index_->file, hits.error());
      for (const LabelledHit& hit : *hits) {
        const std::uint32_t of = batch[hit.query / turns];
        const std::size_t hint = bank_hint(hit.label);
        if (hit.distance > reach_[hint] || frames[of].at.quality < floor_[hint]) continue;
        const Near near{hit.distance, entry_of(hit.label),
                        static_cast<Transform>(hit.query % turns)};
        if (!found(of, near)) return ok();
      }
      hashes.clear();
      batch.clear();
    }
    return ok();
  }

 private:
  static constexpr int kNeverUsable = 101;

  const ProfileIndex* index_;
  std::array<int, kBankHints> reach_{};  // by what a label says of the bank
  std::array<int, kBankHints> floor_{};
  int widest_ = -1;
  int lowest_floor_ = kNeverUsable;
};

// Returns whether there were more entries than are kept.
bool keep_nearest_entries(std::vector<Near>& hits) {
  if (hits.size() <= kMaxEntriesOfFrame) return false;
  NearEntries entries;
  for (const Near& hit : hits) note_near(entries, hit.entry, hit.distance);
  if (!keep_nearest(entries)) return false;
  std::erase_if(hits, [&](const Near& hit) { return !entries.contains(hit.entry); });
  return true;
}

}  // namespace

Result<FrameCandidates> find_near_frames(const BankSelection& banks,
                                         std::span<const FrameSignal> frames, std::size_t turns) {
  FrameCandidates found;
  std::vector<Near> of_frame;
  std::uint32_t frame = 0;
  const auto take = [&] {
    found.crowded += keep_nearest_entries(of_frame) ? 1U : 0U;
    for (const Near& near : of_frame) found.entries[near.entry].push_back({frame, near.turn});
    of_frame.clear();
  };
  const FrameSearch search(banks, 0);
  auto searched = search.each_hit(frames, turns, [&](std::uint32_t of, const Near& hit) {
    if (of != frame) take();
    frame = of;
    of_frame.push_back(hit);
    return true;
  });
  if (!searched) return std::move(searched).error();
  take();
  for (auto& [entry, near] : found.entries) {
    std::sort(near.begin(), near.end());
    near.erase(std::unique(near.begin(), near.end()), near.end());
  }
  return found;
}

Result<bool> any_near_frame(const BankSelection& banks, std::span<const FrameSignal> frames,
                            int margin) {
  bool any = false;
  const FrameSearch search(banks, margin);
  auto searched = search.each_hit(frames, kTransforms, [&](std::uint32_t, const Near&) {
    any = true;
    return false;
  });
  if (!searched) return std::move(searched).error();
  return any;
}

}  // namespace semblance::match
