// SPDX-License-Identifier: Apache-2.0
#include "datasets/tone.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "datasets/marks.h"

namespace semblance::datasets {
namespace {

template <class Curve>
Picture through_curve(const Picture& picture, const Curve& curve) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = to_sample(curve(static_cast<float>(i)));
  Picture out = picture;
  for (std::uint8_t& sample : out.rgb) sample = table[sample];
  return out;
}

// One pass of (1 2 1) / 4 along rows and columns; the border repeats the outermost pixel.
void smooth(std::vector<float>& samples, std::size_t row_samples, std::size_t rows) {
  std::vector<float> before(row_samples);
  std::vector<float> current(row_samples);
  for (std::size_t y = 0; y < rows; ++y) {
    float* row = samples.data() + y * row_samples;
    std::copy_n(row, row_samples, current.begin());
    for (std::size_t i = 0; i < row_samples; ++i) {
      const float left = current[i >= 3 ? i - 3 : i];
      const float right = current[i + 3 < row_samples ? i + 3 : i];
      row[i] = 0.25F * (left + 2.0F * current[i] + right);
    }
  }
  for (std::size_t y = 0; y < rows; ++y) {
    float* row = samples.data() + y * row_samples;
    const float* below = y + 1 < rows ? row + row_samples : row;
    std::copy_n(row, row_samples, current.begin());
    if (y == 0) before = current;
    for (std::size_t i = 0; i < row_samples; ++i) {
      row[i] = 0.25F * (before[i] + 2.0F * current[i] + below[i]);
    }
    before.swap(current);
  }
}

std::vector<float> smoothed(const Picture& picture, int passes) {
  std::vector<float> samples(picture.rgb.begin(), picture.rgb.end());
  for (int i = 0; i < passes; ++i) smooth(samples, picture.row_bytes(), picture.height);
  return samples;
}

}  // namespace

Picture brightened(const Picture& picture, float factor) {
  return through_curve(picture, [factor](float value) { return value * factor; });
}

Picture contrasted(const Picture& picture, float factor) {
  return through_curve(picture,
                       [factor](float value) { return 128.0F + (value - 128.0F) * factor; });
}

Picture gamma_adjusted(const Picture& picture, int quarters) {
  return through_curve(picture, [quarters](float value) {
    const float root = std::sqrt(std::sqrt(value / 255.0F));
    float power = 255.0F;
    for (int i = 0; i < quarters; ++i) power *= root;
    return power;
  });
}

Picture saturated(const Picture& picture, float factor) {
  Picture out = picture;
  for (std::size_t i = 0; i < out.rgb.size(); i += 3) {
    std::uint8_t* pixel = out.rgb.data() + i;
    const float luma = 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
    for (std::size_t c = 0; c < 3; ++c) pixel[c] = to_sample(luma + (pixel[c] - luma) * factor);
  }
  return out;
}

Picture inverted(const Picture& picture) {
  return through_curve(picture, [](float value) { return 255.0F - value; });
}

Picture blurred(const Picture& picture, int passes) {
  const std::vector<float> samples = smoothed(picture, passes);
  Picture out(picture.width, picture.height);
  std::transform(samples.begin(), samples.end(), out.rgb.begin(), to_sample);
  return out;
}

Picture sharpened(const Picture& picture, float amount) {
  const std::vector<float> soft = smoothed(picture, 2);
  Picture out(picture.width, picture.height);
  for (std::size_t i = 0; i < soft.size(); ++i) {
    const auto value = static_cast<float>(picture.rgb[i]);
    out.rgb[i] = to_sample(value + amount * (value - soft[i]));
  }
  return out;
}

Picture noisy(const Picture& picture, float deviation, Random& random) {
  Picture out = picture;
  for (std::uint8_t& sample : out.rgb) {
    sample = to_sample(static_cast<float>(sample) + deviation * static_cast<float>(random.bell()));
  }
  return out;
}

Picture captioned(const Picture& picture, double fraction, Random& random) {
  Picture out = picture;
  const auto height = std::max<std::size_t>(1, static_cast<std::size_t>(out.height * fraction));
  const Box bar{0, out.height - height, out.width, height};
  fill(out, bar, gray(24));
  write_marks(out, bar, gray(235), random);
  return out;
}

Picture watermarked(const Picture& picture, double fraction, Random& random) {
  const auto width = std::max<std::size_t>(1, static_cast<std::size_t>(picture.width * fraction));
  const auto height = std::max<std::size_t>(1, static_cast<std::size_t>(picture.height * fraction));
  const Box patch{picture.width - width, picture.height - height, width, height};
  Picture mark = picture;
  fill(mark, patch, gray(230));
  write_marks(mark, patch, gray(30), random);
  Picture out = picture;
  for (std::size_t i = 0; i < out.rgb.size(); ++i) {
    out.rgb[i] = static_cast<std::uint8_t>((out.rgb[i] + mark.rgb[i] + 1) / 2);
  }
  return out;
}

}  // namespace semblance::datasets
