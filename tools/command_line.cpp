// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bank_command_line.h"
#include "command_line_help.h"
#include "command_line_options.h"
#include "option_checks.h"
#include "policy_text.h"
#include "semblance/version.h"
#include "shared_options.h"

namespace semblance::tool {
namespace {

class Parser {
 public:
  explicit Parser(const std::string& default_store) : shared_(default_store), bank_(shared_) {
    app_.description(std::string(kProgramHelp));
    app_.footer(std::string(kProgramFooter));
    app_.require_subcommand(1);
    app_.formatter(std::make_shared<PlainFormatter>());
    app_.set_help_flag("-h,--help", "Print this help");
    app_.set_version_flag("--version", "semblance " + std::string(version()), "Print the version");
    shared_.add_store(app_);
    for (std::string* word : {&hash_.out, &match_.explain, &scan_.out})
      shared_.may_be_marked(*word);
    add_hash();
    bank_.add(app_);
    add_match();
    add_scan();
    add_inspect();
  }

  ParsedCommandLine parse(int argc, const char* const* argv) {
    std::vector<std::string> words;
    for (int i = argc - 1; i > 0; --i) words.push_back(protect(argv[i]));  // CLI11 pops the back
    if (const std::string flag = flag_without_value(argc, argv); !flag.empty()) {
      return usage_error(flag + ": must not be empty");
    }
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      return {.run = std::nullopt, .text = app_.help()};
    } catch (const CLI::CallForVersion& asked) {
      return {.run = std::nullopt, .text = std::string(asked.what()) + '\n'};
    } catch (const CLI::Error& wrong) {
      const std::string better = subcommand_error();
      return usage_error(better.empty() ? wrong.what() : better);
    }
    shared_.unprotect_all();
    for (const std::string& fault :
         {settle(hash_, frames_), bank_.settle(), settle(match_, given_for_match_)}) {
      if (!fault.empty()) return usage_error(fault);
    }
    return {.run = shared_.take(), .text = {}};
  }

