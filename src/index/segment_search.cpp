// SPDX-License-Identifier: Apache-2.0
// Probing the tables of a segment, and scanning it where probing would be more work.
#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <tuple>

#include "hamming/hamming.h"
#include "hamming/sketch_filter.h"
#include "index/block_scan.h"
#include "index/probe_plan.h"
#include "index/segment.h"

namespace semblance::index {
namespace {

using kernels::SketchRun;

constexpr std::size_t kLine = 64;  // bytes of a cache line
constexpr std::size_t kAhead = 4;  // lines of a bucket that are prefetched

// A search that is expected to cost more than this share of a scan is one.
constexpr double kWorthProbing = 0.5;

// The share of a scan's cost that the candidates of a probe may have before it is given up, so that
// the worst is a scan and a little. At wide radii unrelated codes alone leave more of them, and
// giving up would throw away what was nearly done.
double candidate_share(int max_distance) {
  constexpr int kWide = 47;  // beyond three bits a table of sixteen
  return max_distance <= kWide ? 0.12 : 0.25;
}

// Buckets of one query that hold so many times what even buckets would are worth a plan of its own.
constexpr double kFat = 2.0;

enum class Probed { kDone, kScan };

class Prober {
 public:
  Prober(const Segment& segment, int max_distance)
      : segment_(segment),
        view_(segment.view()),
        layout_(segment.layout()),
        max_distance_(max_distance),
        even_(even_units(layout_.tables(), max_distance)) {
    const auto codes = static_cast<double>(view_.codes);
    scan_cost_ = WorkCost::kScanCode * codes;
    double probes = 0;
    for (std::size_t t = 0; t < layout_.tables(); ++t) {
      const auto patterns = static_cast<double>(segment.patterns(t).begin[even_[t]]);
      probes += patterns;
      even_members_ +=
          codes * patterns / static_cast<double>(std::uint64_t{1} << layout_.fields[t].bits);
    }
    even_cost_ = probes * WorkCost::kProbe + even_members_ * WorkCost::kMember;
    most_candidates_ = static_cast<std::size_t>(
        std::max(64.0, candidate_share(max_distance) * scan_cost_ / WorkCost::kCandidate));
    possible_ = even_[layout_.tables() - 1] > 0 && even_cost_ < kWorthProbing * scan_cost_;
  }

  // Whether any query can be worth probing at this radius.
  bool possible() const noexcept { return possible_; }

  // Brings the places of a query's first buckets near, before search() is called for it.
  void prepare(const Hash256& query) const { prefetch_starts(0, query, even_[0]); }

  Result<Probed> search(const Hash256& query, std::uint32_t name, std::vector<CodeHit>& hits) {
    if (std::uint64_t members = list_runs(query, even_);
        static_cast<double>(members) > kFat * even_members_ + 64) {
      std::array<BucketCounts, kMaxTables> counts;
      for (std::size_t t = 0; t < layout_.tables(); ++t) counts[t] = count_bucket(query, t);
      const Allotment allotment = allot_units(layout_, counts.data(), max_distance_);
      if (allotment.cost > kWorthProbing * scan_cost_) return Probed::kScan;
      members = list_runs(query, allotment.units);
      const double cost = static_cast<double>(runs_.size()) * WorkCost::kProbe +
                          static_cast<double>(members) * WorkCost::kMember;
      if (cost > kWorthProbing * scan_cost_) return Probed::kScan;
    }
    candidates_.clear();
    for (std::size_t t = 0; t < layout_.tables(); ++t) {
      if (auto filtered = filter_table(query, t); !filtered) return std::move(filtered).error();
      if (candidates_.size() > most_candidates_) return Probed::kScan;
    }
    if (auto compared = compare(query, name, hits); !compared) return std::move(compared).error();
    return Probed::kDone;
  }

