// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/panels.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "hash/probes/block_samples.h"
#include "hash/probes/edges.h"
#include "hash/probes/panel_lines.h"
#include "steps/steps.h"

namespace semblance::hash {
namespace {

// Edges are looked for in a plane of at most so many samples a side, and placed in the whole one.
// What is found depends on the size of that plane more than on anything else. One of pixels has
// from 257 to 512 samples, but where the picture is smaller; one of a JPEG's blocks, whose samples
// are 1, 2 or 4 a side of a block, must not have much fewer, or panels go missing that the pixels
// have.
constexpr std::uint32_t kCoarseSide = 512;
constexpr std::uint32_t kFewestOfBlocks = 448;
constexpr std::uint32_t kCoarseOfBlocks = 2 * kFewestOfBlocks - 1;
constexpr std::uint32_t kSmallestSide = 64;

// How many edges are looked at in each direction, the longest ones: as many as keep the rectangles
// between them in bounds.
constexpr std::size_t kEdges[] = {24, 16, 10};
constexpr std::size_t kMostJudged = 3'000;

// The most rectangles of which it is asked what is in them.
constexpr std::size_t kMostLookedInto = 150;

// The most rectangles that are compared with one another, for each that is proposed.
constexpr std::size_t kMostCompared = 3;

// What a side of a panel must have of its edge, and what those that are no sides of the picture
// must have on average.
constexpr std::uint32_t kLeastSupport = kWholeSupport * 45 / 100;
constexpr std::uint32_t kMeanSupport = kWholeSupport * 72 / 100;

// What a side counts that is one of the picture's: it is there, and says little.
constexpr std::uint32_t kSideOfPicture = kWholeSupport / 2;

// What a panel loses that has others in it, and what it gains by its size.
constexpr std::uint32_t kDivided = kWholeSupport * 5 / 8;
constexpr std::uint32_t kAllOfPicture = kWholeSupport / 2;

// From it an edge that goes through a panel makes two of it.
constexpr std::uint32_t kThrough = kWholeSupport * 70 / 100;

// The mean of each 2 x 2 samples.
Raster halved(const LumaPlane& luma) {
  Raster half{luma.width / 2, luma.height / 2, 1, {}};
  half.samples.resize(half.row_bytes() * half.height);
  for (std::uint32_t y = 0; y < half.height; ++y) {
    const std::uint8_t* above = luma.data + static_cast<std::ptrdiff_t>(2 * y) * luma.stride;
    const std::uint8_t* below = above + luma.stride;
    kernels::halve_rows(above, below, half.width, half.row(y));
  }
  return half;
}

// A rectangle of the coarse plane, and how likely it is a picture.
struct Candidate {
  std::uint32_t left = 0;
  std::uint32_t top = 0;
  std::uint32_t right = 0;
  std::uint32_t bottom = 0;
  std::uint32_t score = 0;

  std::uint32_t width() const noexcept { return right - left; }
  std::uint32_t height() const noexcept { return bottom - top; }
  std::uint64_t area() const noexcept { return std::uint64_t{width()} * height(); }
};

// The edges of one direction, with the sides of the picture for two more.
std::vector<LongEdge> with_sides(std::vector<LongEdge> edges, const StepMap& steps) {
  edges.insert(edges.begin(), LongEdge{0, 0, steps.length(), 0});
  edges.push_back(LongEdge{steps.lines(), 0, steps.length(), 0});
  return edges;
}

class Search {
 public:
  explicit Search(const LumaPlane& coarse)
      : width_(coarse.width), height_(coarse.height), steps_(find_steps(coarse)) {}

  // The best first.
  std::vector<Candidate> run() {
    const std::vector<LongEdge> across = find_stretches(steps_.across, least(width_));
    const std::vector<LongEdge> down = find_stretches(steps_.down, least(height_));
    for (const std::size_t most : kEdges) {
      rows_ = with_sides(join_stretches(across, most), steps_.across);
      columns_ = with_sides(join_stretches(down, most), steps_.down);
      if (judge_all()) break;
    }
    sort();
    found_.resize(std::min(found_.size(), kMostLookedInto));
    for (Candidate& panel : found_) {
      if (is_divided(panel)) panel.score -= std::min(panel.score, kDivided);
    }
    sort();
    return std::move(found_);
  }

 private:
  static std::uint32_t least(std::uint32_t side) { return side * kPanelLeast / 100; }

  void sort() {
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  }

