// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/panel_lines.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "steps/steps.h"

namespace semblance::hash {
namespace {

// Of a run, how many steps there would be by chance: so much more is what weighs.
constexpr std::uint32_t kByChance = 5;  // of StepMap::kRun

// Lines that are one edge: resampling and coding spread it.
constexpr std::uint32_t kSameEdge = 3;

// The sum of eight bytes of 0 or 1.
std::uint8_t count_run(const std::uint8_t* flags) {
  std::uint64_t bytes = 0;
  static_assert(sizeof bytes == StepMap::kRun);
  std::memcpy(&bytes, flags, sizeof bytes);
  return static_cast<std::uint8_t>((bytes * 0x0101010101010101U) >> 56);
}

// Edges this close to the sides of the picture are not looked for.
constexpr std::uint32_t kMargin = 3;

StepMap steps_across(const LumaPlane& luma) {
  StepMap steps(luma.height, luma.width);
  std::vector<std::uint8_t> flags(std::size_t{steps.runs()} * StepMap::kRun);  // the last are zeros
  for (std::uint32_t y = kMargin; y + kMargin <= luma.height; ++y) {
    kernels::StepLines lines;
    for (std::size_t k = 0; k < lines.size(); ++k) {
      lines[k] = luma.data + (static_cast<std::ptrdiff_t>(y + k) - kMargin) * luma.stride;
    }
    std::fill(flags.begin(), flags.end(), std::uint8_t{0});
    kernels::add_steps(lines, luma.width, flags.data());
    std::uint8_t* counts = steps.counts(y);
    for (std::uint32_t run = 0; run < steps.runs(); ++run) {
      counts[run] = count_run(flags.data() + std::size_t{run} * StepMap::kRun);
    }
  }
  steps.sum_up();
  return steps;
}

StepMap steps_down(const LumaPlane& luma) {
  StepMap steps(luma.width, luma.height);
  const std::size_t columns = luma.width + 1 - 2 * kMargin;
  std::vector<std::uint8_t> counts(columns);
  for (std::uint32_t begin = 0, run = 0; begin < luma.height; begin += StepMap::kRun, ++run) {
    std::fill(counts.begin(), counts.end(), std::uint8_t{0});
    for (std::uint32_t y = begin; y < std::min(begin + StepMap::kRun, luma.height); ++y) {
      const std::uint8_t* row = luma.data + static_cast<std::ptrdiff_t>(y) * luma.stride;
      kernels::add_steps({row, row + 1, row + 2, row + 3, row + 4, row + 5}, columns,
                         counts.data());
    }
    for (std::uint32_t x = 0; x < columns; ++x) steps.counts(x + kMargin)[run] = counts[x];
  }
  steps.sum_up();
  return steps;
}

// The stretches of a line that are heavier than all that they could be cut to or grown by; begin
// and end are runs. Each is what is heaviest of what the heavier ones leave.
// **Source:** Ruzzo and Tompa, A linear time algorithm for finding all maximal scoring
// subsequences.
class Stretches {
 public:
  struct Stretch {
    std::uint32_t begin;
    std::uint32_t end;
    std::int32_t before;  // what the line weighs up to its begin, and to its end
    std::int32_t behind;
  };

  const std::vector<Stretch>& find(const std::uint8_t* counts, std::uint32_t runs) {
    found_.clear();
    std::int32_t weight = 0;
    for (std::uint32_t run = 0; run < runs; ++run) {
      const std::int32_t before = weight;
      weight += std::int32_t{counts[run]} - static_cast<std::int32_t>(kByChance);
      if (weight > before) add({run, run + 1, before, weight});
    }
    return found_;
  }

 private:
  void add(Stretch stretch) {
    for (std::size_t k = found_.size(); k-- > 0;) {
      const Stretch& earlier = found_[k];
      if (earlier.before >= stretch.before) continue;
      if (earlier.behind >= stretch.behind) break;
      stretch.begin = earlier.begin;
      stretch.before = earlier.before;
      found_.resize(k);
    }
    found_.push_back(stretch);
  }

