// SPDX-License-Identifier: Apache-2.0
// Private to bench: the least that anyone pays who looks at a JPEG, to compare with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "semblance/result.h"

namespace semblance::bench {

/// What a JPEG is decoded to. Gray is its luma: chroma is read past, and no more.
enum class JpegOutput : std::uint8_t { kRgb, kGray, kGrayEighth };  // the last: 1/8 of each side

/// Reads and decodes JPEG files with libjpeg-turbo, as fast as its plain interface goes: one codec
/// and two buffers, reused from file to file; the library's default quality. One a thread.
class JpegDecoder {
 public:
  struct Codec;  // libjpeg's own, out of sight

  explicit JpegDecoder(JpegOutput output = JpegOutput::kRgb);
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder();

  /// The number of pixels made; Errc::kIo or kDecode.
  Result<std::uint64_t> decode(const std::string& path);

 private:
  bool run();

  JpegOutput output_;
  std::unique_ptr<Codec> codec_;
  std::vector<std::uint8_t> file_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace semblance::bench
