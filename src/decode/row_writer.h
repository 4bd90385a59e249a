// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: keeps the promise that a sink gets every row of a picture, or none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decode/decode.h"

namespace semblance::decode {

/// Hands rows to a sink through one small band that is used again and again.
///
/// The sink's begin is called with the first row, so that a decoder which fails before it has
/// pixels has given nothing. Fill `row()` and call `row_done()`; end with `finish()`.
class RowWriter {
 public:
  RowWriter(RowSink& sink, const PictureInfo& info);

  /// The memory that a writer of that picture holds: its band.
  static std::uint64_t band_bytes(const PictureInfo& info) noexcept;

  std::size_t row_bytes() const noexcept { return row_bytes_; }

  /// Whether the sink has got, or the band holds, any row.
  bool started() const noexcept { return given_ + held_ > 0; }

  /// Rows still to be made.
  std::uint32_t left() const noexcept { return info_.height - given_ - held_; }

  /// Rows that the band can take before it must be handed over; at least 1 while rows are left.
  std::uint32_t room() const noexcept;

  /// The memory of the `i`-th row to come, i < room(): row_bytes() samples.
  std::uint8_t* row(std::uint32_t i = 0) noexcept {
    return band_.data() + (held_ + i) * row_bytes_;
  }

  /// Takes the next `count` rows, which are filled.
  void rows_done(std::uint32_t count);
  void row_done() { rows_done(1); }

  /// Gives rows that lie in the decoder's own memory, without a copy.
  void give(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count);

  /// Gives `count` rows of zeros: those that the file does not hold.
  void give_blank(std::uint32_t count);

  /// Hands over what the band holds, and zeros for the rows that never came.
  void finish();

 private:
  void flush();

  RowSink& sink_;
  PictureInfo info_;
  std::size_t row_bytes_;
  std::uint32_t band_rows_;
  std::vector<std::uint8_t> band_;
  std::uint32_t held_ = 0;   // rows in the band
  std::uint32_t given_ = 0;  // rows the sink has got
};

}  // namespace semblance::decode
