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

// Picking 512 columns commutes with summing rows, so it is done last, on 64 rows of sums.
Nearest512::Nearest512(std::uint32_t rows, std::uint32_t cols, int channels)
    : rows_(rows),
      reducer_(make_column_picking_reducer(kSide, source_columns(cols), cols, channels)) {}

void Nearest512::add_rows(const std::uint8_t* const* rows, std::uint32_t count) {
  const std::uint32_t end = row_ + std::min(count, rows_ - row_);
  std::array<const std::uint8_t*, 16> batch;
  std::uint32_t used = 0;
  for (; resized_ < kSide && source_of(resized_, rows_) < end; ++resized_) {
    batch[used++] = rows[source_of(resized_, rows_) - row_];
    if (used == batch.size()) {
      reducer_->add_rows(batch.data(), used);
      used = 0;
    }
  }
  reducer_->add_rows(batch.data(), used);
  row_ = end;
}

}  // namespace semblance::hash
