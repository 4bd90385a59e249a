// SPDX-License-Identifier: Apache-2.0
// How the floats of the embedding `gist` are laid out: what makes it and what turns it share this.
#pragma once

#include <cstddef>
#include <string_view>

namespace semblance::gist {

inline constexpr std::string_view kModel = "gist";

/// Changes whenever a bit of a vector could.
inline constexpr std::string_view kVersion = "gist-1";

/// First the gradients: cells, row-major, by kDirections: across, falling, down, rising.
inline constexpr std::size_t kCells = 6;  // along a side
inline constexpr std::size_t kDirections = 4;
inline constexpr std::size_t kGradients = kCells * kCells * kDirections;

/// How many cosine coefficients have orders of rows and columns whose sum is below `orders`.
constexpr std::size_t coefficients(std::size_t orders) { return orders * (orders + 1) / 2; }

/// Then the layouts of luma, blue and red: their low cosine coefficients, by rows. Luma goes
/// without the first, which is its brightness.
inline constexpr std::size_t kLumaOrders = 14;
inline constexpr std::size_t kChromaOrders = 5;
inline constexpr std::size_t kLumaAt = kGradients;
inline constexpr std::size_t kBlueAt = kLumaAt + coefficients(kLumaOrders) - 1;
inline constexpr std::size_t kRedAt = kBlueAt + coefficients(kChromaOrders);
inline constexpr std::size_t kDimension = kRedAt + coefficients(kChromaOrders);

/// The place of a coefficient among those of one layout, the first included.
constexpr std::size_t place(std::size_t orders, std::size_t down, std::size_t across) {
  return coefficients(orders) - coefficients(orders - down) + across;
}

}  // namespace semblance::gist
