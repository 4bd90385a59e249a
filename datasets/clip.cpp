// SPDX-License-Identifier: Apache-2.0
#include "datasets/clip.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "datasets/geometry.h"

namespace semblance::datasets {
namespace {

double rate_of(const VideoCoding& coding) {
  return static_cast<double>(coding.frame_rate_num) / coding.frame_rate_den;
}

std::uint32_t part(std::uint32_t side, double fraction) {
  return static_cast<std::uint32_t>(static_cast<double>(side) * fraction + 0.5);
}

}  // namespace

Picture bordered(const Picture& picture, double border, std::uint32_t width, std::uint32_t height) {
  const std::uint32_t left = part(width, border);
  const std::uint32_t top = part(height, border);
  Picture inner = picture;
  if (inner.width != width - 2 * left || inner.height != height - 2 * top) {
    inner = resize(picture, width - 2 * left, height - 2 * top);
  }
  if (left == 0 && top == 0) return inner;
  Picture whole(width, height);
  for (std::uint32_t y = 0; y < inner.height; ++y) {
    std::copy_n(inner.row(y), inner.row_bytes(), whole.at(left, std::size_t{top} + y));
  }
  return whole;
}

VideoCoding reposted(Random& random) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 4> kRates = {
      {{24, 1}, {25, 1}, {30'000, 1'001}, {30, 1}}};
  VideoCoding coding;
  const auto& [numerator, denominator] = kRates[random.below(kRates.size())];
  coding.frame_rate_num = numerator;
  coding.frame_rate_den = denominator;
  coding.quality = static_cast<int>(23 + random.below(10));
  coding.key_interval = static_cast<int>(50 + random.below(201));
  coding.scene_cuts = random.below(2) == 0;
  return coding;
}

Result<std::string> encode_clip(const ClipPlan& plan, const VideoCoding& coding) {
  const Film known(plan.known);
  const Film host(plan.host);
  const double rate = rate_of(coding);
  const auto picture = [&](std::uint32_t index) -> std::optional<Picture> {
    const double time = index / rate;
    if (time >= plan.seconds()) return std::nullopt;
    if (time < plan.start()) return host.frame(time);
    if (time >= plan.end()) return host.frame(plan.host_before + time - plan.end());
    const Picture shown = known.frame(plan.known_start + (time - plan.start()) * plan.speed);
    return bordered(plan.transform == Transform::kNone ? shown : transformed(shown, plan.transform),
                    plan.border, plan.host.width, plan.host.height);
  };
  return encode_video(picture, coding);
}

Result<std::string> encode_film(const FilmPlan& plan, const VideoCoding& coding) {
  const Film film(plan);
  const double rate = rate_of(coding);
  return encode_video(
      [&](std::uint32_t index) -> std::optional<Picture> {
        const double time = index / rate;
        if (time >= plan.seconds) return std::nullopt;
        return film.frame(time);
      },
      coding);
}

}  // namespace semblance::datasets
