// SPDX-License-Identifier: Apache-2.0
#include "hash/pdq_hasher.h"

#include <algorithm>
#include <array>
#include <optional>

#include "hash/nearest512.h"
#include "hash/pdq_signal.h"
#include "hash/reducer.h"
#include "semblance/pdq.h"

namespace semblance::hash {

struct PdqHasher::State {
  std::vector<PdqProfile> profiles;
  bool resizes = false;               // the picture is one that cli512 resizes
  std::unique_ptr<Reducer> whole;     // for the profiles that do not resize it
  std::optional<Nearest512> resized;  // for the one that does

  bool is_resized(PdqProfile profile) const { return resizes && profile == PdqProfile::kCli512; }
};

PdqHasher::PdqHasher(std::uint32_t width, std::uint32_t height, int channels,
                     std::span<const PdqProfile> profiles)
    : state_(std::make_unique<State>()) {
  state_->profiles.assign(profiles.begin(), profiles.end());
  state_->resizes = Nearest512::applies(height, width);
  // The reference resizes before it looks at the sides, so a long thin strip has a cli512 hash.
  for (const PdqProfile profile : profiles) {
    if (state_->is_resized(profile)) {
      if (!state_->resized) state_->resized.emplace(height, width, channels);
    } else if (state_->whole == nullptr && std::min(width, height) >= kPdqSmallestSide) {
      state_->whole = make_reducer(height, width, channels);
    }
  }
}

PdqHasher::PdqHasher(PdqHasher&&) noexcept = default;
PdqHasher& PdqHasher::operator=(PdqHasher&&) noexcept = default;
PdqHasher::~PdqHasher() = default;

void PdqHasher::add_rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) {
  std::array<const std::uint8_t*, 64> rows;
  for (std::uint32_t done = 0; done < count;) {
    const std::uint32_t some = std::min(count - done, static_cast<std::uint32_t>(rows.size()));
    for (std::uint32_t r = 0; r < some; ++r) {
      rows[r] = first + static_cast<std::ptrdiff_t>(done + r) * stride;
    }
    if (state_->whole != nullptr) state_->whole->add_rows(rows.data(), some);
    if (state_->resized) state_->resized->add_rows(rows.data(), some);
    done += some;
  }
}

std::vector<PdqSignal> PdqHasher::finish() {
  std::vector<PdqSignal> signals;
  for (const PdqProfile profile : state_->profiles) {
    const Reducer* reducer =
        state_->is_resized(profile) ? &state_->resized->reducer() : state_->whole.get();
    if (reducer == nullptr) {
      signals.push_back({profile, 0, {}});
      continue;
    }
    std::array<float, kReducedPixels> luma;
    reducer->finish(luma);
    signals.push_back(make_signal(luma, profile));
  }
  return signals;
}

}  // namespace semblance::hash
