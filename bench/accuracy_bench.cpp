// SPDX-License-Identifier: Apache-2.0
// Question: how many bits is the hash that the matched path makes of a JPEG's low frequencies from
// the exact hash of the same file, by size, by how much of each block is looked at, and by quality?
// The error tables of src/hash/README.md, and what the margins of semblance/signal.h rest on.
//
// Each picture is brought to each size, encoded, and hashed twice: from the file's low frequencies,
// and from every pixel that libjpeg-turbo makes of it. With --files the pictures are those of a
// folder, else they are drawn: scenes, or with --graphics pages and screens.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "accuracy_measure.h"
#include "core/luma_blocks.h"
#include "datasets/graphic.h"
#include "datasets/scene.h"

namespace semblance::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string files;
  std::size_t count = 50;  // of drawn pictures, or the most of the folder's
  std::uint64_t seed = 1;
  std::vector<double> megapixels = {0.06, 0.12, 0.25, 0.5, 1.0, 2.0, 4.0};
  std::vector<int> qualities = {85};
  bool progressive = false;
  bool by_orders = false;
  bool graphics = false;
};

// The pictures, one at a time: many photographs do not fit into memory.
class Pictures {
 public:
  explicit Pictures(const Options& options) : options_(options) {}

  Status list() {
    if (options_.files.empty()) return ok();
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(options_.files, failed)) {
      if (entry.is_regular_file()) paths_.push_back(entry.path());
    }
    if (failed) return Error{Errc::kIo, "read folder " + options_.files + ": " + failed.message()};
    std::ranges::sort(paths_);
    return ok();
  }

  std::size_t size() const {
    return options_.files.empty() ? options_.count : std::min(options_.count, paths_.size());
  }

  // Nothing where a file of the folder is no picture.
  std::optional<datasets::Picture> at(std::size_t i, double largest_megapixels) const {
    if (!options_.files.empty()) return load_picture(paths_[i]);
    const auto height = static_cast<std::uint32_t>(std::sqrt(largest_megapixels * 0.75e6));
    if (!options_.graphics) return datasets::draw_scene(options_.seed, i, height * 4 / 3, height);
    const std::vector<std::uint8_t> luma = datasets::draw_graphic(options_.seed, i, height);
    datasets::Picture picture(height, height);
    for (std::size_t s = 0; s < picture.rgb.size(); ++s) picture.rgb[s] = luma[s / 3];
    return picture;
  }

 private:
  const Options& options_;
  std::vector<std::string> paths_;
};

struct Row {
  double megapixels = 0.0;
  int quality = 0;
  int orders = 0;  // 0: as the rule says
  friend auto operator<=>(const Row&, const Row&) = default;
};

std::vector<int> orders_of(const Options& options) {
  std::vector<int> orders = {0};
  for (int n = 1; options.by_orders && n <= LumaBlocks::kMaxOrders; ++n) orders.push_back(n);
  return orders;
}

Status measure(const Options& options, std::map<Row, ErrorTable>& table) {
  Pictures pictures(options);
  if (Status listed = pictures.list(); !listed) return listed;
  const double largest = *std::ranges::max_element(options.megapixels);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto picture = pictures.at(i, largest);
    if (!picture) continue;
    for (const double megapixels : options.megapixels) {
      const datasets::Picture sized = of_megapixels(*picture, megapixels);
      for (const int quality : options.qualities) {
        auto file = encode_jpeg(sized, quality, options.progressive);
        if (!file) return file.error();
        auto exact = exact_signal(*file);
        if (!exact) return exact.error();
        for (const int orders : orders_of(options)) {
          auto fast = fast_signal(*file, orders);
          if (!fast) return fast.error();
          table[{megapixels, quality, orders}].add(*exact, *fast);
        }
      }
    }
  }
  return ok();
}

void print(const std::map<Row, ErrorTable>& table) {
  std::printf("| MP | quality | orders | fewest-most | files | exact | mean | 95 %% | largest |");
  std::printf(" eight transforms: mean | largest | PDQ quality: largest |\n");
  std::printf("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  ErrorTable all;
  for (const auto& [row, errors] : table) {
    const std::string orders = row.orders == 0 ? "rule" : std::to_string(row.orders);
    std::printf("| %g | %d | %s | %s |\n", row.megapixels, row.quality, orders.c_str(),
                errors.cells().c_str());
    if (row.orders == 0) all.add(errors);
  }
  std::printf("| all | | rule | %s |\n", all.cells().c_str());
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"How far the fast PDQ hash is from the exact one."};
  app.add_option("--files", options.files, "pictures of a folder, instead of drawn ones");
  app.add_option("--count", options.count, "pictures, at most");
  app.add_option("--seed", options.seed, "of drawn pictures");
  app.add_option("--megapixels", options.megapixels, "sizes")->delimiter(',');
  app.add_option("--quality", options.qualities, "JPEG qualities")->delimiter(',');
  app.add_flag("--progressive", options.progressive, "progressive files");
  app.add_flag("--graphics", options.graphics, "drawn pages and screens, instead of scenes");
  app.add_flag("--by-orders", options.by_orders, "also each number of orders, whatever the size");
  CLI11_PARSE(app, argc, argv);
  std::map<Row, ErrorTable> table;
  if (Status measured = measure(options, table); !measured) {
    std::fprintf(stderr, "%s\n", measured.error().what.c_str());
    return 2;
  }
  print(table);
  return 0;
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) { return semblance::bench::run(argc, argv); }
