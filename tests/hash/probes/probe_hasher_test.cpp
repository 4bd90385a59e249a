// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/probe_hasher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "datasets/geometry.h"
#include "datasets/scene.h"
#include "hash/raster_reducer.h"
#include "hash/video/frames.h"

namespace semblance {
namespace {

using datasets::Picture;
using hash::ProbePlane;

constexpr ProbeKind kAllKinds[] = {ProbeKind::kWhole, ProbeKind::kTrimmed, ProbeKind::kPanel,
                                   ProbeKind::kWindow};

ProbePlane plane_of(const Picture& picture) {
  hash::RasterReducer reducer(picture.width, picture.height, 3, 1);
  reducer.add_rows(picture.rgb.data(), static_cast<std::ptrdiff_t>(picture.row_bytes()),
                   picture.height);
  return ProbePlane(reducer.finish());
}

void paste(const Picture& picture, std::uint32_t x, std::uint32_t y, Picture& onto) {
  for (std::uint32_t r = 0; r < picture.height; ++r) {
    std::copy_n(picture.row(r), picture.row_bytes(), onto.at(x, y + r));
  }
}

Picture page(std::uint32_t width, std::uint32_t height, std::uint8_t gray) {
  Picture made(width, height);
  std::fill(made.rgb.begin(), made.rgb.end(), gray);
  return made;
}

// The nearest of the probes of a kind; 256 where there is none.
int nearest(const std::vector<ProbeSignal>& probes, ProbeKind kind, const Picture& known) {
  const Result<PdqSignal> signal = pdq_hash(known.view());
  int best = 256;
  for (const ProbeSignal& probe : probes) {
    if (probe.probe.kind != kind) continue;
    best = std::min(best, hamming_distance(probe.pdq.hash(), signal->hash()));
  }
  return best;
}

TEST(ProbeHasher, ABorderedPictureIsFoundByWhatIsEnclosed) {
  for (std::uint64_t n = 0; n < 6; ++n) {
    const Picture known = datasets::draw_scene(81, n, 900, 640);
    const auto gray = static_cast<std::uint8_t>(n % 2 == 0 ? 0 : 255);
    const auto wide = static_cast<std::uint32_t>(9 + 35 * n);
    const Picture framed = frames::bordered(known, wide, n % 3 == 0 ? 0 : wide, gray);
    const Picture copy = frames::coded(datasets::rescale(framed, 0.47), 70);
    EXPECT_LE(nearest(hash_probes(plane_of(copy), kAllKinds), ProbeKind::kTrimmed, known), 24) << n;
  }
}

TEST(ProbeHasher, APictureOnAPageIsFoundByItsEdges) {
  for (std::uint64_t n = 0; n < 6; ++n) {
    const Picture known = datasets::draw_scene(82, n, 900, 640);
    Picture screen = page(1200, 1100, 245);
    paste(page(1200, 30, 90), 0, 0, screen);  // no border is plain
    const auto wide = static_cast<std::uint32_t>(450 + 100 * n);
    const Picture small = datasets::resize(known, wide, wide * 640 / 900);
    paste(small, static_cast<std::uint32_t>(30 + 41 * n), static_cast<std::uint32_t>(60 + 37 * n),
          screen);
    const Picture copy = frames::coded(screen, 75);
    EXPECT_LE(nearest(hash_probes(plane_of(copy), kAllKinds), ProbeKind::kPanel, known), 24) << n;
  }
}

TEST(ProbeHasher, APartOfACollageWithoutGapsIsFound) {
  Picture collage(1200, 900);
  std::vector<Picture> known;
  for (std::uint64_t n = 0; n < 4; ++n) known.push_back(datasets::draw_scene(83, n, 800, 600));
  // Unequal parts, so that no fixed grid has them.
  const std::uint32_t x = 700;
  const std::uint32_t y = 390;
  paste(datasets::resize(known[0], x, y), 0, 0, collage);
  paste(datasets::resize(known[1], 1200 - x, y), x, 0, collage);
  paste(datasets::resize(known[2], x, 900 - y), 0, y, collage);
  paste(datasets::resize(known[3], 1200 - x, 900 - y), x, y, collage);
  const auto probes = hash_probes(plane_of(frames::coded(collage, 80)), kAllKinds);
  int found = 0;
  for (const Picture& one : known) found += nearest(probes, ProbeKind::kPanel, one) <= 31 ? 1 : 0;
  EXPECT_GE(found, 3);
}

TEST(ProbeHasher, OnlyWhatIsAskedForAndInOrder) {
  Picture screen = page(1000, 900, 20);
  paste(datasets::draw_scene(84, 0, 500, 400), 210, 190, screen);
  const ProbePlane plane = plane_of(screen);
  EXPECT_TRUE(hash_probes(plane, {}).empty());
  constexpr ProbeKind kWholeAlone[] = {ProbeKind::kWhole};
  EXPECT_TRUE(hash_probes(plane, kWholeAlone).empty());
  for (const ProbeKind kind : {ProbeKind::kTrimmed, ProbeKind::kPanel, ProbeKind::kWindow}) {
    const ProbeKind kinds[] = {kind};
    const auto probes = hash_probes(plane, kinds);
    EXPECT_FALSE(probes.empty()) << name(kind);
    for (const ProbeSignal& probe : probes) EXPECT_EQ(probe.probe.kind, kind);
  }
  const auto all = hash_probes(plane, kAllKinds);
  EXPECT_LE(all.size(), kMaxProbes);
  std::set<Window> windows;
  for (const ProbeSignal& probe : all) windows.insert(probe.probe.window);
  EXPECT_EQ(windows.size(), all.size()) << "a rectangle came twice";
  EXPECT_EQ(windows.count(Window{}), 0U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.probe.kind < b.probe.kind;
  }));
  for (const ProbeSignal& probe : all) EXPECT_EQ(probe.pdq, plane.hash(probe.probe.window));
  EXPECT_EQ(hash_probes(plane_of(screen), kAllKinds), all);
}

