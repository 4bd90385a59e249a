// SPDX-License-Identifier: Apache-2.0
#include "semblance/device_index.h"

#include <atomic>
#include <limits>
#include <mutex>

#include "index/device_engine.h"
#include "index/device_search.h"

namespace semblance {
namespace index {
namespace {

// Bytes that are the same on every machine and in every run. **Source:** Steele, Lea, Flood, "Fast
// Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Scatter {
 public:
  Hash256 next() {
    Hash256 hash;
    for (std::size_t i = 0; i < Hash256::kBytes; ++i) {
      hash.bytes[i] = static_cast<std::uint8_t>(draw() >> 56);
    }
    return hash;
  }

 private:
  std::uint64_t draw() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
  }

  std::uint64_t state_ = 1;
};

// A device is believed once it has answered small questions as the CPU does: a driver that compiles
// the kernels for a chip that did not exist when they were written is code that nobody has tested.
Status check_engine(DeviceEngine& engine) {
  constexpr std::size_t kCodes = 300;   // more than a block takes in one round
  constexpr std::size_t kQueries = 20;  // more than a tile
  Scatter scatter;
  std::vector<Hash256> queries;
  std::vector<Hash256> codes;
  for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(scatter.next());
  for (std::size_t i = 0; i < kCodes; ++i) {
    Hash256 code = i % 2 == 0 ? scatter.next() : queries[i % kQueries];
    for (std::size_t at = 0; at < i % 32; ++at) code.bytes[at] ^= static_cast<std::uint8_t>(i);
    codes.push_back(code);
  }
  const auto flat = make_flat_index();
  if (Status added = flat->add(codes); !added) return added;
  if (Status added = engine.append(codes); !added) return added;
  for (const int max_distance : {0, 31, 64, 256}) {
    const auto expected = flat->range_search(queries, max_distance);
    if (!expected) return expected.error();
    const auto found = device_range_search(engine, kCodes, queries, max_distance);
    if (!found) return found.error();
    if (*found != *expected) {
      return Error{Errc::kDevice, "check GPU: its hits are not those of the CPU at max_distance " +
                                      std::to_string(max_distance)};
    }
  }
  return ok();
}

class DeviceBackedIndex final : public DeviceIndex {
 public:
  explicit DeviceBackedIndex(Result<std::unique_ptr<DeviceEngine>> engine) {
    if (engine) {
      engine_ = *std::move(engine);
      on_device_ = true;
    } else {
      why_ = engine.error().what;
    }
  }

  Status add(std::span<const Hash256> codes) override {
    if (Status added = flat_->add(codes); !added) return added;
    if (!on_device_) return ok();
    if (Status copied = engine_->append(codes); !copied) {
      leave_device(copied.error());
      const std::lock_guard lock(mutex_);
      engine_.reset();  // no search runs beside this: its memory can go at once
    }
    return ok();
  }

  std::size_t size() const noexcept override { return flat_->size(); }

  Result<std::vector<Hit>> range_search(std::span<const Hash256> queries,
                                        int max_distance) const override {
    const bool valid = max_distance >= 0 && max_distance <= Hash256::kBits &&
                       queries.size() <= std::numeric_limits<std::uint32_t>::max();
    if (valid && on_device_) {
      auto hits = device_range_search(*engine_, size(), queries, max_distance);
      if (hits) {
        ++device_searches_;
        return hits;
      }
      if (is_out_of_device_memory(hits.error())) {
        note(hits.error());
      } else {
        leave_device(hits.error());
      }
    }
    if (valid) ++cpu_searches_;
    return flat_->range_search(queries, max_distance);
  }

  DeviceIndexFacts facts() const override {
    DeviceIndexFacts facts;
    const std::lock_guard lock(mutex_);
    facts.why = why_;
    if (on_device_) {
      facts.device = engine_->facts();
      facts.device_bytes = engine_->bytes();
    }
    facts.device_searches = device_searches_;
    facts.cpu_searches = cpu_searches_;
    return facts;
  }

 private:
  void note(const Error& error) const {
    const std::lock_guard lock(mutex_);
    why_ = error.what;
  }

  // The engine stays: other searches may be on it. They fail as this one did, or end well.
  void leave_device(const Error& error) const {
    note(error);
    on_device_ = false;
  }

  std::unique_ptr<Index> flat_ = make_flat_index();
  std::unique_ptr<DeviceEngine> engine_;
  mutable std::atomic<bool> on_device_ = false;
  mutable std::atomic<std::uint64_t> device_searches_ = 0;
  mutable std::atomic<std::uint64_t> cpu_searches_ = 0;
  mutable std::mutex mutex_;
  mutable std::string why_;
};

}  // namespace

std::unique_ptr<DeviceIndex> make_device_index_on(const DeviceEngineMaker& make_engine) {
  auto engine = make_engine();
  if (engine) {
    if (Status checked = check_engine(**engine); !checked) {
      return std::make_unique<DeviceBackedIndex>(checked.error());
    }
    engine = make_engine();  // an empty one: the first holds the codes of the check
  }
  return std::make_unique<DeviceBackedIndex>(std::move(engine));
}

}  // namespace index

std::unique_ptr<DeviceIndex> make_device_index(const DeviceIndexOptions& options) {
  return index::make_device_index_on([options] { return index::open_cuda_engine(options); });
}

}  // namespace semblance
