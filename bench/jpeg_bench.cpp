// SPDX-License-Identifier: Apache-2.0
// Question: how long does it take from a JPEG file to its PDQ, by the low frequencies of its luma
// (fast) and by every pixel (exact), stage by stage, beside libjpeg-turbo that decodes the same
// file to gray, to gray of 1/8 of the side, and to RGB, and does nothing else?
//
// One core; all take turns on the same files, which the page cache holds; figures are medians over
// the rounds, of processor time of this thread. Wholes read their file, stages work on it in
// memory; what gray takes over gray of 1/8 is nearly all IDCT. Checked first: the coefficients are
// libjpeg-turbo's, and fast hashes near the exact ones.
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/files.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "hash/block_reducer.h"
#include "hash/pdq_signal.h"
#include "jpeg_decode.h"
#include "jpeg_files.h"
#include "rounds.h"
#include "semblance/signal.h"

namespace semblance::bench {
namespace {

struct Options {
  std::vector<double> megapixels = {0.5, 1, 2, 4, 12};
  std::string files;  // a folder, instead of generated ones
  int quality = 85;
  bool progressive = false;
  int count = 0;  // files a size; 0: as many as make 24 MP, at least 2
  int rounds = 15;
  int max_distance = kFastDistanceMargin;
};

/// What is timed: on one file, false where it fails.
struct Contestant {
  const char* name;
  std::function<bool(const JpegFile&)> run;
  std::vector<double> seconds = {};  // of all files, by round

  double median_seconds() const { return median(seconds); }
};

enum Who : std::size_t {
  kRead,
  kOpen,
  kEntropy,
  kResample,
  kHash,
  kFast,
  kExact,
  kDecode,
  kGrayEighth,
  kGray,
  kRgb,
};

/// Reads a file into memory that is used again.
class FileReader {
 public:
  const std::vector<std::uint8_t>* read(const JpegFile& file) {
    auto descriptor = open_for_reading(file.path);
    if (!descriptor) return nullptr;
    bytes_.resize(file.bytes.size());
    auto got = read_at(descriptor->get(), bytes_, 0, file.path);
    return got && *got == bytes_.size() ? &bytes_ : nullptr;
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Lets rows pass.
class NoSink final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo&) override {}
  void rows(const std::uint8_t* first, std::ptrdiff_t, std::uint32_t) override {
    benchmark::DoNotOptimize(first);
  }
};

template <class Signal>
bool kept(const Signal& signal) {
  benchmark::DoNotOptimize(signal);
  return static_cast<bool>(signal);
}

/// In the order of Who.
std::vector<Contestant> contestants() {
  const auto turbo = [](JpegOutput output) {
    return [decoder = std::make_shared<JpegDecoder>(output)](const JpegFile& file) {
      return kept(decoder->decode(file.path));
    };
  };
  const auto whole = [](auto hash) {
    return [reader = FileReader(), hash](const JpegFile& file) mutable {
      const auto* bytes = reader.read(file);
      return bytes != nullptr && kept(hash(*bytes));
    };
  };
  return {
      {"  read the file",
       [reader = FileReader()](const JpegFile& file) mutable {
         return reader.read(file) != nullptr;
       }},
      {"  headers",
       [](const JpegFile& file) { return kept(decode::JpegLuma::open(file.bytes, Limits{})); }},
      {"  headers, entropy code",
       [](const JpegFile& file) {
         const auto luma = decode::JpegLuma::open(file.bytes, Limits{});
         return luma && kept(luma->read(file.orders));
       }},
      {"  resample",
       [](const JpegFile& file) {
         std::array<float, hash::kReducedPixels> luma;
         hash::reduce_blocks(file.blocks, luma);
         benchmark::DoNotOptimize(luma);
         return true;
       }},
      {"  DCT, hash",
       [](const JpegFile& file) {
         int unsure = 0;
         benchmark::DoNotOptimize(hash::make_signal(file.luma, PdqProfile::kFull, 1.0F, unsure));
         return true;
       }},
      {"file to PDQ, fast", whole(fast_signal)},
      {"file to PDQ, exact", whole(exact_signal)},
      {"  decode_picture",
       [](const JpegFile& file) {
         NoSink sink;
         return kept(decode::decode_picture(file.bytes, decode::Format::kJpeg, Limits{}, sink));
       }},
      {"libjpeg-turbo gray 1/8", turbo(JpegOutput::kGrayEighth)},
      {"libjpeg-turbo gray", turbo(JpegOutput::kGray)},
      {"libjpeg-turbo RGB", turbo(JpegOutput::kRgb)},
  };
}

/// The median over the rounds of one's time as a part of the other's.
double ratio(const Contestant& one, const Contestant& other) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < one.seconds.size(); ++i) {
    ratios.push_back(one.seconds[i] / other.seconds[i]);
  }
  return median(ratios);
}

Status time_all(const JpegFiles& files, std::vector<Contestant>& all, int rounds) {
  for (int round = -1; round < rounds; ++round) {  // the first warms caches, and is not counted
    for (Contestant& one : all) {
      bool good = true;
      const double seconds = cpu_seconds_of([&] {
        for (const JpegFile& file : files.files) good = one.run(file) && good;
      });
      if (!good) return Error{Errc::kDecode, std::string("time ") + one.name + ": it failed"};
      if (round >= 0) one.seconds.push_back(seconds);
    }
  }
  return ok();
}