TEST(ProbeHasher, CropsThatAreAnEntrysWindowsAreFound) {
  const Picture known = datasets::draw_scene(85, 3, 1200, 800);
  const auto probes = hash_entry_probes(plane_of(known));
  ASSERT_LE(probes.size(), 17U);
  const auto crop = [&](std::uint32_t x, std::uint32_t y, std::uint32_t w, std::uint32_t h) {
    Picture part(w, h);
    for (std::uint32_t r = 0; r < h; ++r)
      std::copy_n(known.at(x, y + r), part.row_bytes(), part.row(r));
    return part;
  };
  EXPECT_LE(nearest(probes, ProbeKind::kWindow, crop(60, 40, 1080, 720)),
            24);                                                               // 90 % of the middle
  EXPECT_LE(nearest(probes, ProbeKind::kWindow, crop(0, 160, 960, 640)), 24);  // 80 %, a corner
  EXPECT_LE(nearest(probes, ProbeKind::kWindow, crop(200, 0, 800, 800)), 24);  // square
  EXPECT_GT(nearest(probes, ProbeKind::kWindow, crop(100, 37, 777, 583)), 31);  // any other
}

TEST(ProbeHasher, EntryWindowsLieInThePicture) {
  std::set<Window> seen;
  for (const Window& window : hash::entry_windows()) {
    EXPECT_LE(window.left + window.width, Window::kSide);
    EXPECT_LE(window.top + window.height, Window::kSide);
    EXPECT_TRUE(seen.insert(window).second);
  }
}

// Whatever is given: a bounded number of probes, and no crash.
TEST(ProbeHasher, PicturesOfAnySizeAndOfNothing) {
  for (const std::uint32_t width : {1U, 7U, 63U, 64U, 130U, 1024U}) {
    for (const std::uint32_t height : {1U, 31U, 64U, 129U}) {
      for (const int pattern : {0, 1, 2}) {
        Raster raster{width, height, 1, std::vector<std::uint8_t>(std::size_t{width} * height)};
        for (std::size_t k = 0; k < raster.samples.size(); ++k) {
          const std::size_t cell = k % width / 9 + k / width / 9;
          raster.samples[k] = static_cast<std::uint8_t>(pattern == 0   ? 0
                                                        : pattern == 1 ? cell % 2 * 255
                                                                       : k * 2654435761U >> 13);
        }
        const ProbePlane plane(raster);
        EXPECT_LE(hash_probes(plane, kAllKinds).size(), kMaxProbes);
        EXPECT_LE(hash_entry_probes(plane).size(), kMaxProbes);
      }
    }
  }
}

}  // namespace
}  // namespace semblance
