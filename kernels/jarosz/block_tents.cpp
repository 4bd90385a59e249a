// SPDX-License-Identifier: Apache-2.0
#include "jarosz/block_tents.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace semblance::kernels {
namespace {

// The most frequencies that make up a sample.
constexpr std::size_t kMostKnown = 6;
using Samples = std::array<double, kBlockSide>;

// The orthonormal 8-point DCT: wave o is c(o) cos((2x + 1) o pi / 16). Cosines are given as
// numbers, since libraries differ in the last bit.
constexpr Samples make_wave(std::uint32_t order) {
  constexpr std::array<double, 9> kCosines = {1.0,
                                              0.98078528040323044913,
                                              0.92387953251128675613,
                                              0.83146961230254523708,
                                              0.70710678118654752440,
                                              0.55557023301960222474,
                                              0.38268343236508977173,
                                              0.19509032201612826785,
                                              0.0};
  Samples samples{};
  for (std::uint32_t x = 0; x < kBlockSide; ++x) {
    // In steps of pi / 16: cos is even, and negated by half a turn.
    const std::uint32_t turn = (2 * x + 1) * order % 32;
    const std::uint32_t half = turn > 16 ? 32 - turn : turn;
    const double cosine = half <= 8 ? kCosines[half] : -kCosines[16 - half];
    samples[x] = cosine * (order == 0 ? 0.5 * kCosines[4] : 0.5);
  }
  return samples;
}
constexpr std::array<Samples, kMaxBlockOrders> kWaves = {make_wave(0), make_wave(1), make_wave(2),
                                                         make_wave(3)};

// table[x][m]: how much of sample x of a block each of the known frequencies is: those of the
// blocks that the block looks at, numbered by order, then block.
using Table = std::array<std::array<double, kMostKnown>, kBlockSide>;

constexpr Table make_wave_table() {
  Table table{};
  for (std::size_t x = 0; x < kBlockSide; ++x) {
    for (std::size_t o = 0; o < kWaves.size(); ++o) table[x][o] = kWaves[o][x];
  }
  return table;
}
constexpr Table kWaveTable = make_wave_table();

// Solves the polynomial's coefficients for each known frequency being 1 and the others 0.
Table make_table(int orders, std::uint32_t place) {
  const std::uint32_t blocks = 2 * polynomial_reach(orders) + 1;
  const std::size_t known = static_cast<std::size_t>(orders) * blocks;
  // Around the middle of the block at `place`, in blocks: the powers stay small.
  const auto position = [place](std::uint32_t block, std::uint32_t x) {
    return static_cast<double>(block) - static_cast<double>(place) +
           (static_cast<double>(x) - 3.5) / kBlockSide;
  };
  // Row m: frequency m of each power; beside it the identity, which becomes the inverse.
  std::array<std::array<double, 2 * kMostKnown>, kMostKnown> rows{};
  for (std::size_t m = 0; m < known; ++m) {
    const auto block = static_cast<std::uint32_t>(m % blocks);
    const Samples& samples = kWaves[m / blocks];
    for (std::uint32_t x = 0; x < kBlockSide; ++x) {
      double power = samples[x];
      for (std::size_t degree = 0; degree < known; ++degree) {
        rows[m][degree] += power;
        power *= position(block, x);
      }
    }
    rows[m][known + m] = 1.0;
  }
  for (std::size_t pivot = 0; pivot < known; ++pivot) {
    const auto larger = [pivot](const auto& a, const auto& b) {
      return std::abs(a[pivot]) < std::abs(b[pivot]);
    };
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(known);
    const auto here = rows.begin() + static_cast<std::ptrdiff_t>(pivot);
    std::swap(*here, *std::max_element(here, end, larger));
    for (std::size_t m = 0; m < known; ++m) {
      if (m == pivot) continue;
      const double factor = rows[m][pivot] / rows[pivot][pivot];
      for (std::size_t c = pivot; c < 2 * known; ++c) rows[m][c] -= factor * rows[pivot][c];
    }
  }
  Table table{};
  for (std::size_t m = 0; m < known; ++m) {
    for (std::uint32_t x = 0; x < kBlockSide; ++x) {
      double power = 1.0;
      for (std::size_t degree = 0; degree < known; ++degree) {
        table[x][m] += rows[degree][known + m] / rows[degree][degree] * power;
        power *= position(place, x);
      }
    }
  }
  return table;
}

const Table& polynomial(int orders, std::uint32_t place) {
  static const std::array<Table, 5> kOne = {make_table(1, 0), make_table(1, 1), make_table(1, 2),
                                            make_table(1, 3), make_table(1, 4)};
  static const std::array<Table, 3> kTwo = {make_table(2, 0), make_table(2, 1), make_table(2, 2)};
  return orders == 1 ? kOne[place] : kTwo[place];
}

// Where the weight of a sample goes: to the known frequencies of some blocks in a row.
struct Spread {
  int orders;
  BlockModel model;
  std::uint32_t blocks;  // of the side

