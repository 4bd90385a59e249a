// SPDX-License-Identifier: Apache-2.0
#include "index/float_lists.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "products/inner_products.h"

namespace semblance::index {
namespace {

constexpr std::size_t kStretch = 256;  // rows whose products are computed before they are looked at

// The lists of the largest products, the best first.
std::vector<std::uint32_t> best_lists(std::span<const float> products, std::size_t probes) {
  std::vector<std::uint32_t> order(products.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto wanted = static_cast<std::ptrdiff_t>(std::min(probes, order.size()));
  const auto better = [&products](std::uint32_t a, std::uint32_t b) {
    return products[a] > products[b] || (products[a] == products[b] && a < b);
  };
  std::nth_element(order.begin(), order.begin() + wanted, order.end(), better);
  order.resize(static_cast<std::size_t>(wanted));
  std::sort(order.begin(), order.end(), better);
  return order;
}

void search_rows(const FloatRows& rows, std::size_t first, std::size_t end, const float* query,
                 float bound, std::vector<std::uint32_t>& found) {
  float products[kStretch];
  for (std::size_t row = first; row < end; row += kStretch) {
    const std::size_t count = std::min(kStretch, end - row);
    kernels::inner_products(query, rows.vector(row), count, rows.dimension, products);
    for (std::size_t i = 0; i < count; ++i) {
      if (products[i] >= bound) found.push_back(static_cast<std::uint32_t>(row + i));
    }
  }
}

// What a code's product must be for its vector to be looked at. Of a vector x with the product t,
// the query is t x and something that knows nothing of what the code lost, e. Centres are means, so
// that <x, e> is about |e|^2: the code says t |e|^2 too little, and is off by |e| / sqrt(dimension)
// beyond that, of which four are allowed for.
float code_bound(double least, const ListCodes& codes, std::size_t dimension) {
  const auto lost = static_cast<double>(codes.lost);
  const double room = 4 * std::sqrt(lost / static_cast<double>(dimension));
  const double expected = std::min(least, least * (1 - std::min(lost, 1.0)));
  return float_bound(expected - room, dimension);
}

void search_codes(const ListCodes& codes, std::size_t first, std::size_t end, const float* table,
                  float bound, std::vector<std::uint32_t>& found) {
  for (std::size_t row = first; row < end; ++row) {
    const std::uint8_t* const code = codes.codes + row * codes.bytes;
    float sums[4] = {};
    std::size_t m = 0;
    for (; m + 4 <= codes.bytes; m += 4) {
      for (std::size_t k = 0; k < 4; ++k) sums[k] += table[(m + k) * kCodeWords + code[m + k]];
    }
    for (; m < codes.bytes; ++m) sums[0] += table[m * kCodeWords + code[m]];
    if ((sums[0] + sums[1]) + (sums[2] + sums[3]) >= bound) {
      found.push_back(static_cast<std::uint32_t>(row));
    }
  }
}

// The products of each piece of the query with each word for it.
std::vector<float> table_of(const ListCodes& codes, const float* query, std::size_t dimension) {
  const std::size_t piece = dimension / codes.bytes;
  std::vector<float> table(codes.bytes * kCodeWords);
  for (std::size_t m = 0; m < codes.bytes; ++m) {
    float* const products = &table[m * kCodeWords];
    for (std::size_t i = m * piece; i < (m + 1) * piece; ++i) {
      const float value = query[i];
      const float* const values = codes.words + i * kCodeWords;
      for (std::size_t w = 0; w < kCodeWords; ++w) products[w] += value * values[w];
    }
  }
  return table;
}

}  // namespace

void search_lists(const FloatRows& rows, const ListsView& lists, const float* query, double least,
                  std::size_t probes, std::vector<std::uint32_t>& found) {
  std::vector<float> products(lists.count());
  kernels::inner_products(query, lists.centres, lists.count(), rows.dimension, products.data());
  const ListCodes& codes = lists.codes;
  const bool coded = codes.bytes > 0;
  const float bound =
      coded ? code_bound(least, codes, rows.dimension) : float_bound(least, rows.dimension);
  const auto table = coded ? table_of(codes, query, rows.dimension) : std::vector<float>();
  for (const std::uint32_t list : best_lists(products, probes)) {
    const std::size_t first = lists.starts[list];
    const std::size_t end = lists.starts[list + 1];
    if (coded) {
      search_codes(codes, first, end, table.data(), bound - products[list], found);
    } else {
      search_rows(rows, first, end, query, bound, found);
    }
  }
}

}  // namespace semblance::index
