// SPDX-License-Identifier: Apache-2.0
// Notes of a saved index: one that is read is written as the same facts.
#include "match/saved_note.h"

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  const auto note = match::parse_saved_note(fuzz::text_of({data, size}));
  if (!note) return 0;
  const std::string written = to_text(*note);
  const auto again = match::parse_saved_note(written);
  SEMBLANCE_HOLDS(again && to_text(*again) == written && again->banks == note->banks);
  return 0;
}
