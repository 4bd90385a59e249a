// SPDX-License-Identifier: Apache-2.0
// The options that several subcommands have, and what came of all of them.
// For command_line.cpp and bank_command_line.* alone.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "command_line_options.h"
#include "options.h"

namespace semblance::tool {

/// Declares subcommands and what they share, into one command line. Not copyable: the parser holds
/// references to it.
class SharedOptions {
 public:
  explicit SharedOptions(const std::string& default_store) {
    line_.common.store = default_store;
    line_.common.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    may_be_marked(line_.common.store);
    may_be_marked(line_.common.extractor);
    may_be_marked(line_.common.models);
  }
  SharedOptions(const SharedOptions&) = delete;
  SharedOptions& operator=(const SharedOptions&) = delete;

  /// Words that come from the command line as they stand, and may carry the mark.
  void may_be_marked(std::string& word) { words_.push_back(&word); }
  void may_be_marked(std::vector<std::string>& list) { lists_.push_back(&list); }

  /// Takes the mark off all of them, once all has been read.
  void unprotect_all() {
    for (std::string* word : words_) unprotect(*word);
    for (std::vector<std::string>* list : lists_) {
      for (std::string& word : *list) unprotect(word);
    }
  }

  /// The command line, with the options of the subcommand that was named. Once.
  CommandLine take() {
    choose_();
    return std::move(line_);
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

  // Of what makes embeddings.
  void add_models(CLI::App& app) {
    add_repeatable(app, "--model", line_.common.models,
                   "JSON description of an embedding model, beside its weights; may be repeated "
                   "[gist alone, which needs none]",
                   "FILE")
        ->check(not_empty)
        ->group("Common options");
  }

  // A subcommand that runs on `options`, which outlive this.
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
    may_be_marked(paths);
  }

 private:
  CommandLine line_;
  std::vector<std::string*> words_;
  std::vector<std::vector<std::string>*> lists_;
  std::function<void()> choose_;
};

}  // namespace semblance::tool
