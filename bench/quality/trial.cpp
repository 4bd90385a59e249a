// SPDX-License-Identifier: Apache-2.0
#include "quality/trial.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "datasets/quality_alterations.h"
#include "datasets/random.h"
#include "datasets/scene.h"
#include "rounds.h"

namespace semblance::bench {
namespace {

using datasets::Random;

constexpr std::uint32_t kStrangerWidth = 640;
constexpr std::uint32_t kStrangerHeight = 480;
constexpr int kSameDistance = 31;

// Families of chance: each use has its own, so that a change of one leaves the others.
enum : std::uint64_t { kAlterationSeed = 0x100, kOthersSeed, kSampleSeed, kStrangerSeed };

// Calls work(i) for every i below n on some threads; stops early once one returned an error.
template <class Work>
Status on_threads(unsigned jobs, std::size_t n, const char* stage, const TrialProgress& progress,
                  const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::size_t done = 0;
  std::optional<Error> failed;
  const auto run = [&] {
    for (std::size_t i = next++; i < n; i = next++) {
      Status status = work(i);
      const std::lock_guard lock(mutex);
      if (!status && !failed) failed = status.error();
      if (failed) return;
      progress(stage, ++done, n);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned t = 1; t < jobs; ++t) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  if (failed) return *failed;
  return ok();
}

int nearest(const PdqSignal& query, const Hash256& entry) {
  int best = Hash256::kBits;
  for (const Hash256& hash : query.hashes) best = std::min(best, hamming_distance(hash, entry));
  return best;
}

class Trial {
 public:
  Trial(const Originals& originals, const TrialOptions& options,
        std::vector<std::unique_ptr<Method>>& methods, const TrialProgress& progress)
      : originals_(originals), options_(options), methods_(methods), progress_(progress) {}

  Result<Outcome> run() {
    if (Status status = describe_entries(); !status) return status.error();
    for (const auto& method : methods_) {
      const auto& channels = method->channels();
      outcome_.channels.insert(outcome_.channels.end(), channels.begin(), channels.end());
    }
    if (Status status = look_up_all(); !status) return status.error();
    return std::move(outcome_);
  }

 private:
  std::size_t pictures() const { return originals_.pictures.size(); }
  std::size_t entries() const { return pictures() + options_.strangers; }

  Status describe_entries() {
    std::vector<std::vector<std::unique_ptr<Description>>> made(methods_.size());
    for (auto& entries_of : made) entries_of.resize(entries());
    std::vector<PdqSignal> hashes(pictures());
    Status status =
        on_threads(options_.jobs, entries(), "entries", progress_, [&](std::size_t i) -> Status {
          const bool stranger = i >= pictures();
          const Seen seen =
              stranger ? look_at(datasets::draw_scene(options_.seed + kStrangerSeed, i - pictures(),
                                                      kStrangerWidth, kStrangerHeight))
                       : look_at(originals_.pictures[i]);
          if (!stranger) hashes[i] = seen.pdq;
          for (std::size_t m = 0; m < methods_.size(); ++m) {
            made[m][i] = methods_[m]->describe_entry(seen);
          }
          return ok();
        });
    if (!status) return status;
    for (std::size_t m = 0; m < methods_.size(); ++m) methods_[m]->set_entries(std::move(made[m]));
    find_same(hashes);
    return ok();
  }

  void find_same(const std::vector<PdqSignal>& hashes) {
    same_.resize(pictures());
    for (std::uint32_t a = 0; a < hashes.size(); ++a) {
      for (std::uint32_t b = 0; b < a; ++b) {
        if (nearest(hashes[a], hashes[b].hash()) > kSameDistance) continue;
        outcome_.same.emplace_back(b, a);
        same_[a].push_back(b);
        same_[b].push_back(a);
      }
    }
  }

  // Eight other pictures, repeated where there are too few.
  std::vector<std::uint32_t> others_of(std::uint32_t picture) const {
    Random random = Random::stream(options_.seed + kOthersSeed, picture);
    const auto count = static_cast<std::uint32_t>(pictures());
    std::vector<std::uint32_t> others;
    while (others.size() < datasets::kOthers) {
      const std::uint32_t other = (picture + 1 + random.below(count - 1)) % count;
      const bool enough = count > datasets::kOthers;
      if (enough && std::ranges::find(others, other) != others.end()) continue;
      others.push_back(other);
    }
    return others;
  }

  // 1 for the query's original and for the unrelated entries that the slow methods are asked for,
  // half of them pictures.
  std::vector<std::uint8_t> sample(std::size_t query, std::uint32_t picture) const {
    std::vector<std::uint8_t> wanted(entries());
    Random random = Random::stream(options_.seed + kSampleSeed, query);
    for (std::uint32_t i = 0; i < options_.sampled; ++i) {
      const bool stranger = options_.strangers > 0 && i % 2 == 1;
      const auto range = static_cast<std::uint32_t>(stranger ? options_.strangers : pictures());
      wanted[random.below(range) + (stranger ? pictures() : 0)] = 1;
    }
    wanted[picture] = 1;
    return wanted;
  }

  Status look_up_all() {
    const std::size_t kinds = datasets::quality_alterations().size();
    std::vector<std::vector<NearPair>> near(pictures() * kinds);
    outcome_.truths.resize(near.size());
    Status status = on_threads(options_.jobs, near.size(), "queries", progress_,
                               [&](std::size_t q) { return look_up(q, near[q]); });
    if (!status) return status;
    for (auto& some : near) {
      std::ranges::move(some, std::back_inserter(outcome_.near));
    }
    return ok();
  }

  Result<Seen> altered(std::size_t query, std::span<const std::uint32_t> others) const {
    const auto all = datasets::quality_alterations();
    std::vector<const datasets::Picture*> shown;
    for (const std::uint32_t other : others) shown.push_back(&originals_.pictures[other]);
    Random random = Random::stream(options_.seed + kAlterationSeed, query);
    auto bytes = datasets::quality_copy(originals_.pictures[query / all.size()], shown,
                                        all[query % all.size()], random);
    if (!bytes) return bytes.error();
    return look_at(*bytes);
  }

  Status look_up(std::size_t query, std::vector<NearPair>& near) {
    const auto all = datasets::quality_alterations();
    const auto picture = static_cast<std::uint32_t>(query / all.size());
    const auto alteration = static_cast<std::uint32_t>(query % all.size());
    std::vector<std::uint32_t> others = others_of(picture);
    auto seen = altered(query, others);
    if (!seen) {
      const std::string name(all[alteration].name);
      return Error{seen.error().code, name + ": " + seen.error().what};
    }
    const std::vector<std::uint8_t> wanted = sample(query, picture);
    const std::vector<float> scores = score(*seen, wanted);
    // Which entries the query has to do with.
    std::vector<std::uint8_t> related(entries());
    related[picture] = 1;
    for (const std::uint32_t same : same_[picture]) related[same] = 1;
    if (all[alteration].shows_others) {
      for (const std::uint32_t other : others) {
        related[other] = 1;
        for (const std::uint32_t same : same_[other]) related[same] = 1;
      }
    }
    const std::size_t width = outcome_.channels.size();
    const auto of = [&](std::size_t entry) {
      const auto first = scores.begin() + static_cast<std::ptrdiff_t>(entry * width);
      return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(width));
    };
    outcome_.truths[query] = {picture, alteration, of(picture)};
    PairCounts pairs;
    PairCounts sampled;
    for (std::uint32_t e = 0; e < entries(); ++e) {
      if (related[e] != 0) continue;
      const bool stranger = e >= pictures();
      ++(stranger ? pairs.strangers : pairs.pictures);
      if (wanted[e] != 0) ++(stranger ? sampled.strangers : sampled.pictures);
      if (!is_near(scores.data() + e * width)) continue;
      near.push_back({picture, alteration, e, stranger, wanted[e] != 0, of(e)});
    }
    const std::lock_guard lock(mutex_);
    outcome_.pairs.pictures += pairs.pictures;
    outcome_.pairs.strangers += pairs.strangers;
    outcome_.sampled_pairs.pictures += sampled.pictures;
    outcome_.sampled_pairs.strangers += sampled.strangers;
    return ok();
  }

  bool is_near(const float* scores) const {
    for (std::size_t c = 0; c < outcome_.channels.size(); ++c) {
      if (scores[c] <= outcome_.channels[c].limit) return true;
    }
    return false;
  }

  // Entries x channels of all methods.
  std::vector<float> score(const Seen& seen, std::span<const std::uint8_t> wanted) {
    const std::size_t width = outcome_.channels.size();
    std::vector<float> scores(entries() * width, kFar);
    std::map<std::string, double> costs = {
        {"decode", seen.decode_us}, {"pdq", seen.pdq_us}, {"raster", seen.raster_us}};
    std::size_t first = 0;
    for (const auto& method : methods_) {
      const std::size_t own = method->channels().size();
      std::vector<float> out(entries() * own, kFar);
      std::unique_ptr<Description> query;
      costs[method->name()] = 1e6 * cpu_seconds_of([&] { query = method->describe_query(seen); });
      costs[method->name() + "-lookup"] =
          1e6 * cpu_seconds_of([&] { method->score(*query, wanted, out); });
      for (std::size_t e = 0; e < entries(); ++e) {
        std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(e * own), own,
                    scores.begin() + static_cast<std::ptrdiff_t>(e * width + first));
      }
      first += own;
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [name, cost] : costs) outcome_.costs[name].push_back(cost);
    outcome_.megapixels.push_back(seen.megapixels);
    return scores;
  }

  const Originals& originals_;
  const TrialOptions& options_;
  std::vector<std::unique_ptr<Method>>& methods_;
  const TrialProgress& progress_;
  Outcome outcome_;
  std::vector<std::vector<std::uint32_t>> same_;  // by picture
  std::mutex mutex_;                              // of what outcome_ sums up
};

}  // namespace

Result<Outcome> run_trial(const Originals& originals, const TrialOptions& options,
                          std::vector<std::unique_ptr<Method>>& methods,
                          const TrialProgress& progress) {
  if (originals.pictures.size() < 2) {
    return Error{Errc::kBadArgument, "run trial: it takes two pictures at least"};
  }
  return Trial(originals, options, methods, progress).run();
}

}  // namespace semblance::bench