 private:
  // Each pattern of the next table is fetched while this one's are read.
  void prefetch_starts(std::size_t t, const Hash256& query, std::size_t units) const {
    const std::uint32_t* const starts = view_.tables[t].starts;
    const std::uint32_t key = layout_.key(query, t);
    const ProbePatterns& patterns = segment_.patterns(t);
    for (std::size_t i = 0; i < patterns.begin[units]; ++i) {
      __builtin_prefetch(starts + (key ^ patterns.flips[i]));
    }
  }

  BucketCounts count_bucket(const Hash256& query, std::size_t t) const {
    const std::uint32_t* const starts = view_.tables[t].starts;
    const std::uint32_t key = layout_.key(query, t);
    const ProbePatterns& patterns = segment_.patterns(t);
    BucketCounts counts;
    counts.exact = starts[key + 1] - starts[key];
    for (std::size_t i = 0; i < patterns.begin[2]; ++i) {
      const std::uint32_t probe = key ^ patterns.flips[i];
      counts.near += starts[probe + 1] - starts[probe];
    }
    return counts;
  }

  // Fills runs_ with the buckets that are not empty, and returns how many members they have.
  std::uint64_t list_runs(const Hash256& query, const ProbeUnits& units) {
    runs_.clear();
    std::uint64_t members = 0;
    const std::size_t tables = layout_.tables();
    for (std::size_t t = 0; t < tables; ++t) {
      first_run_[t] = runs_.size();
      if (t + 1 < tables) prefetch_starts(t + 1, query, units[t + 1]);
      members += list_table(query, t, units[t], units[t + 1 < tables ? t + 1 : 0]);
    }
    first_run_[tables] = runs_.size();
    return members;
  }

  // The pigeonring (Qin, Xiao: "Pigeonring: A Principle for Faster Thresholded Similarity Search",
  // PVLDB 2018): take from the distance in each table its units. Over all tables that adds up to
  // less than zero, so from some table on, going round, every partial sum is below zero. Starting
  // there, a code that differs in k bits of the table, k < units, differs in at most
  // units + next units - 1 - k bits of the next, of which a sketch holds sixteen.
  std::uint64_t list_table(const Hash256& query, std::size_t t, std::size_t units,
                           std::size_t next_units) {
    const TableView& table = view_.tables[t];
    const std::uint32_t key = layout_.key(query, t);
    const ProbePatterns& patterns = segment_.patterns(t);
    std::uint64_t members = 0;
    for (std::size_t k = 0; k < units; ++k) {
      const int limit = static_cast<int>(units + next_units - 1 - k);
      for (std::size_t i = patterns.begin[k]; i < patterns.begin[k + 1]; ++i) {
        const std::uint32_t probe = key ^ patterns.flips[i];
        const std::uint32_t begin = table.starts[probe];
        const std::uint32_t count = table.starts[probe + 1] - begin;
        if (count == 0) continue;
        const auto* const first = reinterpret_cast<const char*>(table.sketches + begin);
        const std::size_t lines = std::min(kAhead, count * sizeof(std::uint16_t) / kLine + 1);
        for (std::size_t line = 0; line < lines; ++line) __builtin_prefetch(first + kLine * line);
        runs_.push_back({begin, count, limit});
        members += count;
      }
    }
    return members;
  }

  // Appends the codes of table t whose sketches allow them.
  Status filter_table(const Hash256& query, std::size_t t) {
    const TableView& table = view_.tables[t];
    const std::span<const SketchRun> runs{runs_.data() + first_run_[t],
                                          first_run_[t + 1] - first_run_[t]};
    std::size_t members = 0;
    for (const SketchRun& run : runs) {
      members += run.count;
      if (view_.read_check == nullptr) continue;
      auto checked = view_.check(table.sketches + run.begin,
                                 sizeof(std::uint16_t) * (run.count + kernels::kSketchSlack));
      if (!checked) return checked;
    }
    if (places_room_ < members) {
      places_room_ = 2 * members;
      places_ = std::make_unique_for_overwrite<std::uint32_t[]>(places_room_);
    }
    const std::size_t passed = kernels::sketch_filter(table.sketches, runs.data(), runs.size(),
                                                      layout_.sketch(query, t), places_.get());
    return name_codes(table, passed);
  }

