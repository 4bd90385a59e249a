// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/probe_plane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/encode.h"
#include "datasets/scene.h"
#include "decode/jpeg_luma.h"
#include "hash/raster_reducer.h"
#include "hash/video/frames.h"

namespace semblance {
namespace {

using datasets::Picture;
using hash::PlaneArea;
using hash::ProbePlane;

ProbePlane plane_of(const Picture& picture) {
  hash::RasterReducer reducer(picture.width, picture.height, 3, 1);
  reducer.add_rows(picture.rgb.data(), static_cast<std::ptrdiff_t>(picture.row_bytes()),
                   picture.height);
  return ProbePlane(reducer.finish());
}

PdqSignal exact(const Picture& picture) {
  const Result<PdqSignal> signal = pdq_hash(picture.view());
  EXPECT_TRUE(signal);
  return signal ? *signal : PdqSignal{};
}

// The part of a picture that a window shows, where its edges fall on pixels.
Picture part_of(const Picture& picture, const Window& window) {
  const std::uint32_t left = picture.width * window.left / Window::kSide;
  const std::uint32_t top = picture.height * window.top / Window::kSide;
  Picture part(picture.width * window.width / Window::kSide,
               picture.height * window.height / Window::kSide);
  for (std::uint32_t y = 0; y < part.height; ++y) {
    std::copy_n(picture.at(left, top + y), part.row_bytes(), part.row(y));
  }
  return part;
}

struct Errors {
  std::vector<int> bits;
  int quality = 0;

  void add(const PdqSignal& a, const PdqSignal& b) {
    bits.push_back(hamming_distance(a.hash(), b.hash()));
    quality = std::max(quality, std::abs(a.quality - b.quality));
  }
  int largest() const { return *std::max_element(bits.begin(), bits.end()); }
  double mean() const {
    double sum = 0;
    for (const int value : bits) sum += value;
    return sum / static_cast<double>(bits.size());
  }
};

TEST(ProbePlane, TheWholeIsNearTheExactHash) {
  Errors errors;
  for (std::uint64_t n = 0; n < 5; ++n) {
    const Picture picture = datasets::draw_scene(71, n, 1280 + 40 * static_cast<unsigned>(n), 960);
    const PdqSignal signal = plane_of(picture).hash({});
    EXPECT_EQ(signal.precision(), Precision::kExact);
    EXPECT_EQ(signal.profile, PdqProfile::kFull);
    errors.add(signal, exact(picture));
  }
  std::printf("bits: mean %.1f, largest %d; quality %d\n", errors.mean(), errors.largest(),
              errors.quality);
  EXPECT_LE(errors.mean(), 5);
  EXPECT_LE(errors.largest(), 14);
  EXPECT_LE(errors.quality, 6);
}

TEST(ProbePlane, AWindowIsNearTheHashOfThatPartAlone) {
  Errors errors;
  for (std::uint64_t n = 0; n < 3; ++n) {
    const Picture picture = datasets::draw_scene(72, n, 1600, 1200);
    const ProbePlane plane = plane_of(picture);
    for (const Window window : {Window{0, 0, 5000, 5000}, Window{2500, 1000, 7500, 6000},
                                Window{5000, 4000, 5000, 6000}}) {
      errors.add(plane.hash(window), exact(part_of(picture, window)));
    }
  }
  std::printf("bits: mean %.1f, largest %d; quality %d\n", errors.mean(), errors.largest(),
              errors.quality);
  EXPECT_LE(errors.mean(), 7);
  EXPECT_LE(errors.largest(), 22);
}

TEST(ProbePlane, TheEightTransformsAreThoseOfTheSignal) {
  const Picture picture = datasets::draw_scene(73, 1, 900, 700);
  const PdqSignal probe = plane_of(picture).hash({});
  const PdqSignal reference = exact(picture);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    EXPECT_LE(hamming_distance(probe.hashes[t], reference.hashes[t]), 24) << t;
  }
}

std::optional<LumaBlocks> blocks_of(const Picture& picture, int orders) {
  const auto file = datasets::encode(picture, {});
  if (!file) return std::nullopt;
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(file->data()),
                                            file->size());
  const auto luma = decode::JpegLuma::open(bytes, {});
  return luma ? luma->read(orders) : std::nullopt;
}

TEST(ProbePlane, LowFrequenciesAreNearTheExactHash) {
  // Sides that no block ends with.
  const Picture pictures[] = {datasets::draw_scene(74, 0, 1283, 970),
                              datasets::draw_scene(74, 1, 1283, 970)};
  for (const int orders : {1, 2, 3, 4}) {
    Errors errors;
    for (const Picture& picture : pictures) {
      const auto blocks = blocks_of(picture, orders);
      ASSERT_TRUE(blocks);
      const ProbePlane plane(*blocks);
      const PdqSignal signal = plane.hash({});
      EXPECT_EQ(signal.precision(), Precision::kFast);
      EXPECT_EQ(signal.orders, orders);
      errors.add(signal, exact(picture));
    }
    std::printf("%d orders, bits: mean %.1f, largest %d\n", orders, errors.mean(),
                errors.largest());
    EXPECT_LE(errors.largest(), orders == 1 ? 28 : 16) << orders;
  }
}

