// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/edges.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "hash/video/frames.h"

namespace semblance {
namespace {

using frames::Luma;
using hash::EdgeInside;
using hash::EdgeRun;
using hash::place_of;
using hash::StraightEdge;

// Columns up to `place` are dark, those behind it light, the one that it divides in between.
Luma divided(double place, int noise) {
  Luma luma(60, 200);
  std::mt19937_64 rng(5);
  for (std::size_t y = 0; y < 200; ++y) {
    for (std::size_t x = 0; x < 60; ++x) {
      const double light = std::fmin(1, std::fmax(0, static_cast<double>(x) + 1 - place));
      const int spread = noise > 0 ? static_cast<int>(rng() % static_cast<unsigned>(noise)) : 0;
      luma.at(x, y) = static_cast<std::uint8_t>(40 + std::lround(150 * light) + spread);
    }
  }
  return luma;
}

Luma turned(const Luma& luma) {
  Luma out(luma.height, luma.width);
  for (std::size_t y = 0; y < luma.height; ++y) {
    for (std::size_t x = 0; x < luma.width; ++x) out.at(y, x) = luma.bytes[y * luma.stride + x];
  }
  return out;
}

TEST(Edges, ArePlacedBetweenSamples) {
  for (const double place : {20.0, 20.25, 20.5, 20.9}) {
    for (const int noise : {0, 12}) {
      const Luma luma = divided(place, noise);
      for (const EdgeInside inside : {EdgeInside::kBefore, EdgeInside::kBehind}) {
        for (const std::uint32_t at : {19U, 20U, 21U}) {
          const double down =
              place_of(luma.plane(), {EdgeRun::kDown, inside, at, 0, 200}, 2) / 256.0;
          EXPECT_NEAR(down, place, noise == 0 ? 0.02 : 0.12);
          const double across =
              place_of(turned(luma).plane(), {EdgeRun::kAcross, inside, at, 0, 200}, 2) / 256.0;
          EXPECT_EQ(across, down);
        }
      }
    }
  }
}

TEST(Edges, OfANarrowGapTheInnerOneIsMeant) {
  Luma luma(60, 100, 200);
  for (std::size_t y = 0; y < 100; ++y) {
    for (std::size_t x = 28; x < 32; ++x) luma.at(x, y) = 10;
  }
  const auto place = [&](EdgeInside inside) {
    return place_of(luma.plane(), {EdgeRun::kDown, inside, 30, 0, 100}, 3);
  };
  EXPECT_EQ(place(EdgeInside::kBefore), 28U * 256);
  EXPECT_EQ(place(EdgeInside::kBehind), 32U * 256);
}

TEST(Edges, WithoutOneThePlaceStays) {
  const Luma flat(60, 60, 77);
  for (const std::uint32_t at : {0U, 1U, 30U, 58U, 59U, 60U}) {
    EXPECT_EQ(place_of(flat.plane(), {EdgeRun::kDown, EdgeInside::kBehind, at, 0, 60}, 4),
              at * 256);
  }
  EXPECT_EQ(place_of(flat.plane(), {EdgeRun::kDown, EdgeInside::kBehind, 30, 20, 20}, 1),
            30U * 256);
}

}  // namespace
}  // namespace semblance