void print_answers(const JpegFiles& files) {
  double sum = 0.0;
  int most = 0, least_orders = LumaBlocks::kMaxOrders, most_orders = 0;
  for (const JpegFile& file : files.files) {
    sum += file.distance;
    most = std::max(most, file.distance);
    least_orders = std::min(least_orders, file.orders);
    most_orders = std::max(most_orders, file.orders);
  }
  std::printf("checked: coefficients as libjpeg-turbo's; fast within %d bits of exact, mean %.2f\n",
              most, sum / static_cast<double>(files.files.size()));
  std::printf("orders of each block that are read: %d to %d", least_orders, most_orders);
  if (files.left_out > 0) std::printf("; %zu files take the exact path, left out", files.left_out);
  std::printf("\n");
}

void print_times(const JpegFiles& files, const std::vector<Contestant>& all) {
  double megabytes = 0.0, megapixels = 0.0;
  for (const JpegFile& file : files.files) {
    megabytes += 1e-6 * static_cast<double>(file.bytes.size());
    megapixels += file.megapixels;
  }
  const auto count = static_cast<double>(files.files.size());
  std::printf("%.0f files of %.2f MP and %.0f KB in the mean\n", count, megapixels / count,
              1e3 * megabytes / count);
  std::printf("%-24s %9s %9s %8s %8s %9s %8s %8s\n", "", "us a file", "files/s", "MB/s", "MP/s",
              "of 1/8", "of gray", "of RGB");
  for (const Contestant& one : all) {
    const double seconds = one.median_seconds();
    std::printf("%-24s %9.1f %9.1f %8.1f %8.1f %9.3f %8.3f %8.3f\n", one.name,
                1e6 * seconds / count, count / seconds, megabytes / seconds, megapixels / seconds,
                ratio(one, all[kGrayEighth]), ratio(one, all[kGray]), ratio(one, all[kRgb]));
  }
}

void print_target(const char* what, double reached, const char* relation, double target) {
  const bool good = relation[0] == '<' ? reached <= target : reached >= target;
  std::printf("target: %-44s %s %.2f: %s, %.3f\n", what, relation, target,
              good ? "reached" : "MISSED", reached);
}

/// Those that are set for files of that size and kind.
void print_targets(const JpegFiles& files, const std::vector<Contestant>& all) {
  const double megapixels = files.class_megapixels;
  const double faster = ratio(all[kGrayEighth], all[kFast]);
  if (files.progressive) {
    return print_target("fast, times turbo's gray 1/8", faster, ">=", 3.0);
  }
  if (megapixels == 0.5) {  // what a scan of such files can reach at most; scan_bench has the scan
    print_target("fast, times turbo's gray", ratio(all[kGray], all[kFast]), ">=", 2.0);
  }
  if (megapixels == 1) {
    print_target("fast, time over turbo's gray 1/8", ratio(all[kFast], all[kGrayEighth]),
                 "<=", 0.5);
  }
  if (megapixels == 2) print_target("fast, times turbo's gray 1/8", faster, ">=", 2.5);
  if (megapixels == 1 || megapixels == 4 || megapixels == 12) {
    print_target("exact, time over turbo's RGB", ratio(all[kExact], all[kRgb]), "<=", 1.12);
  }
}

Status measure(JpegFiles& files, const Options& options) {
  std::printf("\n%s\n", files.name.c_str());
  if (auto checked = check_jpeg_files(files, options.max_distance); !checked) return checked;
  print_answers(files);
  std::vector<Contestant> all = contestants();
  if (auto timed = time_all(files, all, options.rounds); !timed) return timed;
  print_times(files, all);
  print_targets(files, all);
  return ok();
}

Status bench_jpeg(const Options& options) {
  if (!options.files.empty()) {
    auto files = list_jpeg_files(options.files);
    return files ? measure(*files, options) : Status(files.error());
  }
  const TemporaryFolder folder;
  if (folder.path().empty()) return Error{Errc::kIo, "make a temporary folder: refused"};
  for (const double megapixels : options.megapixels) {
    JpegMake make{megapixels, options.quality, options.progressive, options.count};
    constexpr double kMegapixelsInAll = 24.0;
    if (make.count == 0) make.count = std::max(2, static_cast<int>(kMegapixelsInAll / megapixels));
    auto files = make_jpeg_files(folder.path(), make);
    if (!files) return files.error();
    if (auto done = measure(*files, options); !done) return done;
  }
  return ok();
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) {
  semblance::bench::Options options;
  CLI::App app{"Times the way from a JPEG file to its PDQ, beside libjpeg-turbo."};
  auto* sizes = app.add_option("--megapixels", options.megapixels, "Sizes to generate")
                    ->delimiter(',')
                    ->check(CLI::Range(0.05, 100.0));
  app.add_option("--files", options.files, "A folder of .jpg files, instead of generated ones")
      ->excludes(sizes);
  app.add_option("--quality", options.quality, "Of generated files")->check(CLI::Range(1, 100));
  app.add_flag("--progressive", options.progressive, "Generate progressive files");
  app.add_option("--count", options.count, "Files of a size; 0: 24 MP in all");
  app.add_option("--rounds", options.rounds, "Rounds of all")->check(CLI::Range(1, 1000));
  app.add_option("--max-distance", options.max_distance, "Bits that a fast hash may be off")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto done = semblance::bench::bench_jpeg(options);
  if (done) return 0;
  std::fprintf(stderr, "jpeg_bench: %s\n", done.error().what.c_str());
  return 2;
}
