// SPDX-License-Identifier: Apache-2.0
// Question: what does each kind of an index of vectors find, how fast, and in how many bytes?
// Recall just above a threshold, queries/s beside FAISS's IndexFlatIP, bytes a vector and time to
// build, on one thread.
//
// The vectors are made up: 256 floats in clusters of a hundred whose members have a cosine of 0.36
// to each other, and queries that have a known cosine with one of them, from the threshold to 0.05
// above it, else in any direction. No kind is timed whose hits are not among those of the flat one.
#include <faiss/IndexFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "index/unit_vectors.h"
#include "rounds.h"
#include "semblance/live_float_index.h"

namespace semblance::bench {
namespace {

constexpr double kThresholds[] = {0.5, 0.75, 0.9};

struct Contestant {
  std::string name;
  LiveFloatIndexOptions options;
};

std::vector<Contestant> contestants(std::size_t dimension) {
  std::vector<Contestant> all;
  const auto add = [&all](std::string name, FloatIndexKind kind, auto&& change) {
    LiveFloatIndexOptions options;
    options.kind = kind;
    options.merge_in_background = false;
    change(options);
    all.push_back({std::move(name), options});
  };
  add("flat", FloatIndexKind::kFlat, [](auto&) {});
  for (const std::size_t probes : {16U, 32U, 64U, 128U}) {
    add("ivf " + std::to_string(probes), FloatIndexKind::kIvf,
        [&](auto& options) { options.probes = probes; });
  }
  add("ivf", FloatIndexKind::kIvf, [](auto&) {});  // probes by the number of lists
  add("ivf + pq", FloatIndexKind::kIvf, [&](auto& options) { options.code_bytes = dimension / 4; });
  for (const std::size_t reach : {64U, 128U, 256U}) {
    add("hnsw " + std::to_string(reach), FloatIndexKind::kHnsw,
        [&](auto& options) { options.search_reach = reach; });
  }
  return all;
}

struct Case {
  double threshold = 0;
  std::vector<float> queries;
  std::vector<ProductHit> hits;  // of the flat index
};

struct Setting {
  std::size_t count = 100'000;
  std::size_t dimension = 256;
  std::size_t queries = 200;
  std::vector<std::string> only;
};

bool are_among(const std::vector<ProductHit>& some, const std::vector<ProductHit>& all) {
  const auto before = [](const ProductHit& a, const ProductHit& b) {
    return std::tie(a.query, b.product, a.label) < std::tie(b.query, a.product, b.label);
  };
  return std::includes(all.begin(), all.end(), some.begin(), some.end(), before);
}

// Seconds a query, one query to a call.
double seconds_a_query(const LiveFloatIndex& index, const Case& each, std::size_t dimension,
                       std::size_t most) {
  const std::size_t count = std::min(most, each.queries.size() / dimension);
  return cpu_seconds_of([&] {
           for (std::size_t q = 0; q < count; ++q) {
             (void)index.search(std::span(each.queries).subspan(q * dimension, dimension),
                                each.threshold);
           }
         }) /
         static_cast<double>(count);
}

double seconds_of_peer(const faiss::IndexFlatIP& peer, const Case& each, std::size_t dimension) {
  constexpr std::size_t kQueries = 10;
  return cpu_seconds_of([&] {
           for (std::size_t q = 0; q < kQueries; ++q) {
             faiss::RangeSearchResult found(1);
             peer.range_search(1, &each.queries[q * dimension], static_cast<float>(each.threshold),
                               &found);
           }
         }) /
         kQueries;
}

std::unique_ptr<LiveFloatIndex> built(const Setting& setting, const LiveFloatIndexOptions& options,
                                      const std::vector<float>& vectors) {
  auto index = make_live_float_index(setting.dimension, options);
  std::vector<std::int64_t> labels(setting.count);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i);
  if (!index || !(*index)->add(vectors, labels)) return nullptr;
  return *std::move(index);
}

std::vector<Case> make_cases(const Setting& setting, const std::vector<float>& vectors) {
  UnitVectors draw(setting.dimension, 2);
  std::vector<Case> cases;
  for (const double threshold : kThresholds) {
    Case each{threshold, {}, {}};
    for (std::size_t q = 0; q < setting.queries; ++q) {
      const std::size_t row = draw.below(setting.count);
      const double above = 0.05 * static_cast<double>(q) / static_cast<double>(setting.queries);
      const auto query =
          draw.near({&vectors[row * setting.dimension], setting.dimension}, threshold + above);
      each.queries.insert(each.queries.end(), query.begin(), query.end());
    }
    cases.push_back(std::move(each));
  }
  return cases;
}

int report(const Setting& setting, const Contestant& who, const std::vector<float>& vectors,
           std::vector<Case>& cases, const std::vector<double>& peer) {
  std::unique_ptr<LiveFloatIndex> index;
  const double build = cpu_seconds_of([&] { index = built(setting, who.options, vectors); });
  if (index == nullptr) return 1;
  const FloatIndexFacts facts = index->facts();
  std::printf("| %s | %.1f | %.0f |", who.name.c_str(), build,
              static_cast<double>(facts.bytes) / static_cast<double>(facts.vectors));
  for (std::size_t c = 0; c < cases.size(); ++c) {
    Case& each = cases[c];
    auto hits = index->search(each.queries, each.threshold);
    if (!hits) return 1;
    if (who.name == "flat") each.hits = *hits;
    if (!are_among(*hits, each.hits)) return 1;
    const double recall = static_cast<double>(hits->size()) /
                          static_cast<double>(std::max<std::size_t>(each.hits.size(), 1));
    const std::size_t most = who.name == "flat" ? 20 : setting.queries;
    const double seconds = seconds_a_query(*index, each, setting.dimension, most);
    std::printf(" %.3f, %.0f/s, %.1f x |", recall, 1 / seconds, peer[c] / seconds);
  }
  std::printf("\n");
  (void)std::fflush(stdout);
  return 0;
}

int run(const Setting& setting) {
  omp_set_num_threads(1);
  const auto vectors = UnitVectors(setting.dimension, 1).clustered(setting.count, 100, 0.6);
  auto cases = make_cases(setting, vectors);
  std::vector<double> peer;
  {
    faiss::IndexFlatIP flat(static_cast<faiss::Index::idx_t>(setting.dimension));
    flat.add(static_cast<faiss::Index::idx_t>(setting.count), vectors.data());
    for (const Case& each : cases) {
      peer.push_back(seconds_of_peer(flat, each, setting.dimension));
    }
  }
  std::printf("%zu vectors of %zu floats; FAISS's IndexFlatIP: %.1f queries/s\n\n", setting.count,
              setting.dimension, 1 / median(peer));
  std::printf("| kind | build s | bytes a vector |");
  for (const double threshold : kThresholds)
    std::printf(" %.2f: recall, queries/s, of FAISS |", threshold);
  std::printf("\n| --- | --- | --- | --- | --- | --- |\n");
  for (const Contestant& who : contestants(setting.dimension)) {
    if (who.name != "flat" && !setting.only.empty() &&
        std::find(setting.only.begin(), setting.only.end(), who.name) == setting.only.end())
      continue;
    if (report(setting, who, vectors, cases, peer) != 0) {
      std::printf("\n%s: wrong answer: not timed\n", who.name.c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  CLI::App app("Kinds of indexes of vectors, beside FAISS's flat one");
  semblance::bench::Setting setting;
  app.add_option("--vectors", setting.count)->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--dimension", setting.dimension)->check(CLI::Range(4, 4'096));
  app.add_option("--queries", setting.queries)->check(CLI::Range(10, 100'000));
  app.add_option("--only", setting.only, "kinds by their names, beside flat");
  CLI11_PARSE(app, argc, argv);
  return semblance::bench::run(setting);
}
