// SPDX-License-Identifier: Apache-2.0
#include "extract/thumbnail.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace semblance::extract {
namespace {

constexpr std::size_t kColours = 3;

// How much of the samples of a row or column falls to one of fewer: from `first` on, in parts of
// which a sample has as many as there are fewer.
struct Share {
  std::size_t first = 0;
  std::vector<std::uint64_t> parts;
};

std::vector<Share> shares_of(std::size_t many, std::size_t few) {
  std::vector<Share> shares(few);
  for (std::size_t i = 0; i < few; ++i) {
    const std::size_t begin = i * many;
    const std::size_t end = begin + many;
    shares[i].first = begin / few;
    for (std::size_t at = shares[i].first; at * few < end; ++at) {
      shares[i].parts.push_back(std::min(end, (at + 1) * few) - std::max(begin, at * few));
    }
  }
  return shares;
}

std::uint32_t scaled(std::uint32_t length, std::uint32_t longer, std::uint32_t side) {
  if (longer <= side) return length;
  return std::max(1U, (length * side + longer / 2) / longer);
}

std::uint8_t mean_of(const Raster& raster, const Share& across, const Share& down,
                     std::size_t channel) {
  const auto channels = static_cast<std::size_t>(raster.channels);
  std::uint64_t sum = 0;
  for (std::size_t y = 0; y < down.parts.size(); ++y) {
    const std::uint8_t* sample =
        raster.row(down.first + y) + across.first * channels + (channels == 1 ? 0 : channel);
    for (const std::uint64_t part : across.parts) {
      sum += down.parts[y] * part * *sample;
      sample += channels;
    }
  }
  const std::uint64_t whole = std::uint64_t{raster.width} * raster.height;
  return static_cast<std::uint8_t>((sum + whole / 2) / whole);
}

}  // namespace

Thumbnail make_thumbnail(const Raster& raster, std::uint16_t side) {
  const std::uint32_t longer = std::max(raster.width, raster.height);
  Thumbnail small;
  small.width = scaled(raster.width, longer, side);
  small.height = scaled(raster.height, longer, side);
  small.samples.reserve(kColours * small.width * small.height);
  const std::vector<Share> across = shares_of(raster.width, small.width);
  for (const Share& down : shares_of(raster.height, small.height)) {
    for (const Share& share : across) {
      for (std::size_t channel = 0; channel < kColours; ++channel) {
        small.samples.push_back(mean_of(raster, share, down, channel));
      }
    }
  }
  return small;
}

}  // namespace semblance::extract
