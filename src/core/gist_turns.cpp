// SPDX-License-Identifier: Apache-2.0
// The embedding `gist` of a picture turned, from that of the picture.
#include <array>
#include <utility>

#include "core/gist_layout.h"
#include "semblance/embedding.h"

namespace semblance {
namespace {

using namespace gist;

// Where a turned picture's sample of a row and a column comes from: sides exchanged, then counted
// from their other ends.
struct Turn {
  bool exchanged = false;
  bool rows_reversed = false;
  bool columns_reversed = false;
};
constexpr std::array<Turn, kTransforms> kTurns = {{
    {false, false, false},  // none
    {true, false, true},    // a quarter counter-clockwise
    {false, true, true},    // a half
    {true, true, false},    // a quarter clockwise
    {false, true, false},   // top and bottom exchanged
    {false, false, true},   // left and right exchanged
    {true, false, false},   // transposed
    {true, true, true},     // anti-transposed
}};

void turn_gradients(const Turn& turn, std::span<const float> from, std::span<float> to) {
  // Across and down change places with the sides; rising and falling where one side is reversed.
  std::array<std::size_t, kDirections> directions = {0, 1, 2, 3};
  if (turn.exchanged) std::swap(directions[0], directions[2]);
  if (turn.rows_reversed != turn.columns_reversed) std::swap(directions[1], directions[3]);
  for (std::size_t r = 0; r < kCells; ++r) {
    for (std::size_t c = 0; c < kCells; ++c) {
      std::size_t row = turn.exchanged ? c : r;
      std::size_t column = turn.exchanged ? r : c;
      if (turn.rows_reversed) row = kCells - 1 - row;
      if (turn.columns_reversed) column = kCells - 1 - column;
      for (std::size_t d = 0; d < kDirections; ++d) {
        to[(r * kCells + c) * kDirections + d] =
            from[(row * kCells + column) * kDirections + directions[d]];
      }
    }
  }
}

// A wave of odd order is negated where its side is reversed.
void turn_layout(const Turn& turn, std::size_t orders, bool with_first, std::span<const float> from,
                 std::span<float> to) {
  const std::size_t skipped = with_first ? 0 : 1;
  for (std::size_t i = 0; i < orders; ++i) {
    for (std::size_t j = i == 0 ? skipped : 0; j < orders - i; ++j) {
      const std::size_t down = turn.exchanged ? j : i;
      const std::size_t across = turn.exchanged ? i : j;
      const bool negated =
          (turn.rows_reversed && down % 2 == 1) != (turn.columns_reversed && across % 2 == 1);
      const float value = from[place(orders, down, across) - skipped];
      to[place(orders, i, j) - skipped] = negated ? -value : value;
    }
  }
}

}  // namespace

std::vector<float> turned(const EmbedderId& id, std::span<const float> vector,
                          Transform transform) {
  if (id.model != kModel || id.version != kVersion || vector.size() != kDimension) return {};
  const Turn& turn = kTurns[static_cast<std::size_t>(transform)];
  std::vector<float> out(kDimension);
  const std::span<float> to(out);
  turn_gradients(turn, vector.first(kGradients), to.first(kGradients));
  turn_layout(turn, kLumaOrders, false, vector.subspan(kLumaAt), to.subspan(kLumaAt));
  turn_layout(turn, kChromaOrders, true, vector.subspan(kBlueAt), to.subspan(kBlueAt));
  turn_layout(turn, kChromaOrders, true, vector.subspan(kRedAt), to.subspan(kRedAt));
  return out;
}

}  // namespace semblance
