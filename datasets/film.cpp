// SPDX-License-Identifier: Apache-2.0
#include "datasets/film.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "datasets/cosine.h"
#include "datasets/random.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

constexpr double kSceneSides = 1.6;  // of a scene, those of the frame that the camera shows of it
constexpr double kStill = 0.25;      // of the shots, those that nothing moves in
constexpr std::uint64_t kShotScene = std::uint64_t{1} << 40;  // scene numbers of films
constexpr std::uint64_t kShotsOfFilm = 4096;                  // numbers kept for one film

// Where the camera looks: the middle of what it shows, as parts of the scene, how large that is
// beside the frame, and how far it is turned.
struct View {
  double x = 0.5;
  double y = 0.5;
  double zoom = 1;
  double turns = 0;
};

// A shape that moves over the shot: sides and places in parts of the frame's longer side.
struct Sprite {
  bool box = false;
  double x = 0;
  double y = 0;
  double x_speed = 0;  // a second
  double y_speed = 0;
  double half_width = 0;
  double half_height = 0;
  double hardness = 0;  // of its edge
  std::array<double, 3> colour{};
};

struct Shot {
  double start = 0;  // seconds
  double length = 0;
  std::uint64_t scene = 0;
  View from;
  View to;
  std::vector<Sprite> sprites;
};

View random_view(Random& random) {
  // With these bounds no corner of the frame leaves the scene.
  return {random.uniform(0.44, 0.56), random.uniform(0.44, 0.56), random.uniform(0.85, 1.2),
          random.uniform(-0.012, 0.012)};
}

Sprite random_sprite(Random& random, double width, double height) {
  Sprite sprite;
  sprite.box = random.below(2) == 0;
  sprite.x = random.uniform(0.0, width);
  sprite.y = random.uniform(0.0, height);
  const double speed = random.uniform(0.03, 0.2);
  const double turns = random.uniform();
  sprite.x_speed = speed * cosine(turns);
  sprite.y_speed = speed * sine(turns);
  sprite.half_width = random.uniform(0.04, 0.14);
  sprite.half_height = random.uniform(0.04, 0.14);
  sprite.hardness = random.uniform(3.0, 16.0);
  for (double& sample : sprite.colour) sample = random.uniform(20.0, 235.0);
  return sprite;
}

double between(double from, double to, double part) { return from + (to - from) * part; }

// Draws the scene as the camera sees it. Places in it are whole numbers of 2^-16 pixels, so that
// every machine takes the same samples.
void look(const Picture& scene, const View& view, Picture& frame) {
  constexpr double kUnit = 65536.0;
  const double step_x = view.zoom * cosine(view.turns);
  const double step_y = view.zoom * sine(view.turns);
  const auto across_x = static_cast<std::int64_t>(std::floor(step_x * kUnit));
  const auto across_y = static_cast<std::int64_t>(std::floor(step_y * kUnit));
  const std::int64_t right = static_cast<std::int64_t>(scene.width - 1) * 65536 - 1;
  const std::int64_t bottom = static_cast<std::int64_t>(scene.height - 1) * 65536 - 1;
  for (std::uint32_t y = 0; y < frame.height; ++y) {
    const double left = -0.5 * frame.width;
    const double down = static_cast<double>(y) - 0.5 * frame.height;
    auto at_x = static_cast<std::int64_t>(
        std::floor((view.x * scene.width + left * step_x - down * step_y) * kUnit));
    auto at_y = static_cast<std::int64_t>(
        std::floor((view.y * scene.height + left * step_y + down * step_x) * kUnit));
    std::uint8_t* out = frame.row(y);
    for (std::uint32_t x = 0; x < frame.width; ++x, out += 3, at_x += across_x, at_y += across_y) {
      const std::int64_t place_x = std::clamp<std::int64_t>(at_x, 0, right);
      const std::int64_t place_y = std::clamp<std::int64_t>(at_y, 0, bottom);
      const auto u = static_cast<std::int32_t>((place_x >> 8) & 255);
      const auto v = static_cast<std::int32_t>((place_y >> 8) & 255);
      const std::uint8_t* above = scene.at(static_cast<std::size_t>(place_x >> 16),
                                           static_cast<std::size_t>(place_y >> 16));
      const std::uint8_t* below = above + scene.row_bytes();
      for (std::size_t c = 0; c < 3; ++c) {
        const std::int32_t upper = above[c] * (256 - u) + above[c + 3] * u;
        const std::int32_t lower = below[c] * (256 - u) + below[c + 3] * u;
        out[c] = static_cast<std::uint8_t>((upper * (256 - v) + lower * v + 32768) >> 16);
      }
    }
  }
}

