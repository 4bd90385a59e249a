// SPDX-License-Identifier: Apache-2.0
#include "decode/row_writer.h"

#include <algorithm>

namespace semblance::decode {
namespace {

// Sixteen rows are one row of JPEG's largest usual blocks; wide pictures get fewer, so that the
// band stays within a core's cache.
constexpr std::uint32_t kBandRows = 16;
constexpr std::size_t kBandBytes = std::size_t{512} << 10;

std::size_t row_bytes_of(const PictureInfo& info) {
  return std::size_t{info.width} * static_cast<std::size_t>(info.channels);
}

std::uint32_t band_rows_of(const PictureInfo& info) {
  const std::size_t fits = kBandBytes / std::max<std::size_t>(row_bytes_of(info), 1);
  return static_cast<std::uint32_t>(
      std::clamp<std::size_t>(fits, 1, std::min(kBandRows, std::max(info.height, 1u))));
}

}  // namespace

RowWriter::RowWriter(RowSink& sink, const PictureInfo& info)
    : sink_(sink),
      info_(info),
      row_bytes_(row_bytes_of(info)),
      band_rows_(band_rows_of(info)),
      band_(row_bytes_ * band_rows_) {}

std::uint64_t RowWriter::band_bytes(const PictureInfo& info) noexcept {
  return row_bytes_of(info) * band_rows_of(info);
}

std::uint32_t RowWriter::room() const noexcept { return std::min(band_rows_ - held_, left()); }

void RowWriter::rows_done(std::uint32_t count) {
  held_ += count;
  if (held_ == band_rows_ || left() == 0) flush();
}

void RowWriter::give(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) {
  flush();
  count = std::min(count, left());
  if (count == 0) return;
  if (given_ == 0) sink_.begin(info_);
  sink_.rows(first, stride, count);
  given_ += count;
}

void RowWriter::give_blank(std::uint32_t count) {
  flush();
  count = std::min(count, left());
  if (count == 0) return;
  std::fill(band_.begin(), band_.end(), std::uint8_t{0});
  while (count > 0) {
    const std::uint32_t some = std::min(band_rows_, count);
    give(band_.data(), static_cast<std::ptrdiff_t>(row_bytes_), some);
    count -= some;
  }
}

void RowWriter::finish() {
  flush();
  give_blank(left());
}

void RowWriter::flush() {
  if (held_ == 0) return;
  if (given_ == 0) sink_.begin(info_);
  sink_.rows(band_.data(), static_cast<std::ptrdiff_t>(row_bytes_), held_);
  given_ += held_;
  held_ = 0;
}

}  // namespace semblance::decode
