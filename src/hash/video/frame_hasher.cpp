// SPDX-License-Identifier: Apache-2.0
#include "hash/video/frame_hasher.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "hash/pdq_signal.h"
#include "hash/reducer.h"
#include "hash/video/border.h"
#include "luma/yuv.h"
#include "semblance/pdq.h"

namespace semblance::hash {
namespace {

// Video's black and white, and how far they are apart.
constexpr float kBlack = 16.0F;
constexpr float kStretch = 255.0F / 219.0F;

// Rows that are converted together.
constexpr std::uint32_t kStripRows = 16;

// A reducer that is kept for as long as pictures have its size.
class SizedReducer {
 public:
  // Null if `make` gives none for the size.
  template <class Make>
  Reducer* of(std::uint32_t width, std::uint32_t height, const Make& make) {
    if (width != width_ || height != height_) {
      reducer_ = make(height, width);
      width_ = width;
      height_ = height;
    } else if (reducer_ != nullptr) {
      reducer_->restart();
    }
    return reducer_.get();
  }

 private:
  std::unique_ptr<Reducer> reducer_;
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
};

}  // namespace

struct FrameHasher::State {
  SizedReducer whole;
  SizedReducer trimmed;
  SizedReducer whole_rgb;
  std::vector<std::uint8_t> strip;
  std::vector<const std::uint8_t*> rows;

  PdqSignal hash(const LumaPlane& frame, const Enclosed& part, SizedReducer& sized) {
    if (std::min(part.width, part.height) < kPdqSmallestSide) return {};
    rows.resize(part.height);
    const std::uint8_t* row =
        frame.data + static_cast<std::ptrdiff_t>(part.top) * frame.stride + part.left;
    for (const std::uint8_t*& address : rows) {
      address = row;
      row += frame.stride;
    }
    Reducer* reducer = sized.of(
        part.width, part.height,
        [](std::uint32_t height, std::uint32_t width) { return make_reducer(height, width, 1); });
    reducer->add_rows(rows.data(), part.height);
    std::array<float, kReducedPixels> luma;
    reducer->finish(luma);
    if (frame.limited_range) {
      for (float& value : luma) value = (value - kBlack) * kStretch;
    }
    return make_signal(luma, PdqProfile::kFull);
  }

  PdqSignal hash_whole(const LumaPlane& frame) {
    return hash(frame, {0, 0, frame.width, frame.height}, whole);
  }

  // By strips of rows that stay in the cache: three planes of R, G and B side by side in each row.
  std::optional<PdqSignal> hash_as_rgb(const YuvPlanes& frame) {
    if (frame.width % 2 != 0 || frame.height % 2 != 0) return std::nullopt;
    Reducer* reducer = whole_rgb.of(frame.width, frame.height, make_planar_reducer);
    if (reducer == nullptr || std::min(frame.width, frame.height) < kPdqSmallestSide) {
      return std::nullopt;
    }
    const std::size_t row_bytes = std::size_t{3} * frame.width;
    strip.resize(kStripRows * row_bytes);
    std::array<const std::uint8_t*, kStripRows> converted;
    for (std::uint32_t first = 0; first < frame.height; first += kStripRows) {
      const std::uint32_t count = std::min(kStripRows, frame.height - first);
      for (std::uint32_t r = 0; r < count; ++r) {
        std::uint8_t* row = strip.data() + r * row_bytes;
        convert_row(frame, first + r, row);
        converted[r] = row;
      }
      reducer->add_rows(converted.data(), count);
    }
    std::array<float, kReducedPixels> luma;
    reducer->finish(luma);
    return make_signal(luma, PdqProfile::kFull);
  }

  static void convert_row(const YuvPlanes& frame, std::uint32_t row, std::uint8_t* out) {
    const auto at = static_cast<std::ptrdiff_t>(row);
    kernels::yuv_to_rgb(frame.y + at * frame.y_stride, frame.u + at / 2 * frame.u_stride,
                        frame.v + at / 2 * frame.v_stride, frame.width, out, out + frame.width,
                        out + std::size_t{2} * frame.width);
  }
};

FrameHasher::FrameHasher() : state_(std::make_unique<State>()) {}
FrameHasher::~FrameHasher() = default;
FrameHasher::FrameHasher(FrameHasher&&) noexcept = default;
FrameHasher& FrameHasher::operator=(FrameHasher&&) noexcept = default;

FrameHashes FrameHasher::hash(const LumaPlane& frame) {
  FrameHashes hashes;
  hashes.whole = state_->hash_whole(frame);
  if (const std::optional<Enclosed> part = find_borders(frame)) {
    hashes.trimmed = state_->hash(frame, *part, state_->trimmed);
  }
  return hashes;
}

PdqSignal FrameHasher::hash_whole(const LumaPlane& frame) { return state_->hash_whole(frame); }

std::optional<PdqSignal> FrameHasher::hash_as_rgb(const YuvPlanes& frame) {
  return state_->hash_as_rgb(frame);
}

}  // namespace semblance::hash
