// SPDX-License-Identifier: Apache-2.0
// Invented films: shots that move, made of scenes that look like photographs to a hash.
#pragma once

#include <cstdint>
#include <memory>

#include "datasets/picture.h"

namespace semblance::datasets {

/// How a film is made up.
struct FilmPlan {
  std::uint64_t seed = 1;
  std::uint64_t number = 0;   // of the film, among those of the seed
  double seconds = 20;        // its length
  double shot_seconds = 4;    // mean length of a shot
  std::uint32_t width = 480;  // of what its frames are drawn at; sides of 16 and more
  std::uint32_t height = 360;
};

/// A film: a function from time to picture, the same on every machine.
///
/// Each shot is a scene of its own that the camera pans, zooms and turns over, with shapes that
/// move before it; some shots stand still. Cuts between them are hard. Of another size it shows the
/// same, with other fine detail. Not safe for concurrent calls: the scene drawn last is kept.
class Film {
 public:
  explicit Film(const FilmPlan& plan);
  ~Film();
  Film(Film&&) noexcept;
  Film& operator=(Film&&) noexcept;

  /// What it shows at that time in seconds, 0..plan.seconds, at the size of the plan.
  Picture frame(double seconds) const;

  const FilmPlan& plan() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace semblance::datasets
