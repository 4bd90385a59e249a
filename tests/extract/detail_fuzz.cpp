// SPDX-License-Identifier: Apache-2.0
// Texts of foreign code: one bounded line of UTF-8 that steers no terminal, and tidied once for
// all.
#include "extract/detail.h"

#include <algorithm>

#include "core/base64.h"
#include "extract/wire.h"
#include "fuzz/fuzz.h"

namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const std::string_view text = fuzz::text_of({data, size});
  const std::string line = extract::tidy(text);
  SEMBLANCE_HOLDS(line.size() <= extract::kMaxTextBytes);
  SEMBLANCE_HOLDS(is_utf8(line) && !has_control(line));
  SEMBLANCE_HOLDS(extract::tidy(line) == line);
  const std::string lines = extract::tidy_lines(text);
  SEMBLANCE_HOLDS(is_utf8(lines) && (lines.empty() || lines.back() == '\n'));
  SEMBLANCE_HOLDS(lines.find("\n\n") == std::string::npos && !lines.starts_with('\n'));
  SEMBLANCE_HOLDS(extract::tidy_lines(lines) == lines);
  return 0;
}
