// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: PDQ's filter and sampling, from the rows of a picture to 64 x 64 luma.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "jarosz/tents.h"
#include "luma/luma.h"

namespace semblance::hash {

inline constexpr std::size_t kReducedPixels =
    std::size_t{kernels::kReducedSide} * kernels::kReducedSide;

/// Reduces a picture that arrives row by row to the 64 x 64 float32 luma that PDQ hashes.
///
/// What is computed is the matrix product of README.md in this folder. It depends on the pixels
/// alone: not on how the rows are portioned, nor on the CPU. Not safe for concurrent calls.
class Reducer {
 public:
  Reducer(std::uint32_t rows, std::uint32_t cols, int channels);
  virtual ~Reducer() = default;
  Reducer(const Reducer&) = delete;
  Reducer& operator=(const Reducer&) = delete;

  /// Takes the next `count` rows, each given by its address; a row may be given again and again.
  /// Rows beyond the last one of the picture are ignored.
  void add_rows(const std::uint8_t* const* rows, std::uint32_t count);

  /// Begins again with the first row of another picture of the same size.
  void restart();

  /// The buffer, row-major, 0..255, after the last row.
  void finish(std::span<float, kReducedPixels> luma) const;

 protected:
  using Tap = kernels::Tap;
  using Tents = kernels::Tents;

  // Some rows of a vertical tap: the first is the tap's k-th. Called in order of rows for each tap.
  virtual void accumulate(std::size_t tap, std::uint32_t k, const std::uint8_t* const* rows,
                          std::uint32_t count) = 0;
  // All rows of the tap were seen.
  virtual void complete(std::size_t tap) = 0;

  // Of the weights of the channels; 1 for gray.
  double luma_divisor() const { return channels_ == 3 ? kernels::kLumaDivisor : 1.0; }
  double& plane(std::uint32_t i, std::uint32_t j) { return plane_[i * kernels::kReducedSide + j]; }

  const Tents vertical_;
  const Tents horizontal_;
  const int channels_;

 private:
  bool repeats_previous(std::size_t tap) const;

  std::uint32_t row_ = 0;       // the next row to come
  std::size_t first_live_ = 0;  // taps before it are complete
  std::array<double, kReducedPixels> plane_{};
};

/// The reducer that suits a picture of that size. Sides 1 to kMaxSide; channels 1 or 3.
std::unique_ptr<Reducer> make_reducer(std::uint32_t rows, std::uint32_t cols, int channels);

/// A reducer for rows that hold all of their R, then all of their G, then all of their B: the same
/// buffer as of the interleaved picture. Null for a size that it does not serve: a side over 2048,
/// or none over 128.
std::unique_ptr<Reducer> make_planar_reducer(std::uint32_t rows, std::uint32_t cols);

/// A reducer for the picture whose column j is column columns[j], ascending, of the rows given.
///
/// Columns are picked after the vertical sums, which is the same and touches 64 rows instead of
/// all. Both sides of the picture at most 2048; rows given have at most kMaxSide columns.
std::unique_ptr<Reducer> make_column_picking_reducer(std::uint32_t rows,
                                                     const std::vector<std::uint32_t>& columns,
                                                     std::uint32_t columns_given, int channels);

}  // namespace semblance::hash
