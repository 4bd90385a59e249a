// SPDX-License-Identifier: Apache-2.0
#include "datasets/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "datasets/cosine.h"
#include "datasets/random.h"

namespace semblance::datasets {
namespace {

// One channel as float samples, row-major.
struct Plane {
  std::size_t width;
  std::size_t height;
  std::vector<float> samples;

  Plane(std::size_t columns, std::size_t rows)
      : width(columns), height(rows), samples(columns * rows) {}
  float* row(std::size_t y) { return samples.data() + y * width; }
  const float* row(std::size_t y) const { return samples.data() + y * width; }
};

// Luma and two colour differences: Y in 0..255, the others around 0.
struct Canvas {
  Plane luma;
  Plane blue;
  Plane red;
};

struct Step {
  std::size_t low;
  std::size_t high;
  float fraction;
};

// Where each of `count` samples lies between those of a coarse line of `coarse` samples.
std::vector<Step> interpolation(std::size_t count, std::size_t coarse, bool smooth) {
  std::vector<Step> steps(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double at = std::max(0.0, (static_cast<double>(i) + 0.5) * static_cast<double>(coarse) /
                                            static_cast<double>(count) -
                                        0.5);
    const std::size_t low = std::min(static_cast<std::size_t>(at), coarse - 1);
    double fraction = at - static_cast<double>(low);
    if (smooth) fraction = fraction * fraction * (3.0 - 2.0 * fraction);
    steps[i] = {low, std::min(low + 1, coarse - 1), static_cast<float>(fraction)};
  }
  return steps;
}

// out += gain * coarse, enlarged to the size of `out`.
void add_enlarged(Plane& out, const Plane& coarse, float gain, bool smooth) {
  const std::vector<Step> columns = interpolation(out.width, coarse.width, smooth);
  const std::vector<Step> rows = interpolation(out.height, coarse.height, smooth);
  std::vector<float> line(coarse.width);
  for (std::size_t y = 0; y < out.height; ++y) {
    const float* above = coarse.row(rows[y].low);
    const float* below = coarse.row(rows[y].high);
    for (std::size_t x = 0; x < coarse.width; ++x) {
      line[x] = gain * (above[x] + (below[x] - above[x]) * rows[y].fraction);
    }
    float* target = out.row(y);
    for (std::size_t x = 0; x < out.width; ++x) {
      const Step& step = columns[x];
      target[x] += line[step.low] + (line[step.high] - line[step.low]) * step.fraction;
    }
  }
}

// values[k * n + i]: the k-th cosine over n samples, k half waves across them.
std::vector<double> cosine_table(std::size_t waves, std::size_t n) {
  std::vector<double> values(waves * n);
  for (std::size_t k = 0; k < waves; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      values[k * n + i] = cosine(static_cast<double>(k * (2 * i + 1)) / static_cast<double>(4 * n));
    }
  }
  return values;
}

// A random field of mean 0 and deviation 1 whose amplitudes fall as frequency^-slope.
Plane spectral_field(Random& random, std::size_t width, std::size_t height, double slope) {
  constexpr std::size_t kWaves = 24;
  const std::vector<double> across = cosine_table(kWaves, width);
  const std::vector<double> down = cosine_table(kWaves, height);
  const double quarter_steps = std::floor(slope * 4.0 + 0.5);
  std::vector<double> partial(kWaves * width);  // [vertical wave][column]
  double power = 0.0;
  for (std::size_t v = 0; v < kWaves; ++v) {
    for (std::size_t u = 0; u < kWaves; ++u) {
      const double coefficient = random.bell();
      if (u == 0 && v == 0) continue;
      // The fourth root of the frequency, to a whole power: square roots are exact, pow is not.
      const double root = std::sqrt(std::sqrt(std::sqrt(static_cast<double>(u * u + v * v))));
      double amplitude = coefficient;
      for (double q = 0.0; q < quarter_steps; q += 1.0) amplitude /= root;
      power += amplitude * amplitude * (u == 0 ? 1.0 : 0.5) * (v == 0 ? 1.0 : 0.5);
      for (std::size_t x = 0; x < width; ++x) {
        partial[v * width + x] += amplitude * across[u * width + x];
      }
    }
  }
  const double scale = 1.0 / std::sqrt(power);
  Plane field(width, height);
  std::vector<double> line(width);
  for (std::size_t y = 0; y < height; ++y) {
    std::fill(line.begin(), line.end(), 0.0);
    for (std::size_t v = 0; v < kWaves; ++v) {
      const double weight = scale * down[v * height + y];
      for (std::size_t x = 0; x < width; ++x) line[x] += weight * partial[v * width + x];
    }
    std::transform(line.begin(), line.end(), field.row(y),
                   [](double value) { return static_cast<float>(value); });
  }
  return field;
}

// The size of a lattice with `cells` cells along the longer side.
Plane lattice(std::size_t width, std::size_t height, std::size_t cells) {
  const std::size_t longer = std::max(width, height);
  return {std::max<std::size_t>(2, width * cells / longer),
          std::max<std::size_t>(2, height * cells / longer)};
}

// An ellipse or a box, turned, with an edge between soft and hard, in one colour with a gradient.
struct Shape {
  double x, y, half_width, half_height;  // of the picture's longer side
  double turns;
  bool box;
  float hardness;
  float opacity;
  std::array<float, 3> colour;  // luma, blue, red
  float shade;                  // change of luma from the centre to the edge
};

Shape random_shape(Random& random, double width, double height) {
  Shape shape{};
  shape.x = random.uniform(0.0, width);
  shape.y = random.uniform(0.0, height);
  shape.half_width = random.uniform(0.04, 0.28);
  shape.half_height = random.uniform(0.04, 0.28);
  shape.turns = random.uniform();
  shape.box = random.below(3) == 0;
  const double edge = random.uniform();
  shape.hardness = static_cast<float>(1.5 + 60.0 * edge * edge * edge);
  shape.opacity = static_cast<float>(random.uniform(0.45, 1.0));
  shape.colour = {static_cast<float>(random.uniform(15.0, 240.0)),
                  static_cast<float>(22.0 * random.bell()),
                  static_cast<float>(22.0 * random.bell())};
  shape.shade = static_cast<float>(random.uniform(-50.0, 50.0));
  return shape;
}

// The part of [0, n) that lies within `reach` of `centre`.
std::array<std::size_t, 2> clipped(double centre, double reach, std::size_t n) {
  const auto limit = static_cast<double>(n);
  return {static_cast<std::size_t>(std::clamp(centre - reach, 0.0, limit)),
          static_cast<std::size_t>(std::clamp(centre + reach + 1.0, 0.0, limit))};
}

void paint(Canvas& canvas, const Shape& shape) {
  const std::size_t width = canvas.luma.width;
  const std::size_t height = canvas.luma.height;
  const auto unit = static_cast<double>(std::max(width, height));
  const double reach =
      unit * std::sqrt(shape.half_width * shape.half_width + shape.half_height * shape.half_height);
  const auto [left, right] = clipped(shape.x * unit, reach, width);
  const auto [top, bottom] = clipped(shape.y * unit, reach, height);
  const double turn_x = cosine(shape.turns);
  const double turn_y = sine(shape.turns);
  const auto u_step = static_cast<float>(turn_x / (shape.half_width * unit));
  const auto v_step = static_cast<float>(-turn_y / (shape.half_height * unit));
  for (std::size_t y = top; y < bottom; ++y) {
    const double dx = static_cast<double>(left) + 0.5 - shape.x * unit;
    const double dy = static_cast<double>(y) + 0.5 - shape.y * unit;
    const auto u_first =
        static_cast<float>((dx * turn_x + dy * turn_y) / (shape.half_width * unit));
    const auto v_first =
        static_cast<float>((dy * turn_x - dx * turn_y) / (shape.half_height * unit));
    float* luma = canvas.luma.row(y);
    float* blue = canvas.blue.row(y);
    float* red = canvas.red.row(y);
    for (std::size_t x = left; x < right; ++x) {
      const auto i = static_cast<float>(x - left);
      const float u = u_first + i * u_step;
      const float v = v_first + i * v_step;
      const float inside = 1.0F - (shape.box ? std::max(u * u, v * v) : u * u + v * v);
      if (inside <= 0.0F) continue;
      const float alpha = shape.opacity * std::min(1.0F, inside * shape.hardness);
      luma[x] += alpha * (shape.colour[0] + shape.shade * u - luma[x]);
      blue[x] += alpha * (shape.colour[1] - blue[x]);
      red[x] += alpha * (shape.colour[2] - red[x]);
    }
  }
}

// Value noise from broad to fine, strong in some parts of the picture and faint in others.
void add_texture(Plane& luma, Random& random) {
  Plane texture(luma.width, luma.height);
  float gain = 19.0F;
  for (std::size_t cells = 20; cells < luma.width && cells <= 640; cells *= 2) {
    Plane octave = lattice(luma.width, luma.height, cells);
    for (float& value : octave.samples) value = static_cast<float>(random.uniform(-1.0, 1.0));
    add_enlarged(texture, octave, gain, true);
    gain *= 0.82F;
  }
  Plane mask_seed = lattice(luma.width, luma.height, 6);
  for (float& value : mask_seed.samples) value = static_cast<float>(random.uniform());
  Plane mask(luma.width, luma.height);
  add_enlarged(mask, mask_seed, 1.0F, true);
  for (std::size_t i = 0; i < luma.samples.size(); ++i) {
    luma.samples[i] += texture.samples[i] * (0.15F + 1.3F * mask.samples[i] * mask.samples[i]);
  }
}

// Two uniform ten-bit numbers, summed: triangular noise in [-1, 1].
float triangular(std::uint64_t bits, int shift) {
  const std::uint64_t sum = ((bits >> shift) & 0x3ff) + ((bits >> (shift + 10)) & 0x3ff);
  return (static_cast<float>(sum) - 1023.0F) * (1.0F / 1023.0F);
}

Picture develop(const Canvas& canvas, Random& random) {
  Picture picture(static_cast<std::uint32_t>(canvas.luma.width),
                  static_cast<std::uint32_t>(canvas.luma.height));
  const auto grain = static_cast<float>(random.uniform(2.0, 7.0));
  std::uint8_t* out = picture.rgb.data();
  for (std::size_t i = 0; i < canvas.luma.samples.size(); ++i, out += 3) {
    const std::uint64_t bits = random.bits();
    const float y = canvas.luma.samples[i];
    const float b = canvas.blue.samples[i];
    const float r = canvas.red.samples[i];
    out[0] = to_sample(y + 1.402F * r + grain * triangular(bits, 0));
    out[1] = to_sample(y - 0.344F * b - 0.714F * r + grain * triangular(bits, 20));
    out[2] = to_sample(y + 1.772F * b + grain * triangular(bits, 40));
  }
  return picture;
}

}  // namespace

