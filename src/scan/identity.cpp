// SPDX-License-Identifier: Apache-2.0
#include "scan/identity.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "scan/json_text.h"
#include "scan/policy_json.h"
#include "semblance/version.h"

namespace semblance::scanner {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFollowBanks = "follow_banks";

Json paths_json(const std::vector<std::string>& paths) {
  Json list = Json::array();
  for (const std::string& path : paths) {
    Json one = Json::object();
    set_path(one, path);
    list.push_back(std::move(one));
  }
  return list;
}

Json options_json(const RunOptions& options, const CaseOptions& where) {
  const Limits& limits = options.limits;
  Json json = {{"precision", name(options.precision)},
               {"max_bytes", limits.max_bytes},
               {"max_pixels", limits.max_pixels},
               {"max_ratio", limits.max_ratio},
               {"max_picture_bytes", limits.max_picture_bytes},
               {"max_seconds", limits.max_seconds},
               {"max_video_seconds", limits.max_video_seconds},
               {"max_video_pixels", limits.max_video_pixels}};
  for (const auto& [key, value] : where.settings) json[key] = value;
  if (where.follow_banks) json[kFollowBanks] = true;
  return json;
}

// The models that the plan names, with what tells one from another of its name.
Json embedders_json(const Plan& plan, const Extractor& extractor) {
  const std::vector<EmbedderId> known = extractor.embedders();
  Json list = Json::array();
  for (const std::string& model : plan.embedders) {
    Json one = {{"model", model}};
    for (const EmbedderId& id : known) {
      if (id.model == model) one["version"] = id.version;
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json plan_json(const Plan& plan, const Extractor& extractor) {
  Json digests = Json::array();
  for (const SignalKind kind : plan.digests) digests.push_back(name(kind));
  Json profiles = Json::array();
  for (const PdqProfile profile : plan.pdq_profiles) profiles.push_back(name(profile));
  Json probes = Json::array();
  for (const ProbeKind kind : plan.probes) probes.push_back(name(kind));
  return {{"digests", std::move(digests)},
          {"pdq_profiles", std::move(profiles)},
          {"tmk", plan.tmk},
          {"probes", std::move(probes)},
          {"features", plan.features},
          {"mirrored_features", plan.mirrored_features},
          {"embedders", embedders_json(plan, extractor)}};
}

Json bank_json(const BankSnapshot& bank) {
  Json json = {{"name", bank.name}, {"revision", bank.revision}};
  if (!bank.content_digest.empty()) json["content_digest"] = bank.content_digest;
  json["entries"] = bank.entries;
  json["pdq_indexed"] = bank.pdq_indexed;
  json["pdq_below_floor"] = bank.pdq_below_floor;
  if (bank.parts_indexed > 0) json["parts_indexed"] = bank.parts_indexed;
  if (bank.features > 0) json["features"] = bank.features;
  if (!bank.embeddings.empty()) json["embeddings"] = bank.embeddings;
  if (bank.policy.entry_windows) json["without_windows"] = bank.without_windows;
  json["policy"] = policy_json(bank.policy);
  return json;
}

Json lines_json(const std::string& text) {
  Json list = Json::array();
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) list.push_back(line);
  return list;
}

Error mismatch(std::string what) { return {Errc::kMismatch, "resume: " + std::move(what)}; }

const Json* find_bank(const Json& banks, const Json& bank_name) {
  for (const Json& bank : banks) {
    if (bank.at("name") == bank_name) return &bank;
  }
  return nullptr;
}

std::string bank_state(const Json& bank) {
  return bank.at("entries").dump() + " entries at revision " + bank.at("revision").dump();
}

// Banks are the same if they give the same matches: by content, whatever their revision.
Status same_banks(const Json& then, const Json& now) {
  for (const Json& bank : then) {
    const std::string bank_name = bank.at("name");
    const Json* other = find_bank(now, bank.at("name"));
    if (other == nullptr) {
      return mismatch("bank " + bank_name + " was searched then and is not now");
    }
    const char* const decides = bank.contains("content_digest") && other->contains("content_digest")
                                    ? "content_digest"
                                    : "revision";
    if (bank.at(decides) == other->at(decides)) continue;
    return mismatch("bank " + bank_name + " has changed: " + bank_state(bank) + " then, " +
                    bank_state(*other) + " now" +
                    (bank.at("policy") == other->at("policy") ? "" : "; its policy differs"));
  }
  for (const Json& bank : now) {
    if (find_bank(then, bank.at("name")) == nullptr) {
      return mismatch("bank " + bank.at("name").get<std::string>() +
                      " is searched now and was not then");
    }
  }
  return ok();
}

Status same_options(const Json& then, const Json& now) {
  const auto shown = [](const Json& options, const std::string& key) {
    return options.contains(key) ? options.at(key).dump() : std::string("not set");
  };
  for (const Json* list : {&then, &now}) {
    for (const auto& [key, value] : list->items()) {
      if (shown(then, key) != shown(now, key)) {
        return mismatch("option " + key + " was " + shown(then, key) + " then, is " +
                        shown(now, key) + " now");
      }
    }
  }
  return ok();
}

Status same_decoders(const Json& then, const Json& now) {
  const auto missing = [](const Json& list, const Json& from) {
    std::string names;
    for (const Json& one : list) {
      if (std::find(from.begin(), from.end(), one) != from.end()) continue;
      names += (names.empty() ? "" : ", ") + one.get<std::string>();
    }
    return names.empty() ? std::string("none") : names;
  };
  if (then == now) return ok();
  return mismatch("the decoding libraries differ: " + missing(then, now) + " then, " +
                  missing(now, then) + " now");
}

Status same_isolation(const Json& then, const Json& now) {
  const Json& before = then.at("isolation").at("mode");
  const Json& after = now.at("isolation").at("mode");
  if (before == after) return ok();
  return mismatch("the isolation was " + before.dump() + " then, is " + after.dump() + " now");
}

Status same_member(std::string_view member, std::string_view words, const Json& then,
                   const Json& now) {
  const std::string key(member);
  if (then.at(key) == now.at(key)) return ok();
  return mismatch(std::string(words) + " " + then.at(key).dump() + " then, " + now.at(key).dump() +
                  " now");
}

}  // namespace

Json isolation_json(const Protections& protections) {
  return {{"mode", name(protections.isolation)},
          {"active", protections.active},
          {"missing", protections.missing}};
}

Result<std::string> isolation_throughout(const Json& header,
                                         const std::vector<std::string>& later) {
  try {
    Json all = header.at("isolation");
    const auto holds = [](const Json& list, const Json& one) {
      return std::find(list.begin(), list.end(), one) != list.end();
    };
    for (const std::string& text : later) {
      const Json session = Json::parse(text);
      Json active = Json::array();
      for (const Json& one : all.at("active")) {
        if (holds(session.at("active"), one)) active.push_back(one);
      }
      all["active"] = std::move(active);
      for (const Json& one : session.at("missing")) {
        if (!holds(all.at("missing"), one)) all.at("missing").push_back(one);
      }
    }
    return all.dump();
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, std::string("read journal: ") + error.what()};
  }
}

// What made the embeddings that the banks hold, and whether they are compared with anything: those
// of another version of a model than the one at hand are not.
Json embeddings_json(const Matcher& matcher, const Extractor& extractor) {
  const std::vector<EmbedderId> ours = extractor.embedders();
  Json list = Json::array();
  for (const auto& [held, vectors] : matcher.embeddings()) {
    const bool compared = std::find(ours.begin(), ours.end(), held) != ours.end();
    list.push_back({{"model", held.model},
                    {"version", held.version},
                    {"dimension", held.dimension},
                    {"vectors", vectors},
                    {"compared", compared}});
  }
  return list;
}

Json banks_json(const Matcher& matcher) {
  Json banks = Json::array();
  for (const BankSnapshot& bank : matcher.banks()) banks.push_back(bank_json(bank));
  return banks;
}

bool same_revisions(const Json& then, const Json& now) {
  return std::equal(then.begin(), then.end(), now.begin(), now.end(),
                    [](const Json& a, const Json& b) {
                      return a.at("name") == b.at("name") && a.at("revision") == b.at("revision");
                    });
}

Json make_identity(const RunOptions& options, const CaseOptions& where, const Matcher& matcher,
                   const Extractor& extractor, const Evidence& evidence) {
  const Json identity = {
      {"build", build_description()},
      {"decoders", lines_json(extractor.decoders())},
      {"isolation", isolation_json(extractor.protections())},
      {"paths", paths_json(options.paths)},
      {"options", options_json(options, where)},
      {"plan", plan_json(matcher.plan(), extractor)},
      {"banks", banks_json(matcher)},
      {"embeddings", embeddings_json(matcher, extractor)},
      {"evidence",
       {{"items", evidence.items}, {"bytes", evidence.bytes}, {"sha256", evidence.sha256}}}};
  // As it reads back from the journal, where bytes that are not UTF-8 are U+FFFD.
  return Json::parse(to_line(identity));
}

Status same_request(const Json& then, const Json& now, bool only_request) {
  try {
    if (Status same = same_member("paths", "the paths were", then, now); !same) return same;
    if (Status same = same_options(then.at("options"), now.at("options")); !same) return same;
    if (only_request) return ok();
    if (Status same = same_member("build", "the build was", then, now); !same) return same;
    if (Status same = same_decoders(then.at("decoders"), now.at("decoders")); !same) return same;
    if (Status same = same_isolation(then, now); !same) return same;
    if (then.at("options").contains(kFollowBanks)) return ok();  // both, or options would differ
    if (Status same = same_banks(then.at("banks"), now.at("banks")); !same) return same;
    return same_member("plan", "the plan was", then, now);
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, std::string("read journal: ") + error.what()};
  }
}

Status same_evidence(const Json& then, const Json& now) {
  try {
    const Json& before = then.at("evidence");
    const Json& after = now.at("evidence");
    if (before == after) return ok();
    const auto shown = [](const Json& evidence) {
      return evidence.at("items").dump() + " items, " + evidence.at("bytes").dump() + " bytes";
    };
    std::string what =
        "the evidence has changed: " + shown(before) + " then, " + shown(after) + " now";
    if (shown(before) == shown(after)) what += "; names, sizes or times of change differ";
    return mismatch(std::move(what));
  } catch (const Json::exception& error) {
    return Error{Errc::kBadFormat, std::string("read journal: ") + error.what()};
  }
}

}  // namespace semblance::scanner
