// SPDX-License-Identifier: Apache-2.0
// What a worker process is: what it holds, and what it dies of.
#include "extract/worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "extract/media.h"
#include "semblance/extract.h"

namespace semblance::extract {
namespace {

using test::children_of;
using test::eventually;
using test::extract_program;
using test::state_of;

std::unique_ptr<Extractor> start_pool(int workers) {
  auto pool = make_worker_extractor({extract_program(), workers});
  if (!pool) {
    ADD_FAILURE() << pool.error().what;
    return nullptr;
  }
  return std::move(*pool);
}

TEST(Worker, HoldsNothingOfTheEngineButItsChannel) {
  const auto pool = start_pool(3);
  ASSERT_TRUE(pool);
  const pid_t program = children_of(::getpid()).at(0);
  const auto workers = children_of(program);
  ASSERT_EQ(workers.size(), 3U);
  for (const pid_t worker : workers) {
    const std::filesystem::path folder = "/proc/" + std::to_string(worker) + "/fd";
    // It opens its memory gauge last, when everything else has been closed.
    EXPECT_TRUE(eventually([&] {
      std::error_code not_yet;
      return std::filesystem::read_symlink(folder / "4", not_yet).filename() == "statm";
    }));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string number = entry.path().filename();
      const std::string target = std::filesystem::read_symlink(entry.path());
      if (number == "0" || number == "1" || number == "2") {
        EXPECT_EQ(target, "/dev/null");
      } else if (number == "3") {
        EXPECT_EQ(target.substr(0, 7), "socket:");
      } else {
        EXPECT_EQ(number, "4");
        EXPECT_EQ(target.substr(target.rfind('/')), "/statm");
      }
    }
    EXPECT_EQ(::getpgid(worker), program) << "a Ctrl-C for the engine would reach it";
  }
}

TEST(Worker, WritesNoCoreDump) {
  const auto pool = start_pool(1);
  ASSERT_TRUE(pool);
  const pid_t worker = children_of(children_of(::getpid()).at(0)).at(0);
  const std::string path = "/proc/" + std::to_string(worker) + "/limits";
  EXPECT_TRUE(eventually([&] {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Max core file size")) {
        return line.find_first_not_of(' ', 18) == line.find("0 ", 18);
      }
    }
    return false;
  }));
}

TEST(Worker, DiesWithTheEngineWhateverItIsDoing) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t engine = ::fork();
  ASSERT_GE(engine, 0);
  if (engine == 0) {
    const auto pool = start_pool(2);
    const char ready = pool ? 'y' : 'n';
    if (::write(ends[1], &ready, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  ::close(ends[0]);
  ASSERT_EQ(ready, 'y');
  const auto programs = children_of(engine);
  ASSERT_EQ(programs.size(), 1U);
  auto processes = children_of(programs[0]);
  ASSERT_EQ(processes.size(), 2U);
  ASSERT_EQ(::kill(processes[0], SIGSTOP), 0);
  processes.push_back(programs[0]);

  ASSERT_EQ(::kill(engine, SIGKILL), 0);
  ASSERT_EQ(::waitpid(engine, nullptr, 0), engine);
  for (const pid_t process : processes) {
    EXPECT_TRUE(eventually([&] { return state_of(process) == 0; })) << process;
  }
}

}  // namespace
}  // namespace semblance::extract
