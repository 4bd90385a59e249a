// SPDX-License-Identifier: Apache-2.0
#include "hash/raster_reducer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "areas/areas.h"
#include "areas/spans.h"
#include "luma/luma.h"

namespace semblance::hash {
namespace {

std::uint32_t reduced(std::uint32_t side, std::uint32_t longer) {
  if (longer <= kRasterSide) return side;
  const std::uint64_t twice = 2 * std::uint64_t{side} * kRasterSide;
  return std::max(1U, static_cast<std::uint32_t>((twice + longer) / (2 * std::uint64_t{longer})));
}

}  // namespace

struct RasterReducer::State {
  State(std::uint32_t width, std::uint32_t height, int channels_in, int channels_kept)
      : pixels_across(width),
        pixels_down(height),
        to_luma(channels_in == 3 && channels_kept == 1),
        spread(channels_in == 1 && channels_kept == 3),
        channels(spread ? 1 : static_cast<std::size_t>(channels_kept)) {
    raster.width = reduced(width, std::max(width, height));
    raster.height = reduced(height, std::max(width, height));
    raster.channels = static_cast<int>(channels);
    raster.samples.resize(raster.row_bytes() * raster.height);
    if (to_luma) luma.resize(width);
    if (is_copy()) return;
    across = kernels::make_spans(width, raster.width);
    const std::uint32_t common = std::gcd(height, raster.height);
    pixel_units = raster.height / common;
    sample_units = height / common;
    area = std::uint64_t{across.sample_units} * sample_units;
    for (std::size_t c = 0; c < channels; ++c) {
      sums[c].resize(std::size_t{width} + kernels::Spans::kPadding);
      if (channels > 1) {
        pixels[c].resize(width);
        samples[c].resize(raster.width);
      }
    }
  }

  bool is_copy() const { return raster.width == pixels_across && raster.height == pixels_down; }

  void add_row(const std::uint8_t* row) {
    if (y >= pixels_down) return;
    if (to_luma) {
      kernels::round_luma(row, pixels_across, luma.data());
      row = luma.data();
    }
    if (is_copy()) {
      std::copy_n(row, raster.row_bytes(), raster.row(y));
    } else {
      share_out(row);
    }
    ++y;
  }

  // A pixel is smaller than a sample, so a row of them lies in one row of samples or in two.
  void share_out(const std::uint8_t* row) {
    std::array<const std::uint8_t*, 3> rows = {row};
    if (channels > 1) {
      kernels::split_channels(row, pixels_across, pixels[0].data(), pixels[1].data(),
                              pixels[2].data());
      rows = {pixels[0].data(), pixels[1].data(), pixels[2].data()};
    }
    const std::uint32_t here = std::min(pixel_units, sample_units - covered);
    add(rows, here);
    if (covered < sample_units) return;
    finish_row();
    covered = 0;
    if (pixel_units > here) add(rows, pixel_units - here);
  }

  void add(const std::array<const std::uint8_t*, 3>& rows, std::uint32_t units) {
    for (std::size_t c = 0; c < channels; ++c) {
      const auto into = covered == 0 ? kernels::weigh_row : kernels::add_weighed_row;
      into(rows[c], units, pixels_across, sums[c].data());
    }
    covered += units;
  }

  void finish_row() {
    std::uint8_t* out = raster.row(rows_done++);
    if (channels == 1) return kernels::mean_of_spans(sums[0].data(), across, area, out);
    for (std::size_t c = 0; c < channels; ++c) {
      kernels::mean_of_spans(sums[c].data(), across, area, samples[c].data());
    }
    kernels::join_channels(samples[0].data(), samples[1].data(), samples[2].data(), raster.width,
                           out);
  }

  std::uint32_t pixels_across;
  std::uint32_t pixels_down;
  bool to_luma;
  bool spread;
  std::size_t channels;  // of what is averaged
  kernels::Spans across;
  std::uint32_t pixel_units = 0;  // down, as in the spans across
  std::uint32_t sample_units = 0;
  std::uint64_t area = 0;
  std::uint32_t y = 0;        // rows taken
  std::uint32_t covered = 0;  // units of the row of samples that is being summed
  std::uint32_t rows_done = 0;
  Raster raster;
  std::vector<std::uint8_t> luma;
  // A channel each: the row that came, the weighed sums down, the row of samples.
  std::array<std::vector<std::uint8_t>, 3> pixels;
  std::array<std::vector<std::uint32_t>, 3> sums;
  std::array<std::vector<std::uint8_t>, 3> samples;
};

RasterReducer::RasterReducer(std::uint32_t width, std::uint32_t height, int channels,
                             int channels_kept)
    : state_(std::make_unique<State>(width, height, channels, channels_kept)) {}
RasterReducer::RasterReducer(RasterReducer&&) noexcept = default;
RasterReducer& RasterReducer::operator=(RasterReducer&&) noexcept = default;
RasterReducer::~RasterReducer() = default;

void RasterReducer::add_rows(const std::uint8_t* first, std::ptrdiff_t stride,
                             std::uint32_t count) {
  for (std::uint32_t r = 0; r < count; ++r) {
    state_->add_row(first + static_cast<std::ptrdiff_t>(r) * stride);
  }
}

Raster RasterReducer::finish() {
  if (!state_->spread) return std::move(state_->raster);
  Raster gray = std::move(state_->raster);
  Raster raster{gray.width, gray.height, 3, {}};
  raster.samples.reserve(3 * gray.samples.size());
  for (const std::uint8_t sample : gray.samples)
    raster.samples.insert(raster.samples.end(), 3, sample);
  return raster;
}

}  // namespace semblance::hash