  std::uint32_t window_blocks() const {
    return model == BlockModel::kWaves ? 1 : 2 * polynomial_reach(orders) + 1;
  }
  // The first block that block `block` looks at.
  std::uint32_t window(std::uint32_t block) const {
    if (model == BlockModel::kWaves) return block;
    const std::uint32_t reach = polynomial_reach(orders);
    return std::min(block - std::min(block, reach), blocks - window_blocks());
  }
  const Table& table(std::uint32_t block) const {
    return model == BlockModel::kWaves ? kWaveTable : polynomial(orders, block - window(block));
  }
};

// Adds what the samples of a tap need to its output's weights.
void add_tap(const Tap& tap, const Spread& spread, const BlockTents& into,
             std::vector<double>& all_weights) {
  const std::size_t count = into.count[tap.output];
  double* weights = all_weights.data() + into.offset[tap.output];
  const double scale = 1.0 / static_cast<double>(tap.divisor);
  const std::uint32_t wide = spread.window_blocks();
  for (std::uint32_t k = 0; k < tap.count;) {
    const std::uint32_t block = (tap.first + k) / kBlockSide;
    const Table& table = spread.table(block);
    double* const to = weights + (spread.window(block) - into.first[tap.output]);
    for (; k < tap.count && (tap.first + k) / kBlockSide == block; ++k) {
      const double weight = static_cast<double>(tap.weight(k)) * scale;
      const double* known = table[(tap.first + k) % kBlockSide].data();
      for (std::size_t o = 0; o < static_cast<std::size_t>(spread.orders); ++o) {
        for (std::uint32_t b = 0; b < wide; ++b) to[o * count + b] += weight * *known++;
      }
    }
  }
}

}  // namespace

BlockTents make_block_tents(std::uint32_t size, int orders, BlockModel model) {
  BlockTents made;
  const Spread spread = {orders, model, (size + kBlockSide - 1) / kBlockSide};
  const Tents tents = make_tents(size);
  std::array<std::uint32_t, kReducedSide> end{};  // of the blocks of an output
  for (const Tap& tap : tents.taps) {
    // A second tap of an output lies where the first does, and at its end.
    const std::uint32_t first = spread.window(tap.first / kBlockSide);
    if (end[tap.output] == 0) made.first[tap.output] = first;
    end[tap.output] = spread.window((tap.end() - 1) / kBlockSide) + spread.window_blocks();
  }
  std::size_t size_of_weights = 0;
  for (std::size_t i = 0; i < kReducedSide; ++i) {
    made.count[i] = end[i] - made.first[i];
    made.offset[i] = size_of_weights;
    size_of_weights += static_cast<std::size_t>(orders) * made.count[i];
  }
  std::vector<double> weights(size_of_weights, 0.0);
  for (const Tap& tap : tents.taps) add_tap(tap, spread, made, weights);
  made.weights.reserve(weights.size());
  for (const double weight : weights) made.weights.push_back(static_cast<float>(weight));
  return made;
}

}  // namespace semblance::kernels
