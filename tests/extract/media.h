// SPDX-License-Identifier: Apache-2.0
// Pictures made in memory, files that hold them, and processes to look at.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "semblance/extract.h"

namespace semblance::test {

/// Interleaved 8-bit RGB, without padding.
struct Picture {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<std::uint8_t> rgb;
};

/// A smooth picture with structure; another one for each seed.
Picture make_picture(std::uint32_t width, std::uint32_t height, unsigned seed);

std::string to_jpeg(const Picture& picture, bool progressive = false);
std::string to_png(const Picture& picture);

/// A file in memory with these bytes; readable and writable.
FileDescriptor file_of(std::string_view bytes);

/// Everything the extractor finds in `bytes`.
Extraction extract_all(Extractor& extractor, std::string_view bytes, const Plan& plan = {},
                       const Limits& limits = {});
Extraction extract_all(Extractor& extractor, int descriptor, const Plan& plan = {},
                       const Limits& limits = {});

/// Checks that two extractions found the same, to the bit.
void expect_same(const Extraction& actual, const Extraction& expected, std::string_view what);

/// The program under test.
std::string extract_program();

/// The processes whose parent is `parent`, ascending.
std::vector<pid_t> children_of(pid_t parent);

/// The state letter of a process or thread, as in /proc; 0 if there is none, or only a zombie.
char state_of(pid_t process);

/// Waits, for at most ten seconds, until `condition` holds; returns whether it does.
template <class Condition>
bool eventually(Condition condition);

void sleep_a_moment();

template <class Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    sleep_a_moment();
  }
  return false;
}

}  // namespace semblance::test