  // False, with those that were seen, if there are too many.
  bool judge_all() {
    judged_ = 0;
    found_.clear();
    for (std::size_t a = 0; a < columns_.size(); ++a) {
      for (std::size_t b = a + 1; b < columns_.size(); ++b) {
        between(columns_[a], columns_[b]);
        if (judged_ > kMostJudged) return false;
      }
    }
    return true;
  }

  // All panels with these two for their left and right sides.
  void between(const LongEdge& left, const LongEdge& right) {
    if (right.line < left.line + least(width_)) return;
    const std::uint32_t begin = std::max(left.begin, right.begin);
    const std::uint32_t end = std::min(left.end, right.end);
    if (end < begin + least(height_) / 2) return;
    there_.clear();
    for (const LongEdge& row : rows_) {
      if (steps_.across.has_support(row.line, left.line, right.line, kLeastSupport)) {
        there_.push_back(row.line);
      }
    }
    for (std::size_t a = 0; a < there_.size(); ++a) {
      for (std::size_t b = a + 1; b < there_.size(); ++b) {
        if (there_[b] >= there_[a] + least(height_)) {
          judge({left.line, there_[a], right.line, there_[b]});
        }
      }
    }
  }

  void judge(Candidate panel) {
    ++judged_;
    if (!steps_.down.has_support(panel.left, panel.top, panel.bottom, kLeastSupport) ||
        !steps_.down.has_support(panel.right, panel.top, panel.bottom, kLeastSupport)) {
      return;
    }
    struct Side {
      bool of_picture;
      std::uint32_t support;
    };
    const Side sides[] = {
        {panel.left == 0, steps_.down.support(panel.left, panel.top, panel.bottom)},
        {panel.right == width_, steps_.down.support(panel.right, panel.top, panel.bottom)},
        {panel.top == 0, steps_.across.support(panel.top, panel.left, panel.right)},
        {panel.bottom == height_, steps_.across.support(panel.bottom, panel.left, panel.right)},
    };
    std::uint32_t weakest = kWholeSupport;
    std::uint32_t sum = 0;
    std::uint32_t own = 0;
    for (const Side& side : sides) {
      if (side.of_picture) continue;
      weakest = std::min(weakest, side.support);
      sum += side.support;
      ++own;
    }
    if (own == 0 || weakest < kLeastSupport || sum < own * kMeanSupport) return;
    const std::uint64_t all = std::uint64_t{width_} * height_;
    panel.score = weakest + sum + (4 - own) * kSideOfPicture +
                  static_cast<std::uint32_t>(kAllOfPicture * panel.area() / all);
    found_.push_back(panel);
  }

  bool is_divided(const Candidate& panel) const {
    const auto through = [](const std::vector<LongEdge>& edges, const StepMap& steps,
                            std::uint32_t first, std::uint32_t last, std::uint32_t begin,
                            std::uint32_t end) {
      constexpr std::uint32_t kBeside = 1;  // lines of the edge itself
      return std::any_of(edges.begin(), edges.end(), [&](const LongEdge& edge) {
        return edge.line > first + kBeside && edge.line + kBeside < last &&
               steps.has_support(edge.line, begin, end, kThrough);
      });
    };
    return through(rows_, steps_.across, panel.top, panel.bottom, panel.left, panel.right) ||
           through(columns_, steps_.down, panel.left, panel.right, panel.top, panel.bottom);
  }

