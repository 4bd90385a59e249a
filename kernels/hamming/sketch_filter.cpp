// SPDX-License-Identifier: Apache-2.0
#include "hamming/sketch_filter.h"

#include <algorithm>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "hamming/sketch_filter.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace semblance::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::size_t sketch_filter(const std::uint16_t* sketches, const SketchRun* runs, std::size_t n,
                          std::uint16_t query, std::uint32_t* out) {
  const hn::CappedTag<std::uint16_t, 32> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  const auto wanted = hn::Set(d, query);
  std::size_t listed = 0;
  for (std::size_t r = 0; r < n; ++r) {
    const SketchRun run = runs[r];
    if (run.limit < 0) continue;
    const auto most = hn::Set(di, static_cast<std::int16_t>(run.limit));
    for (std::size_t i = 0; i < run.count; i += lanes) {
      const auto differing = hn::Xor(hn::LoadU(d, sketches + run.begin + i), wanted);
      const auto counts = hn::BitCast(di, hn::PopulationCount(differing));
      const auto near = hn::Not(hn::Gt(counts, most));
      if (HWY_LIKELY(hn::AllFalse(di, near))) continue;
      std::uint8_t bytes[16] = {};
      hn::StoreMaskBits(di, near, bytes);
      std::uint64_t bits = 0;
      for (std::size_t b = 0; b < 4; ++b) bits |= std::uint64_t{bytes[b]} << (8 * b);
      const std::size_t left = run.count - i;  // lanes beyond the run are another bucket's
      if (left < lanes) bits &= (std::uint64_t{1} << left) - 1;
      for (; bits != 0; bits &= bits - 1) {
        out[listed++] = run.begin + static_cast<std::uint32_t>(i) +
                        static_cast<std::uint32_t>(std::countr_zero(bits));
      }
    }
  }
  return listed;
}

}  // namespace semblance::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace semblance::kernels {

HWY_EXPORT(sketch_filter);

std::size_t sketch_filter(const std::uint16_t* sketches, const SketchRun* runs, std::size_t n,
                          std::uint16_t query, std::uint32_t* out) noexcept {
  return HWY_DYNAMIC_DISPATCH(sketch_filter)(sketches, runs, n, query, out);
}

std::size_t sketch_filter_reference(const std::uint16_t* sketches, const SketchRun* runs,
                                    std::size_t n, std::uint16_t query,
                                    std::uint32_t* out) noexcept {
  std::size_t listed = 0;
  for (std::size_t r = 0; r < n; ++r) {
    for (std::uint32_t i = runs[r].begin; i < runs[r].begin + runs[r].count; ++i) {
      const auto differing = static_cast<std::uint16_t>(sketches[i] ^ query);
      if (std::popcount(differing) <= runs[r].limit) out[listed++] = i;
    }
  }
  return listed;
}

}  // namespace semblance::kernels
#endif  // HWY_ONCE
