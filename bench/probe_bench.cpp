// SPDX-License-Identifier: Apache-2.0
// Question: what do the parts of a picture cost that are hashed beside the whole (trimmed, panels,
// windows), from every pixel and from a JPEG's low frequencies, beside the extraction of the whole?
//
// One core; all take turns on the same files in memory; figures are medians over the files of the
// best of some rounds, of processor time of this thread: the machine may be shared. Each ratio is
// to what is measured in the same run: exact to the decoding of the file with its hash, fast to the
// fast hash. Checked first: what is in a frame is found within 31 bits of the picture's own hash,
// by both ways.
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "datasets/encode.h"
#include "datasets/scene.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "hash/block_hasher.h"
#include "hash/pdq_hasher.h"
#include "hash/probes/probe_hasher.h"
#include "hash/raster_reducer.h"
#include "jpeg_files.h"
#include "rounds.h"

namespace semblance::bench {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Kinds = std::span<const ProbeKind>;

constexpr std::array kUsual = {ProbeKind::kTrimmed, ProbeKind::kPanel};
constexpr std::array kEvery = {ProbeKind::kTrimmed, ProbeKind::kPanel, ProbeKind::kWindow};

struct Options {
  double megapixels = 1;
  std::string files;  // a folder, instead of generated ones
  int count = 12;
  int rounds = 9;
};

/// Hashes the rows of a picture, and keeps of them what parts are made of, if that is asked for.
class Rows final : public decode::RowSink {
 public:
  explicit Rows(int channels_kept) : channels_kept_(channels_kept) {}

  void begin(const decode::PictureInfo& info) override {
    constexpr PdqProfile kProfiles[] = {PdqProfile::kFull};
    hasher_.emplace(info.width, info.height, info.channels, kProfiles);
    if (channels_kept_ > 0) {
      reducer_.emplace(info.width, info.height, info.channels, channels_kept_);
    }
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    hasher_->add_rows(first, stride, count);
    if (reducer_) reducer_->add_rows(first, stride, count);
  }
  PdqSignal signal() { return hasher_->finish().front(); }
  Raster raster() { return reducer_->finish(); }

 private:
  int channels_kept_;
  std::optional<hash::PdqHasher> hasher_;
  std::optional<hash::RasterReducer> reducer_;
};

bool decode_into(const Bytes& bytes, Rows& rows) {
  return static_cast<bool>(decode::decode_picture(bytes, decode::Format::kJpeg, Limits{}, rows));
}

std::vector<ProbeSignal> exact_probes(const Bytes& bytes, Kinds kinds) {
  Rows rows(1);
  if (!decode_into(bytes, rows)) return {};
  benchmark::DoNotOptimize(rows.signal());
  return hash::hash_probes(hash::ProbePlane(rows.raster()), kinds);
}

std::vector<ProbeSignal> fast_probes(const Bytes& bytes, Kinds kinds) {
  const auto luma = decode::JpegLuma::open(bytes, Limits{});
  if (!luma) return {};
  const auto& info = luma->info();
  const int orders = std::max(hash::orders_needed(info.width, info.height), 1);
  const int of_parts = std::max(orders, hash::orders_for_panel_probes(info.width, info.height));
  auto blocks = luma->read(of_parts);
  if (!blocks) return {};
  blocks->orders = orders;
  benchmark::DoNotOptimize(hash::hash_blocks(*blocks));
  blocks->orders = of_parts;
  return hash::hash_probes(hash::ProbePlane(*blocks), kinds);
}

// Bits between a picture's hash and the nearest part of it in a frame.
Result<int> framed_distance(std::uint64_t number, bool fast) {
  constexpr std::uint32_t kWidth = 1000;
  constexpr std::uint32_t kHeight = 700;
  constexpr std::uint32_t kBorder = 90;
  const datasets::Picture picture = datasets::draw_scene(3, number, kWidth, kHeight);
  datasets::Picture framed(kWidth + 2 * kBorder, kHeight + 2 * kBorder);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    std::copy_n(picture.row(y), picture.row_bytes(), framed.at(kBorder, y + kBorder));
  }
  const auto encoded = datasets::encode(framed, {});
  if (!encoded) return encoded.error();
  const auto known = pdq_hash(picture.view());
  if (!known) return known.error();
  const Bytes bytes(encoded->begin(), encoded->end());
  int nearest = 256;
  for (const ProbeSignal& part : fast ? fast_probes(bytes, kUsual) : exact_probes(bytes, kUsual)) {
    nearest = std::min(nearest, hamming_distance(known->hash(), part.pdq.hash()));
  }
  return nearest;
}