  // The lists of codes are read at random: all are fetched before the first is needed.
  Status name_codes(const TableView& table, std::size_t passed) {
    const bool in_order = table.codes.bytes == nullptr;
    for (std::size_t i = 0; i < passed && !in_order; ++i) {
      const std::uint8_t* const at = table.codes.address(places_[i]);
      __builtin_prefetch(at);
      if (auto checked = view_.check(at, 8); !checked) return checked;
    }
    for (std::size_t i = 0; i < passed; ++i) {
      const std::uint64_t code = in_order ? places_[i] : table.codes.at(places_[i]);
      if (code >= view_.codes) {
        return Error{Errc::kCorruptStore, "search index: a table names a code that is not there"};
      }
      const std::uint8_t* const at = view_.codes_at + Hash256::kBytes * code;
      __builtin_prefetch(at);
      candidates_.push_back(static_cast<std::uint32_t>(code));
    }
    return ok();
  }

  Status compare(const Hash256& query, std::uint32_t name, std::vector<CodeHit>& hits) {
    if (view_.read_check != nullptr) {
      for (const std::uint32_t code : candidates_) {
        auto checked = view_.check(view_.codes_at + Hash256::kBytes * code, Hash256::kBytes);
        if (!checked) return checked;
      }
    }
    distances_.resize(candidates_.size());
    kernels::hamming_gather(query.bytes.data(), view_.codes_at, candidates_.data(),
                            candidates_.size(), distances_.data());
    const std::size_t first = hits.size();
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (distances_[i] <= max_distance_) hits.push_back({name, candidates_[i], distances_[i]});
    }
    // A neighbour is found in several tables.
    const auto begin = hits.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, hits.end(),
              [](const CodeHit& a, const CodeHit& b) { return a.code < b.code; });
    const auto same = [](const CodeHit& a, const CodeHit& b) { return a.code == b.code; };
    hits.erase(std::unique(begin, hits.end(), same), hits.end());
    return ok();
  }

  const Segment& segment_;
  const SegmentView& view_;
  const TableLayout& layout_;
  const int max_distance_;
  const ProbeUnits even_;
  double scan_cost_ = 0;
  double even_cost_ = 0;
  double even_members_ = 0;  // of all buckets of a query, if they were even
  std::size_t most_candidates_ = 0;
  bool possible_ = false;

  std::vector<SketchRun> runs_;
  std::array<std::size_t, kMaxTables + 1> first_run_{};  // [t]: of table t in runs_
  std::unique_ptr<std::uint32_t[]> places_;
  std::size_t places_room_ = 0;
  std::vector<std::uint32_t> candidates_;
  std::vector<std::uint16_t> distances_;
};

}  // namespace

Status search_segment(const Segment& segment, std::span<const Hash256> queries, int max_distance,
                      std::vector<CodeHit>& hits) {
  const SegmentView& view = segment.view();
  std::vector<std::uint32_t> to_scan;
  if (view.tables.empty()) {
    to_scan.resize(queries.size());
    std::iota(to_scan.begin(), to_scan.end(), 0U);
    return scan_blocks(view, queries, to_scan, max_distance, hits);
  }
  Prober prober(segment, max_distance);
  for (std::size_t q = 0; q < queries.size(); ++q) {
    auto probed = Result<Probed>(Probed::kScan);
    if (prober.possible()) {
      if (q == 0) prober.prepare(queries[0]);
      probed = prober.search(queries[q], static_cast<std::uint32_t>(q), hits);
      if (!probed) return std::move(probed).error();
      if (q + 1 < queries.size()) prober.prepare(queries[q + 1]);
    }
    if (*probed == Probed::kScan) to_scan.push_back(static_cast<std::uint32_t>(q));
  }
  return scan_blocks(view, queries, to_scan, max_distance, hits);
}

}  // namespace semblance::index
