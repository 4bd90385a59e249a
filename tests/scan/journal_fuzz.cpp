// SPDX-License-Identifier: Apache-2.0
// A case's journal, damaged at will: taken as it lies, and with the check of every line made good,
// so that what no honest writer wrote is met behind the checks too.
#include "scan/journal.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "fuzz/fuzz.h"

namespace {

using namespace semblance;
using namespace semblance::scanner;
using Json = nlohmann::ordered_json;

Result<JournalState> parsed(const std::string& text) {
  std::istringstream in(text);
  return parse_journal(in);
}

std::string spelled(const JournalState& state) {
  Json json = {{"header", state.header},        {"totals", to_json(state.totals)},
               {"finished", state.finished_at}, {"summary", state.summary_sha256},
               {"resumed", state.resumed},      {"good", state.good_bytes}};
  for (const Stretch& stretch : state.stretches) {
    json["stretches"].push_back({stretch.records, stretch.end, stretch.sha256, stretch.evidence});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void check(const std::string& text) {
  const auto state = parsed(text);
  if (!state) return;
  SEMBLANCE_HOLDS(state->good_bytes <= text.size());
  SEMBLANCE_HOLDS(state->good_bytes == 0 || text[state->good_bytes - 1] == '\n');
  // What was ignored changes nothing, and a writer that goes on after the good lines is read.
  const std::string good = text.substr(0, state->good_bytes);
  const auto again = parsed(good);
  SEMBLANCE_HOLDS(again && spelled(*again) == spelled(*state));
  if (state->header.empty()) return;
  const Stretch next{state->totals.counts.items, state->good_bytes, "ab", "cd"};
  const auto longer = parsed(good + checked_line(checkpoint_json(next, state->totals)));
  SEMBLANCE_HOLDS(longer && longer->stretches.size() == state->stretches.size() + 1);
  SEMBLANCE_HOLDS(to_json(longer->totals) == to_json(state->totals));
}

// Every line that is a JSON object, checked.
std::string with_checks(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string line;
  std::string journal;
  while (std::getline(in, line)) {
    const Json object = Json::parse(line, nullptr, false);
    journal += object.is_object() ? checked_line(object) : line + "\n";
  }
  return journal;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of({data, size});
  check(std::string(text));
  check(with_checks(text));
  return 0;
}
