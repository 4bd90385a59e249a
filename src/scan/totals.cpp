// SPDX-License-Identifier: Apache-2.0
#include "scan/totals.h"

#include <array>
#include <nlohmann/json.hpp>

#include "scan/json_text.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kOutcomes = {Outcome::kMatched, Outcome::kClean, Outcome::kNotEvaluated};

std::string reason_word(std::size_t reason) {
  return std::string(name(static_cast<Reason>(reason)));
}

std::map<std::string, std::uint64_t> numbers(const Json& object) {
  std::map<std::string, std::uint64_t> all;
  for (const auto& [key, value] : object.get_ref<const Json::object_t&>()) {
    all[key] = whole_number(value);
  }
  return all;
}

}  // namespace

void Totals::add(const Finished& finished) {
  count(finished.verdict, finished.bytes, counts);
  if (finished.extracted_twice) ++counts.extracted_twice;
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
          {"extracted_twice", counts.extracted_twice},
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
    counts.items = whole_number(json.at("items"));
    counts.bytes = whole_number(json.at("bytes"));
    for (const Outcome outcome : kOutcomes) {
      counts.by_outcome[static_cast<std::size_t>(outcome)] =
          whole_number(json.at("outcomes").at(std::string(name(outcome))));
    }
    const Json& reasons = json.at("reasons");
    for (std::size_t reason = 1; reason < kReasons; ++reason) {
      const auto met = reasons.find(reason_word(reason));
      if (met != reasons.end()) counts.by_reason[reason] = whole_number(*met);
    }
    counts.partial = whole_number(json.at("partial"));
    counts.extracted_twice = whole_number(json.at("extracted_twice"));
    const Json& skipped = json.at("skipped");
    counts.skipped_symlinks = whole_number(skipped.at("symlinks"));
    counts.skipped_special = whole_number(skipped.at("special"));
    counts.skipped_store = whole_number(skipped.at("store"));
    totals.matches_by_bank = numbers(json.at("matches_by_bank"));
    totals.decoders = numbers(json.at("decoders"));
    return totals;
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, std::string("read totals: ") + error.what()};
  }
}

}  // namespace semblance::scanner
