// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "extract_program.h"
#include "progress.h"
#include "semblance/saved_index.h"

namespace semblance::tool {
namespace {

StopFlag g_stop{false};
static_assert(StopFlag::is_always_lock_free, "a signal handler may set it");

// A closing terminal's SIGHUP is a request to stop like the others.
constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP};

extern "C" void on_stop_signal(int) { g_stop.store(true, std::memory_order_relaxed); }

// A bank may well wait to be filled: worth a line only if it was named, or if all are empty.
void warn_empty(const std::vector<BankSnapshot>& banks, bool named) {
  std::string empty;
  std::uint64_t count = 0;
  for (const BankSnapshot& bank : banks) {
    if (bank.entries > 0) continue;
    ++count;
    empty += (empty.empty() ? "" : ", ") + bank.name;
  }
  if (count == 0 || (!named && count < banks.size())) return;
  warn((count == 1 ? "bank " : "banks ") + empty + (count == 1 ? " has" : " have") +
       " no active entry: nothing matches");
}

constexpr std::chrono::seconds kLongWait{2};

// What made somebody wait at every start may be kept.
void tell_of_saving(const std::string& store) {
  struct stat facts {};
  const bool saved = stat(saved_index_path(store, PdqProfile::kFull).c_str(), &facts) == 0;
  warn(saved ? "much has changed since the index was saved; `semblance bank index` saves it anew"
             : "the index was built in memory; `semblance bank index` keeps it beside the store");
}

// What was asked for and what the machine gives may differ: never in silence.
void warn_uncaged(const Protections& protections) {
  if (protections.isolation == Isolation::kNone) {
    warn("isolation is off: a file that takes a decoder over has the rights of this user");
  }
  for (const std::string& missing : protections.missing) {
    warn("isolation: this machine does not give " + missing);
  }
}

}  // namespace

void warn_without_windows(const std::string& bank, std::uint64_t entries) {
  if (entries == 0) return;
  warn("bank " + bank + ": " + counted(entries, "entry holds", "entries hold") +
       " no windows, though its policy asks for them: a list brings none, and a picture that was "
       "added before has none; add the pictures for crops to be found by their hashes");
}

void install_signal_handlers() {
  struct sigaction stop {};
  stop.sa_handler = &on_stop_signal;
  sigemptyset(&stop.sa_mask);
  // Restarting would leave a read of a terminal waiting for a line that nobody will type.
  stop.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : kStopSignals) {
    // What the caller has us ignore stays ignored: nohup, or a shell's job in the background.
    struct sigaction found {};
    if (sigaction(signal, nullptr, &found) == 0 && found.sa_handler == SIG_IGN) continue;
    sigaction(signal, &stop, nullptr);
  }

  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigemptyset(&ignore.sa_mask);
  sigaction(SIGPIPE, &ignore, nullptr);
}

const StopFlag& Session::stop() const noexcept { return g_stop; }

bool Session::shows_progress() const noexcept {
  return !options_.quiet && isatty(STDERR_FILENO) == 1;
}

Result<std::unique_ptr<Store>> Session::open_existing_store() const {
  struct stat facts {};
  if (stat(options_.store.c_str(), &facts) != 0 && errno == ENOENT) {
    return Error{Errc::kNotFound,
                 "open store " + options_.store +
                     ": there is no such file; `semblance bank create NAME` makes one, --store or "
                     "SEMBLANCE_STORE names another"};
  }
  return open_store(options_.store, false);
}

Result<std::unique_ptr<Store>> Session::open_or_create_store() const {
  return open_store(options_.store, true);
}

std::vector<std::string> Session::store_files() const {
  const std::string& store = options_.store;
  std::vector<std::string> files = {store, store + "-wal", store + "-shm", store + "-journal"};
  for (const PdqProfile profile : kPdqProfiles) files.push_back(saved_index_path(store, profile));
  return files;
}

Result<std::unique_ptr<Extractor>> Session::start_extractor(int workers) const {
  const Result<std::string> program = find_extract_program(options_.extractor);
  if (!program) return program.error();
  auto extractor = make_worker_extractor({.program = *program,
                                          .workers = workers,
                                          .isolation = options_.isolation,
                                          .models = options_.models});
  if (extractor) warn_uncaged((*extractor)->protections());
  return extractor;
}

Status Session::check_models(const Extractor& extractor, const Plan& plan) const {
  Status there = check_embedders(extractor, plan);
  if (there) return there;
  return Error{there.error().code,
               there.error().what + "; --model FILE names the description of one"};
}

void Session::warn_of_other_versions(const Extractor& extractor, const Matcher& matcher) const {
  const std::vector<EmbedderId> ours = extractor.embedders();
  for (const auto& [held, entries] : matcher.embeddings()) {
    const auto same = [&held = held](const EmbedderId& id) { return id.model == held.model; };
    const auto found = std::find_if(ours.begin(), ours.end(), same);
    if (found == ours.end() || *found == held) continue;
    warn("model " + held.model + ": " + counted(entries, "known vector is", "known vectors are") +
         " of version " + held.version + ", which this one, " + found->version +
         ", is not compared with; add the pictures again, or name the model they were added with");
  }
}

Result<std::unique_ptr<Matcher>> Session::build_matcher(Store& store,
                                                        MatcherOptions options) const {
  options.saved_beside = options_.store;
  const auto begun = std::chrono::steady_clock::now();
  Result<std::unique_ptr<Matcher>> matcher = make_matcher(store, options);
  if (!matcher) return matcher;
  const bool long_wait = std::chrono::steady_clock::now() - begun > kLongWait;
  if (long_wait && !options_.quiet) tell_of_saving(options_.store);
  const std::vector<BankSnapshot>& banks = (*matcher)->banks();
  if (banks.empty()) {
    return Error{Errc::kNotFound, "search store " + options_.store +
                                      ": it holds no bank, so that nothing could match; "
                                      "`semblance bank create NAME` makes one"};
  }
  warn_empty(banks, !options.banks.empty());
  for (const BankSnapshot& bank : banks) {
    if (bank.pdq_below_floor > 0) {
      warn("bank " + bank.name + ": " +
           counted(bank.pdq_below_floor, "PDQ hash is", "PDQ hashes are") +
           " under its quality floor of " + std::to_string(bank.policy.quality_floor) +
           " and not looked up");
    }
    if (bank.policy.entry_windows) warn_without_windows(bank.name, bank.without_windows);
  }
  return matcher;
}

void Session::tell_waiting() const {
  if (options_.quiet || isatty(STDIN_FILENO) != 1) return;
  print_note("semblance: reading from the terminal; Ctrl-D ends the input\n");
}

Exit Session::refuse(const Error& error) const {
  report_failure(error.what);
  return Exit::kUsage;
}

Exit Session::fail(const Error& error, std::string_view advice) const {
  if (error.native == EPIPE && error.what.find(kStandardOutput) != std::string::npos) {
    return Exit::kFailed;
  }
  report_failure(error.what);
  if (!advice.empty()) report_failure(advice);
  return Exit::kFailed;
}

}  // namespace semblance::tool
