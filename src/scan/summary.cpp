// SPDX-License-Identifier: Apache-2.0
#include "scan/summary.h"

#include <array>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>

#include "scan/record.h"
#include "semblance/signal.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::scanner {

using Json = nlohmann::ordered_json;

std::string summary_text(const Json& header, const SummaryFacts& facts) {
  Json totals = to_json(facts.totals);
  Json summary = {{"schema", kRecordSchema},
                  {"versions",
                   {{"semblance", header.at("build")},
                    {"pdq", kPdqVersion},
                    {"pdq_fast", kPdqFastVersion},
                    {"frames", kFramesVersion},
                    {"tmk", kTmkVersion},
                    {"decoders", totals.at("decoders")}}}};
  totals.erase("decoders");
  summary.update(totals);
  summary["evidence_changed"] = facts.evidence_changed;
  if (facts.banks_changed) summary["banks_changed"] = *facts.banks_changed;
  for (const char* member :
       {"evidence", "paths", "options", "plan", "banks", "embeddings", "decoders"}) {
    summary[member] = header.at(member);
  }
  if (!facts.banks_at_end.empty()) summary["banks_at_end"] = Json::parse(facts.banks_at_end);
  summary["isolation"] = Json::parse(facts.isolation);
  summary["results"] = {{"records", facts.totals.counts.items},
                        {"bytes", facts.results_bytes},
                        {"sha256", facts.results_sha256}};
  summary["times"] = {{"started_at", header.at("started_at")},
                      {"finished_at", facts.finished_at},
                      {"resumed", facts.resumed}};
  return summary.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return std::string(text.data(), length);
}

}  // namespace semblance::scanner