 private:
  // What is wrong if a subcommand should stand where none or an unknown one does; else empty.
  std::string subcommand_error() const {
    const CLI::App& app = deepest();
    if (app.get_require_subcommand_min() == 0) return {};
    std::string known;
    for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; })) {
      known += (known.empty() ? "" : ", ") + one->get_name();
    }
    const std::vector<std::string> rest = app.remaining();
    if (rest.empty()) return "name a subcommand: " + known;
    const char* const what = rest.front().starts_with('-') ? "option" : "subcommand";
    return "there is no " + std::string(what) + ' ' + rest.front() + "; subcommands: " + known;
  }

  const CLI::App& deepest() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return *app;
  }

  ParsedCommandLine usage_error(std::string_view what) const {
    std::string path = "semblance";
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) {
      app = app->get_subcommands().front();
      path += ' ' + app->get_name();
    }
    std::string clean(what);
    std::erase(clean, kMark);
    return {.run = std::nullopt,
            .text = path + ": " + clean + "\nsemblance: see `" + path + " --help`\n",
            .wrong = true};
  }

  void add_hash() {
    CLI::App& app = shared_.add_command(app_, "hash", kHashHelp, hash_, kHashFooter);
    shared_.add_paths(app, hash_.paths, "Files and folders; `-` is standard input");
    add_profile(app, hash_.profile, "What happens before the hash [full]");
    add_parsed(
        app, "--precision", hash_.precision, parse_hash_precision,
        "Decode all, or of a JPEG the low frequencies alone, some bits off, and of a video key "
        "frames [exact]",
        "exact|fast");
    add_number(app, "--quality-floor", hash_.quality_floor, {.most = 100},
               "Below it a picture has no usable hash, 0..100 [50]", "N");
    add_parsed(app, "--format", hash_.format, parse_hash_format,
               "JSON lines, or of videos the reference's files of frame hashes or of TMK [json]",
               "json|vpdq|tmk");
    app.add_option("--out", hash_.out,
                   "Write the files of --format vpdq and tmk into this folder, as NAME.txt and "
                   "NAME.tmk [of one input: standard output]")
        ->option_text("DIR")
        ->check(not_empty);
    add_parsed_list(app, "--probe", hash_.probes, parse_part,
                    "Also hash these parts of a picture: trimmed is what plain borders enclose, "
                    "panel what straight edges do, window a fixed grid; may be repeated",
                    "trimmed|panel|window");
    app.add_flag("--features", hash_.features, "Count the local features that a bank would keep");
    add_parsed_list(app, "--embedding", hash_.embeddings, parse_model_name,
                    "Also print the embedding by this model, such as gist; may be repeated",
                    "MODEL");
    add_frames(app);
    add_limits(app, hash_.limits);
    shared_.add_models(app);
    shared_.add_work(app);
  }

  // Which frames of a video are hashed.
  void add_frames(CLI::App& app) {
    constexpr const char* kGroup = "Frames of videos";
    add_parsed(app, "--sampling", frames_.sampling, parse_sampling,
               "Key frames, with no gap over 2 s; every frame; or as vPDQ, by count "
               "[dense; vpdq with --format vpdq, keyframes with --precision fast]",
               "keyframes|dense|vpdq")
        ->group(kGroup);
    add_parsed(
        app, "--seconds-per-hash", frames_.seconds_per_hash,
        [](std::string_view text) { return parse_decimal(text, kMaxPlannedSeconds); },
        "Of sampling vpdq: time between hashed frames; 0 is every frame [1]", "S")
        ->group(kGroup);
    add_parsed(
        app, "--downsample", frames_.downsample,
        [](std::string_view text) { return parse_size(text, kMaxPlannedSide); },
        "Of sampling vpdq: size that a frame is brought to before it is hashed [its own]", "WxH")
        ->group(kGroup);
  }

  void add_search(CLI::App& app, std::vector<std::string>& banks, std::optional<int>& distance,
                  bool& fail_on_match) {
    add_repeatable(app, "--bank", banks, "Search this bank only; may be repeated [all]", "NAME");
    add_number(app, "--max-distance", distance, {.most = 256},
               "Bits, inclusive, instead of each bank's own, 0..256", "N");
    app.add_flag("--fail-on-match", fail_on_match, "Exit with 10 if anything matched");
  }

  void add_match() {
    CLI::App& app = shared_.add_command(app_, "match", kMatchHelp, match_, kMatchFooter);
    app.add_option("HASH", match_.hashes,
                   "Hashes in hex; `-` is standard input, one a line [-]; with --video or "
                   "--picture two files");
    add_profile(app, match_.profile, "Compare PDQ with hashes of this profile only [every]");
    add_search(app, match_.banks, match_.max_distance, match_.fail_on_match);
    shared_.may_be_marked(match_.hashes);
    add_pair(app);
    add_limits(app, match_.limits);
    shared_.add_models(app);
    shared_.add_work(app, "Threads that look hashes up [one a hardware thread]");
  }

  // Two files against each other.
  void add_pair(CLI::App& app) {
    constexpr const char* kGroup = "Two files";
    app.add_flag("--video", match_.video,
                 "Compare two files instead: videos, pictures, or what `hash` wrote of videos")
        ->group(kGroup);
    app.add_flag("--picture", match_.picture,
                 "Compare two pictures instead, by their parts, features and embeddings as well")
        ->group(kGroup);
    add_number(app, "--quality-floor", match_.quality_floor, {.most = 100},
               "Frames and pictures of lower quality are not compared by their hashes, 0..100 [50]",
               "N")
        ->group(kGroup)
        ->each([this](const std::string&) { given_for_match_.quality_floor = true; });
    app.add_flag("--tmk", match_.tmk, "Of videos: compute and compare their TMK as well")
        ->group(kGroup);
    add_parsed_list(app, "--embedding", given_for_match_.embeddings, parse_least_cosine,
                    "Of pictures: compare them by this model, and the least cosine of a match; may "
                    "be repeated [gist=0.80]",
                    "MODEL=COSINE")
        ->group(kGroup);
    app.add_option("--explain", match_.explain,
                   "Of pictures: draw the match into this PNG file, the second picture blurred "
                   "beyond recognition")
        ->option_text("FILE")
        ->check(not_empty)
        ->group(kGroup);
  }

  void add_scan() {
    CLI::App& app = shared_.add_command(app_, "scan", kScanHelp, scan_, kScanFooter);
    shared_.add_paths(app, scan_.paths, "Files and folders; `-` is standard input");
    CLI::Option* out = app.add_option("--out", scan_.out, "Write a case into this folder")
                           ->option_text("DIR")
                           ->check(not_empty);
    app.add_flag("--resume", scan_.resume, "Go on with the case in --out")->needs(out);
    add_search(app, scan_.banks, scan_.max_distance, scan_.fail_on_match);
    add_parsed(
        app, "--precision", scan_.precision, parse_precision,
        "Decode all; of a JPEG the low frequencies and of a video key frames alone; or these "
        "first, and all where it could change what is reported [auto]",
        "exact|fast|auto");
    app.add_flag("--follow-banks", scan_.follow_banks,
                 "Search what the banks hold when a file's turn comes, not what they held when the "
                 "scan began");
    add_limits(app, scan_.limits);
    shared_.add_models(app);
    shared_.add_work(app);
  }

  void add_inspect() {
    CLI::App& app =
        shared_.add_command(app_, "inspect", "Print what this build and machine have", inspect_);
    app.add_flag("--text", inspect_.text, "For people, instead of JSON");
    shared_.add_models(app);
    shared_.add_work(app);
  }

  CLI::App app_{"", "semblance"};
  SharedOptions shared_;
  BankCommands bank_;
  HashOptions hash_;
  GivenFrames frames_;
  MatchOptions match_;
  GivenForMatch given_for_match_;
  ScanOptions scan_;
  InspectOptions inspect_;
};

}  // namespace

ParsedCommandLine parse_command_line(int argc, const char* const* argv,
                                     const std::string& default_store) {
  Parser parser(default_store);
  return parser.parse(argc, argv);
}

}  // namespace semblance::tool
