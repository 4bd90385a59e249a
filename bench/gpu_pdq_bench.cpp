// SPDX-License-Identifier: Apache-2.0
// Question: how many pictures does a GPU hash in a second, from 8-bit luma in the host's memory and
// from 64 x 64 buffers, transfers included, beside one core of the CPU in the same run?
//
// Without a GPU it says so, and that is all. Every answer is checked before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <span>
#include <vector>

#include "hash/pdq_signal.h"
#include "hash/pictures.h"
#include "hash/reducer.h"
#include "pdq/device_pdq.h"
#include "semblance/pdq.h"

namespace semblance {
namespace {

using Clock = std::chrono::steady_clock;
using Buffer = std::array<float, hash::kReducedPixels>;

constexpr std::size_t kDifferent = 4;  // pictures, which a batch repeats

bool equal(const kernels::DevicePdq& result, const PdqSignal& expected) {
  return result.quality == expected.quality &&
         std::memcmp(result.hashes, expected.hashes.data(), sizeof(result.hashes)) == 0;
}

// Times `on_gpu()`, a batch of `batch`, and `on_cpu(i)` of picture i in turns, so that what slows
// the machine slows both.
template <class OnGpu, class OnCpu>
void time_in_turns(benchmark::State& state, std::size_t batch, const OnGpu& on_gpu,
                   const OnCpu& on_cpu) {
  std::chrono::duration<double> gpu{0};
  std::chrono::duration<double> cpu{0};
  for ([[maybe_unused]] auto _ : state) {
    const auto start = Clock::now();
    if (const int status = on_gpu(); status != kernels::kDeviceOk) {
      return state.SkipWithError(kernels::device_error_text(status));
    }
    const auto middle = Clock::now();
    for (std::size_t i = 0; i < kDifferent; ++i) benchmark::DoNotOptimize(on_cpu(i));
    cpu += Clock::now() - middle;
    gpu += middle - start;
    state.SetIterationTime(std::chrono::duration<double>(middle - start).count());
  }
  const auto rounds = static_cast<double>(state.iterations());
  const double gpu_rate = rounds * static_cast<double>(batch) / gpu.count();
  const double cpu_rate = rounds * static_cast<double>(kDifferent) / cpu.count();
  state.counters["pictures_per_s"] = gpu_rate;
  state.counters["gpu_per_cpu_core"] = gpu_rate / cpu_rate;
}

bool all_equal(const std::vector<kernels::DevicePdq>& results,
               const std::vector<PdqSignal>& expected) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!equal(results[i], expected[i % kDifferent])) return false;
  }
  return true;
}

// range(0), range(1): width and height; range(2): pictures in one call.
void BM_GpuPdq(benchmark::State& state) {
  const auto width = static_cast<std::uint32_t>(state.range(0));
  const auto height = static_cast<std::uint32_t>(state.range(1));
  const auto batch = static_cast<std::size_t>(state.range(2));
  std::vector<pictures::Picture> different;
  std::vector<PdqSignal> expected;
  for (std::size_t i = 0; i < kDifferent; ++i) {
    different.push_back(pictures::make_picture(width, height, 1, 7 + i));
    const auto signal = pdq_hash(different.back().view());
    if (!signal) return state.SkipWithError(signal.error().what.c_str());
    expected.push_back(*signal);
  }
  std::vector<std::uint8_t> bytes;
  std::vector<kernels::DevicePicture> places;
  for (std::size_t i = 0; i < batch; ++i) {
    places.push_back({bytes.size(), width, width, height});
    const auto& pixels = different[i % kDifferent].pixels;
    bytes.insert(bytes.end(), pixels.begin(), pixels.end());
  }
  kernels::DevicePdqHasher hasher;
  if (const int status = hasher.open(0); status != kernels::kDeviceOk) {
    return state.SkipWithError(kernels::device_error_text(status));
  }
  std::vector<kernels::DevicePdq> results(batch);
  const auto on_gpu = [&] {
    return hasher.hash(
        {bytes.data(), bytes.size(), kernels::DeviceMemory::kHost, places.data(), batch},
        results.data());
  };
  if (on_gpu() != kernels::kDeviceOk || !all_equal(results, expected)) {
    return state.SkipWithError("wrong answer: not timed");
  }
  time_in_turns(state, batch, on_gpu, [&](std::size_t i) { return pdq_hash(different[i].view()); });
}
BENCHMARK(BM_GpuPdq)
    ->ArgNames({"width", "height", "batch"})
    ->Args({512, 512, 1})
    ->Args({512, 512, 64})
    ->Args({512, 512, 1024})
    ->Args({816, 612, 256})
    ->Args({2000, 2000, 64})
    ->Args({4000, 3000, 16})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// range(0): buffers in one call.
void BM_GpuPdqTail(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::vector<Buffer> different(kDifferent);
  std::vector<PdqSignal> expected;
  for (std::size_t i = 0; i < kDifferent; ++i) {
    const auto picture = pictures::make_picture(64, 64, 1, 7 + i);
    std::ranges::copy(picture.pixels, different[i].begin());
    expected.push_back(hash::make_signal(different[i], PdqProfile::kFull));
  }
  std::vector<float> luma;
  for (std::size_t i = 0; i < batch; ++i) {
    const Buffer& buffer = different[i % kDifferent];
    luma.insert(luma.end(), buffer.begin(), buffer.end());
  }
  kernels::DevicePdqHasher hasher;
  if (const int status = hasher.open(0); status != kernels::kDeviceOk) {
    return state.SkipWithError(kernels::device_error_text(status));
  }
  std::vector<kernels::DevicePdq> results(batch);
  const auto on_gpu = [&] {
    return hasher.hash({luma.data(), kernels::DeviceMemory::kHost, batch}, results.data());
  };
  if (on_gpu() != kernels::kDeviceOk || !all_equal(results, expected)) {
    return state.SkipWithError("wrong answer: not timed");
  }
  time_in_turns(state, batch, on_gpu,
                [&](std::size_t i) { return hash::make_signal(different[i], PdqProfile::kFull); });
}
BENCHMARK(BM_GpuPdqTail)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(64)
    ->Arg(1024)
    ->Arg(4096)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace semblance

int main(int argc, char** argv) {
  namespace kernels = semblance::kernels;
  int count = 0;
  kernels::DeviceInfo info;
  int status = kernels::device_count(&count);
  if (status == kernels::kDeviceOk) status = kernels::device_info(0, &info);
  if (status != kernels::kDeviceOk) {
    std::printf("gpu_pdq_bench: nothing to measure: %s\n", kernels::device_error_text(status));
    return 0;
  }
  std::printf("%s, compute capability %d.%d, %d multiprocessors\n", info.name, info.major,
              info.minor, info.multiprocessors);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