Status check_answers() {
  constexpr int kWithin = 31;
  for (std::uint64_t number = 0; number < 4; ++number) {
    for (const bool fast : {false, true}) {
      const auto distance = framed_distance(number, fast);
      if (!distance) return distance.error();
      if (*distance > kWithin) {
        return Error{Errc::kMismatch, "check: what is in frame " + std::to_string(number) +
                                          " is not found: " + std::to_string(*distance) + " bits"};
      }
    }
  }
  return ok();
}

struct Contestant {
  const char* name;
  std::function<void(const Bytes&)> run;
  std::vector<double> seconds = {};  // of each file, the best
};

enum Who : std::size_t {
  kExact,
  kExactUsual,
  kExactEvery,
  kExactColour,
  kFast,
  kFastUsual,
  kFastEvery,
};

std::vector<Contestant> contestants() {
  const auto exact = [](int channels_kept) {
    return [channels_kept](const Bytes& bytes) {
      Rows rows(channels_kept);
      if (!decode_into(bytes, rows)) return;
      benchmark::DoNotOptimize(rows.signal());
      if (channels_kept > 0) benchmark::DoNotOptimize(rows.raster());
    };
  };
  const auto with = [](auto probes, Kinds kinds) {
    return [probes, kinds](const Bytes& bytes) { benchmark::DoNotOptimize(probes(bytes, kinds)); };
  };
  return {
      {"exact", exact(0)},
      {"exact, trimmed + panels", with(exact_probes, kUsual)},
      {"exact, and windows", with(exact_probes, kEvery)},
      {"exact, colour of 1,024", exact(3)},
      {"fast", [](const Bytes& bytes) { benchmark::DoNotOptimize(fast_signal(bytes)); }},
      {"fast, trimmed + panels", with(fast_probes, kUsual)},
      {"fast, and windows", with(fast_probes, kEvery)},
  };
}

void time_file(const Bytes& bytes, int rounds, std::vector<Contestant>& all) {
  std::vector<double> best(all.size(), HUGE_VAL);
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t k = 0; k < all.size(); ++k) {
      best[k] = std::min(best[k], cpu_seconds_of([&] { all[k].run(bytes); }));
    }
  }
  for (std::size_t k = 0; k < all.size(); ++k) all[k].seconds.push_back(best[k]);
}

void print_times(const std::vector<Contestant>& all) {
  std::printf("%-26s %10s %10s %8s\n", "", "us a file", "more", "ratio");
  for (std::size_t k = 0; k < all.size(); ++k) {
    const double whole = median(all[k < kFast ? kExact : kFast].seconds);
    const double seconds = median(all[k].seconds);
    std::printf("%-26s %10.0f %10.0f %8.2f\n", all[k].name, 1e6 * seconds, 1e6 * (seconds - whole),
                seconds / whole);
  }
  for (const auto& [with, without] : {std::pair{kExactUsual, kExact}, {kFastUsual, kFast}}) {
    const double ratio = median(all[with].seconds) / median(all[without].seconds);
    std::printf("target: %s <= 1.40: %s, %.2f\n", all[with].name,
                ratio <= 1.4 ? "reached" : "MISSED", ratio);
  }
}

Status bench_probes(const Options& options) {
  if (auto checked = check_answers(); !checked) return checked;
  const TemporaryFolder folder;
  if (folder.path().empty()) return Error{Errc::kIo, "make a temporary folder: refused"};
  JpegMake make;
  make.megapixels = options.megapixels;
  make.count = options.count;
  auto files =
      options.files.empty() ? make_jpeg_files(folder.path(), make) : list_jpeg_files(options.files);
  if (!files) return files.error();
  if (auto checked = check_jpeg_files(*files, kFastDistanceMargin); !checked) return checked;
  std::vector<Contestant> all = contestants();
  int taken = 0;
  for (const JpegFile& file : files->files) {
    if (taken == options.count) break;
    const double relative = file.megapixels / options.megapixels;
    if (relative < 0.7 || relative > 1.4) continue;
    time_file(file.bytes, options.rounds, all);
    ++taken;
  }
  if (taken == 0) return Error{Errc::kNotFound, "measure: no file of that size"};
  std::printf("%d files of about %g MP, thread CPU time, best of %d\n", taken, options.megapixels,
              options.rounds);
  print_times(all);
  return ok();
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  CLI::App app{"Times the parts of a picture that are hashed beside the whole."};
  app.add_option("--megapixels", options.megapixels, "Size of the files")
      ->check(CLI::Range(0.05, 100.0));
  app.add_option("--files", options.files, "A folder of .jpg files, instead of generated ones");
  app.add_option("--count", options.count, "Files at most")->check(CLI::Range(1, 1000));
  app.add_option("--rounds", options.rounds, "Rounds of all")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  const auto done = semblance::bench::bench_probes(options);
  if (done) return 0;
  std::fprintf(stderr, "probe_bench: %s\n", done.error().what.c_str());
  return 2;
}
