// SPDX-License-Identifier: Apache-2.0
// Questions: how long does it take from a video file to the hashes of its frames (every frame and
// one a second as vPDQ, densely, by key frames), beside libavcodec that decodes the same file, all
// of it or its key frames, and does nothing else? How much memory does that take? And how long does
// it take to look a clip of ten seconds up, and to align it, among a million known frames?
//
// One core; all take turns on the same files, which the page cache holds; figures are medians over
// the rounds, of processor time of this thread. Checked first: every frame that libavcodec decodes
// has its hash, one a second are as many as that makes, and no gap is longer than it may be.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "datasets/clip.h"
#include "datasets/output.h"
#include "rounds.h"
#include "semblance/extract.h"
#include "video_bank.h"
#include "video_decode.h"

namespace semblance::bench {
namespace {

struct Options {
  std::vector<std::string> files;  // empty: generated films
  int rounds = 7;
  bool lookups = true;
  BankOptions bank;
};

struct Contestant {
  const char* name;
  std::function<bool(const std::string&)> run;
  std::size_t peer = 0;  // which of all it is measured against
  std::vector<double> seconds = {};
};

enum Who : std::size_t { kDecode, kDecodeKeys, kEveryFrame, kOneASecond, kDense, kKeyframes };

Plan plan_of(Sampling sampling, double seconds_per_hash = 1) {
  Plan plan;
  plan.digests.clear();
  plan.frames.sampling = sampling;
  plan.frames.seconds_per_hash = seconds_per_hash;
  return plan;
}

Result<Extraction> extract(const std::string& path, const Plan& plan) {
  const auto file = open_for_reading(path);
  if (!file) return file.error();
  Extraction found;
  found.sampling = sampling_of(plan);
  CollectingSink sink(found);
  Limits limits;
  limits.max_video_seconds = 86'400;
  make_in_process_extractor()->extract(file->get(), plan, limits, sink);
  if (found.ending.reason != Reason::kNone) return Error{Errc::kDecode, found.ending.detail};
  return found;
}

std::vector<Contestant> contestants() {
  const auto plain = [](bool keys) {
    return
        [keys](const std::string& path) { return static_cast<bool>(decode_plainly(path, keys)); };
  };
  const auto hashed = [](const Plan& plan) {
    return [plan](const std::string& path) { return static_cast<bool>(extract(path, plan)); };
  };
  return {{"libavcodec, every frame", plain(false), kDecode},
          {"libavcodec, key frames", plain(true), kDecodeKeys},
          {"vPDQ, every frame", hashed(plan_of(Sampling::kVpdq, 0)), kDecode},
          {"vPDQ, one a second", hashed(plan_of(Sampling::kVpdq, 1)), kDecode},
          {"dense", hashed(plan_of(Sampling::kDense)), kDecode},
          {"keyframes", hashed(plan_of(Sampling::kKeyframes)), kDecodeKeys}};
}

// The longest time that no frame was looked at, ends included; frames that are one scene count as
// looked at from its start to its end. Black frames are looked at, and give no signal: a film that
// has any may show a gap here that is none.
std::uint32_t longest_gap(const Extraction& found) {
  std::uint32_t gap = 0;
  std::uint32_t until = 0;
  for (const FrameSignal& frame : found.frames) {
    if (frame.at.form != FrameForm::kWhole || frame.at.stream != 0) continue;
    if (frame.at.start_ms > until) gap = std::max(gap, frame.at.start_ms - until);
    until = std::max(until, frame.at.end_ms);
  }
  return std::max(gap, std::max(found.ending.reached_ms.value_or(until), until) - until);
}

Status check(const std::string& path, const DecodedVideo& plain) {
  const auto wrong = [&path](const std::string& what) {
    return Error{Errc::kMismatch, "check " + path + ": " + what};
  };
  const auto every = extract(path, plan_of(Sampling::kVpdq, 0));
  const auto second = extract(path, plan_of(Sampling::kVpdq, 1));
  const auto dense = extract(path, plan_of(Sampling::kDense));
  const auto keys = extract(path, plan_of(Sampling::kKeyframes));
  for (const auto* found : {&every, &second, &dense, &keys}) {
    if (!*found) return (*found).error();
  }
  if (every->frames.size() != plain.frames) {
    return wrong(std::to_string(every->frames.size()) + " hashes of " +
                 std::to_string(plain.frames) + " frames");
  }
  const auto step = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(plain.frame_rate));
  if (second->frames.size() != (plain.frames + step - 1) / step) {
    return wrong("one a second: " + std::to_string(second->frames.size()) + " hashes");
  }
  const std::uint32_t frame_ms = static_cast<std::uint32_t>(1000.0 / plain.frame_rate) + 1;
  std::printf("%s: %ux%u, %llu frames, %.2f s\n", path.c_str(), plain.width, plain.height,
              static_cast<unsigned long long>(plain.frames), plain.seconds);
  std::printf(
      "checked: all frames hashed, %zu of one a second; longest gap %u ms dense, %u ms by "
      "key frames\n",
      second->frames.size(), longest_gap(*dense), longest_gap(*keys));
  if (longest_gap(*dense) > frame_ms) std::printf("  dense has a longer gap\n");
  if (longest_gap(*keys) > kMaxGapMs + frame_ms) std::printf("  keyframes have a longer gap\n");
  return ok();
}

double ratio(const Contestant& one, const Contestant& other) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.seconds.size(); ++i) {
    ratios.push_back(one.seconds[i] / other.seconds[i]);
  }
  return median(ratios);
}

