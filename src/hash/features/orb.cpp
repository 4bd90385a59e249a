// SPDX-License-Identifier: Apache-2.0
#include "hash/features/orb.h"

#include <algorithm>
#include <cstdint>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>
#include <vector>

#include "hash/features/corners.h"
#include "hash/features/patch_bits.h"

namespace semblance::hash {
namespace {

// What is kept is few and of a bounded picture; what is looked up may show it smaller, as a part of
// a page, and larger, as a crop: it is looked at in finer detail, and at the sizes between.
struct Layout {
  std::uint32_t side = 0;  // the longer side of the picture that is looked at, in pixels
  std::size_t levels = 0;  // at most
  int steps = 0;           // from a level to the next: 5/6 of the size each
};
constexpr Layout kKept{480, 6, 2};
constexpr Layout kLookedUp{800, 12, 1};
constexpr std::uint32_t kLeastSide = 64;  // of the smallest level: it has room for some patches

/// No threads but the caller's: workers are many, and in a cage none may start. Of all numbers 0
/// alone leaves TBB asleep, which would look for files and count the CPUs.
void start_opencv() {
  static const bool once = [] {
    cv::setNumThreads(0);
    return true;
  }();
  static_cast<void>(once);
}

/// Luma by PDQ's weights, to the nearest.
cv::Mat luma_of(const Raster& picture) {
  cv::Mat luma(static_cast<int>(picture.height), static_cast<int>(picture.width), CV_8UC1);
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    const std::uint8_t* from = picture.row(y);
    std::uint8_t* to = luma.ptr<std::uint8_t>(static_cast<int>(y));
    if (picture.channels == 1) {
      std::copy_n(from, picture.width, to);
      continue;
    }
    for (std::uint32_t x = 0; x < picture.width; ++x, from += 3) {
      to[x] =
          static_cast<std::uint8_t>((299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000);
    }
  }
  return luma;
}

/// Half the size: means of two by two pixels; an odd last row or column is left out.
cv::Mat halved(const cv::Mat& from) {
  cv::Mat to(from.rows / 2, from.cols / 2, CV_8UC1);
  for (int y = 0; y < to.rows; ++y) {
    const std::uint8_t* a = from.ptr<std::uint8_t>(2 * y);
    const std::uint8_t* b = from.ptr<std::uint8_t>(2 * y + 1);
    std::uint8_t* row = to.ptr<std::uint8_t>(y);
    for (int x = 0; x < to.cols; ++x, a += 2, b += 2) {
      row[x] = static_cast<std::uint8_t>((a[0] + a[1] + b[0] + b[1] + 2) / 4);
    }
  }
  return to;
}

cv::Mat resized(const cv::Mat& from, int width, int height) {
  cv::Mat to;
  // Whole numbers within, unlike the other ways of OpenCV: the same on every CPU.
  cv::resize(from, to, cv::Size(width, height), 0, 0, cv::INTER_LINEAR_EXACT);
  return to;
}

cv::Mat brought_to(cv::Mat luma, std::uint32_t side) {
  while (std::max(luma.cols, luma.rows) >= 2 * static_cast<int>(side) &&
         std::min(luma.cols, luma.rows) >= 2)
    luma = halved(luma);
  const int longer = std::max(luma.cols, luma.rows);
  if (longer <= static_cast<int>(side)) return luma;
  const auto part = [&](int length) {
    return std::max(1, (2 * length * static_cast<int>(side) + longer) / (2 * longer));
  };
  return resized(luma, part(luma.cols), part(luma.rows));
}

/// Planes of ever smaller sizes, the first the whole.
std::vector<cv::Mat> pyramid(cv::Mat luma, const Layout& layout) {
  const int width = luma.cols;
  const int height = luma.rows;
  std::vector<cv::Mat> levels{std::move(luma)};
  std::int64_t five = 1;
  std::int64_t six = 1;
  while (levels.size() < layout.levels) {
    for (int step = 0; step < layout.steps; ++step) {
      five *= 5;
      six *= 6;
    }
    const auto part = [&](int length) {
      return static_cast<int>((2 * length * five + six) / (2 * six));
    };
    if (std::min(part(width), part(height)) < static_cast<int>(kLeastSide)) break;
    levels.push_back(resized(levels.back(), part(width), part(height)));
  }
  return levels;
}

/// How many features each level may have: as many as its sides are long.
std::vector<std::size_t> shares(const std::vector<cv::Mat>& levels, std::size_t most) {
  std::size_t total = 0;
  for (const cv::Mat& level : levels) total += static_cast<std::size_t>(level.cols + level.rows);
  std::vector<std::size_t> shares;
  for (const cv::Mat& level : levels) {
    shares.push_back(most * static_cast<std::size_t>(level.cols + level.rows) / total);
  }
  return shares;
}

LumaPlane plane_of(const cv::Mat& level) {
  return {level.data, static_cast<std::ptrdiff_t>(level.step[0]),
          static_cast<std::uint32_t>(level.cols), static_cast<std::uint32_t>(level.rows), false};
}

std::uint16_t in_units(int pixel, int length, int whole) {
  // The middle of the pixel, in 1/32 pixels of the whole size.
  const std::int64_t place = (std::int64_t{2} * pixel + 1) * 16 * whole / length;
  return static_cast<std::uint16_t>(std::min<std::int64_t>(place, std::int64_t{32} * whole - 1));
}

struct Ranked {
  Feature feature;
  std::int64_t strength = 0;
};

/// Describes the corners of a level, in their order.
std::vector<Ranked> describe(const cv::Mat& level, const std::vector<Corner>& corners,
                             const cv::Mat& whole) {
  cv::Mat smooth;
  // Whole numbers within, as long as the plane is no part of another.
  cv::GaussianBlur(level, smooth, cv::Size(7, 7), 2, 2, cv::BORDER_REFLECT_101);
  const LumaPlane plane = plane_of(smooth);
  std::vector<Ranked> found;
  found.reserve(corners.size());
  for (const Corner& c : corners) {
    Ranked one{{}, c.strength};
    one.feature.x = in_units(c.x, level.cols, whole.cols);
    one.feature.y = in_units(c.y, level.rows, whole.rows);
    one.feature.size =
        static_cast<std::uint16_t>((64 * whole.cols + level.cols) / (2 * level.cols));
    one.feature.angle = static_cast<std::uint16_t>(c.turn * 256);
    one.feature.descriptor = patch_bits(plane, c.x, c.y, c.turn);
    found.push_back(one);
  }
  return found;
}

FeatureSet look(const Raster& picture, std::size_t most, bool mirrored) {
  const Layout& layout = most <= kEntryFeatures ? kKept : kLookedUp;
  cv::Mat luma = brought_to(luma_of(picture), layout.side);
  if (mirrored) cv::flip(luma, luma, 1);
  FeatureSet set;
  set.width = static_cast<std::uint16_t>(luma.cols);
  set.height = static_cast<std::uint16_t>(luma.rows);
  set.mirrored = mirrored;
  const std::vector<cv::Mat> levels = pyramid(std::move(luma), layout);
  const std::vector<std::size_t> share = shares(levels, std::min(most, kMaxFeatures));
  std::vector<Ranked> found;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto here = describe(levels[i], find_corners(plane_of(levels[i]), share[i]), levels[0]);
    found.insert(found.end(), here.begin(), here.end());
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Ranked& a, const Ranked& b) { return a.strength > b.strength; });
  set.features.reserve(found.size());
  for (const Ranked& one : found) set.features.push_back(one.feature);
  return set;
}

}  // namespace

FeatureSet find_features(const Raster& picture, std::size_t most, bool mirrored) {
  if (picture.width == 0 || picture.height == 0) return {};
  start_opencv();
  try {
    return look(picture, most, mirrored);
  } catch (const cv::Exception&) {
    throw std::bad_alloc();  // all else that it throws at is a mistake of ours
  }
}

}  // namespace semblance::hash