  std::uint32_t width_;
  std::uint32_t height_;
  StepMaps steps_;
  std::vector<LongEdge> rows_;
  std::vector<LongEdge> columns_;
  std::vector<std::uint32_t> there_;  // rows that step between two columns
  std::size_t judged_ = 0;
  std::vector<Candidate> found_;
};

// The panel in the whole plane, its sides where their edges are.
PlaneArea placed(const ProbePlane& plane, const Candidate& panel, const LumaPlane& coarse,
                 std::uint32_t scale) {
  const LumaPlane luma = plane.luma();
  const std::uint32_t right = std::min(panel.right * scale, luma.width);
  const std::uint32_t bottom = std::min(panel.bottom * scale, luma.height);
  const std::uint32_t left = panel.left * scale;
  const std::uint32_t top = panel.top * scale;
  const std::uint32_t reach = scale + 1;
  const auto across = [&](std::uint32_t at, EdgeInside inside) {
    return place_of(luma, {EdgeRun::kAcross, inside, at, left, right}, reach);
  };
  const auto down = [&](std::uint32_t at, EdgeInside inside) {
    return place_of(luma, {EdgeRun::kDown, inside, at, top, bottom}, reach);
  };
  PlaneArea area = plane.picture();
  if (left > 0) area.left = down(left, EdgeInside::kBehind);
  if (top > 0) area.top = across(top, EdgeInside::kBehind);
  if (panel.right < coarse.width) area.right = down(right, EdgeInside::kBefore);
  if (panel.bottom < coarse.height) area.bottom = across(bottom, EdgeInside::kBefore);
  return area;
}

// So near that one hash finds what the other does.
bool same(const Candidate& a, const Candidate& b) {
  const auto near = [](std::uint32_t p, std::uint32_t q, std::uint32_t side) {
    return 256 * (p > q ? p - q : q - p) <= side;
  };
  return near(a.left, b.left, a.width()) && near(a.right, b.right, a.width()) &&
         near(a.top, b.top, a.height()) && near(a.bottom, b.bottom, a.height());
}

// One inside of the other, or nearly, and nearly as large: what is found by the one is seldom found
// by the other, but that there is something they agree on.
bool alike(const Candidate& a, const Candidate& b) {
  const auto shared = [](std::uint32_t begin_a, std::uint32_t end_a, std::uint32_t begin_b,
                         std::uint32_t end_b) {
    const std::uint32_t begin = std::max(begin_a, begin_b);
    const std::uint32_t end = std::min(end_a, end_b);
    return std::uint64_t{end > begin ? end - begin : 0};
  };
  const std::uint64_t common =
      shared(a.left, a.right, b.left, b.right) * shared(a.top, a.bottom, b.top, b.bottom);
  return 10 * common >= 9 * std::max(a.area(), b.area());
}

// Most of `most` places go to panels that are not alike, in their order; those that are left to the
// others.
std::vector<Candidate> choose(const std::vector<Candidate>& ordered, std::size_t most) {
  const std::size_t most_unlike = most * 3 / 4;
  std::vector<Candidate> chosen;
  std::vector<Candidate> others;
  for (const Candidate& panel : ordered) {
    const auto is_alike = [&](const Candidate& other) { return alike(panel, other); };
    const auto is_same = [&](const Candidate& other) { return same(panel, other); };
    if (std::any_of(chosen.begin(), chosen.end(), is_same)) continue;
    const bool unlike = std::none_of(chosen.begin(), chosen.end(), is_alike);
    if (unlike && chosen.size() < most_unlike) {
      chosen.push_back(panel);
    } else if (std::none_of(others.begin(), others.end(), is_same)) {
      others.push_back(panel);
    }
  }
  for (const Candidate& panel : others) {
    if (chosen.size() == most) break;
    chosen.push_back(panel);
  }
  return chosen;
}

}  // namespace

// Pictures of up to kCoarseSide are looked at as they are, to which no frequencies come near;
// larger ones at half their size or less, and 4 samples a block are half.
int orders_for_panels(std::uint32_t width, std::uint32_t height) noexcept {
  const std::uint32_t longer = std::max(width, height);
  if (longer <= kCoarseSide) return 0;
  for (const int orders : {1, 2}) {
    if (longer / LumaBlocks::kSide * samples_of_block(orders) >= kFewestOfBlocks) return orders;
  }
  return 3;
}

std::vector<PlaneArea> find_panels(const ProbePlane& plane) {
  const LumaPlane luma = plane.luma();
  if (std::min(luma.width, luma.height) < kSmallestSide) return {};
  LumaPlane coarse = luma;
  Raster half;
  const bool of_blocks = plane.is_of_blocks();
  const std::uint32_t longest = of_blocks ? kCoarseOfBlocks : kCoarseSide;
  const bool halve = std::max(luma.width, luma.height) > longest &&
                     std::min(luma.width, luma.height) >= 2 * kSmallestSide;
  if (halve) {
    half = halved(luma);
    coarse = {half.samples.data(), static_cast<std::ptrdiff_t>(half.row_bytes()), half.width,
              half.height};
  }
  std::vector<Candidate> candidates = Search(coarse).run();
  const std::size_t most = of_blocks ? kMaxPanelsOfBlocks : kMaxPanels;
  candidates.resize(std::min(candidates.size(), kMostCompared * most));
  std::vector<PlaneArea> panels;
  for (const Candidate& candidate : choose(candidates, most)) {
    panels.push_back(placed(plane, candidate, coarse, halve ? 2 : 1));
  }
  return panels;
}

}  // namespace semblance::hash
