// SPDX-License-Identifier: Apache-2.0
// Question: how far does each alteration of the catalogue move a PDQ hash, and how near do pictures
// that have nothing to do with each other come? The tables of datasets/README.md.
//
// reach_bench [PICTURES [UNRELATED [SEED]]]: defaults 200, 1000, 1
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "datasets/alterations.h"
#include "datasets/measure.h"
#include "datasets/scene.h"
#include "semblance/pdq.h"

namespace semblance::datasets {
namespace {

constexpr std::uint32_t kWidth = 640;
constexpr std::uint32_t kHeight = 480;

Result<PdqSignal> hash_scene(std::uint64_t seed, std::uint64_t number, std::uint32_t width,
                             std::uint32_t height) {
  return pdq_hash(draw_scene(seed, number, width, height).view());
}

// Distances of all pairs: the nearest, and how the rest lies. The query's transforms count too.
int report_collisions(std::uint64_t seed, std::uint64_t count) {
  std::vector<PdqSignal> signals;
  int lowest_quality = 100;
  std::size_t full_quality = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto signal = hash_scene(seed, i, kWidth, kHeight);
    if (!signal) return 2;
    lowest_quality = std::min(lowest_quality, signal->quality);
    full_quality += signal->quality == 100 ? 1U : 0U;
    signals.push_back(*signal);
  }
  int plain = Hash256::kBits;
  int turned = Hash256::kBits;
  double sum = 0.0;
  double squares = 0.0;
  std::uint64_t pairs = 0;
  for (std::size_t a = 0; a < signals.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      const int distance = hamming_distance(signals[a].hash(), signals[b].hash());
      plain = std::min(plain, distance);
      turned = std::min(turned, nearest(signals[a], signals[b].hash()).first);
      sum += distance;
      squares += static_cast<double>(distance) * distance;
      ++pairs;
    }
  }
  const double mean = sum / static_cast<double>(pairs);
  std::printf("unrelated: %zu pictures, %llu pairs\n", signals.size(),
              static_cast<unsigned long long>(pairs));
  std::printf("  smallest distance %d bits; %d over the query's eight transforms\n", plain, turned);
  std::printf("  mean %.1f, variance %.1f\n", mean,
              squares / static_cast<double>(pairs) - mean * mean);
  std::printf("  quality: %zu of them 100, lowest %d\n\n", full_quality, lowest_quality);
  return 0;
}

int report_reach(std::uint64_t seed, std::uint64_t count) {
  std::vector<Picture> pictures;
  std::vector<Hash256> hashes;
  for (std::uint64_t i = 0; i < count; ++i) {
    pictures.push_back(draw_scene(seed, i, kWidth, kHeight));
    auto signal = pdq_hash(pictures.back().view());
    if (!signal) return 2;
    hashes.push_back(signal->hash());
  }
  std::printf("| alteration | declared | median | 95 %% | largest | found at 31 |\n");
  std::printf("| --- | --- | --- | --- | --- | --- |\n");
  for (const Alteration& alteration : alterations()) {
    std::vector<int> distances;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      Random random(i);
      auto bytes = altered_copy(pictures[i], alteration, random);
      if (!bytes) return 2;
      auto signal = hash_file(*bytes);
      if (!signal) {
        std::fprintf(stderr, "%s\n", signal.error().what.c_str());
        return 2;
      }
      distances.push_back(nearest(*signal, hashes[i]).first);
    }
    std::ranges::sort(distances);
    const auto found = std::ranges::upper_bound(distances, kDefaultMaxDistance);
    std::printf("| %.*s | %s | %d | %d | %d | %.1f %% |\n",
                static_cast<int>(alteration.name.size()), alteration.name.data(),
                alteration.within_reach ? "within" : "beyond", distances[distances.size() / 2],
                distances[distances.size() * 95 / 100], distances.back(),
                100.0 * static_cast<double>(found - distances.begin()) /
                    static_cast<double>(distances.size()));
  }
  return 0;
}

std::uint64_t argument(int argc, char** argv, int index, std::uint64_t otherwise) {
  return index < argc ? std::strtoull(argv[index], nullptr, 10) : otherwise;
}

}  // namespace
}  // namespace semblance::datasets

int main(int argc, char** argv) {
  using namespace semblance::datasets;
  const std::uint64_t seed = argument(argc, argv, 3, 1);
  const int failed =
      report_collisions(seed, std::max<std::uint64_t>(2, argument(argc, argv, 2, 1000)));
  return failed != 0 ? failed
                     : report_reach(seed, std::max<std::uint64_t>(1, argument(argc, argv, 1, 200)));
}
