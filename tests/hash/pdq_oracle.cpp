// SPDX-License-Identifier: Apache-2.0
#include "hash/pdq_oracle.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace semblance::oracle {
namespace {

struct Plane {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<float> values;  // row-major
};

Plane luma_of(const PictureView& picture, PdqProfile profile) {
  const bool resize =
      profile == PdqProfile::kCli512 && (picture.width > 512 || picture.height > 512);
  Plane plane;
  plane.rows = resize ? 512 : picture.height;
  plane.cols = resize ? 512 : picture.width;
  plane.values.resize(plane.rows * plane.cols);
  const auto source = [resize](std::size_t i, std::size_t size) {
    if (!resize) return i;
    return static_cast<std::size_t>(static_cast<double>(i) * static_cast<double>(size) / 512.0);
  };
  for (std::size_t i = 0; i < plane.rows; ++i) {
    const std::uint8_t* row =
        picture.data + static_cast<std::ptrdiff_t>(source(i, picture.height)) * picture.stride;
    for (std::size_t j = 0; j < plane.cols; ++j) {
      const std::size_t x = source(j, picture.width);
      float& out = plane.values[i * plane.cols + j];
      if (picture.channels == 1) {
        out = row[x];
      } else {
        out = 0.299F * static_cast<float>(row[3 * x]) +
              0.587F * static_cast<float>(row[3 * x + 1]) +
              0.114F * static_cast<float>(row[3 * x + 2]);
      }
    }
  }
  return plane;
}

// The mean over a sliding window of `width` values, clipped at both ends.
void box(const float* in, float* out, std::size_t n, std::size_t stride, std::size_t width) {
  const std::size_t right = (width + 2) / 2;  // values from the centre to the right, with it
  const std::size_t left = width - right;     // values left of the centre
  float sum = 0;
  float count = 0;
  std::size_t enters = 0;
  std::size_t leaves = 0;
  for (; enters < std::min(right, n) - (right > 0 ? 1 : 0); ++enters) {
    sum += in[enters * stride];
    count += 1;
  }
  for (std::size_t o = 0; o < n; ++o) {
    if (enters < n) {
      sum += in[enters * stride];
      count += 1;
      ++enters;
    }
    if (o > left) {
      sum -= in[leaves * stride];
      count -= 1;
      ++leaves;
    }
    out[o * stride] = sum / count;
  }
}

void jarosz(Plane& plane) {
  const std::size_t across = (plane.cols + 127) / 128;
  const std::size_t down = (plane.rows + 127) / 128;
  std::vector<float> between(plane.values.size());
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < plane.rows; ++i) {
      box(&plane.values[i * plane.cols], &between[i * plane.cols], plane.cols, 1, across);
    }
    for (std::size_t j = 0; j < plane.cols; ++j) {
      box(&between[j], &plane.values[j], plane.rows, plane.cols, down);
    }
  }
}

std::vector<float> decimate(const Plane& plane) {
  std::vector<float> out;
  const auto pick = [](std::size_t i, std::size_t size) {
    return static_cast<std::size_t>((static_cast<double>(i) + 0.5) * static_cast<double>(size) /
                                    64);
  };
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      out.push_back(plane.values[pick(i, plane.rows) * plane.cols + pick(j, plane.cols)]);
    }
  }
  return out;
}

int quality(const std::vector<float>& a) {
  int sum = 0;
  for (std::size_t i = 0; i < 64; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      const float u = a[64 * i + j];
      if (i < 63) sum += std::abs(static_cast<int>((u - a[64 * (i + 1) + j]) * 100 / 255));
      if (j < 63) sum += std::abs(static_cast<int>((u - a[64 * i + j + 1]) * 100 / 255));
    }
  }
  return std::min(100, sum / 90);
}

std::array<float, 256> dct(const std::vector<float>& a) {
  std::vector<float> d(16 * 64);
  const auto scale = static_cast<float>(std::sqrt(2.0 / 64.0));
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      d[64 * i + j] = static_cast<float>(
          scale * std::cos(std::numbers::pi / 128 * static_cast<double>((i + 1) * (2 * j + 1))));
    }
  }
  std::vector<float> t(16 * 64);
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 64; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 64; ++k) sum += d[64 * i + k] * a[64 * k + j];
      t[64 * i + j] = sum;
    }
  }
  std::array<float, 256> b{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) {
      float sum = 0;
      for (std::size_t k = 0; k < 64; ++k) sum += t[64 * i + k] * d[64 * j + k];
      b[16 * i + j] = sum;
    }
  }
  return b;
}

Hash256 bits(const std::array<float, 256>& b) {
  std::array<float, 256> order = b;
  std::nth_element(order.begin(), order.begin() + 127, order.end());
  std::array<unsigned, 16> words{};
  for (std::size_t k = 0; k < 256; ++k) {
    if (b[k] > order[127]) words[k / 16] |= 1U << (k % 16);
  }
  Hash256 hash;
  for (std::size_t w = 0; w < 16; ++w) {
    hash.bytes[2 * w] = static_cast<std::uint8_t>(words[15 - w] >> 8);
    hash.bytes[2 * w + 1] = static_cast<std::uint8_t>(words[15 - w] & 0xff);
  }
  return hash;
}

}  // namespace

std::array<float, 256> transformed(const std::array<float, 256>& a, Transform transform) {
  std::array<float, 256> b{};
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 16; ++j) {
      const float plus = a[16 * i + j];
      const bool i_odd = i % 2 == 1;
      const bool j_odd = j % 2 == 1;
      float& same = b[16 * i + j];
      float& swapped = b[16 * j + i];
      switch (transform) {
        case Transform::kNone:
          same = plus;
          break;
        case Transform::kRot90:
          swapped = j_odd ? plus : -plus;
          break;
        case Transform::kRot180:
          same = i_odd != j_odd ? -plus : plus;
          break;
        case Transform::kRot270:
          swapped = i_odd ? plus : -plus;
          break;
        case Transform::kFlipX:
          same = i_odd ? plus : -plus;
          break;
        case Transform::kFlipY:
          same = j_odd ? plus : -plus;
          break;
        case Transform::kFlipPlus1:
          swapped = plus;
          break;
        case Transform::kFlipMinus1:
          swapped = i_odd != j_odd ? -plus : plus;
          break;
      }
    }
  }
  return b;
}

Pdq pdq(const PictureView& picture, PdqProfile profile) {
  Pdq result;
  result.signal.profile = profile;
  Plane plane = luma_of(picture, profile);
  if (std::min(plane.rows, plane.cols) < 5) return result;
  if (plane.rows == 64 && plane.cols == 64) {
    result.luma64 = plane.values;
  } else {
    jarosz(plane);
    result.luma64 = decimate(plane);
  }
  result.signal.quality = quality(result.luma64);
  result.dct16 = dct(result.luma64);
  for (std::size_t t = 0; t < kTransforms; ++t) {
    result.signal.hashes[t] = bits(transformed(result.dct16, static_cast<Transform>(t)));
  }
  return result;
}

}  // namespace semblance::oracle
