// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/block_samples.h"

#include <array>
#include <cstddef>

#include "blocks/samples.h"

namespace semblance::hash {
namespace {

using kernels::BlockRow;

static_assert(LumaBlocks::kMaxOrders == kernels::kMostSampledOrders);

// cos(pi k / 16).
constexpr std::array<float, 9> kCosines = {1.0F,        0.98078528F, 0.92387953F,
                                           0.83146961F, 0.70710678F, 0.55557023F,
                                           0.38268343F, 0.19509032F, 0.0F};

constexpr float cosine(int sixteenths) {
  const int turned = sixteenths % 32;
  const int k = turned <= 16 ? turned : 32 - turned;
  return k <= 8 ? kCosines[static_cast<std::size_t>(k)]
                : -kCosines[static_cast<std::size_t>(16 - k)];
}

// The means of a wave of a block's transform over the pixels of each sample.
constexpr BlockRow::Waves make_waves(std::uint32_t samples) {
  BlockRow::Waves waves{};
  const int pixels = static_cast<int>(LumaBlocks::kSide / samples);  // of a sample
  for (int u = 0; u < LumaBlocks::kMaxOrders; ++u) {
    const float scale = u == 0 ? 0.35355339F : 0.5F;  // orthonormal over 8 pixels
    for (std::uint32_t s = 0; s < samples; ++s) {
      float sum = 0;
      for (int x = 0; x < pixels; ++x) {
        sum += cosine((2 * (static_cast<int>(s) * pixels + x) + 1) * u);
      }
      waves[static_cast<std::size_t>(u)][s] = scale * sum / static_cast<float>(pixels);
    }
  }
  return waves;
}

// Of the bits of a value that were not read, half.
float unread(const LumaBlocks& blocks, std::size_t plane) {
  const auto steps = static_cast<float>((1 << blocks.unread_bits[plane]) - 1);
  return 0.5F * steps * static_cast<float>(blocks.steps[plane]);
}

}  // namespace

std::uint32_t samples_of_block(int orders) noexcept {
  if (orders <= 2) return orders <= 1 ? 1 : 2;
  return kernels::kMostBlockSamples;
}

Raster sample_blocks(const LumaBlocks& blocks) {
  const std::uint32_t side = samples_of_block(blocks.orders);
  Raster luma{blocks.cols * side, blocks.rows * side, 1, {}};
  luma.samples.resize(luma.row_bytes() * luma.height);
  BlockRow row;
  row.orders = blocks.orders;
  row.side = side;
  row.waves = make_waves(side);
  for (std::size_t r = 0; r < blocks.rows; ++r) {
    for (int u = 0; u < blocks.orders; ++u) {
      for (int v = 0; u + v < blocks.orders; ++v) {
        const std::size_t plane = LumaBlocks::plane(u, v);
        row.planes[static_cast<std::size_t>(u)][static_cast<std::size_t>(v)] = {
            blocks.plane_values(plane) + r * blocks.cols, static_cast<float>(blocks.steps[plane]),
            unread(blocks, plane)};
      }
    }
    std::array<std::uint8_t*, kernels::kMostBlockSamples> out{};
    for (std::size_t y = 0; y < side; ++y) out[y] = luma.row(r * side + y);
    kernels::sample_block_row(row, blocks.cols, out.data());
  }
  return luma;
}

}  // namespace semblance::hash
