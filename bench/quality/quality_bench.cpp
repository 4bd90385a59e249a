// SPDX-License-Identifier: Apache-2.0
// Question: of pictures that were altered, how many does each method find again, at which rate of
// false matches, and at what cost? The tables of bench/README.md.
//
// Every picture is altered in every way of datasets/quality_alterations.h, encoded, decoded, and
// looked up among all pictures and some thousands of drawn scenes. Unrelated are all pairs of a
// query and an entry but those that show the same: its original, the others in its collage, and
// originals that are copies of each other. Checked first: every method finds an unaltered picture.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "datasets/scene.h"
#include "match/geometry/verify.h"
#include "quality/intervals.h"
#include "quality/report.h"
#include "quality/seen.h"

namespace semblance::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string photos;
  std::uint32_t generated = 200;
  std::uint32_t originals = 0;  // 0: all of the folder
  TrialOptions trial;
  ProbeDistances distances;
  int least_inliers = match::GeometryRule{}.least_inliers;
  std::vector<std::string> methods = {"pdq", "gist", "features"};
  std::string csv;
  std::string markdown;
  std::string svg;
  std::string curve;
};

void parse(CLI::App& app, Options& options) {
  app.add_option("--photos", options.photos, "alter the pictures of this folder");
  app.add_option("--generated", options.generated, "without a folder: alter so many drawn scenes");
  app.add_option("--originals", options.originals,
                 "so many pictures of the folder, from all over it; 0: all");
  app.add_option("--seed", options.trial.seed, "of all chance");
  app.add_option("--strangers", options.trial.strangers, "drawn scenes that are entries too");
  app.add_option("--sampled", options.trial.sampled,
                 "unrelated entries a query is compared with by local features");
  app.add_option("--jobs", options.trial.jobs, "threads")->check(CLI::Range(1, 256));
  app.add_option("--methods", options.methods, "of pdq, gist, features")->delimiter(',');
  app.add_option("--trimmed", options.distances.trimmed, "largest distance of trimmed pictures");
  app.add_option("--panel", options.distances.panel, "of panels");
  app.add_option("--window", options.distances.window, "of windows of the query");
  app.add_option("--entry-window", options.distances.entry_window, "of windows of the entry");
  app.add_option("--inliers", options.least_inliers, "least inliers of local features");
  app.add_option("--csv", options.csv, "write every figure");
  app.add_option("--markdown", options.markdown, "write the tables; else to standard output");
  app.add_option("--svg", options.svg, "write the picture");
  app.add_option("--curve", options.curve, "write the false matches by distance, as CSV");
}

Result<Originals> load_folder(const Options& options) {
  std::vector<fs::path> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(options.photos, failed)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  if (failed) return Error{Errc::kIo, "read folder " + options.photos + ": " + failed.message()};
  std::ranges::sort(paths);
  // Of a part of the folder, pictures from all over it: names often say where they come from.
  const std::size_t all = paths.size();
  const std::size_t wanted =
      options.originals == 0 ? all : std::min<std::size_t>(options.originals, all);
  Originals originals;
  for (std::size_t i = 0; i < wanted; ++i) {
    const fs::path& path = paths[i * all / wanted];
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    auto picture = decode_bytes(bytes);
    if (!picture) {
      std::fprintf(stderr, "left out: %s: %s\n", path.c_str(), picture.error().what.c_str());
      continue;
    }
    originals.names.push_back(path.filename());
    originals.pictures.push_back(std::move(*picture));
  }
  return originals;
}

Originals draw(const Options& options) {
  Originals originals;
  for (std::uint32_t i = 0; i < options.generated; ++i) {
    originals.names.push_back("scene " + std::to_string(i));
    originals.pictures.push_back(datasets::draw_scene(options.trial.seed, i, 640, 480));
  }
  return originals;
}

std::vector<std::unique_ptr<Method>> make_methods(const Options& options) {
  std::vector<std::unique_ptr<Method>> methods;
  for (const std::string& name : options.methods) {
    if (name == "pdq") methods.push_back(make_pdq_method());
    if (name == "gist") methods.push_back(make_descriptor_method());
    if (name == "features") methods.push_back(make_features_method());
  }
  return methods;
}

