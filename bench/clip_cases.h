// SPDX-License-Identifier: Apache-2.0
// The generated cases of clip_bench: known films, and what people make of parts of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/clip.h"
#include "datasets/encode_video.h"
#include "semblance/result.h"

namespace semblance::bench {

/// What was done to a clip before it was cut into another film.
enum class ClipKind : std::uint8_t {
  kBordered,     // scaled to 50 to 100 %, a black border of 5 % on all sides
  kPlain,        // scaled alone
  kFaster,       // bordered, at 1.25 times the speed
  kMirrored,     // bordered, left and right exchanged
  kSmall,        // 1280 x 720 as known, 640 x 360 as shown, no border
  kLetterboxed,  // bordered; the known film had black bars above and below, which are cut off
};
inline constexpr std::array kClipKinds = {ClipKind::kBordered, ClipKind::kPlain,
                                          ClipKind::kFaster,   ClipKind::kMirrored,
                                          ClipKind::kSmall,    ClipKind::kLetterboxed};

/// Returns `bordered plain faster mirrored small letterboxed`.
std::string_view name(ClipKind kind) noexcept;

/// What the cases are made of.
struct CasePlan {
  std::uint64_t seed = 1;
  std::uint32_t films = 24;  // known ones of 480 x 360; a quarter as many of each other kind
  double film_seconds = 30;
  double clip_seconds = 10;
};

/// The known film of that number: H.264, CRF 20, 25 frames a second.
Result<std::string> encode_known(const CasePlan& plan, ClipKind kind, std::uint32_t film);

/// How many films are known for cases of that kind, and whether they are those of kBordered.
std::uint32_t known_films(const CasePlan& plan, ClipKind kind) noexcept;
bool has_own_films(ClipKind kind) noexcept;

/// A case: the clip and its truth, and how the whole was encoded.
struct ClipCase {
  ClipKind kind = ClipKind::kBordered;
  std::uint32_t number = 0;
  std::uint32_t film = 0;  // that it shows
  double scale = 1;        // of the shown frame's sides
  datasets::ClipPlan clip;
  datasets::VideoCoding coding;
};

/// The case of that number, the same on every machine.
ClipCase make_case(const CasePlan& plan, ClipKind kind, std::uint32_t number);

}  // namespace semblance::bench
