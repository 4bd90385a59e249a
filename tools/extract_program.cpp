// SPDX-License-Identifier: Apache-2.0
#include "extract_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "core/files.h"

extern char** environ;

namespace semblance::tool {
namespace {

// Reads to the end; EINTR is not an end.
Result<std::string> read_pipe(int fd, std::string_view subject) {
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(got));
    } else if (got == 0) {
      return text;
    } else if (errno != EINTR) {
      return io_error("read", subject, errno);
    }
  }
}

Result<std::string> output_of(const std::string& program, const char* argument) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return io_error("run", program, errno);
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  std::string name = program;
  std::string word = argument;
  std::array<char*, 3> argv = {name.data(), word.data(), nullptr};
  pid_t child = -1;
  const int spawned = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (spawned != 0) return io_error("run", program, spawned);

  writing.reset();
  Result<std::string> text = read_pipe(reading.get(), program);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (text && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
    return Error{Errc::kWorker, "run " + program + ' ' + word + ": it failed", status};
  }
  return text;
}

}  // namespace

Result<std::string> find_extract_program(const std::string& given) {
  std::string path = given;
  if (path.empty()) {
    std::error_code failed;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return io_error("find", "semblance-extract", failed.value());
    path = (self.parent_path() / "semblance-extract").string();
  }
  if (access(path.c_str(), X_OK) != 0) {
    Error error = io_error("find", path, errno);
    error.code = Errc::kWorker;
    error.what += "; semblance-extract, which decodes, must stand beside semblance";
    return error;
  }
  return path;
}

Result<std::vector<std::pair<std::string, std::string>>> extract_program_versions(
    const std::string& program) {
  const Result<std::string> text = output_of(program, "--versions");
  if (!text) return text.error();
  std::vector<std::pair<std::string, std::string>> lines;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    lines.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return lines;
}

}  // namespace semblance::tool
