// SPDX-License-Identifier: Apache-2.0
// A sink for the fuzz targets: holds a decoder to what decode_picture promises.
#pragma once

#include <span>

#include "decode/decode.h"
#include "fuzz/fuzz.h"

namespace semblance::decode {

/// Touches both ends of every row, counts them, and keeps none.
class CheckingSink final : public RowSink {
 public:
  explicit CheckingSink(const Limits& limits) : limits_(limits) {}

  void sized(std::uint32_t, std::uint32_t) override {
    SEMBLANCE_HOLDS(!sized_ && !begun_);
    sized_ = true;
  }

  void begin(const PictureInfo& info) override {
    SEMBLANCE_HOLDS(!begun_);
    SEMBLANCE_HOLDS(info.width > 0 && info.height > 0);
    SEMBLANCE_HOLDS(std::uint64_t{info.width} * info.height <= limits_.max_pixels);
    SEMBLANCE_HOLDS(info.channels == 1 || info.channels == 3);
    SEMBLANCE_HOLDS(info.orientation <= 8 && !info.decoder.empty());
    begun_ = true;
    height_ = info.height;
    row_bytes_ = std::size_t{info.width} * static_cast<std::size_t>(info.channels);
  }

  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    SEMBLANCE_HOLDS(begun_ && count <= height_ - given_);
    for (std::uint32_t y = 0; y < count; ++y) {
      const std::uint8_t* row = first + static_cast<std::ptrdiff_t>(y) * stride;
      touched_ = static_cast<std::uint8_t>(row[0] ^ row[row_bytes_ - 1]);
    }
    given_ += count;
  }

  /// Every row, or, after an error, none.
  void check(const Result<DecodeEnd>& end) const {
    SEMBLANCE_HOLDS(end ? begun_ && given_ == height_ : given_ == 0);
    if (end) {
      SEMBLANCE_HOLDS(end->partial != end->detail.empty());
    } else {
      SEMBLANCE_HOLDS(end.error().what.starts_with("decode "));
    }
  }

 private:
  const Limits& limits_;
  bool sized_ = false;
  bool begun_ = false;
  std::uint32_t height_ = 0;
  std::uint32_t given_ = 0;
  std::size_t row_bytes_ = 0;
  volatile std::uint8_t touched_ = 0;
};

/// Decodes within `limits`, and checks every promise.
inline void decode_checked(std::span<const std::uint8_t> bytes, Format format,
                           const Limits& limits) {
  CheckingSink sink(limits);
  sink.check(decode_picture(bytes, format, limits, sink));
}

}  // namespace semblance::decode
