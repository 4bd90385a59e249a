// SPDX-License-Identifier: Apache-2.0
// What one run of the command shares: its options, the stop flag, the store and the extractor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "console.h"
#include "options.h"
#include "semblance/extract.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/scan.h"
#include "semblance/store.h"

namespace semblance::tool {

/// The exit statuses of the command.
enum class Exit : int {
  kDone = 0,        // the work was done, whatever it found
  kUsage = 1,       // the command line is wrong
  kFailed = 2,      // the run failed, or was interrupted
  kIncomplete = 3,  // the run was completed, some inputs were not evaluated
  kMatched = 10,    // --fail-on-match, and something matched
};

/// One run of the command. Not copyable; lives in main.
class Session {
 public:
  explicit Session(CommonOptions options) : options_(std::move(options)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const CommonOptions& options() const noexcept { return options_; }

  /// Set by SIGINT, SIGTERM and SIGHUP: finish what is in hand and leave.
  const StopFlag& stop() const noexcept;

  /// Whether a progress bar is wanted: standard error is a terminal, and --quiet was not given.
  bool shows_progress() const noexcept;

  /// Opens the store. Errc::kNotFound, saying how to make one, if it is not there and `create`
  /// is not set.
  Result<std::unique_ptr<Store>> open_existing_store() const;
  Result<std::unique_ptr<Store>> open_or_create_store() const;

  /// The files of the store, its saved index included, which no walk takes for media. They need not
  /// exist.
  std::vector<std::string> store_files() const;

  /// Starts semblance-extract with so many workers; warns of protections that are missing.
  Result<std::unique_ptr<Extractor>> start_extractor(int workers) const;

  /// Errc::kUnsupported, saying which option gives it, if the plan names an embedding model that
  /// the extractor does not have.
  Status check_models(const Extractor& extractor, const Plan& plan) const;

  /// Warns of known pictures whose embeddings are not compared with any that the extractor makes:
  /// those of another version of a model are, in silence, like nothing.
  void warn_of_other_versions(const Extractor& extractor, const Matcher& matcher) const;

  /// Builds the matcher of `match` and `scan`. A store without any bank is an error: nothing in
  /// it could ever match. Banks without an active entry are warned of if they were named, or if
  /// there is no other. The saved index is used where there is one; where it took long without, a
  /// line says how to save one.
  Result<std::unique_ptr<Matcher>> build_matcher(Store& store, MatcherOptions options) const;

  /// Says on a terminal that standard input is waited for, unless --quiet was given.
  void tell_waiting() const;

  /// Tells that the command line asks for what would destroy something; returns kUsage.
  Exit refuse(const Error& error) const;

  /// Tells what went wrong and what to do about it; returns kFailed. A reader of our
  /// standard output that has left is not told of: it has what it wanted.
  Exit fail(const Error& error, std::string_view advice = {}) const;

 private:
  CommonOptions options_;
};

/// Warns that so many entries of a bank hold no windows, though its policy asks for them; of none,
/// says nothing.
void warn_without_windows(const std::string& bank, std::uint64_t entries);

/// Makes SIGINT, SIGTERM and SIGHUP set the stop flag, unless the caller had them ignored; a second
/// one of a kind ends the program at once. Writing to a closed pipe becomes an error instead of a
/// signal.
void install_signal_handlers();

}  // namespace semblance::tool
