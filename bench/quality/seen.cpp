// SPDX-License-Identifier: Apache-2.0
#include "quality/seen.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/decode.h"
#include "decode/sniff.h"
#include "hash/pdq_hasher.h"
#include "hash/raster_reducer.h"
#include "rounds.h"

namespace semblance::bench {
namespace {

class CollectingRows final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo& info) override {
    picture = datasets::Picture(info.width, info.height);
    channels_ = info.channels;
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t r = 0; r < count; ++r, ++row_) {
      const std::uint8_t* in = first + static_cast<std::ptrdiff_t>(r) * stride;
      std::uint8_t* out = picture.row(row_);
      for (std::size_t s = 0; s < picture.row_bytes(); ++s) out[s] = in[channels_ == 3 ? s : s / 3];
    }
  }

  datasets::Picture picture;

 private:
  int channels_ = 3;
  std::uint32_t row_ = 0;
};

}  // namespace

Result<datasets::Picture> decode_bytes(const std::string& bytes) {
  const std::span<const std::uint8_t> view(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                           bytes.size());
  CollectingRows sink;
  auto end = decode::decode_picture(view, decode::sniff(view), Limits{}, sink);
  if (!end) return end.error();
  if (end->partial) return Error{end->code, "decode: " + end->detail};
  return std::move(sink.picture);
}

Seen look_at(const datasets::Picture& picture) {
  Seen seen;
  const auto stride = static_cast<std::ptrdiff_t>(picture.row_bytes());
  seen.megapixels = static_cast<double>(picture.width) * picture.height * 1e-6;
  seen.pdq_us = 1e6 * cpu_seconds_of([&] {
                  constexpr std::array kProfiles = {PdqProfile::kFull};
                  hash::PdqHasher hasher(picture.width, picture.height, 3, kProfiles);
                  hasher.add_rows(picture.row(0), stride, picture.height);
                  seen.pdq = hasher.finish().front();
                });
  seen.raster_us = 1e6 * cpu_seconds_of([&] {
                     hash::RasterReducer reducer(picture.width, picture.height, 3, 3);
                     reducer.add_rows(picture.row(0), stride, picture.height);
                     seen.raster = reducer.finish();
                   });
  return seen;
}

Result<Seen> look_at(const std::string& bytes) {
  Result<datasets::Picture> picture = datasets::Picture();
  const double seconds = cpu_seconds_of([&] { picture = decode_bytes(bytes); });
  if (!picture) return picture.error();
  Seen seen = look_at(*picture);
  seen.decode_us = 1e6 * seconds;
  return seen;
}

}  // namespace semblance::bench
