// SPDX-License-Identifier: Apache-2.0
// A picture as decode_picture gave it, kept whole.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decode/decode.h"

namespace semblance::decode {

using ByteVector = std::vector<std::uint8_t>;

/// Keeps every row, and what a sink must never see.
class PictureCollector final : public RowSink {
 public:
  void sized(std::uint32_t width, std::uint32_t height) override {
    stated_width = width;
    stated_height = height;
  }

  void begin(const PictureInfo& picture) override {
    ++begun;
    info = picture;
  }

  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    rows_before_begin = rows_before_begin || begun == 0;
    row_count += count;
    const auto row_bytes = static_cast<std::ptrdiff_t>(info.width) * info.channels;
    for (std::uint32_t i = 0; i < count; ++i, first += stride) {
      pixels.insert(pixels.end(), first, first + row_bytes);
    }
  }

  /// The channels of the pixel at (x, y).
  ByteVector at(std::uint32_t x, std::uint32_t y) const {
    const auto channels = static_cast<std::size_t>(info.channels);
    const std::size_t i = (std::size_t{y} * info.width + x) * channels;
    return {pixels.begin() + static_cast<std::ptrdiff_t>(i),
            pixels.begin() + static_cast<std::ptrdiff_t>(i + channels)};
  }

  std::uint32_t stated_width = 0, stated_height = 0;
  PictureInfo info;
  ByteVector pixels;
  std::uint64_t row_count = 0;
  int begun = 0;
  bool rows_before_begin = false;
};

/// Decodes what the bytes sniff as.
inline Result<DecodeEnd> decode_sniffed(std::span<const std::uint8_t> bytes, RowSink& sink,
                                        const Limits& limits = {}) {
  const Format format = sniff(bytes.first(std::min<std::size_t>(bytes.size(), 4096)));
  return decode_picture(bytes, format, limits, sink);
}

/// Whether the sink got every row of its picture, or, after an error, nothing at all.
inline bool is_whole_or_nothing(const Result<DecodeEnd>& end, const PictureCollector& sink) {
  if (!end) return sink.begun == 0 && sink.row_count == 0;
  return sink.begun == 1 && !sink.rows_before_begin && sink.row_count == sink.info.height;
}

}  // namespace semblance::decode