// The pixels of one side that reach from the middle on.
std::pair<std::uint32_t, std::uint32_t> reach(double middle, double half, std::uint32_t side) {
  const double limit = side;
  const double first = std::clamp(std::floor(middle - half), 0.0, limit);
  const double last = std::clamp(std::ceil(middle + half), 0.0, limit);
  return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)};
}

void draw_sprite(const Sprite& sprite, double seconds, Picture& frame) {
  const double unit = std::max(frame.width, frame.height);
  const double middle_x = (sprite.x + sprite.x_speed * seconds) * unit;
  const double middle_y = (sprite.y + sprite.y_speed * seconds) * unit;
  const double half_x = sprite.half_width * unit;
  const double half_y = sprite.half_height * unit;
  const auto [left, right] = reach(middle_x, half_x, frame.width);
  const auto [top, bottom] = reach(middle_y, half_y, frame.height);
  for (std::uint32_t y = top; y < bottom; ++y) {
    const double down = (static_cast<double>(y) + 0.5 - middle_y) / half_y;
    for (std::uint32_t x = left; x < right; ++x) {
      const double across = (static_cast<double>(x) + 0.5 - middle_x) / half_x;
      const double away =
          sprite.box ? std::max(across * across, down * down) : across * across + down * down;
      const double cover = std::clamp((1.0 - away) * sprite.hardness, 0.0, 1.0);
      std::uint8_t* pixel = frame.at(x, y);
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = to_sample(static_cast<float>(between(pixel[c], sprite.colour[c], cover)));
      }
    }
  }
}

}  // namespace

struct Film::State {
  FilmPlan plan;
  std::vector<Shot> shots;
  // The scene that was shown last: films are read from shot to shot.
  mutable std::uint64_t drawn = std::numeric_limits<std::uint64_t>::max();
  mutable Picture scene;
};

Film::Film(const FilmPlan& plan) : state_(std::make_unique<State>()) {
  state_->plan = plan;
  Random random = Random::stream(plan.seed, kShotScene + plan.number);
  const double unit = std::max(plan.width, plan.height);
  for (double start = 0; start < plan.seconds || state_->shots.empty();) {
    Shot shot;
    shot.start = start;
    shot.length = plan.shot_seconds * random.uniform(0.5, 1.5);
    shot.scene = kShotScene + plan.number * kShotsOfFilm + state_->shots.size();
    shot.from = random_view(random);
    shot.to = shot.from;
    if (random.uniform() >= kStill) {
      shot.to = random_view(random);
      const std::uint32_t sprites = random.below(4);
      for (std::uint32_t i = 0; i < sprites; ++i) {
        shot.sprites.push_back(random_sprite(random, plan.width / unit, plan.height / unit));
      }
    }
    start += shot.length;
    state_->shots.push_back(std::move(shot));
  }
}

Film::~Film() = default;
Film::Film(Film&&) noexcept = default;
Film& Film::operator=(Film&&) noexcept = default;

const FilmPlan& Film::plan() const noexcept { return state_->plan; }

Picture Film::frame(double seconds) const {
  const State& film = *state_;
  const auto after = std::upper_bound(film.shots.begin() + 1, film.shots.end(), seconds,
                                      [](double at, const Shot& shot) { return at < shot.start; });
  const Shot& shot = *(after - 1);
  const std::uint32_t width = film.plan.width;
  const std::uint32_t height = film.plan.height;
  if (film.drawn != shot.scene) {
    film.scene =
        draw_scene(film.plan.seed, shot.scene, static_cast<std::uint32_t>(kSceneSides * width),
                   static_cast<std::uint32_t>(kSceneSides * height));
    film.drawn = shot.scene;
  }
  const double since = std::clamp(seconds - shot.start, 0.0, shot.length);
  const double part = since / shot.length;
  const View view = {between(shot.from.x, shot.to.x, part), between(shot.from.y, shot.to.y, part),
                     between(shot.from.zoom, shot.to.zoom, part),
                     between(shot.from.turns, shot.to.turns, part)};
  Picture picture(width, height);
  look(film.scene, view, picture);
  for (const Sprite& sprite : shot.sprites) draw_sprite(sprite, since, picture);
  return picture;
}

}  // namespace semblance::datasets
