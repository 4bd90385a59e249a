// SPDX-License-Identifier: Apache-2.0
#include "datasets/film_library.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "datasets/clip.h"
#include "datasets/encode.h"
#include "datasets/output.h"
#include "datasets/random.h"

namespace semblance::datasets {
namespace {

// Families of random numbers that must not meet: see film.cpp for those of films.
enum Family : std::uint64_t { kNames = 11, kClips = 12, kStills = 13 };
// Numbers of films that are not known.
constexpr std::uint64_t kFirstHost = std::uint64_t{1} << 20;
constexpr std::uint64_t kFirstUnrelated = std::uint64_t{1} << 21;

constexpr double kBorder = 0.05;
constexpr double kHostSeconds = 10;
constexpr std::array<std::string_view, 4> kAlterations = {"bordered", "plain", "faster",
                                                          "mirrored"};

std::string numbered(std::uint32_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "known/%04u.mp4", number);
  return text;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

// H.264 takes pixels in pairs.
std::uint32_t even(double side) { return std::max(16U, static_cast<std::uint32_t>(side / 2) * 2); }

class FilmLibraryWriter {
 public:
  FilmLibraryWriter(std::string folder, const FilmLibraryOptions& options, const Progress& progress)
      : folder_(std::move(folder)),
        options_(options),
        progress_(progress),
        names_(Random::stream(options.seed, kNames)),
        total_(options.films * (2 + options.clips) + options.unrelated) {}

  Status run() {
    for (const char* part : {"", "/known", "/clips", "/stills", "/unrelated"}) {
      if (auto made = prepare_folder(folder_ + part, options_.force); !made) return made;
    }
    for (std::uint32_t film = 0; film < options_.films; ++film) {
      VideoCoding coding;
      coding.quality = 20;
      auto written = write(numbered(film), encode_film(plan(film, options_.seconds), coding));
      for (std::uint32_t i = 0; written && i < options_.clips; ++i) written = write_clip(film, i);
      if (written) written = write_still(film);
      if (!written) return written;
    }
    for (std::uint32_t i = 0; i < options_.unrelated; ++i) {
      auto bytes = encode_film(plan(kFirstUnrelated + i, options_.seconds), {});
      if (auto written = write("unrelated/" + meaningless_name() + ".mp4", bytes); !written)
        return written;
    }
    Status written = write_file(folder_ + "/truth.csv", truth_, options_.force);
    return written ? write_file(folder_ + "/stills.csv", stills_, options_.force) : written;
  }

 private:
  FilmPlan plan(std::uint64_t number, double seconds) const {
    return {.seed = options_.seed,
            .number = number,
            .seconds = seconds,
            .width = options_.width,
            .height = options_.height};
  }

  Status write_clip(std::uint32_t film, std::uint32_t turn) {
    const std::uint32_t number = film * options_.clips + turn;
    Random random = Random::stream(options_.seed + kClips, number);
    const std::string_view alteration = kAlterations[number % kAlterations.size()];
    ClipPlan clip;
    clip.known = plan(film, options_.seconds);
    clip.known_seconds = std::min(options_.clip_seconds, options_.seconds);
    clip.known_start = random.uniform(0.0, options_.seconds - clip.known_seconds);
    clip.speed = alteration == "faster" ? 1.25 : 1.0;
    clip.transform = alteration == "mirrored" ? Transform::kFlipY : Transform::kNone;
    clip.border = alteration == "plain" ? 0.0 : kBorder;
    clip.host = plan(kFirstHost + number, kHostSeconds);
    const double scale = random.uniform(0.5, 1.0);
    clip.host.width = even(scale * options_.width);
    clip.host.height = even(scale * options_.height);
    clip.host_before = random.uniform(1.0, kHostSeconds - 1.0);
    const std::string name = "clips/" + meaningless_name() + ".mp4";
    truth_.append(name).append(",").append(numbered(film));
    for (const double time :
         {clip.start(), clip.end(), clip.known_start, clip.known_start + clip.known_seconds}) {
      truth_.append(",").append(seconds_text(time));
    }
    truth_.append(",").append(alteration).append("\n");
    return write(name, encode_clip(clip, reposted(random)));
  }

  Status write_still(std::uint32_t number) {
    Random random = Random::stream(options_.seed + kStills, number);
    const double time = random.uniform(0.0, options_.seconds);
    const Film film(plan(number, options_.seconds));
    const std::string name = "stills/" + meaningless_name() + ".jpg";
    stills_.append(name).append(",").append(numbered(number));
    stills_.append(",").append(seconds_text(time)).append("\n");
    return write(name, encode(film.frame(time), {}));
  }

  Status write(const std::string& name, const Result<std::string>& bytes) {
    if (!bytes) return bytes.error();
    auto written = write_file(folder_ + "/" + name, *bytes, options_.force);
    if (written && progress_) progress_(++done_, total_);
    return written;
  }

  std::string meaningless_name() {
    char text[32];
    std::snprintf(text, sizeof text, "%012llx",
                  static_cast<unsigned long long>(names_.bits() >> 16));
    return text;
  }

  std::string folder_;
  const FilmLibraryOptions& options_;
  const Progress& progress_;
  Random names_;
  std::uint32_t total_;
  std::uint32_t done_ = 0;
  std::string stills_ = "still,known,time\n";
  std::string truth_ = "clip,known,clip_start,clip_end,known_start,known_end,alteration\n";
};

}  // namespace

Status write_film_library(const std::string& folder, const FilmLibraryOptions& options,
                          const Progress& progress) {
  return FilmLibraryWriter(folder, options, progress).run();
}

}  // namespace semblance::datasets
