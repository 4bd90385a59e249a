// SPDX-License-Identifier: Apache-2.0
#include "extract/death.h"

#include <signal.h>
#include <sys/wait.h>

#include <cstring>

namespace semblance::extract {

std::string describe_exit(std::string_view who, int wait_status) {
  std::string text(who);
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    const char* name = ::sigabbrev_np(number);
    return text + " killed by signal " + std::to_string(number) + " (" +
           (name != nullptr ? name : "?") + ")";
  }
  return text + " exited with status " + std::to_string(WEXITSTATUS(wait_status));
}

Ending ending_of_death(int wait_status) {
  Ending ending{Reason::kDecoderCrashed, false, "decode: " + describe_exit("worker", wait_status)};
  if (!WIFSIGNALED(wait_status)) return ending;
  if (WTERMSIG(wait_status) == SIGSYS) {
    ending.detail += ": it made a system call that its cage forbids";
  }
  if (WTERMSIG(wait_status) == SIGXCPU) {
    ending.reason = Reason::kTimedOut;
    ending.detail += ": its processor time ran out";
  }
  return ending;
}

}  // namespace semblance::extract
