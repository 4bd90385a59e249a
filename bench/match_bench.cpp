// SPDX-License-Identifier: Apache-2.0
// Question: what does a Matcher add to the bare index search it rests on? Queries/s of bare PDQ
// values against 100,000 codes, beside FAISS's IndexBinaryFlat::range_search alone, on one thread.
#include <benchmark/benchmark.h>
#include <faiss/IndexBinaryFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <omp.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "match/memory_store.h"
#include "semblance/match.h"

namespace semblance {
namespace {

constexpr std::size_t kCodes = 100'000;
constexpr std::size_t kQueries = 64;  // in one call
constexpr int kReach = kDefaultMaxDistance;

std::vector<Hash256> random_hashes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<Hash256> hashes(count);
  for (auto& hash : hashes) {
    for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  }
  return hashes;
}

SignalValue value_of(const Hash256& hash) {
  return {SignalKind::kPdq, {hash.bytes.begin(), hash.bytes.end()}};
}

const std::uint8_t* first_byte(const std::vector<Hash256>& hashes) {
  return reinterpret_cast<const std::uint8_t*>(hashes.data());
}

// The same codes in a bank with its matcher, and in FAISS.
struct Fixture {
  Fixture() {
    omp_set_num_threads(1);
    auto bank = store.create_bank("bench", {});
    for (const Hash256& code : codes) {
      EntryDraft draft;
      draft.labels = {"label"};
      draft.signals = {{value_of(code), 100, PdqProfile::kFull, ""}};
      if (!store.add_entry(bank->id, draft, Merge::kReplace)) std::abort();
    }
    auto made = make_matcher(store, {});
    if (!made) std::abort();
    matcher = *std::move(made);
    faiss.add(static_cast<faiss::IndexBinary::idx_t>(codes.size()), first_byte(codes));
  }

  const std::vector<Hash256> codes = random_hashes(kCodes, 1);
  MemoryStore store;
  std::unique_ptr<Matcher> matcher;
  faiss::IndexBinaryFlat faiss{Hash256::kBits};
};

std::size_t search_faiss(const faiss::IndexBinaryFlat& index, const std::vector<Hash256>& queries) {
  faiss::RangeSearchResult found(static_cast<faiss::IndexBinary::idx_t>(queries.size()));
  index.range_search(static_cast<faiss::IndexBinary::idx_t>(queries.size()), first_byte(queries),
                     kReach + 1, &found);
  return found.lims[queries.size()];
}

std::size_t search_matcher(const Matcher& matcher, const std::vector<SignalValue>& queries) {
  auto results = matcher.match(queries, PdqProfile::kFull);
  if (!results) return SIZE_MAX;
  std::size_t found = 0;
  for (const auto& matches : *results) found += matches.size();
  return found;
}

// range(0): how many of the 64 queries are within reach of a code.
void BM_MatchBareValues(benchmark::State& state) {
  static Fixture fixture;
  const auto known = static_cast<std::size_t>(state.range(0));
  std::vector<Hash256> hashes = random_hashes(kQueries, 2);
  for (std::size_t i = 0; i < known; ++i) {
    hashes[i] = fixture.codes[i * 991];
    hashes[i].bytes[5] ^= 0x7f;  // seven bits away
  }
  std::vector<SignalValue> values;
  values.reserve(hashes.size());
  for (const Hash256& hash : hashes) values.push_back(value_of(hash));
  if (search_faiss(fixture.faiss, hashes) != known ||
      search_matcher(*fixture.matcher, values) != known) {
    return state.SkipWithError("wrong answer: not timed");
  }

  using Clock = std::chrono::steady_clock;
  std::chrono::duration<double> peer{0};
  std::chrono::duration<double> ours{0};
  for ([[maybe_unused]] auto _ : state) {  // in turns, so that what slows the machine slows both
    const auto start = Clock::now();
    benchmark::DoNotOptimize(search_faiss(fixture.faiss, hashes));
    const auto middle = Clock::now();
    benchmark::DoNotOptimize(search_matcher(*fixture.matcher, values));
    const auto end = Clock::now();
    peer += middle - start;
    ours += end - middle;
    state.SetIterationTime(std::chrono::duration<double>(end - middle).count());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kQueries));
  state.counters["matcher_per_faiss"] = peer.count() / ours.count();  // of queries/s; 1: as fast
}
BENCHMARK(BM_MatchBareValues)->UseManualTime()->Arg(0)->Arg(8)->Arg(64);

}  // namespace
}  // namespace semblance

BENCHMARK_MAIN();