Status time_file(const std::string& path, int rounds) {
  const auto plain = decode_plainly(path, false);
  if (!plain) return plain.error();
  if (Status right = check(path, *plain); !right) return right;
  std::vector<Contestant> all = contestants();
  for (int round = -1; round < rounds; ++round) {  // the first warms caches, and is not counted
    for (Contestant& one : all) {
      bool good = true;
      const double seconds = cpu_seconds_of([&] { good = one.run(path); });
      if (!good) return Error{Errc::kDecode, std::string("time ") + one.name + ": it failed"};
      if (round >= 0) one.seconds.push_back(seconds);
    }
  }
  std::printf("%-26s %10s %16s %10s\n", "", "ms", "x real time", "of decode");
  for (const Contestant& one : all) {
    const double seconds = median(one.seconds);
    std::printf("%-26s %10.2f %16.1f %10.3f\n", one.name, 1e3 * seconds, plain->seconds / seconds,
                ratio(one, all[one.peer]));
  }
  return ok();
}

// The most memory that this process ever held, in MiB.
double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    double kib = 0;
    status >> kib;
    return kib / 1024.0;
  }
  return 0;
}

// In a process of its own, since a peak never falls.
void print_memory(const std::string& path) {
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    const double before = peak_mib();
    for (const Sampling sampling : {Sampling::kKeyframes, Sampling::kDense}) {
      Plan plan = plan_of(sampling);
      plan.tmk = sampling == Sampling::kDense;
      if (const auto found = extract(path, plan); !found) std::printf("memory: it failed\n");
    }
    std::printf(
        "peak memory of a process that hashes it (dense, TMK, key frames): %.0f MiB, "
        "of which %.0f before\n",
        peak_mib(), before);
    std::fflush(stdout);
    ::_exit(0);
  }
  if (child > 0) ::waitpid(child, nullptr, 0);
}

// SD, and full HD of two lengths.
Result<std::vector<std::string>> generated(const std::string& folder) {
  struct Kind {
    const char* name;
    datasets::FilmPlan plan;
  };
  const std::vector<Kind> kinds = {
      {"sd-480x360-30s.mp4", {.seconds = 30, .width = 480, .height = 360}},
      {"hd-1920x1080-5s.mp4", {.seconds = 5, .width = 1920, .height = 1080}},
      {"hd-1920x1080-15s.mp4", {.seconds = 15, .width = 1920, .height = 1080}}};
  std::vector<std::string> paths;
  for (const Kind& kind : kinds) {
    datasets::VideoCoding coding;
    coding.preset = "medium";
    coding.key_interval = 50;
    const auto bytes = datasets::encode_film(kind.plan, coding);
    if (!bytes) return bytes.error();
    paths.push_back(folder + "/" + kind.name);
    if (Status written = datasets::write_file(paths.back(), *bytes, true); !written) {
      return written.error();
    }
  }
  return paths;
}

Status run(const Options& options) {
  const TemporaryFolder folder;
  std::vector<std::string> files = options.files;
  if (files.empty()) {
    auto made = generated(folder.path());
    if (!made) return made.error();
    files = *std::move(made);
  }
  for (const std::string& path : files) {
    if (Status timed = time_file(path, options.rounds); !timed) return timed;
    print_memory(path);
    std::printf("\n");
  }
  return options.lookups ? time_lookups(options.bank) : ok();
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  CLI::App app{"Times the hashing of videos beside their decoding, and their look-up"};
  app.add_option("FILE", options.files, "Videos [generated films: SD, and 1080p of two lengths]");
  app.add_option("--rounds", options.rounds, "Rounds [7]")->check(CLI::Range(1, 1000));
  app.add_flag("!--no-lookups", options.lookups, "Leave the second question out");
  app.add_option("--videos", options.bank.videos, "Known videos [1000]")
      ->check(CLI::Range(1, 100000));
  app.add_option("--frames", options.bank.frames, "Frames of each [1000]")
      ->check(CLI::Range(100, 100000));
  app.add_option("--queries", options.bank.queries, "Clips looked up [41]")
      ->check(CLI::Range(3, 1000));
  CLI11_PARSE(app, argc, argv);
  const semblance::Status status = semblance::bench::run(options);
  if (status) return 0;
  std::fprintf(stderr, "video_bench: %s\n", status.error().what.c_str());
  return 1;
}
