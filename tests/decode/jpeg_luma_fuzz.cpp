// SPDX-License-Identifier: Apache-2.0
// The low frequencies of a JPEG: nothing, or libjpeg-turbo's own coefficients of a file that
// decode_picture accepts.
#include "decode/jpeg_luma_oracle.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  Limits limits;
  limits.max_pixels = 1 << 18;
  limits.max_picture_bytes = 1 << 24;
  const decode::LumaVerdict verdict = decode::judge_luma({data, size}, limits);
  if (!verdict.wrong.empty()) (void)std::fprintf(stderr, "%s\n", verdict.wrong.c_str());
  SEMBLANCE_HOLDS(verdict.wrong.empty());
  return 0;
}
