// SPDX-License-Identifier: Apache-2.0
// What the tests of saved indexes share.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/files.h"
#include "semblance/live_index.h"

namespace semblance {

inline constexpr LiveIndexOptions kScan = {.merge_in_background = false, .tables = 0};
inline constexpr LiveIndexOptions kTables = {.merge_in_background = false, .tables = 16};

inline std::string bytes_of(const std::string& path) {
  auto bytes = read_file(path, std::size_t{1} << 30);
  EXPECT_TRUE(bytes) << bytes.error().what;
  return bytes ? *bytes : std::string();
}

inline std::unique_ptr<LiveIndex> opened(const std::string& path) {
  auto index = open_index(path, kScan);
  EXPECT_TRUE(index) << index.error().what;
  return index ? *std::move(index) : nullptr;
}

}  // namespace semblance