  std::vector<Stretch> found_;
};

std::uint32_t apart(const LongEdge& a, const LongEdge& b) {
  return a.line > b.line ? a.line - b.line : b.line - a.line;
}

bool overlap(const LongEdge& a, const LongEdge& b) {
  const std::uint32_t begin = std::max(a.begin, b.begin);
  const std::uint32_t end = std::min(a.end, b.end);
  return begin < end && 2 * (end - begin) > std::min(a.end - a.begin, b.end - b.begin);
}

// Takes an edge, the heavier ones having come before: as a new one, as more of one that is there,
// or not at all where it lies along one.
void take_edge(const LongEdge& edge, std::size_t most, std::vector<LongEdge>& edges) {
  LongEdge* same_line = nullptr;
  for (LongEdge& other : edges) {
    if (apart(edge, other) <= kSameEdge && overlap(edge, other)) return;
    if (apart(edge, other) <= 1 && same_line == nullptr) same_line = &other;
  }
  if (same_line == nullptr) {
    if (edges.size() < most) edges.push_back(edge);
    return;
  }
  same_line->begin = std::min(same_line->begin, edge.begin);
  same_line->end = std::max(same_line->end, edge.end);
  same_line->weight += edge.weight;
}

}  // namespace

StepMap::StepMap(std::uint32_t lines, std::uint32_t length)
    : lines_(lines),
      length_(length),
      runs_((length + kRun - 1) / kRun),
      counts_(std::size_t{lines} * runs_) {}

std::uint8_t* StepMap::counts(std::uint32_t line) noexcept {
  return counts_.data() + std::size_t{line} * runs_;
}
const std::uint8_t* StepMap::counts(std::uint32_t line) const noexcept {
  return counts_.data() + std::size_t{line} * runs_;
}

std::uint32_t StepMap::total(std::uint32_t line) const noexcept {
  return sums_[std::size_t{line} * (runs_ + 1) + runs_];
}

void StepMap::sum_up() {
  sums_.resize(std::size_t{lines_} * (runs_ + 1));
  for (std::uint32_t line = 0; line < lines_; ++line) {
    std::uint16_t* sums = sums_.data() + std::size_t{line} * (runs_ + 1);
    for (std::uint32_t run = 0; run < runs_; ++run) {
      sums[run + 1] = static_cast<std::uint16_t>(sums[run] + counts(line)[run]);
    }
  }
}

StepMap::Steps StepMap::steps_of(std::uint32_t line, std::uint32_t begin,
                                 std::uint32_t end) const noexcept {
  if (line == 0 || line >= lines_) return {1, 1};
  const std::uint32_t first = (begin + kRun - 1) / kRun;
  const std::uint32_t last = std::min(end / kRun, runs_);
  if (first >= last) return {0, 1};
  std::uint32_t most = 0;
  for (std::uint32_t k = line - 1; k <= std::min(line + 1, lines_ - 1); ++k) {
    const std::uint16_t* sums = sums_.data() + std::size_t{k} * (runs_ + 1);
    most = std::max<std::uint32_t>(most, static_cast<std::uint32_t>(sums[last] - sums[first]));
  }
  return {most, (last - first) * kRun};
}

std::uint32_t StepMap::support(std::uint32_t line, std::uint32_t begin,
                               std::uint32_t end) const noexcept {
  const Steps steps = steps_of(line, begin, end);
  return steps.most * kWholeSupport / steps.all;
}

bool StepMap::has_support(std::uint32_t line, std::uint32_t begin, std::uint32_t end,
                          std::uint32_t least) const noexcept {
  const Steps steps = steps_of(line, begin, end);
  return steps.most * kWholeSupport >= least * steps.all;
}

StepMaps find_steps(const LumaPlane& luma) { return {steps_across(luma), steps_down(luma)}; }

std::vector<LongEdge> find_stretches(const StepMap& steps, std::uint32_t least) {
  constexpr std::uint32_t kRun = StepMap::kRun;
  std::vector<LongEdge> all;
  Stretches stretches;
  for (std::uint32_t line = 0; line < steps.lines(); ++line) {
    if (steps.total(line) * kRun < least * kByChance) continue;  // however it lies there
    for (const Stretches::Stretch& stretch : stretches.find(steps.counts(line), steps.runs())) {
      const std::uint32_t runs = stretch.end - stretch.begin;
      if (runs * kRun < least) continue;
      // A full stretch counts all of it, one with gaps the less.
      const auto weight = static_cast<std::uint32_t>(stretch.behind - stretch.before);
      const std::uint32_t full = runs * (kRun - kByChance);
      all.push_back({line, stretch.begin * kRun, std::min(stretch.end * kRun, steps.length()),
                     weight * weight / full});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const LongEdge& a, const LongEdge& b) { return a.weight > b.weight; });
  return all;
}

std::vector<LongEdge> join_stretches(const std::vector<LongEdge>& heaviest_first,
                                     std::size_t most) {
  std::vector<LongEdge> edges;
  for (const LongEdge& edge : heaviest_first) take_edge(edge, most, edges);
  std::stable_sort(edges.begin(), edges.end(),
                   [](const LongEdge& a, const LongEdge& b) { return a.line < b.line; });
  return edges;
}

std::vector<LongEdge> find_long_edges(const StepMap& steps, std::uint32_t least, std::size_t most) {
  return join_stretches(find_stretches(steps, least), most);
}

}  // namespace semblance::hash
