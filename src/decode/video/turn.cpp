// SPDX-License-Identifier: Apache-2.0
#include "decode/video/turn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

extern "C" {
#include <libavutil/display.h>
}

namespace semblance::decode {
namespace {

struct Display {
  double degrees = 0;  // clockwise
  bool mirrored = false;
};

std::optional<Display> display_of(const AVStream& stream) {
  std::size_t size = 0;
  const auto* stated = reinterpret_cast<const std::int32_t*>(
      av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size));
  std::array<std::int32_t, 9> matrix{};
  if (stated == nullptr || size < sizeof matrix) return std::nullopt;
  std::copy_n(stated, matrix.size(), matrix.begin());
  Display display;
  const double determinant =
      static_cast<double>(matrix[0]) * matrix[4] - static_cast<double>(matrix[1]) * matrix[3];
  if (determinant < 0) {
    // A reflection and a turn: without the first, which negates the first row, the second is left.
    display.mirrored = true;
    for (std::int32_t* element : {matrix.data(), matrix.data() + 1}) {
      *element = *element == INT32_MIN ? INT32_MAX : -*element;
    }
  }
  display.degrees = -av_display_rotation_get(matrix.data());
  if (!std::isfinite(display.degrees)) return std::nullopt;
  return display;
}

}  // namespace

Turn turn_of(const AVStream& stream) {
  const std::optional<Display> display = display_of(stream);
  if (!display) return {};
  const long quarters = std::lround(display->degrees / 90);
  if (std::abs(display->degrees - 90.0 * static_cast<double>(quarters)) > 1) return {};
  return {static_cast<int>((quarters % 4 + 4) % 4), display->mirrored};
}

int rotation_of(const AVStream& stream) {
  const std::optional<Display> display = display_of(stream);
  if (!display) return 0;
  const int degrees = static_cast<int>(std::lround(display->degrees)) % 360;
  return degrees < 0 ? degrees + 360 : degrees;
}

PixelPlace source_of(PixelPlace turned, std::size_t width, std::size_t height, Turn turn) noexcept {
  PixelPlace at = turned;
  switch (turn.quarters) {
    case 1:
      at = {turned.y, height - 1 - turned.x};
      break;
    case 2:
      at = {width - 1 - turned.x, height - 1 - turned.y};
      break;
    case 3:
      at = {width - 1 - turned.y, turned.x};
      break;
    default:
      break;
  }
  if (turn.mirrored) at.x = width - 1 - at.x;
  return at;
}

}  // namespace semblance::decode
