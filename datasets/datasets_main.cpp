// SPDX-License-Identifier: Apache-2.0
// The program `semblance-datasets`: generated pictures and films, altered copies, hash lists.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "datasets/alterations.h"
#include "datasets/film_library.h"
#include "datasets/hash_list.h"
#include "datasets/library.h"
#include "semblance/version.h"

namespace semblance::datasets {
namespace {

// Where a subcommand leaves its work's result for main.
struct Run {
  CLI::App app{
      "Generates pictures, films, altered copies and hash lists for tests and benchmarks. All of\n"
      "it is invented: nothing shows, or is derived from, any real picture. The same options give\n"
      "the same pixels on every machine."};
  Status status = ok();
};

// A count on standard error, where a person watches.
void show_progress(std::uint32_t done, std::uint32_t total) {
  static const bool watched = isatty(STDERR_FILENO) == 1;
  if (!watched || (done % 10 != 0 && done != total)) return;
  std::fprintf(stderr, "\r%u of %u files%s", done, total, done == total ? "\n" : "");
}

// A size, each side a multiple of `step`.
void add_size(CLI::App& command, std::uint32_t& width, std::uint32_t& height, unsigned step,
              const char* help) {
  command.add_option_function<std::string>(
      "--size",
      [&width, &height, step](const std::string& text) {
        unsigned columns = 0;
        unsigned rows = 0;
        char rest = 0;
        const int read = std::sscanf(text.c_str(), "%5ux%5u%c", &columns, &rows, &rest);
        if (read != 2 || columns < 64 || rows < 64 || columns > 8000 || rows > 8000 ||
            columns % step != 0 || rows % step != 0) {
          throw CLI::ValidationError("--size",
                                     std::string("must be WIDTHxHEIGHT, each 64 to 8000") +
                                         (step == 2 ? " and even" : ""));
        }
        width = columns;
        height = rows;
      },
      help);
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
  add_size(*command, options.width, options.height, 1,
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

void add_films(Run& run, FilmLibraryOptions& options, std::string& folder) {
  CLI::App* command = run.app.add_subcommand(
      "film",
      "Films, other films with a clip of them, unrelated films, and truth.csv of intervals");
  command->add_option("OUT", folder, "Folder to write into")->required();
  command->add_option("--count", options.films, "Number of known films")
      ->check(CLI::Range(1, 4000))
      ->capture_default_str();
  command->add_option("--clips", options.clips, "Clips of each, each within a film of its own")
      ->check(CLI::Range(0, 200))
      ->capture_default_str();
  command->add_option("--unrelated", options.unrelated, "Number of films that show no other")
      ->check(CLI::Range(0, 4000))
      ->capture_default_str();
  command->add_option("--seconds", options.seconds, "Length of the known and unrelated films")
      ->check(CLI::Range(2.0, 36'000.0))
      ->capture_default_str();
  command->add_option("--clip-seconds", options.clip_seconds, "Known footage in a clip, at most")
      ->check(CLI::Range(1.0, 36'000.0))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Another seed gives other films")
      ->capture_default_str();
  add_size(*command, options.width, options.height, 2,
           "Size of the known films in pixels, WIDTHxHEIGHT, even [480x360]");
  command->add_flag("--force", options.force, "Write into a folder that is not empty");
  command->callback([&run, &options, &folder] {
    run.status = write_film_library(folder, options, show_progress);
  });
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
  FilmLibraryOptions films;
  HashListOptions list;
  std::string target;
  run.app.name("semblance-datasets");
  run.app.set_version_flag("--version", std::string(version()));
  run.app.require_subcommand(1);
  add_library(run, library, target);
  add_pictures(run, pictures, target);
  add_films(run, films, target);
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
