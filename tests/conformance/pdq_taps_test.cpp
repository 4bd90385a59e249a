// SPDX-License-Identifier: Apache-2.0
// The two points inside PDQ where the reference was tapped: its 64 x 64 buffer and its 16 x 16 DCT.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "conformance/reference_data.h"
#include "dct/dct.h"
#include "hash/nearest512.h"
#include "hash/pdq_signal.h"
#include "hash/reducer.h"

namespace semblance {
namespace {

std::vector<float> reduce(const pictures::Picture& picture, bool cli) {
  const PictureView view = picture.view();
  std::vector<const std::uint8_t*> rows;
  for (std::uint32_t y = 0; y < view.height; ++y) rows.push_back(view.data + y * view.stride);
  std::vector<float> luma(hash::kReducedPixels);
  const std::span<float, hash::kReducedPixels> out(luma);
  if (cli && hash::Nearest512::applies(view.height, view.width)) {
    hash::Nearest512 resized(view.height, view.width, view.channels);
    resized.add_rows(rows.data(), view.height);
    resized.reducer().finish(out);
  } else {
    const auto reducer = hash::make_reducer(view.height, view.width, view.channels);
    reducer->add_rows(rows.data(), view.height);
    reducer->finish(out);
  }
  return luma;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k) {
    largest = std::max(largest, std::fabs(double{a[k]} - double{b[k]}));
  }
  return largest;
}

TEST(PdqTaps, BufferIsExactAndTheRestFollowsToTheBit) {
  const auto folder = conformance::pdq_folder() / "taps";
  if (!exists(folder)) GTEST_SKIP() << "no " << folder;
  std::size_t taps = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path());
    const nlohmann::json tap = nlohmann::json::parse(in);
    const auto luma = tap.at("luma64").get<std::vector<float>>();
    const auto dct = tap.at("dct16").get<std::vector<float>>();

    // The reference's running sums drift by less than a thousandth of a gray level.
    const pictures::Picture picture = conformance::decode_file(tap.at("file").get<std::string>());
    EXPECT_LT(largest_difference(reduce(picture, tap.at("mode") == "cli"), luma), 1e-3);

    // From its buffer on, our arithmetic is the reference's: 9 digits name a float32 exactly.
    std::vector<float> ours(kernels::kDctOutputs);
    kernels::dct_64_to_16(luma.data(), ours.data());
    EXPECT_EQ(ours, dct);
    const PdqSignal signal =
        hash::make_signal(std::span<const float, hash::kReducedPixels>(luma), PdqProfile::kFull);
    EXPECT_EQ(to_hex(signal.hash()), tap.at("hash").get<std::string>());
    EXPECT_EQ(signal.quality, tap.at("quality").get<int>());
    ++taps;
  }
  EXPECT_EQ(taps, 20U);
}

}  // namespace
}  // namespace semblance
