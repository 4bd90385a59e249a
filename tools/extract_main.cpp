// SPDX-License-Identifier: Apache-2.0
// semblance-extract: the program that decodes and hashes, in processes of its own. Run by
// semblance, which gives it open files over a socket; a person runs it only to ask for versions.
#include <malloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extract/channel.h"
#include "extract/embedders.h"
#include "extract/supervisor.h"
#include "extract/wire.h"
#include "semblance/version.h"
#include "targets/targets.h"

namespace semblance::tool {
namespace {

constexpr int kExitUsage = 1;
constexpr int kExitFailed = 2;

constexpr const char* kHelp =
    "usage: semblance-extract --versions | --version | --help\n"
    "\n"
    "Decodes and hashes files for semblance, which starts it by itself. --versions prints what\n"
    "it was built with, one `key value` a line.\n";

/// What is not meant for a person: `--serve`, then `--model FILE` for each embedding model.
constexpr std::string_view kServe = "--serve";
constexpr std::string_view kModel = "--model";

/// Keeps what a decoder frees from staying with the process: large blocks are mapped, and go back
/// when freed, always. glibc by itself raises both bounds after the first large picture. Threads
/// share one arena: others would each keep 64 MiB of address space, and open a file of /proc to
/// give memory back, which the cage answers with death.
void bound_allocator() {
  // Called while there is one thread.
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);   // NOLINT(concurrency-mt-unsafe)
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);  // NOLINT(concurrency-mt-unsafe)
  ::mallopt(M_ARENA_MAX, 1);              // NOLINT(concurrency-mt-unsafe)
}

/// Who stops a whole group of processes, as a service manager does, means the engine: it finishes
/// the items in hand, needs the workers for them, and closes the socket when it is done. Workers
/// inherit this; what ends one at once is SIGKILL.
void ignore_stop_signals() {
  sigset_t waiting;  // blocked from the program's start on
  sigemptyset(&waiting);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    std::signal(signal, SIG_IGN);
    sigaddset(&waiting, signal);
  }
  ::sigprocmask(SIG_UNBLOCK, &waiting, nullptr);  // NOLINT(concurrency-mt-unsafe)
}

int print_versions() {
  std::string text = "protocol " + std::to_string(extract::kProtocol) + "\n";
  text.append("semblance ").append(build_description()).append("\n");
  const std::string decoders = extract::library_lines();
  for (std::string_view rest = decoders; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!line.empty()) text.append("decoder ").append(line).append("\n");
  }
  const extract::Embedders embedders;
  for (const EmbedderId& id : embedders.ids()) {
    text.append("embedder ").append(id.model).append(" ").append(id.version).append("\n");
  }
  for (const std::string& target : kernels::supported_targets()) {
    text.append("target ").append(target).append("\n");
  }
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : kExitFailed;
}

int serve(const std::vector<std::string>& models) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(extract::kSocketDescriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_SEQPACKET) {
    std::fputs("semblance-extract: --serve is for semblance, which starts this by itself\n",
               stderr);
    return kExitUsage;
  }
  bound_allocator();
  ignore_stop_signals();
  // The folder of whoever started it is none of its business, and would keep a disk from being
  // unmounted.
  if (::chdir("/") != 0) return kExitFailed;
  // Past all exit handlers: nothing is left to flush, and whoever asked it to end may be gone.
  ::_exit(extract::serve_engine(extract::kSocketDescriptor, models));
}

/// The paths of models, from `--model FILE` again and again; false if it is anything else.
bool read_models(std::span<char* const> arguments, std::vector<std::string>& models) {
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    if (arguments[i] != kModel) return false;
    models.emplace_back(arguments[i + 1]);
  }
  return arguments.size() % 2 == 0;
}

int run(std::span<char* const> arguments) {
  if (!arguments.empty() && arguments.front() == kServe) {
    std::vector<std::string> models;
    if (read_models(arguments.subspan(1), models)) return serve(models);
  }
  const std::string_view argument = arguments.size() == 1 ? arguments.front() : "";
  if (argument == "--versions") return print_versions();
  if (argument == "--version") {
    return std::printf("semblance-extract %s\n", std::string(build_description()).c_str()) > 0
               ? 0
               : kExitFailed;
  }
  if (argument == "--help") return std::fputs(kHelp, stdout) >= 0 ? 0 : kExitFailed;
  std::fputs(kHelp, stderr);
  return kExitUsage;
}

}  // namespace
}  // namespace semblance::tool

int main(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  return semblance::tool::run(words.subspan(std::min<std::size_t>(1, words.size())));
}
