// SPDX-License-Identifier: Apache-2.0
#include "hash/block_reducer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include "jarosz/block_rows.h"
#include "jarosz/block_tents.h"

namespace semblance::hash {
namespace {

using kernels::BlockModel;
using kernels::BlockTents;
using kernels::kReducedSide;

static_assert(LumaBlocks::kMaxOrders == kernels::kMaxBlockOrders);
static_assert(LumaBlocks::kSide == kernels::kBlockSide);
static_assert(kFewestBlocks >= 2 * kernels::polynomial_reach(1) + 1);
static_assert(kFewestBlocks >= 2 * kernels::polynomial_reach(2) + 1);

// One side's matrices. From three orders on, what a block's known waves leave out is too fine for
// the filter to pass; with fewer, the neighbours tell something of it.
struct Side {
  explicit Side(std::uint32_t size, int orders)
      : known(kernels::make_block_tents(size, orders, model_of(orders))) {
    if (orders != 2) return;
    means = kernels::make_block_tents(size, 1, BlockModel::kPolynomial);
    minus_means = means;
    for (float& weight : minus_means.weights) weight = -weight;
  }
  static BlockModel model_of(int orders) {
    return orders <= 2 ? BlockModel::kPolynomial : BlockModel::kWaves;
  }

  BlockTents known;  // of all orders that are kept
  // With two orders, of the blocks' means alone, and its negative.
  BlockTents means;
  BlockTents minus_means;
};

// Pictures of one origin have one size: a thread keeps what it made last. Making a side's matrices
// takes as long as half of what is done with them.
std::shared_ptr<const Side> side_of(std::uint32_t size, int orders) {
  struct Kept {
    std::uint32_t size = 0;
    int orders = 0;
    std::shared_ptr<const Side> side;
  };
  thread_local std::array<Kept, 8> kept;
  const auto found = std::ranges::find_if(
      kept, [&](const Kept& one) { return one.size == size && one.orders == orders; });
  if (found != kept.end()) return found->side;
  std::rotate(kept.begin(), kept.end() - 1, kept.end());  // the oldest goes
  kept.front() = {size, orders, std::make_shared<const Side>(size, orders)};
  return kept.front().side;
}

// An order of a side's matrix.
struct Across {
  const BlockTents* tents;
  int order;
};

// Summands of the buffer: D * H^T, where H is the sum of `across` and D = sum over u < down_orders
// of (order u of `down`) * (plane (u, v)).
struct Band {
  const BlockTents* down;
  int down_orders;
  int v;
  std::vector<Across> across;
};

std::vector<Band> make_bands(const Side& down, const Side& across, int orders) {
  if (orders == 2) {
    // With R1 and R2 for a side's matrices of one and two orders, the best that is known of
    // R2 P R2^T, where the plane (1, 1) is not, is R1 P R2^T + R2 P R1^T - R1 P R1^T.
    return {{&down.means, 1, 0, {{&across.known, 0}, {&across.minus_means, 0}}},
            {&down.known, 2, 0, {{&across.means, 0}}},
            {&down.means, 1, 1, {{&across.known, 1}}}};
  }
  std::vector<Band> bands;
  for (int v = 0; v < orders; ++v) {
    bands.push_back({&down.known, orders - v, v, {{&across.known, v}}});
  }
  return bands;
}

// The planes as the file means them: the values times their steps.
std::vector<float> dequantised(const LumaBlocks& blocks) {
  const std::size_t plane_size = std::size_t{blocks.rows} * blocks.cols;
  std::vector<float> planes(blocks.kept() * plane_size);
  for (std::size_t plane = 0; plane < blocks.kept(); ++plane) {
    kernels::scale_values(blocks.plane_values(plane), blocks.steps[plane], plane_size,
                          planes.data() + plane * plane_size);
    if (blocks.unread_bits[plane] == 0) continue;
    // What is not zero is on average half of the unread bits further from it.
    const auto unread = static_cast<float>((1 << blocks.unread_bits[plane]) - 1);
    const float half = 0.5F * unread * static_cast<float>(blocks.steps[plane]);
    for (std::size_t i = plane * plane_size; i < (plane + 1) * plane_size; ++i) {
      if (planes[i] != 0.0F) planes[i] += std::copysign(half, planes[i]);
    }
  }
  return planes;
}

// The 64 rows of D, of blocks.cols values each.
void sum_down(const LumaBlocks& blocks, const std::vector<float>& planes, const Band& band,
              std::vector<float>& sums) {
  std::vector<const float*> rows;
  const BlockTents& tents = *band.down;
  for (std::size_t i = 0; i < kReducedSide; ++i) {
    rows.clear();  // of all orders, as their weights stand
    for (int u = 0; u < band.down_orders; ++u) {
      const std::size_t first_row = LumaBlocks::plane(u, band.v) * blocks.rows + tents.first[i];
      for (std::uint32_t k = 0; k < tents.count[i]; ++k) {
        rows.push_back(planes.data() + (first_row + k) * blocks.cols);
      }
    }
    kernels::weigh_rows(rows.data(), tents.weight(i, 0), rows.size(), blocks.cols,
                        sums.data() + i * blocks.cols);
  }
}

// Adds D * H^T to the buffer, both turned: then its rows are what vectors are laid along.
void sum_across(const std::vector<float>& turned_sums, const Across& across, float* turned) {
  const BlockTents& tents = *across.tents;
  for (std::size_t j = 0; j < kReducedSide; ++j) {
    kernels::add_weighed_64(turned_sums.data() + std::size_t{tents.first[j]} * kReducedSide,
                            tents.weight(j, across.order), tents.count[j],
                            turned + j * kReducedSide);
  }
}

}  // namespace

void reduce_blocks(const LumaBlocks& blocks, std::span<float, kReducedPixels> luma) {
  const std::shared_ptr<const Side> down = side_of(blocks.height, blocks.orders);
  const std::shared_ptr<const Side> across = side_of(blocks.width, blocks.orders);
  const std::vector<float> planes = dequantised(blocks);
  constexpr float kMiddle = 128.0F;  // a JPEG's samples are coded around it
  std::array<float, kReducedPixels> turned;
  turned.fill(kMiddle);
  std::vector<float> sums(std::size_t{kReducedSide} * blocks.cols);
  std::vector<float> turned_sums(sums.size());
  for (const Band& band : make_bands(*down, *across, blocks.orders)) {
    sum_down(blocks, planes, band, sums);
    kernels::transpose(sums.data(), kReducedSide, blocks.cols, turned_sums.data());
    for (const Across& part : band.across) sum_across(turned_sums, part, turned.data());
  }
  kernels::transpose(turned.data(), kReducedSide, kReducedSide, luma.data());
}

}  // namespace semblance::hash
