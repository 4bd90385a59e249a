// SPDX-License-Identifier: Apache-2.0
#include "scan/totals.h"

#include <array>
#include <nlohmann/json.hpp>

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kOutcomes = {Outcome::kMatched, Outcome::kClean, Outcome::kNotEvaluated};

std::string reason_word(std::size_t reason) {
  return std::string(name(static_cast<Reason>(reason)));
}

}  // namespace

void Totals::add(const Finished& finished) {
  count(finished.verdict, finished.bytes, counts);
  for (const std::string& bank : finished.matched_banks) ++matches_by_bank[bank];
  if (!finished.decoder.empty()) ++decoders[finished.decoder];
}

Json to_json(const Totals& totals) {
  const Counts& counts = totals.counts;
  Json outcomes = Json::object();
  for (const Outcome outcome : kOutcomes) {
    outcomes[std::string(name(outcome))] = counts.by_outcome[static_cast<std::size_t>(outcome)];
  }
  Json reasons = Json::object();
  for (std::size_t reason = 1; reason < kReasons; ++reason) {
    if (counts.by_reason[reason] != 0) reasons[reason_word(reason)] = counts.by_reason[reason];
  }
  return {{"items", counts.items},
          {"bytes", counts.bytes},
          {"outcomes", std::move(outcomes)},
          {"reasons", std::move(reasons)},
          {"partial", counts.partial},
          {"skipped",
           {{"symlinks", counts.skipped_symlinks},
            {"special", counts.skipped_special},
            {"store", counts.skipped_store}}},
          {"matches_by_bank", totals.matches_by_bank},
          {"decoders", totals.decoders}};
}

Result<Totals> totals_from_json(const Json& json) {
  try {
    Totals totals;
    Counts& counts = totals.counts;
    json.at("items").get_to(counts.items);
    json.at("bytes").get_to(counts.bytes);
    for (const Outcome outcome : kOutcomes) {
      json.at("outcomes")
          .at(std::string(name(outcome)))
          .get_to(counts.by_outcome[static_cast<std::size_t>(outcome)]);
    }
    for (std::size_t reason = 1; reason < kReasons; ++reason) {
      counts.by_reason[reason] = json.at("reasons").value(reason_word(reason), std::uint64_t{0});
    }
    json.at("partial").get_to(counts.partial);
    json.at("skipped").at("symlinks").get_to(counts.skipped_symlinks);
    json.at("skipped").at("special").get_to(counts.skipped_special);
    json.at("skipped").at("store").get_to(counts.skipped_store);
    json.at("matches_by_bank").get_to(totals.matches_by_bank);
    json.at("decoders").get_to(totals.decoders);
    return totals;
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, std::string("read totals: ") + error.what()};
  }
}

}  // namespace semblance::scanner
