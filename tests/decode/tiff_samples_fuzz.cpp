// SPDX-License-Identifier: Apache-2.0
// Samples of every kind that decode_tiff lets through, from rows of just the bytes they need.
#include "decode/tiff_samples.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "fuzz/fuzz.h"

namespace {

using namespace semblance;

constexpr unsigned kBits[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32};

// What decode_tiff's choose_rows may choose.
decode::TiffRows chosen(fuzz::Choices& choices) {
  decode::TiffRows rows;
  rows.colour = static_cast<decode::TiffColour>(choices.below(5));
  rows.number = static_cast<decode::TiffNumber>(choices.below(3));
  rows.bits = kBits[choices.below(std::size(kBits))];
  const bool separate = choices.below(2) == 1;
  const auto extra = static_cast<unsigned>(choices.below(3));
  if (rows.number == decode::TiffNumber::kFloat) rows.bits = 32;
  if (rows.colour == decode::TiffColour::kPalette) {
    rows.bits = std::min(rows.bits, 16U);
    rows.number = decode::TiffNumber::kUnsigned;
    rows.palette.resize(std::size_t{1} << rows.bits, {1, 2, 3});
  }
  const bool may =
      rows.colour == decode::TiffColour::kGray || rows.colour == decode::TiffColour::kRgb;
  rows.multiplied = may && extra > 0 && choices.below(2) == 1;
  rows.samples = separate ? 1U : rows.colour_samples() + extra;
  rows.planes = separate ? rows.used_samples() : 1U;
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Choices choices({data, size});
  const decode::TiffRows rows = chosen(choices);
  const std::span<const std::uint8_t> input = choices.rest();
  const std::size_t pixels = std::min<std::size_t>(
      64, input.size() * 8 / (std::size_t{rows.planes} * rows.samples * rows.bits));
  const std::size_t row_bytes = (pixels * rows.samples * rows.bits + 7) / 8;
  std::array<std::unique_ptr<std::uint8_t[]>, 4> planes;
  std::array<const std::uint8_t*, 4> sources{};
  for (unsigned plane = 0; plane < rows.planes; ++plane) {
    planes[plane] = std::make_unique<std::uint8_t[]>(row_bytes);
    const std::size_t at = std::min(plane * row_bytes, input.size());
    const std::size_t count = std::min(row_bytes, input.size() - at);
    std::copy_n(input.data() + at, count, planes[plane].get());
    sources[plane] = planes[plane].get();
  }
  const auto out =
      std::make_unique<std::uint8_t[]>(pixels * static_cast<std::size_t>(rows.channels()));
  decode::convert_tiff_row(rows, sources, pixels, out.get());
  return 0;
}
