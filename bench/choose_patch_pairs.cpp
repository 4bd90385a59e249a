// SPDX-License-Identifier: Apache-2.0
// Which pairs of places of a patch tell most? Prints src/hash/features/patch_pairs.h's table, which
// was chosen so. Takes ten seconds; a change of the table changes kFeaturesVersion.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "datasets/random.h"
#include "datasets/scene.h"
#include "hash/features/corners.h"
#include "hash/features/patch_pairs.h"

namespace semblance {
namespace {

using Bits = std::vector<std::uint64_t>;  // one a patch

constexpr std::size_t kDrawn = 6'000;
constexpr std::uint64_t kScenes = 50;
constexpr std::size_t kCorners = 80;  // of each of kLevels sizes of a scene
constexpr int kLevels = 4;

/// Half from a bell about the middle, half from all of the patch; none of places that touch.
std::vector<hash::PatchPair> drawn_pairs() {
  datasets::Random random(2026);
  const auto place = [&](bool bell) {
    for (;;) {
      const auto one = [&] {
        return bell ? static_cast<int>(std::lround(random.bell() * 6.2))
                    : static_cast<int>(random.below(29)) - 14;
      };
      const int x = one();
      const int y = one();
      const int most = bell ? 15 : 14;
      if (x * x + y * y > most * most) continue;
      return hash::PatchPlace{static_cast<std::int8_t>(x), static_cast<std::int8_t>(y)};
    }
  };
  std::vector<hash::PatchPair> pairs;
  while (pairs.size() < kDrawn) {
    const bool bell = pairs.size() % 2 == 1;
    const hash::PatchPlace first = place(bell);
    const hash::PatchPlace second = place(bell);
    const int dx = first.x - second.x;
    const int dy = first.y - second.y;
    if (dx * dx + dy * dy >= 16) pairs.push_back({first, second});
  }
  return pairs;
}

/// Adds a bit to each pair's for every corner of a plane.
std::size_t add_patches(const cv::Mat& plane, const std::vector<hash::PatchPair>& pairs,
                        std::vector<Bits>& bits, std::size_t patches) {
  cv::Mat smooth;
  cv::GaussianBlur(plane, smooth, cv::Size(7, 7), 2, 2, cv::BORDER_REFLECT_101);
  const LumaPlane luma{plane.data, static_cast<std::ptrdiff_t>(plane.step[0]),
                       static_cast<std::uint32_t>(plane.cols),
                       static_cast<std::uint32_t>(plane.rows), false};
  for (const hash::Corner& corner : hash::find_corners(luma, kCorners)) {
    const double angle = 2 * std::numbers::pi * corner.turn / 256;
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    const auto at = [&](hash::PatchPlace p) {
      return smooth.at<std::uint8_t>(corner.y + static_cast<int>(std::lround(s * p.x + c * p.y)),
                                     corner.x + static_cast<int>(std::lround(c * p.x - s * p.y)));
    };
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (patches % 64 == 0) bits[i].push_back(0);
      if (at(pairs[i].first) < at(pairs[i].second)) {
        bits[i].back() |= std::uint64_t{1} << (patches % 64);
      }
    }
    ++patches;
  }
  return patches;
}

std::size_t look_at_scenes(const std::vector<hash::PatchPair>& pairs, std::vector<Bits>& bits) {
  std::size_t patches = 0;
  for (std::uint64_t number = 0; number < kScenes; ++number) {
    const datasets::Picture scene = datasets::draw_scene(4242, number, 480, 360);
    cv::Mat plane(360, 480, CV_8UC1);
    for (std::size_t i = 0; i < std::size_t{480} * 360; ++i) {
      const std::uint8_t* rgb = scene.rgb.data() + 3 * i;
      plane.data[i] =
          static_cast<std::uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
    }
    for (int level = 0; level < kLevels; ++level) {
      patches = add_patches(plane, pairs, bits, patches);
      cv::Mat smaller;
      const cv::Size size(static_cast<int>(plane.cols / 1.44), static_cast<int>(plane.rows / 1.44));
      cv::resize(plane, smaller, size, 0, 0, cv::INTER_LINEAR_EXACT);
      plane = smaller;
    }
  }
  return patches;
}

double part_set(const Bits& a, const Bits& b, std::size_t patches) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += std::popcount(a[i] & b[i]);
  return static_cast<double>(count) / static_cast<double>(patches);
}

/// **Source:** Rublee et al., section 4.3: in order of how near to a half of the patches a pair's
/// bit is set in, those that no pair chosen before is correlated with by more than a limit, which
/// rises until there are enough.
std::vector<std::size_t> chosen(const std::vector<Bits>& bits, std::size_t patches) {
  std::vector<double> means;
  for (const Bits& one : bits) means.push_back(part_set(one, one, patches));
  std::vector<std::size_t> order(bits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::abs(means[a] - 0.5) < std::abs(means[b] - 0.5);
  });
  const auto correlation = [&](std::size_t a, std::size_t b) {
    const double spread = means[a] * (1 - means[a]) * means[b] * (1 - means[b]);
    return std::abs(part_set(bits[a], bits[b], patches) - means[a] * means[b]) / std::sqrt(spread);
  };
  for (double limit = 0.1;; limit += 0.02) {
    std::vector<std::size_t> kept;
    for (const std::size_t one : order) {
      const bool tells = std::none_of(kept.begin(), kept.end(), [&](std::size_t other) {
        return correlation(one, other) > limit;
      });
      if (tells) kept.push_back(one);
      if (kept.size() == hash::kPatchPairs.size()) return kept;
    }
  }
}

int run() {
  const std::vector<hash::PatchPair> pairs = drawn_pairs();
  std::vector<Bits> bits(pairs.size());
  const std::size_t patches = look_at_scenes(pairs, bits);
  std::size_t as_compiled = 0;
  std::size_t printed = 0;
  for (const std::size_t i : chosen(bits, patches)) {
    const auto [a, b] = pairs[i];
    const auto [c, d] = hash::kPatchPairs[printed];
    as_compiled += a.x == c.x && a.y == c.y && b.x == d.x && b.y == d.y ? 1U : 0U;
    std::printf("{{%d, %d}, {%d, %d}},%c", a.x, a.y, b.x, b.y, ++printed % 4 == 0 ? '\n' : ' ');
  }
  std::fprintf(stderr, "%zu patches; %zu of %zu pairs as compiled in\n", patches, as_compiled,
               hash::kPatchPairs.size());
  return as_compiled == hash::kPatchPairs.size() ? 0 : 1;
}

}  // namespace
}  // namespace semblance

int main() { return semblance::run(); }
