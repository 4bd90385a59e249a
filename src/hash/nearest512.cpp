// SPDX-License-Identifier: Apache-2.0
#include "hash/nearest512.h"

#include <algorithm>
#include <array>

namespace semblance::hash {
namespace {

// The reference computes this in double precision, where it is exact.
std::uint32_t source_of(std::uint32_t resized, std::uint32_t size) {
  return static_cast<std::uint32_t>(std::uint64_t{resized} * size / Nearest512::kSide);
}

std::vector<std::uint32_t> source_columns(std::uint32_t cols) {
  std::vector<std::uint32_t> columns;
  for (std::uint32_t d = 0; d < Nearest512::kSide; ++d) columns.push_back(source_of(d, cols));
  return columns;
}

}  // namespace

// Picking 512 columns commutes with summing rows, so it is done last, on 64 rows of sums, unless
// the rows are so long that sums of their whole length are not to be held.
Nearest512::Nearest512(std::uint32_t rows, std::uint32_t cols, int channels)
    : rows_(rows),
      channels_(static_cast<std::size_t>(channels)),
      picks_first_(cols > kMaxPickedFrom),
      columns_(source_columns(cols)),
      picked_(picks_first_ ? kSide * channels_ : 0),
      reducer_(picks_first_ ? make_reducer(kSide, kSide, channels)
                            : make_column_picking_reducer(kSide, columns_, cols, channels)) {}

void Nearest512::add_rows(const std::uint8_t* const* rows, std::uint32_t count) {
  const std::uint32_t end = row_ + std::min(count, rows_ - row_);
  std::array<const std::uint8_t*, 16> batch;
  std::uint32_t used = 0;
  for (; resized_ < kSide && source_of(resized_, rows_) < end; ++resized_) {
    const std::uint8_t* row = rows[source_of(resized_, rows_) - row_];
    if (picks_first_) {
      pick_columns(row, picked_.data());
      row = picked_.data();
    }
    batch[used++] = row;
    if (picks_first_ || used == batch.size()) {
      reducer_->add_rows(batch.data(), used);
      used = 0;
    }
  }
  reducer_->add_rows(batch.data(), used);
  row_ = end;
}

void Nearest512::pick_columns(const std::uint8_t* row, std::uint8_t* out) const {
  for (const std::uint32_t column : columns_) {
    out = std::copy_n(row + std::size_t{column} * channels_, channels_, out);
  }
}

}  // namespace semblance::hash
