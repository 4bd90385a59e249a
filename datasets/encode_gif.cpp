// SPDX-License-Identifier: Apache-2.0
// GIF by giflib: a fixed palette of 6 x 7 x 6 colours and ordered dither.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "datasets/encoders.h"

namespace semblance::datasets {
namespace {

constexpr std::array<int, 3> kLevels = {6, 7, 6};
constexpr int kColours = 252;

// The 8 x 8 threshold map, values 0..63.
// **Source:** Bayer, "An optimum method for two-level rendition of continuous-tone pictures", 1973.
int threshold(std::size_t x, std::size_t y) {
  int value = 0;
  for (int bit = 0; bit < 3; ++bit) {
    const auto a = static_cast<int>((x >> bit) & 1);
    const auto b = static_cast<int>((y >> bit) & 1);
    value = value * 4 + 2 * (a ^ b) + b;
  }
  return value;
}

// The nearest lower or upper of `levels` steps, chosen by the threshold at this place.
int dithered(int sample, int levels, int threshold_value) {
  const int scaled = sample * (levels - 1) * 64 + threshold_value * 255 + 127;
  return std::min(levels - 1, scaled / (255 * 64));
}

std::array<GifColorType, 256> palette() {
  std::array<GifColorType, 256> colours{};
  std::size_t i = 0;
  for (int r = 0; r < kLevels[0]; ++r) {
    for (int g = 0; g < kLevels[1]; ++g) {
      for (int b = 0; b < kLevels[2]; ++b) {
        colours[i++] = {static_cast<GifByteType>(r * 255 / (kLevels[0] - 1)),
                        static_cast<GifByteType>(g * 255 / (kLevels[1] - 1)),
                        static_cast<GifByteType>(b * 255 / (kLevels[2] - 1))};
      }
    }
  }
  static_assert(kLevels[0] * kLevels[1] * kLevels[2] == kColours);
  return colours;
}

int append(GifFileType* gif, const GifByteType* bytes, int count) {
  static_cast<std::string*>(gif->UserData)
      ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return count;
}

bool write_rows(GifFileType* gif, const Picture& picture) {
  std::vector<GifPixelType> line(picture.width);
  for (std::size_t y = 0; y < picture.height; ++y) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      const int place = threshold(x, y);
      int index = 0;
      for (std::size_t c = 0; c < 3; ++c) {
        index = index * kLevels[c] + dithered(picture.at(x, y)[c], kLevels[c], place);
      }
      line[x] = static_cast<GifPixelType>(index);
    }
    if (EGifPutLine(gif, line.data(), static_cast<int>(line.size())) == GIF_ERROR) return false;
  }
  return true;
}

}  // namespace

Result<std::string> encode_gif(const Picture& picture) {
  const auto width = static_cast<int>(picture.width);
  const auto height = static_cast<int>(picture.height);
  std::string out;
  int code = 0;
  const std::unique_ptr<ColorMapObject, decltype(&GifFreeMapObject)> colours(
      GifMakeMapObject(256, palette().data()), &GifFreeMapObject);
  GifFileType* gif = EGifOpen(&out, append, &code);
  bool done = false;
  if (gif != nullptr && colours) {
    done = EGifPutScreenDesc(gif, width, height, 8, 0, colours.get()) != GIF_ERROR &&
           EGifPutImageDesc(gif, 0, 0, width, height, false, nullptr) != GIF_ERROR &&
           write_rows(gif, picture);
    code = gif->Error;
  }
  if (gif != nullptr && EGifCloseFile(gif, done ? &code : nullptr) == GIF_ERROR) done = false;
  if (!done) {
    const char* words = GifErrorString(code);
    return Error{Errc::kUnsupported,
                 std::string("encode GIF: ") + (words != nullptr ? words : "unknown error"), code};
  }
  return out;
}

}  // namespace semblance::datasets
