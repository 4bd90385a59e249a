// SPDX-License-Identifier: Apache-2.0
// The orientation of an EXIF block and of a JPEG stream: one of nine, and the same in the block's
// own place in a stream.
#include "decode/exif.h"

#include <vector>

#include "fuzz/fuzz.h"

namespace {

// A stream of one APP1 segment that holds `Exif\0\0` and the block.
std::vector<std::uint8_t> stream_with(std::span<const std::uint8_t> block) {
  const std::size_t length = 2 + 6 + block.size();
  std::vector<std::uint8_t> stream = {0xFF,
                                      0xD8,
                                      0xFF,
                                      0xE1,
                                      static_cast<std::uint8_t>(length >> 8),
                                      static_cast<std::uint8_t>(length)};
  for (const char c : {'E', 'x', 'i', 'f', '\0', '\0'}) {
    stream.push_back(static_cast<std::uint8_t>(c));
  }
  stream.insert(stream.end(), block.begin(), block.end());
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::span<const std::uint8_t> bytes(data, size);
  const std::uint8_t orientation = decode::exif_orientation(bytes);
  SEMBLANCE_HOLDS(orientation <= 8);
  SEMBLANCE_HOLDS(decode::jpeg_orientation(bytes) <= 8);
  const bool prefixed = fuzz::text_of(bytes).starts_with("Exif");
  if (size <= 4096 && !prefixed) {
    SEMBLANCE_HOLDS(decode::jpeg_orientation(stream_with(bytes)) == orientation);
  }
  return 0;
}
