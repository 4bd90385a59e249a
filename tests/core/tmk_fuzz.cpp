// SPDX-License-Identifier: Apache-2.0
// `.tmk` files. One of full length is too long to be found by chance, so the bytes also change one
// that is good: what parses then has finite scores, and is written back the same but for the
// coefficients, which are ours.
#include <algorithm>
#include <cmath>

#include "fuzz/fuzz.h"
#include "semblance/tmk.h"

namespace {

using namespace semblance;

const std::vector<std::uint8_t>& good() {
  static const std::vector<std::uint8_t> bytes = [] {
    TmkSignal signal;
    signal.frames = 9;
    signal.mean.fill(1.0F);
    signal.cosines.assign(kTmkWaves, 1e-5F);
    signal.sines.assign(kTmkWaves, 1e-5F);
    return to_bytes(signal);
  }();
  return bytes;
}

void look_at(const std::vector<std::uint8_t>& bytes) {
  const auto signal = parse_tmk(bytes);
  if (!signal) {
    SEMBLANCE_HOLDS(signal.error().code == Errc::kBadFormat);
    return;
  }
  SEMBLANCE_HOLDS(signal->frames >= 0);
  const std::vector<std::uint8_t> written = to_bytes(*signal);
  constexpr std::size_t kCoefficientsEnd = 176;
  SEMBLANCE_HOLDS(written.size() == bytes.size());
  SEMBLANCE_HOLDS(std::equal(written.begin() + kCoefficientsEnd, written.end(),
                             bytes.begin() + kCoefficientsEnd));
  const float level1 = tmk_level1(*signal, *signal);
  SEMBLANCE_HOLDS(level1 >= -1 && level1 <= 1);
  const float level2 = tmk_level2(*signal, *signal);
  SEMBLANCE_HOLDS(level2 >= -1.01F && level2 <= 1.01F);
}

}  // namespace

// Fours of bytes change the good file: which word (two bytes), which byte of it, and to what. As
// they are, the bytes are a file of their own.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  look_at({data, data + size});
  std::vector<std::uint8_t> changed = good();
  for (std::size_t at = 0; at + 4 <= size; at += 4) {
    const std::size_t place = (data[at] | std::size_t{data[at + 1]} << 8) * 4 + data[at + 2] % 4;
    if (place < changed.size()) changed[place] = data[at + 3];
  }
  look_at(changed);
  return 0;
}
