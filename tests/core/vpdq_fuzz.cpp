// SPDX-License-Identifier: Apache-2.0
// The reference's feature files, in their three forms: what is read is written as lines of four
// fields that are read as the same; percentages are such.
#include <sstream>
#include <string>

#include "fuzz/fuzz.h"
#include "semblance/video.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  std::istringstream in{std::string(fuzz::text_of({data, size}))};
  const auto signal = read_vpdq(in);
  if (!signal) {
    SEMBLANCE_HOLDS(signal.error().code == Errc::kBadFormat);
    return 0;
  }
  SEMBLANCE_HOLDS(!signal->frames.empty() && signal->frames.size() <= size);
  std::stringstream lines;
  SEMBLANCE_HOLDS(static_cast<bool>(write_vpdq(lines, signal->frames)));
  const auto again = read_vpdq(lines);
  SEMBLANCE_HOLDS(again && *again == *signal);
  const VpdqPercents percents = vpdq_percents(signal->frames, signal->frames, VpdqRule{});
  SEMBLANCE_HOLDS(percents.query == percents.entry);
  SEMBLANCE_HOLDS(percents.query == 0 || percents.query == 100);
  return 0;
}