// Whether each method puts a picture nearest to itself.
Status check_methods(const Options& options, const Originals& originals) {
  for (auto& method : make_methods(options)) {
    const std::size_t count = std::min<std::size_t>(3, originals.pictures.size());
    std::vector<std::unique_ptr<Description>> entries;
    for (std::size_t i = 0; i < count; ++i) {
      entries.push_back(method->describe_entry(look_at(originals.pictures[i])));
    }
    method->set_entries(std::move(entries));
    const std::size_t width = method->channels().size();
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> scores(count * width, kFar);
      method->score(*method->describe_query(look_at(originals.pictures[i])),
                    std::vector<std::uint8_t>(count, 1), scores);
      for (std::size_t other = 0; other < count; ++other) {
        if (other == i || scores[i * width] < scores[other * width]) continue;
        return Error{Errc::kMismatch, "check " + method->name() + ": " + originals.names[i] +
                                          " is not nearest to itself"};
      }
    }
  }
  return ok();
}

void show_progress(const char* stage, std::size_t done, std::size_t total) {
  if (done % 20 != 0 && done != total) return;
  std::fprintf(stderr, "\r%s %zu of %zu%s", stage, done, total, done == total ? "\n" : "");
}

bool write(const std::string& path, const std::string& words) {
  if (path.empty()) return true;
  std::ofstream file(path, std::ios::binary);
  file << words;
  file.close();
  if (!file) std::fprintf(stderr, "quality_bench: write %s failed\n", path.c_str());
  return static_cast<bool>(file);
}

// Says how far probes may match, where there were pairs enough to tell.
void propose(const Outcome& outcome) {
  constexpr double kRate = 1e-6;
  const std::uint64_t pairs = outcome.pairs.all();
  std::printf("%llu unrelated pairs; ", static_cast<unsigned long long>(pairs));
  if (upper_bound_95(0, pairs) > kRate) {
    std::printf("it takes 3 million to bound a rate by %g\n", kRate);
    return;
  }
  const ProbeDistances far = propose_distances(outcome, kRate);
  std::printf(
      "distances for at most %g false a pair: trimmed %d, panel %d, window %d, "
      "entry-window %d\n",
      kRate, far.trimmed, far.panel, far.window, far.entry_window);
}

bool report(const Options& options, const Originals& originals, const Outcome& outcome) {
  const auto rules = make_rules(outcome, options.distances, options.least_inliers);
  const auto results = apply_rules(outcome, rules);
  const std::string tables = markdown(outcome, results);
  if (options.markdown.empty()) std::fputs(tables.c_str(), stdout);
  for (const auto& [a, b] : outcome.same) {
    std::printf("taken for the same: %s, %s\n", originals.names[a].c_str(),
                originals.names[b].c_str());
  }
  propose(outcome);
  const std::string subtitle = std::to_string(outcome.truths.size()) + " queries made of " +
                               std::to_string(originals.pictures.size()) + " pictures";
  return write(options.markdown, tables) && write(options.csv, csv(outcome, results)) &&
         write(options.svg, plot(results, subtitle)) && write(options.curve, false_curve(outcome));
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"How many altered pictures each method finds again"};
  parse(app, options);
  CLI11_PARSE(app, argc, argv);
  auto originals = options.photos.empty() ? Result<Originals>(draw(options)) : load_folder(options);
  if (!originals) {
    std::fprintf(stderr, "quality_bench: %s\n", originals.error().what.c_str());
    return 2;
  }
  if (Status checked = check_methods(options, *originals); !checked) {
    std::fprintf(stderr, "quality_bench: %s\n", checked.error().what.c_str());
    return 2;
  }
  auto methods = make_methods(options);
  auto outcome = run_trial(*originals, options.trial, methods, show_progress);
  if (!outcome) {
    std::fprintf(stderr, "\nquality_bench: %s\n", outcome.error().what.c_str());
    return 2;
  }
  return report(options, *originals, *outcome) ? 0 : 2;
}

}  // namespace
}  // namespace semblance::bench

int main(int argc, char** argv) { return semblance::bench::run(argc, argv); }
