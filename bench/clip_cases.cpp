// SPDX-License-Identifier: Apache-2.0
#include "clip_cases.h"

#include <algorithm>
#include <optional>

#include "datasets/film.h"
#include "datasets/geometry.h"
#include "datasets/random.h"

namespace semblance::bench {
namespace {

constexpr double kHostSeconds = 20;
constexpr double kBorder = 0.05;
constexpr double kBars = 0.125;                               // of the height, each
constexpr std::uint64_t kFirstHost = std::uint64_t{1} << 20;  // numbers of films
constexpr std::uint64_t kFirstOwn = std::uint64_t{1} << 16;   // times the kind
constexpr std::uint64_t kCaseChance = 77;

std::uint32_t even(double side) { return std::max(16U, static_cast<std::uint32_t>(side / 2) * 2); }

datasets::FilmPlan known_plan(const CasePlan& plan, ClipKind kind, std::uint32_t film) {
  datasets::FilmPlan known;
  known.seed = plan.seed;
  known.number = film + (has_own_films(kind) ? kFirstOwn * static_cast<std::uint64_t>(kind) : 0);
  known.seconds = plan.film_seconds;
  if (kind == ClipKind::kSmall) {
    known.width = 1280;
    known.height = 720;
  }
  return known;
}

}  // namespace

std::string_view name(ClipKind kind) noexcept {
  switch (kind) {
    case ClipKind::kBordered:
      return "bordered";
    case ClipKind::kPlain:
      return "plain";
    case ClipKind::kFaster:
      return "faster";
    case ClipKind::kMirrored:
      return "mirrored";
    case ClipKind::kSmall:
      return "small";
    case ClipKind::kLetterboxed:
      return "letterboxed";
  }
  return "";
}

bool has_own_films(ClipKind kind) noexcept {
  return kind == ClipKind::kSmall || kind == ClipKind::kLetterboxed;
}

std::uint32_t known_films(const CasePlan& plan, ClipKind kind) noexcept {
  return has_own_films(kind) ? std::max(1U, plan.films / 4) : plan.films;
}

Result<std::string> encode_known(const CasePlan& plan, ClipKind kind, std::uint32_t film) {
  datasets::VideoCoding coding;
  coding.quality = 20;
  const datasets::FilmPlan known = known_plan(plan, kind, film);
  if (kind != ClipKind::kLetterboxed) return datasets::encode_film(known, coding);
  const datasets::Film drawn(known);
  return datasets::encode_video(
      [&](std::uint32_t index) -> std::optional<datasets::Picture> {
        const double time = index / 25.0;
        if (time >= known.seconds) return std::nullopt;
        return datasets::letterboxed(drawn.frame(time), kBars);
      },
      coding);
}

ClipCase make_case(const CasePlan& plan, ClipKind kind, std::uint32_t number) {
  const std::uint64_t family = kCaseChance + static_cast<std::uint64_t>(kind);
  datasets::Random random = datasets::Random::stream(plan.seed + family, number);
  ClipCase made;
  made.kind = kind;
  made.number = number;
  made.film = number % known_films(plan, kind);
  datasets::ClipPlan& clip = made.clip;
  clip.known = known_plan(plan, kind, made.film);
  clip.known_seconds = std::min(plan.clip_seconds, plan.film_seconds);
  clip.known_start = random.uniform(0.0, plan.film_seconds - clip.known_seconds);
  clip.speed = kind == ClipKind::kFaster ? 1.25 : 1.0;
  clip.transform = kind == ClipKind::kMirrored ? Transform::kFlipY : Transform::kNone;
  clip.border = kind == ClipKind::kPlain || kind == ClipKind::kSmall ? 0.0 : kBorder;
  made.scale = kind == ClipKind::kSmall ? 0.5 : random.uniform(0.5, 1.0);
  clip.host.seed = plan.seed;
  clip.host.number = kFirstHost * (1 + static_cast<std::uint64_t>(kind)) + number;
  clip.host.seconds = kHostSeconds;
  clip.host.width = even(made.scale * clip.known.width);
  clip.host.height = even(made.scale * clip.known.height);
  clip.host_before = random.uniform(1.0, kHostSeconds - 1.0);
  made.coding = datasets::reposted(random);
  return made;
}

}  // namespace semblance::bench
