// SPDX-License-Identifier: Apache-2.0
// Private to src/index: vectors in lists by the centre that each is nearest to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "index/float_rows.h"

namespace semblance::index {

/// Product quantisation of residuals: each vector less its list's centre, cut into `bytes` pieces,
/// of each the number of the nearest of 256 words.
struct ListCodes {
  std::size_t bytes = 0;                // of a code, of which the dimension is a multiple; 0: none
  const float* words = nullptr;         // bytes x (dimension / bytes) x 256: side by side
  const std::uint8_t* codes = nullptr;  // rows x bytes
  float lost = 0;                       // squared length of what codes lose, of 99 in 100 rows
};

inline constexpr std::size_t kCodeWords = 256;

/// Where the parts lie; they are owned elsewhere. Rows are in the order of their lists.
struct ListsView {
  std::span<const std::uint64_t> starts;  // of each list's rows, and their end
  const float* centres = nullptr;         // lists x dimension
  ListCodes codes;

  std::size_t count() const noexcept { return starts.empty() ? 0 : starts.size() - 1; }
};

/// Appends the rows of the `probes` nearest lists that may have a product of at least `least` with
/// the query, each once. Without codes: all that have. With codes, those whose code says so, with
/// room for what codes lose.
void search_lists(const FloatRows& rows, const ListsView& lists, const float* query, double least,
                  std::size_t probes, std::vector<std::uint32_t>& found);

/// Lists that own their parts.
struct BuiltLists {
  std::vector<std::uint32_t> order;  // numbers of the rows that were given, in the order of lists
  std::vector<std::uint64_t> starts;
  std::vector<float> centres;
  std::vector<float> words;
  std::vector<std::uint8_t> codes;  // in the new order
  float lost = 0;
};

/// Puts rows, at least one, into about `lists` lists, with codes of `code_bytes` or none. Depends
/// on the rows and their labels, not on their order. Throws std::bad_alloc and
/// Unwanted.
BuiltLists build_lists(const FloatRows& rows, std::size_t lists, std::size_t code_bytes,
                       const std::atomic<bool>& stop);

}  // namespace semblance::index