Picture draw_scene(std::uint64_t seed, std::uint64_t number, std::uint32_t width,
                   std::uint32_t height) {
  Random random = Random::stream(seed, number);
  Canvas canvas{{width, height}, {width, height}, {width, height}};
  const Plane grid = lattice(width, height, 96);

  std::fill(canvas.luma.samples.begin(), canvas.luma.samples.end(),
            static_cast<float>(random.uniform(95.0, 155.0)));
  const auto contrast = static_cast<float>(random.uniform(34.0, 50.0));
  const double slope = random.uniform(1.0, 1.5);
  add_enlarged(canvas.luma, spectral_field(random, grid.width, grid.height, slope), contrast,
               false);
  for (Plane* colour : {&canvas.blue, &canvas.red}) {
    std::fill(colour->samples.begin(), colour->samples.end(),
              static_cast<float>(6.0 * random.bell()));
    add_enlarged(*colour, spectral_field(random, grid.width, grid.height, 1.5), 13.0F, false);
  }

  const double unit = std::max(width, height);
  const std::uint32_t shapes = 4 + random.below(7);
  for (std::uint32_t i = 0; i < shapes; ++i) {
    paint(canvas, random_shape(random, width / unit, height / unit));
  }
  add_texture(canvas.luma, random);
  return develop(canvas, random);
}

}  // namespace semblance::datasets
