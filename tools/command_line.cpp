// SPDX-License-Identifier: Apache-2.0
#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>

#include "command_line_help.h"
#include "dates.h"
#include "semblance/version.h"

namespace semblance::tool {
namespace {

// CLI11 gives `[a,b]`, `{}`, `%%` and `++` meanings of its own; a file may have such a name. Those
// words carry a mark through the parser, which is taken off where the options are read.
constexpr char kMark = '\x01';

std::string protect(std::string word) {
  const bool special = !word.empty() && (word.front() == '[' || word.front() == '{' ||
                                         word.front() == kMark || word == "%%" || word == "++");
  return special ? kMark + word : word;
}

void unprotect(std::string& word) {
  if (!word.empty() && word.front() == kMark) word.erase(0, 1);
}

// An option whose text is converted by one of the library's parsers.
template <class T, class Parse>
void add_parsed(CLI::App& app, const char* flag, T& into, Parse parse, const char* help,
                const char* type) {
  app.add_option_function<std::string>(
         flag,
         [&into, parse, flag](const std::string& text) {
           auto value = parse(text);
           if (!value) throw CLI::ValidationError(flag, value.error().what);
           into = *value;
         },
         help)
      ->type_name(type);
}

void add_repeatable(CLI::App& app, const char* flag, std::vector<std::string>& into,
                    const char* help, const char* type) {
  app.add_option(flag, into, help)->type_name(type)->allow_extra_args(false);
}

template <class T>
void add_profile(CLI::App& app, T& into, const char* help) {
  add_parsed(app, "--pdq-profile", into, parse_pdq_profile, help, "full|cli512");
}

void add_expiry(CLI::App& app, std::optional<UnixSeconds>& into) {
  add_parsed(app, "--expires", into, parse_date,
             "UTC date from which the entries match nothing [never]", "DATE");
}

void add_limits(CLI::App& app, Limits& limits) {
  app.add_option("--max-bytes", limits.max_bytes, "Largest file that is read [16 GiB]")
      ->type_name("BYTES")
      ->group("Limits of one file");
  app.add_option("--max-pixels", limits.max_pixels, "Largest picture that is decoded [268435456]")
      ->type_name("N")
      ->group("Limits of one file");
  app.add_option("--max-seconds", limits.max_seconds, "Longest that decoding may take [60]")
      ->type_name("N")
      ->check(CLI::Range(1U, 86'400U))
      ->group("Limits of one file");
}

class Parser {
 public:
  explicit Parser(const std::string& default_store) {
    line_.common.store = default_store;
    line_.common.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    app_.description(std::string(kProgramHelp));
    app_.footer(std::string(kProgramFooter));
    app_.require_subcommand(1);
    app_.set_help_flag("-h,--help", "Print this help");
    app_.set_version_flag("--version", "semblance " + std::string(version()));
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
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      return {.run = std::nullopt, .text = help()};
    } catch (const CLI::CallForVersion& asked) {
      return {.run = std::nullopt, .text = std::string(asked.what()) + '\n'};
    } catch (const CLI::Error& wrong) {
      return usage_error(wrong.what());
    }
    for (std::vector<std::string>* list : lists_) {
      for (std::string& word : *list) unprotect(word);
    }
    for (std::string* word : {&line_.common.store, &import_.file, &import_.source, &export_.output,
                              &scan_.out, &create_.policy.purpose, &withdraw_.reason}) {
      unprotect(*word);
    }
    choose_();
    return {.run = std::move(line_), .text = {}};
  }

 private:
  std::string help() const { return deepest().help(); }

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
        ->type_name("FILE")
        ->group("Common options");
    app.add_flag("-q,--quiet", line_.common.quiet,
                 "No progress and no summary; warnings and errors stay")
        ->group("Common options");
  }

  void add_work(CLI::App& app) {
    app.add_option("--jobs", line_.common.jobs, "Files worked on at a time [one a hardware thread]")
        ->type_name("N")
        ->check(CLI::Range(1, 1024))
        ->group("Common options");
    app.add_option("--extractor", line_.common.extractor, "Path of semblance-extract")
        ->type_name("FILE")
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
    app.add_option("PATH", paths, help)->required()->type_name("");
    lists_.push_back(&paths);
  }

  void add_hash() {
    CLI::App& app = add_command(app_, "hash", kHashHelp, hash_, kHashFooter);
    add_paths(app, hash_.paths, "Files and folders; `-` is standard input");
    add_profile(app, hash_.profile, "What happens before the hash [full]");
    app.add_option("--quality-floor", hash_.quality_floor,
                   "Below it a picture has no usable hash, 0..100 [50]")
        ->type_name("N")
        ->check(CLI::Range(0, 100));
    add_limits(app, hash_.limits);
    add_work(app);
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
  }

  void add_bank_name(CLI::App& app, std::string& bank) {
    app.add_option("NAME", bank, "The bank")->required()->type_name("");
  }

  void add_bank_create(CLI::App& bank) {
    CLI::App& app = add_command(bank, "create", "Make an empty bank with its policy", create_);
    add_bank_name(app, create_.bank);
    app.add_option("--max-distance", create_.policy.max_distance[SignalKind::kPdq],
                   "Bits, inclusive, up to which PDQ hashes match, 0..256 [31]")
        ->type_name("N")
        ->check(CLI::Range(0, 256));
    app.add_option("--quality-floor", create_.policy.quality_floor,
                   "PDQ hashes of lower quality are not looked up, 0..100 [50]")
        ->type_name("N")
        ->check(CLI::Range(0, 100));
    app.add_option("--purpose", create_.policy.purpose, "Why this bank may be searched")
        ->type_name("TEXT");
  }

  void add_bank_add(CLI::App& bank) {
    CLI::App& app = add_command(bank, "add", "Hash media into entries", add_, kBankAddFooter);
    add_bank_name(app, add_.bank);
    add_paths(app, add_.paths, "Files and folders; `-` is standard input");
    add_repeatable(app, "--label", add_.labels, "Label of every entry; may be repeated", "LABEL");
    app.add_option("--source", add_.source, "Where the media come from [local]")->type_name("TEXT");
    add_expiry(app, add_.expires_at);
    add_profile(app, add_.profile, "What happens before the hash [full]");
    app.add_flag("--keep-undecodable", add_.keep_undecodable,
                 "Bank files that cannot be decoded too, by their SHA-256 alone");
    add_limits(app, add_.limits);
    add_work(app);
  }

  void add_bank_exchange(CLI::App& bank) {
    CLI::App& in =
        add_command(bank, "import", "Add the hashes of a list", import_, kBankImportFooter);
    add_bank_name(in, import_.bank);
    in.add_option("FILE", import_.file, "The list; `-` is standard input")
        ->required()
        ->type_name("");
    add_parsed(in, "--format", import_.format, parse_list_format,
               "csv, jsonl, hex, threatexchange or tcap [from the first bytes]", "FORMAT");
    in.add_option("--source", import_.source, "Provenance of the entries [the file's name]")
        ->type_name("TEXT");
    add_expiry(in, import_.expires_at);
    add_profile(in, import_.profile, "Profile of PDQ hashes that do not say theirs [full]");
    in.add_option("--bad-rows", import_.bad_rows, "Write every bad row here, as JSON lines")
        ->type_name("FILE");

    CLI::App& out = add_command(bank, "export", "Write a bank as a list", export_);
    add_bank_name(out, export_.bank);
    add_parsed(out, "--format", export_.format, parse_list_format,
               "csv, jsonl, hex, threatexchange or tcap [jsonl]", "FORMAT");
    out.add_option("--output", export_.output, "Write here [standard output]")->type_name("FILE");
  }

  void add_bank_look(CLI::App& bank) {
    add_command(bank, "list", "Print every bank, its policy and its counts", list_);

    CLI::App& show = add_command(bank, "show", "Print the entries of a bank, or one", show_);
    add_bank_name(show, show_.bank);
    show.add_option("ENTRY", show_.entry, "Id of the entry [all]")->type_name("");
    show.add_option("--after", show_.after, "Only entries with a greater id")->type_name("ID");
    show.add_option("--limit", show_.limit, "No more entries than this")->type_name("N");

    CLI::App& withdraw = add_command(
        bank, "withdraw", "Take entries back: they match nothing from then on", withdraw_);
    add_bank_name(withdraw, withdraw_.bank);
    withdraw.add_option("ENTRY", withdraw_.entries, "Ids of entries")->required()->type_name("");
    withdraw.add_option("--reason", withdraw_.reason, "Why; kept with the entry")
        ->type_name("TEXT");
  }

  void add_search(CLI::App& app, std::vector<std::string>& banks, std::optional<int>& distance,
                  bool& fail_on_match) {
    add_repeatable(app, "--bank", banks, "Search this bank only; may be repeated [all]", "NAME");
    app.add_option("--max-distance", distance,
                   "Bits, inclusive, instead of each bank's own, 0..256")
        ->type_name("N")
        ->check(CLI::Range(0, 256));
    app.add_flag("--fail-on-match", fail_on_match, "Exit with 10 if anything matched");
  }

  void add_match() {
    CLI::App& app = add_command(app_, "match", kMatchHelp, match_, kMatchFooter);
    app.add_option("HASH", match_.hashes, "Hashes in hex [one a line from standard input]")
        ->type_name("");
    add_profile(app, match_.profile, "Compare PDQ with hashes of this profile only [every]");
    add_search(app, match_.banks, match_.max_distance, match_.fail_on_match);
    lists_.push_back(&match_.hashes);
  }

  void add_scan() {
    CLI::App& app = add_command(app_, "scan", kScanHelp, scan_, kScanFooter);
    add_paths(app, scan_.paths, "Files and folders; `-` is standard input");
    CLI::Option* out =
        app.add_option("--out", scan_.out, "Write a case into this folder")->type_name("DIR");
    app.add_flag("--resume", scan_.resume, "Go on with the case in --out")->needs(out);
    add_search(app, scan_.banks, scan_.max_distance, scan_.fail_on_match);
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
  BankCreateOptions create_;
  BankAddOptions add_;
  BankImportOptions import_;
  BankExportOptions export_;
  BankListOptions list_;
  BankShowOptions show_;
  BankWithdrawOptions withdraw_;
  MatchOptions match_;
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
