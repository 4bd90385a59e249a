// SPDX-License-Identifier: Apache-2.0
// An engine that stands where a GPU would: it runs the device's kernels on the host, and can be
// made to fail, to lack memory, or to lie.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "hamming/device_scan.h"
#include "index/device_engine.h"
#include "kernels/device_emulation.h"

namespace semblance::index {

/// What a device says when it is out of memory, and when it is gone.
inline Error out_of_memory() {
  return {Errc::kDevice, "make room for hits on GPU: out of memory", kernels::kDeviceOutOfMemory};
}
inline Error device_lost() {
  return {Errc::kDevice, "search on GPU: unspecified launch failure", 719};
}

/// What goes wrong, counted over all engines that share it.
struct Trouble {
  std::atomic<int> calls = 0;  // of append and scan
  int fail_at = -1;            // the call that fails, and every one after it; -1: none
  int short_at = -1;           // the call that lacks memory, and it alone
  std::uint64_t most_room = std::numeric_limits<std::uint64_t>::max();  // else out of memory
  std::function<void(std::uint64_t& found, std::vector<std::uint64_t>& keys)> lie;

  Status before() {
    const int call = calls++;
    if (fail_at >= 0 && call >= fail_at) return device_lost();
    if (call == short_at) return out_of_memory();
    return ok();
  }
};

class HostEngine final : public DeviceEngine {
 public:
  explicit HostEngine(kernels::DeviceMethod method,
                      std::shared_ptr<Trouble> trouble = std::make_shared<Trouble>())
      : method_(method), trouble_(std::move(trouble)) {
    facts_.name = "host";
    facts_.compute_capability = "0.0";
  }

  Status append(std::span<const Hash256> codes) override {
    if (Status fine = trouble_->before(); !fine) return fine;
    const auto more = planes_of(codes);
    codes_.low.insert(codes_.low.end(), more.low.begin(), more.low.end());
    codes_.high.insert(codes_.high.end(), more.high.begin(), more.high.end());
    return ok();
  }

  Result<std::uint64_t> scan(const DeviceJob& job, std::uint64_t room,
                             std::vector<std::uint64_t>& keys) const override {
    keys.clear();
    if (Status fine = trouble_->before(); !fine) return fine.error();
    if (room > trouble_->most_room) return out_of_memory();
    auto launched = kernels::device::launch(method_, codes_, planes_of(job.queries), job.first_row,
                                            job.end_row, job.max_distance, room, 2);
    std::uint64_t found = launched.count;
    // In another order each time, as on a device.
    std::shuffle(launched.keys.begin(), launched.keys.end(), std::mt19937_64(launched.count));
    if (found <= room) keys = std::move(launched.keys);
    if (trouble_->lie) trouble_->lie(found, keys);
    return found;
  }

  const DeviceFacts& facts() const noexcept override { return facts_; }
  std::uint64_t bytes() const noexcept override { return 32 * codes_.low.size(); }

 private:
  static kernels::device::Planes planes_of(std::span<const Hash256> codes) {
    return kernels::device::Planes::of(reinterpret_cast<const std::uint8_t*>(codes.data()),
                                       codes.size());
  }

  kernels::DeviceMethod method_;
  std::shared_ptr<Trouble> trouble_;
  DeviceFacts facts_;
  kernels::device::Planes codes_;
};

/// A maker of such engines, which share `trouble`.
inline DeviceEngineMaker host_engines(kernels::DeviceMethod method,
                                      std::shared_ptr<Trouble> trouble) {
  return [method, trouble]() -> Result<std::unique_ptr<DeviceEngine>> {
    return std::unique_ptr<DeviceEngine>(std::make_unique<HostEngine>(method, trouble));
  };
}

/// `count` codes, of which every third is near one before it, and every seventh equal to one.
inline std::vector<Hash256> clustered_codes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::vector<Hash256> codes(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (auto& byte : codes[i].bytes) byte = static_cast<std::uint8_t>(rng());
    if (i % 3 != 2 && i % 7 != 6) continue;
    codes[i] = codes[rng() % i];
    if (i % 7 == 6) continue;
    for (std::uint64_t flips = rng() % 40; flips > 0; --flips) {
      codes[i].bytes[rng() % 32] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
    }
  }
  return codes;
}

/// The first `count` of `codes`, over and over, each with a few of its bits flipped.
inline std::vector<Hash256> queries_near(const std::vector<Hash256>& codes, std::size_t count) {
  std::mt19937_64 rng(count);
  std::vector<Hash256> queries(count);
  for (std::size_t i = 0; i < count; ++i) {
    queries[i] = codes[i % codes.size()];
    for (std::size_t flips = i % 34; flips > 0; --flips) {
      queries[i].bytes[rng() % 32] ^= static_cast<std::uint8_t>(1U << (rng() % 8));
    }
  }
  return queries;
}

}  // namespace semblance::index
