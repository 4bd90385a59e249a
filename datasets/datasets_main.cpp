// SPDX-License-Identifier: Apache-2.0
// The program `semblance-datasets`: generated pictures, altered copies and hash lists.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "datasets/alterations.h"
#include "datasets/hash_list.h"
#include "datasets/library.h"
#include "semblance/version.h"

namespace semblance::datasets {
namespace {

// Where a subcommand leaves its work's result for main.
struct Run {
  CLI::App app{
      "Generates pictures, altered copies and hash lists for tests and benchmarks. All of it is\n"
      "invented: nothing shows, or is derived from, any real picture. The same options give the\n"
      "same pixels on every machine."};
  Status status = ok();
};

// A count on standard error, where a person watches.
void show_progress(std::uint32_t done, std::uint32_t total) {
  static const bool watched = isatty(STDERR_FILENO) == 1;
  if (!watched || (done % 10 != 0 && done != total)) return;
  std::fprintf(stderr, "\r%u of %u files%s", done, total, done == total ? "\n" : "");
}

void add_library(Run& run, LibraryOptions& options, std::string& folder) {
  CLI::App* command = run.app.add_subcommand(
      "library", "Originals, altered copies, unrelated pictures, and truth.csv that says which");
  command->add_option("OUT", folder, "Folder to write into")->required();
  command->add_option("--count", options.originals, "Number of originals")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      ->add_option("--copies", options.copies,
                   "Copies of each original; 0 is one for every alteration")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command->add_option("--unrelated", options.unrelated, "Number of pictures with no original")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed gives other pictures")
      ->capture_default_str();
  command->add_option_function<std::string>(
      "--size",
      [&options](const std::string& text) {
        unsigned width = 0;
        unsigned height = 0;
        char rest = 0;
        const int read = std::sscanf(text.c_str(), "%5ux%5u%c", &width, &height, &rest);
        if (read != 2 || width < 64 || height < 64 || width > 8000 || height > 8000) {
          throw CLI::ValidationError("--size", "must be WIDTHxHEIGHT, each 64 to 8000");
        }
        options.width = width;
        options.height = height;
      },
      "Size of the originals in pixels, WIDTHxHEIGHT [640x480]");
  command->add_flag("--force", options.force, "Write into a folder that is not empty");
  command->callback(
      [&run, &options, &folder] { run.status = write_library(folder, options, show_progress); });
}

void add_pictures(Run& run, PicturesOptions& options, std::string& folder) {
  CLI::App* command =
      run.app.add_subcommand("pictures", "JPEGs (baseline, 4:2:0) of one size, for benchmarks");
  command->add_option("OUT", folder, "Folder to write into")->required();
  command->add_option("--count", options.count, "Number of pictures")
      ->check(CLI::Range(1, 10000000))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed gives other pictures")
      ->capture_default_str();
  command->add_option("--megapixels", options.megapixels, "Size of each; sides are 4:3")
      ->check(CLI::Range(0.001, 64.0))
      ->capture_default_str();
  command->add_option("--quality", options.quality, "JPEG quality")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_flag("--force", options.force, "Write into a folder that is not empty");
  command->callback(
      [&run, &options, &folder] { run.status = write_pictures(folder, options, show_progress); });
}

void add_list(Run& run, HashListOptions& options, std::string& path) {
  CLI::App* command = run.app.add_subcommand("list", "A list of random PDQ hashes, for imports");
  command->add_option("FILE", path, "File to write")->required();
  command->add_option("--count", options.count, "Number of hashes")->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed gives other hashes")
      ->capture_default_str();
  const std::map<std::string, HashListFormat> formats = {{"csv", HashListFormat::kCsv},
                                                         {"hex", HashListFormat::kHex}};
  command->add_option("--format", options.format, "csv (kind,value,label) or hex [csv]")
      ->transform(CLI::CheckedTransformer(formats).description(""));
  command->add_flag("--force", options.force, "Overwrite the file");
  command->callback([&run, &options, &path] { run.status = write_hash_list(path, options); });
}

void add_alterations(Run& run) {
  CLI::App* command = run.app.add_subcommand(
      "alterations", "Prints every alteration and whether PDQ is expected to reach it");
  command->callback([] {
    for (const Alteration& alteration : alterations()) {
      std::printf("%-18.*s %s\n", static_cast<int>(alteration.name.size()), alteration.name.data(),
                  alteration.within_reach ? "within reach" : "beyond reach");
    }
  });
}

int run_program(int argc, char** argv) {
  Run run;
  LibraryOptions library;
  PicturesOptions pictures;
  HashListOptions list;
  std::string target;
  run.app.name("semblance-datasets");
  run.app.set_version_flag("--version", std::string(version()));
  run.app.require_subcommand(1);
  add_library(run, library, target);
  add_pictures(run, pictures, target);
  add_list(run, list, target);
  add_alterations(run);
  try {
    run.app.parse(argc, argv);
  } catch (const CLI::ParseError& stopped) {
    return run.app.exit(stopped) == 0 ? 0 : 1;
  }
  if (run.status) return 0;
  std::fprintf(stderr, "semblance-datasets: %s\n", run.status.error().what.c_str());
  if (run.status.error().code == Errc::kExists) {
    std::fprintf(stderr, "semblance-datasets: --force writes there all the same\n");
  }
  return 2;
}

}  // namespace
}  // namespace semblance::datasets

int main(int argc, char** argv) { return semblance::datasets::run_program(argc, argv); }
