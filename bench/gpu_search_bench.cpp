// SPDX-License-Identifier: Apache-2.0
// Question: how many pairs of a query and a code does a GPU compare in a second, by each of its
// three kernels, transfers and sorting included, beside the flat index on one core of the CPU?
//
// Without a GPU it says so, and that is all. Every answer is checked before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "semblance/device_index.h"

namespace semblance {
namespace {

constexpr int kReach = 31;
constexpr std::size_t kCpuQueries = 16;  // that share a pass of the CPU's: enough for its rate

std::vector<Hash256> random_hashes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<Hash256> hashes(count);
  for (auto& hash : hashes) {
    for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  }
  return hashes;
}

// The codes of one size, on the CPU. One size at a time is kept.
struct Codes {
  explicit Codes(std::size_t count) : codes(random_hashes(count, count)) {
    if (!flat->add(codes)) codes.clear();
  }
  std::vector<Hash256> codes;
  std::unique_ptr<Index> flat = make_flat_index();
};

const Codes& codes_of(std::size_t count) {
  static std::unique_ptr<Codes> kept;
  if (!kept || kept->codes.size() != count) {
    kept.reset();
    kept = std::make_unique<Codes>(count);
  }
  return *kept;
}

// Every other query is eleven bits from a code.
std::vector<Hash256> queries_for(const std::vector<Hash256>& codes, std::size_t count) {
  std::vector<Hash256> queries = random_hashes(count, 7);
  for (std::size_t i = 0; i < count; i += 2) {
    queries[i] = codes[i * 991 % codes.size()];
    queries[i].bytes[5] ^= 0x7f;
    queries[i].bytes[30] ^= 0x0f;
  }
  return queries;
}

// range(0): codes; range(1): queries in one call.
void BM_GpuSearch(benchmark::State& state, DeviceMethod method) {
  const auto& [codes, flat] = codes_of(static_cast<std::size_t>(state.range(0)));
  if (codes.empty()) return state.SkipWithError("the CPU's index refused the codes");
  const auto queries = queries_for(codes, static_cast<std::size_t>(state.range(1)));
  const auto few = std::span(queries).first(std::min(kCpuQueries, queries.size()));
  const auto index = make_device_index({.device = 0, .method = method});
  if (!index->add(codes) || !index->facts().device) {
    return state.SkipWithError(index->facts().why.c_str());
  }
  const auto expected = flat->range_search(few, kReach);
  const auto found = index->range_search(few, kReach);
  if (!expected || !found || *expected != *found) {
    return state.SkipWithError("wrong answer: not timed");
  }

  using Clock = std::chrono::steady_clock;
  std::chrono::duration<double> cpu{0};
  std::chrono::duration<double> gpu{0};
  for ([[maybe_unused]] auto _ : state) {  // in turns, so that what slows the machine slows both
    const auto start = Clock::now();
    benchmark::DoNotOptimize(flat->range_search(few, kReach));
    const auto middle = Clock::now();
    benchmark::DoNotOptimize(index->range_search(queries, kReach));
    const auto end = Clock::now();
    cpu += middle - start;
    gpu += end - middle;
    state.SetIterationTime(std::chrono::duration<double>(end - middle).count());
  }
  if (index->facts().cpu_searches > 0) {
    return state.SkipWithError(index->facts().why.c_str());  // it was not the GPU that was timed
  }
  const auto pairs = static_cast<double>(codes.size()) * static_cast<double>(state.iterations());
  const double gpu_rate = pairs * static_cast<double>(queries.size()) / gpu.count();
  const double cpu_rate = pairs * static_cast<double>(few.size()) / cpu.count();
  state.counters["pairs_per_s"] = gpu_rate;
  state.counters["gpu_per_cpu"] = gpu_rate / cpu_rate;
}

// The sizes vary slowest, so that each is made once for all kernels.
void register_all() {
  const std::map<const char*, DeviceMethod> methods = {{"popcount", DeviceMethod::kPopcount},
                                                       {"int8", DeviceMethod::kInt8},
                                                       {"binary", DeviceMethod::kBinary}};
  for (const std::int64_t codes : {100'000, 1'000'000, 10'000'000}) {
    for (const auto& [name, method] : methods) {
      const auto run = [method](benchmark::State& state) { BM_GpuSearch(state, method); };
      auto* bench =
          benchmark::RegisterBenchmark((std::string("BM_GpuSearch/") + name).c_str(), run);
      for (const std::int64_t queries : {1, 128, 4096}) bench->Args({codes, queries});
      bench->UseManualTime()->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace semblance

int main(int argc, char** argv) {
  const auto gpu = semblance::device_facts();
  if (!gpu) {
    std::printf("gpu_search_bench: nothing to measure: %s\n", gpu.error().what.c_str());
    return 0;
  }
  std::printf("%s, compute capability %s, %d multiprocessors\n", gpu->name.c_str(),
              gpu->compute_capability.c_str(), gpu->multiprocessors);
  benchmark::Initialize(&argc, argv);
  semblance::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
