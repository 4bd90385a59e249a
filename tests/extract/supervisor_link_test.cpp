// SPDX-License-Identifier: Apache-2.0
#include "extract/supervisor_link.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "extract/channel.h"
#include "extract/death.h"
#include "extract/media.h"

namespace semblance::extract {
namespace {

using test::children_of;
using test::eventually;
using test::extract_program;
using test::state_of;

TEST(SupervisorLink, AWorkerIsStartedAndItsDeathToldAsItWas) {
  auto link = SupervisorLink::start(extract_program());
  ASSERT_TRUE(link) << link.error().what;
  const auto programs = children_of(::getpid());
  ASSERT_EQ(programs.size(), 1U);
  auto first = (*link)->start_worker(true);
  ASSERT_TRUE(first) << first.error().what;
  const pid_t worker = children_of(programs[0]).at(0);
  auto second = (*link)->start_worker(true);
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_NE(first->id, second->id);
  ASSERT_TRUE((*link)->expect_ready(*first));

  ASSERT_EQ(::kill(worker, SIGABRT), 0);
  auto gone = wait_readable(first->channel.get(), Clock::now() + std::chrono::seconds(30));
  ASSERT_TRUE(gone && *gone);
  auto status = (*link)->stop_worker(first->id);
  ASSERT_TRUE(status) << status.error().what;
  EXPECT_EQ(describe_exit("worker", *status), "worker killed by signal 6 (ABRT)");
  status = (*link)->stop_worker(second->id);
  ASSERT_TRUE(status) << status.error().what;
  EXPECT_EQ(describe_exit("worker", *status), "worker killed by signal 9 (KILL)");
  EXPECT_TRUE(children_of(programs[0]).empty());
}

TEST(SupervisorLink, TheProgramAndItsWorkersEndWithTheLink) {
  std::vector<pid_t> processes;
  {
    auto link = SupervisorLink::start(extract_program());
    ASSERT_TRUE(link) << link.error().what;
    auto worker = (*link)->start_worker(true);
    ASSERT_TRUE(worker);
    processes = children_of(::getpid());
    ASSERT_EQ(processes.size(), 1U);
    const auto workers = children_of(processes[0]);
    processes.insert(processes.end(), workers.begin(), workers.end());
    ASSERT_EQ(processes.size(), 2U);
    ASSERT_EQ(::kill(workers[0], SIGSTOP), 0);  // not even one that hears nothing stays
  }
  for (const pid_t process : processes) {
    EXPECT_TRUE(eventually([&] { return state_of(process) == 0; })) << process;
  }
}

TEST(SupervisorLink, AProgramThatDiesIsAnErrorFromThenOn) {
  auto link = SupervisorLink::start(extract_program());
  ASSERT_TRUE(link) << link.error().what;
  auto worker = (*link)->start_worker(true);
  ASSERT_TRUE(worker);
  const pid_t program = children_of(::getpid()).at(0);
  const pid_t its_worker = children_of(program).at(0);
  ASSERT_EQ(::kill(program, SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return state_of(program) == 0 && state_of(its_worker) == 0; }));
  for (int i = 0; i < 2; ++i) {
    auto status = (*link)->stop_worker(worker->id);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Errc::kWorker);
    EXPECT_EQ(status.error().what, "ask semblance-extract: it ended");
  }
}

TEST(SupervisorLink, AMissingProgramIsAnErrorOfTheWorker) {
  auto link = SupervisorLink::start("/nonexistent/semblance-extract");
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, Errc::kWorker);
  EXPECT_EQ(link.error().native, ENOENT);
  EXPECT_EQ(link.error().what, "run /nonexistent/semblance-extract: No such file or directory");
}

TEST(SupervisorLink, AProgramThatEndsAtOnceIsAnErrorOfTheWorker) {
  auto link = SupervisorLink::start("/bin/false");
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, Errc::kWorker);
  EXPECT_EQ(link.error().what, "run /bin/false: it exited with status 1");
}

}  // namespace
}  // namespace semblance::extract