TEST(ProbePlane, BlocksReachBeyondThePicture) {
  const Picture picture = datasets::draw_scene(75, 0, 323, 241);
  const auto blocks = blocks_of(picture, 2);
  ASSERT_TRUE(blocks);
  const ProbePlane plane(*blocks);
  EXPECT_EQ(plane.picture().right, 323U * 256 / 4);  // 2 samples a block of 8
  EXPECT_EQ(plane.picture().bottom, 241U * 256 / 4);
  EXPECT_EQ(plane.luma().width, 80U);
  EXPECT_EQ(plane.luma().height, 60U);
}

LumaBlocks flat_blocks(std::uint32_t cols, std::uint32_t rows, int orders, std::int16_t mean) {
  LumaBlocks blocks;
  blocks.width = cols * LumaBlocks::kSide;
  blocks.height = rows * LumaBlocks::kSide;
  blocks.cols = cols;
  blocks.rows = rows;
  blocks.orders = orders;
  blocks.steps.fill(8);
  blocks.values.resize(blocks.kept() * cols * rows);
  std::fill_n(blocks.values.begin(), std::size_t{cols} * rows, mean);
  return blocks;
}

// A mean of 8 * (gray - 128), quantised by 8; out of range it is black or white.
TEST(ProbePlane, FlatBlocksHaveTheirLevel) {
  for (const int orders : {1, 2, 3, 4}) {
    for (const int gray : {0, 1, 100, 255}) {
      const ProbePlane plane(flat_blocks(9, 9, orders, static_cast<std::int16_t>(gray - 128)));
      const LumaPlane luma = plane.luma();
      for (std::uint32_t y = 0; y < luma.height; ++y) {
        for (std::uint32_t x = 0; x < luma.width; ++x) {
          ASSERT_EQ(luma.data[y * luma.stride + x], gray);
        }
      }
    }
    EXPECT_EQ(ProbePlane(flat_blocks(9, 9, orders, 32767)).luma().data[0], 255);
    EXPECT_EQ(ProbePlane(flat_blocks(9, 9, orders, -32768)).luma().data[0], 0);
  }
}

TEST(ProbePlane, ALargePlaneOfBlocksIsReduced) {
  const ProbePlane plane(flat_blocks(1500, 20, 1, 4));
  EXPECT_EQ(plane.luma().width, 1024U);
  EXPECT_EQ(plane.picture().right, 1024U * 256);
  EXPECT_EQ(plane.luma().data[0], 132);
}

TEST(ProbePlane, WindowsAndPlacesAreInverse) {
  const ProbePlane plane(Raster{1000, 600, 1, std::vector<std::uint8_t>(600'000, 9)});
  for (const Window window :
       {Window{}, Window{1, 2, 3, 4}, Window{2500, 3300, 7500, 6700}, Window{9999, 9999, 1, 1}}) {
    EXPECT_EQ(plane.window_of(plane.area_of(window)), window);
  }
  const PlaneArea all = plane.area_of({9000, 9000, 9000, 9000});  // beyond the picture
  EXPECT_EQ(all.right, 256'000U);
  EXPECT_EQ(all.bottom, 153'600U);
  EXPECT_EQ(plane.area_of({20'000, 0, 5000, Window::kSide}).width(), 0U);
}

// Whatever the window and however small the picture: nothing but a hash, of the same bits.
TEST(ProbePlane, AnyWindowOfAnyPlane) {
  for (const std::uint32_t width : {1U, 2U, 5U, 64U, 65U, 1024U}) {
    for (const std::uint32_t height : {1U, 3U, 63U, 1024U}) {
      Raster raster{width, height, 1, std::vector<std::uint8_t>(std::size_t{width} * height, 255)};
      for (std::size_t k = 0; k < raster.samples.size(); k += 3) raster.samples[k] = 0;
      const ProbePlane plane(raster);
      for (const Window window : {Window{}, Window{0, 0, 0, 0}, Window{9999, 9999, 1, 1},
                                  Window{65535, 65535, 65535, 65535}, Window{9000, 0, 1000, 10000},
                                  Window{0, 9990, 10000, 10}}) {
        EXPECT_EQ(plane.hash(window), plane.hash(window));
      }
    }
  }
}

TEST(ProbePlane, ColourIsWeighed) {
  Raster colour{30, 20, 3, std::vector<std::uint8_t>(1800)};
  Raster gray{30, 20, 1, std::vector<std::uint8_t>(600)};
  for (std::size_t k = 0; k < 600; ++k) {
    const auto red = static_cast<std::uint8_t>(k * 7);
    colour.samples[3 * k] = red;
    gray.samples[k] = static_cast<std::uint8_t>((299U * red + 500) / 1000);
  }
  EXPECT_EQ(ProbePlane(colour).hash({}), ProbePlane(gray).hash({}));
}

}  // namespace
}  // namespace semblance
