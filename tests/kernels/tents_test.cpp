// SPDX-License-Identifier: Apache-2.0
#include "jarosz/tents.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

namespace semblance::kernels {
namespace {

using Weights = std::map<std::uint32_t, double>;  // of the inputs, by index

// The mean over the window of `output`, clipped to the side, each input being weighed itself.
template <class Weigh>
Weights mean_over_window(std::uint32_t size, std::uint32_t window, std::uint32_t output,
                         Weigh weigh) {
  const std::int64_t right = (window + 2) / 2;
  const std::int64_t first = std::max<std::int64_t>(0, output - (window - right));
  const std::int64_t last = std::min<std::int64_t>(size - 1, output + right - 1);
  Weights weights;
  for (std::int64_t i = first; i <= last; ++i) {
    for (const auto& [index, weight] : weigh(static_cast<std::uint32_t>(i))) {
      weights[index] += weight / static_cast<double>(last - first + 1);
    }
  }
  return weights;
}

// Weights of the written algorithm: two box means with clipped windows, then one sample in 64.
Weights written_weights(std::uint32_t size, std::uint32_t output) {
  const std::uint32_t window = (size + 127) / 128;
  const auto sample = static_cast<std::uint32_t>((output + 0.5) * size / 64);
  return mean_over_window(size, window, sample, [&](std::uint32_t middle) {
    return mean_over_window(size, window, middle, [](std::uint32_t index) {
      return Weights{{index, 1.0}};
    });
  });
}

TEST(Tents, AreTheWrittenFilterAndSampling) {
  std::vector<std::uint32_t> sizes = {1025, 1999, 2048, 2049, 4000, 4160, 65535, 65536};
  for (std::uint32_t size = 1; size <= 520; ++size) sizes.push_back(size);
  for (const std::uint32_t size : sizes) {
    const Tents tents = make_tents(size);
    std::vector<Weights> ours(kReducedSide);
    for (const Tap& tap : tents.taps) {
      for (std::uint32_t k = 0; k < tap.count; ++k) {
        ours[tap.output][tap.first + k] +=
            static_cast<double>(tap.weight(k)) / static_cast<double>(tap.divisor);
      }
    }
    for (std::uint32_t output = 0; output < kReducedSide; ++output) {
      if (size > 5000 && output % 21 != 0) continue;  // the border ones, and two between
      const Weights expected = written_weights(size, output);
      ASSERT_EQ(ours[output].size(), expected.size()) << "size " << size << " output " << output;
      for (const auto& [index, weight] : expected) {
        ASSERT_NEAR(ours[output][index], weight, 1e-12) << "size " << size << " index " << index;
      }
    }
  }
}

TEST(Tents, KeepWhatTheStreamingReliesOn) {
  for (std::uint32_t size = 1; size <= 20000; size += size < 3000 ? 1 : 97) {
    const Tents tents = make_tents(size);
    ASSERT_EQ(tents.taps.size(), tents.window % 2 == 0 ? 65U : 64U);
    for (std::size_t t = 0; t < tents.taps.size(); ++t) {
      const Tap& tap = tents.taps[t];
      ASSERT_GT(tap.count, 0U);
      ASSERT_LE(tap.end(), size);
      if (t > 0) {
        ASSERT_GE(tap.first, tents.taps[t - 1].first);
        ASSERT_GE(tap.end(), tents.taps[t - 1].end());
      }
      if (t > 2 && size >= kReducedSide) {
        ASSERT_LE(tents.taps[t - 3].end(), tap.first) << "four taps share a sample, size " << size;
      }
      std::uint64_t sum = 0;
      for (std::uint32_t k = 0; k < tap.count; ++k) sum += tap.weight(k);
      ASSERT_LE(sum, tap.divisor);
    }
  }
}

}  // namespace
}  // namespace semblance::kernels
