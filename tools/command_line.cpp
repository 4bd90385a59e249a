// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "command_line_help.h"
#include "command_line_options.h"
#include "option_checks.h"
#include "semblance/version.h"

namespace semblance::tool {
namespace {

class Parser {
 public:
  explicit Parser(const std::string& default_store) {
    line_.common.store = default_store;
    line_.common.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    app_.description(std::string(kProgramHelp));
    app_.footer(std::string(kProgramFooter));
    app_.require_subcommand(1);
    app_.formatter(std::make_shared<PlainFormatter>());
    app_.set_help_flag("-h,--help", "Print this help");
    app_.set_version_flag("--version", "semblance " + std::string(version()), "Print the version");
    add_store(app_);
    add_hash();
    add_bank();
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
    for (std::vector<std::string>* list : lists_) {
      for (std::string& word : *list) unprotect(word);
    }
    for (std::string* word : {&line_.common.store, &line_.common.extractor, &add_.source,
                              &import_.file, &import_.source, &import_.bad_rows, &export_.output,
                              &hash_.out, &scan_.out, &create_.policy.purpose, &withdraw_.reason}) {
      unprotect(*word);
    }
    for (const std::string& fault : {settle(hash_, frames_), fault_of(match_, given_for_video_)}) {
      if (!fault.empty()) return usage_error(fault);
    }
    choose_();
    return {.run = std::move(line_), .text = {}};
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

  void add_store(CLI::App& app) {
    app.add_option("--store", line_.common.store,
                   "Database of the banks [$SEMBLANCE_STORE, or semblance.db]")
        ->option_text("FILE")
        ->check(not_empty)
        ->group("Common options");
    app.add_flag("-q,--quiet", line_.common.quiet,
                 "No progress and no summary; warnings and errors stay")
        ->group("Common options");
  }

  void add_jobs(CLI::App& app, const char* help) {
    add_number(app, "--jobs", line_.common.jobs, {.least = 1, .most = 1024}, help, "N")
        ->group("Common options");
  }

  void add_isolation(CLI::App& app) {
    add_parsed(app, "--isolation", line_.common.isolation, parse_isolation,
               "How decoders are caged: as this machine can; not at all if it cannot do all of it; "
               "or not [process]",
               "process|require|none")
        ->group("Common options");
  }

  void add_work(CLI::App& app,
                const char* jobs = "Files worked on at a time [one a hardware thread]") {
    add_jobs(app, jobs);
    add_isolation(app);
    app.add_option("--extractor", line_.common.extractor, "Path of semblance-extract")
        ->option_text("FILE")
        ->group("");  // for developers: not in the help
  }

  // A subcommand that runs on `options`, which live in this parser.
  template <class Options>
  CLI::App& add_command(CLI::App& parent, const char* name, std::string_view help, Options& options,
                        std::string_view footer = {}) {
    CLI::App* app = parent.add_subcommand(name, std::string(help));
    app->set_help_flag("-h,--help", "Print this help");
    app->footer(std::string(footer));
    app->callback([this, &options] {
      choose_ = [this, &options] { line_.subcommand = std::move(options); };
    });
    add_store(*app);
    return *app;
  }

  void add_paths(CLI::App& app, std::vector<std::string>& paths, const char* help) {
    app.add_option("PATH", paths, help)->required();
    lists_.push_back(&paths);
  }

  void add_hash() {
    CLI::App& app = add_command(app_, "hash", kHashHelp, hash_, kHashFooter);
    add_paths(app, hash_.paths, "Files and folders; `-` is standard input");
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
    add_frames(app);
    add_limits(app, hash_.limits);
    add_work(app);
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

  void add_bank() {
    CLI::App* bank = app_.add_subcommand("bank", std::string(kBankHelp));
    bank->set_help_flag("-h,--help", "Print this help");
    bank->require_subcommand(1);
    bank->footer(std::string(kBankFooter));
    add_bank_create(*bank);
    add_bank_add(*bank);
    add_bank_exchange(*bank);
    add_bank_look(*bank);
    add_bank_index(*bank);
  }

  void add_bank_name(CLI::App& app, std::string& bank) {
    app.add_option("NAME", bank, "The bank")->required();
  }

  void add_bank_create(CLI::App& bank) {
    CLI::App& app = add_command(bank, "create", "Make an empty bank with its policy", create_);
    add_bank_name(app, create_.bank);
    add_number(app, "--max-distance", create_.policy.max_distance[SignalKind::kPdq], {.most = 256},
               "Bits, inclusive, up to which PDQ hashes match, 0..256 [31]", "N");
    add_number(app, "--quality-floor", create_.policy.quality_floor, {.most = 100},
               "PDQ hashes of lower quality are not looked up, 0..100 [50]", "N");
    app.add_option("--purpose", create_.policy.purpose, "Why this bank may be searched")
        ->option_text("TEXT")
        ->check(storable(kMostTextBytes));
  }

  void add_bank_add(CLI::App& bank) {
    CLI::App& app = add_command(bank, "add", "Hash media into entries", add_, kBankAddFooter);
    add_bank_name(app, add_.bank);
    add_paths(app, add_.paths, "Files and folders; `-` is standard input");
    add_repeatable(app, "--label", add_.labels, "Label of every entry; may be repeated", "LABEL")
        ->check(storable(kMostLabelBytes));
    app.add_option("--source", add_.source, "Where the media come from [local]")
        ->option_text("TEXT")
        ->check(storable(kMostTextBytes));
    lists_.push_back(&add_.labels);
    add_expiry(app, add_.expires_at);
    add_profile(app, add_.profile, "What happens before the hash [full]");
    app.add_flag("--keep-undecodable", add_.keep_undecodable,
                 "Bank files that cannot be decoded too, by their SHA-256 alone");
    app.add_flag("--tmk", add_.tmk,
                 "Bank the TMK of videos too, and compute it of what is scanned from then on");
    add_limits(app, add_.limits);
    add_work(app);
  }

  void add_bank_exchange(CLI::App& bank) {
    CLI::App& in =
        add_command(bank, "import", "Add the hashes of a list", import_, kBankImportFooter);
    add_bank_name(in, import_.bank);
    in.add_option("FILE", import_.file, "The list; `-` is standard input")->required();
    add_parsed(in, "--format", import_.format, parse_list_format,
               "csv, jsonl, hex, threatexchange, tcap, vpdq or tmk [from the first bytes]",
               "FORMAT");
    in.add_option("--source", import_.source, "Provenance of the entries [the file's name]")
        ->option_text("TEXT")
        ->check(storable(kMostTextBytes));
    add_expiry(in, import_.expires_at);
    add_profile(in, import_.profile, "Profile of PDQ hashes that do not say theirs [full]");
    add_parsed(in, "--kind", import_.bare_kind, parse_signal_kind,
               "Kind of bare hashes in a hex list [by length; 64 digits are PDQ]",
               "pdq|md5|sha1|sha256|sha512");
    in.add_option("--bad-rows", import_.bad_rows, "Write every bad row here, as JSON lines")
        ->option_text("FILE")
        ->check(not_empty);

    CLI::App& out = add_command(bank, "export", "Write a bank as a list", export_);
    add_bank_name(out, export_.bank);
    add_parsed(
        out, "--format", export_.format, parse_list_format,
        "csv, jsonl, hex, threatexchange or tcap; of a bank of one video vpdq or tmk [jsonl]",
        "FORMAT");
    out.add_option("--output", export_.output, "Write here [standard output]")
        ->option_text("FILE")
        ->check(not_empty);
  }

  void add_bank_look(CLI::App& bank) {
    add_command(bank, "list", "Print every bank, its policy and its counts", list_);

    CLI::App& show = add_command(bank, "show", "Print the entries of a bank, or one", show_);
    add_bank_name(show, show_.bank);
    add_number(show, "ENTRY", show_.entry, kEntryIds, "Id of the entry [all]", "");
    add_number(show, "--after", show_.after, kEntryIds, "Only entries with a greater id", "ID");
    add_number(show, "--limit", show_.limit, {}, "No more entries than this", "N");

    CLI::App& withdraw = add_command(
        bank, "withdraw", "Take entries back: they match nothing from then on", withdraw_);
    add_bank_name(withdraw, withdraw_.bank);
    withdraw
        .add_option_function<std::vector<std::string>>(
            "ENTRY",
            [this](const std::vector<std::string>& words) {
              for (const std::string& word : words) {
                const Result<std::uint64_t> id = parse_number(word, kEntryIds);
                if (!id) throw CLI::ValidationError("ENTRY", id.error().what);
                withdraw_.entries.push_back(static_cast<std::int64_t>(*id));
              }
            },
            "Ids of entries")
        ->required();
    withdraw.add_option("--reason", withdraw_.reason, "Why; kept with the entry")
        ->option_text("TEXT")
        ->check(storable(kMostTextBytes));
  }

  void add_bank_index(CLI::App& bank) {
    CLI::App& app =
        add_command(bank, "index", "Build the index of all banks and keep it beside the store",
                    index_, kBankIndexFooter);
    app.add_flag("--verify", index_.verify, "Read all of the saved index and check it instead");
  }

  void add_search(CLI::App& app, std::vector<std::string>& banks, std::optional<int>& distance,
                  bool& fail_on_match) {
    add_repeatable(app, "--bank", banks, "Search this bank only; may be repeated [all]", "NAME");
    add_number(app, "--max-distance", distance, {.most = 256},
               "Bits, inclusive, instead of each bank's own, 0..256", "N");
    app.add_flag("--fail-on-match", fail_on_match, "Exit with 10 if anything matched");
  }

  void add_match() {
    CLI::App& app = add_command(app_, "match", kMatchHelp, match_, kMatchFooter);
    app.add_option("HASH", match_.hashes,
                   "Hashes in hex; `-` is standard input, one a line [-]; with --video two files");
    add_profile(app, match_.profile, "Compare PDQ with hashes of this profile only [every]");
    add_search(app, match_.banks, match_.max_distance, match_.fail_on_match);
    lists_.push_back(&match_.hashes);
    constexpr const char* kGroup = "Two videos";
    app.add_flag("--video", match_.video,
                 "Compare two files instead: videos, pictures, or what `hash` wrote of videos")
        ->group(kGroup);
    CLI::Option* floor = add_number(app, "--quality-floor", match_.quality_floor, {.most = 100},
                                    "Frames of lower quality are not compared, 0..100 [50]", "N");
    CLI::Option* tmk = app.add_flag("--tmk", match_.tmk, "Compute and compare their TMK as well");
    for (CLI::Option* option : {floor, tmk}) {
      option->group(kGroup)->each([this](const std::string&) { given_for_video_ = true; });
    }
    add_limits(app, match_.limits);
    add_work(app, "Threads that look hashes up [one a hardware thread]");
  }

  void add_scan() {
    CLI::App& app = add_command(app_, "scan", kScanHelp, scan_, kScanFooter);
    add_paths(app, scan_.paths, "Files and folders; `-` is standard input");
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
    add_work(app);
  }

  void add_inspect() {
    CLI::App& app =
        add_command(app_, "inspect", "Print what this build and machine have", inspect_);
    app.add_flag("--text", inspect_.text, "For people, instead of JSON");
    add_work(app);
  }

  CLI::App app_{"", "semblance"};
  CommandLine line_;
  std::vector<std::vector<std::string>*> lists_;  // of words that may carry the mark
  std::function<void()> choose_;
  HashOptions hash_;
  GivenFrames frames_;
  BankCreateOptions create_;
  BankAddOptions add_;
  BankImportOptions import_;
  BankExportOptions export_;
  BankListOptions list_;
  BankShowOptions show_;
  BankWithdrawOptions withdraw_;
  BankIndexOptions index_;
  MatchOptions match_;
  bool given_for_video_ = false;  // an option of `match --video` was given
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
