// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg_luma.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "decode/exif.h"
#include "decode/jpeg/frame.h"
#include "decode/jpeg/progressive.h"
#include "decode/jpeg/sequential.h"
#include "decode/jpeg_memory.h"
#include "decode/picture.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

// Goes up with every change that may give another value.
constexpr char kDecoder[] = "semblance-jpeg 1";

PictureInfo info_of(const jpeg::Frame& frame, Bytes bytes) {
  PictureInfo info;
  info.width = frame.width;
  info.height = frame.height;
  info.channels = frame.component_count == 1 ? 1 : 3;
  info.orientation = jpeg_orientation(bytes);
  info.decoder = kDecoder;
  return info;
}

/// The most that reading takes here: the entropy code without its stuffing; for each block of each
/// component where it starts, found and guessed; for each block of luma the kept values.
std::uint64_t own_bytes(const jpeg::Frame& frame) {
  constexpr std::uint64_t kPlaces = 9 * sizeof(std::uint32_t);
  constexpr std::uint64_t kValues = LumaBlocks::kMaxKept * sizeof(std::int16_t);
  std::uint64_t entropy = 0;
  for (const jpeg::Scan& scan : frame.scans) {
    entropy = std::max<std::uint64_t>(entropy, scan.entropy.size());
  }
  std::uint64_t blocks = 0;
  for (std::size_t c = 0; c < frame.component_count; ++c) {
    blocks += std::uint64_t{frame.components[c].cols} * frame.components[c].rows;
  }
  const jpeg::Component& luma = frame.components[0];
  return entropy + blocks * kPlaces + std::uint64_t{luma.cols} * luma.rows * kValues;
}

/// Whether decode_jpeg would take a picture of that size, and there is room to read it here.
bool is_within(const Limits& limits, const jpeg::Frame& frame, const PictureInfo& info,
               Bytes bytes) {
  const Status size = check_size(frame.width, frame.height, bytes.size(), limits, "jpeg");
  const JpegShape shape{frame.width, frame.height, frame.component_count, frame.max_h, frame.max_v};
  const bool several_scans = frame.progressive || frame.scans[0].part_count < frame.component_count;
  const std::uint64_t held = jpeg_working_bytes(shape, several_scans) + RowWriter::band_bytes(info);
  return size && check_memory(held, limits, "jpeg") &&
         check_memory(own_bytes(frame), limits, "jpeg");
}

LumaBlocks empty_blocks(const jpeg::Frame& frame, int orders) {
  const jpeg::Component& component = frame.components[0];
  LumaBlocks luma;
  luma.width = frame.width;
  luma.height = frame.height;
  luma.cols = component.cols;
  luma.rows = component.rows;
  luma.orders = orders;
  for (std::size_t i = 0; i < luma.kept(); ++i) {
    luma.steps[jpeg::kZigZagPlanes[i]] = component.steps[i];
  }
  luma.values.resize(luma.kept() * luma.rows * luma.cols);
  return luma;
}

}  // namespace

struct JpegLuma::State {
  jpeg::Frame frame;
  PictureInfo info;
};

JpegLuma::JpegLuma(std::unique_ptr<State> state) : state_(std::move(state)) {}
JpegLuma::JpegLuma(JpegLuma&&) noexcept = default;
JpegLuma& JpegLuma::operator=(JpegLuma&&) noexcept = default;
JpegLuma::~JpegLuma() = default;

std::optional<JpegLuma> JpegLuma::open(std::span<const std::uint8_t> bytes, const Limits& limits) {
  std::optional<jpeg::Frame> frame = jpeg::parse_frame(bytes);
  if (!frame || (frame->progressive && !jpeg::is_complete_progression(*frame))) {
    return std::nullopt;
  }
  PictureInfo info = info_of(*frame, bytes);
  if (!is_within(limits, *frame, info, bytes)) return std::nullopt;
  return JpegLuma(std::make_unique<State>(State{*std::move(frame), std::move(info)}));
}

const PictureInfo& JpegLuma::info() const noexcept { return state_->info; }

bool JpegLuma::reads_whole_code() const noexcept { return !state_->frame.progressive; }

std::optional<LumaBlocks> JpegLuma::read(int orders) const try {
  const jpeg::Frame& frame = state_->frame;
  LumaBlocks luma = empty_blocks(frame, orders);
  const bool right =
      frame.progressive ? jpeg::read_progressive(frame, luma) : jpeg::read_sequential(frame, luma);
  if (!right) return std::nullopt;
  return luma;
} catch (const std::bad_alloc&) {
  return std::nullopt;  // a bound like any other
}

}  // namespace semblance::decode
