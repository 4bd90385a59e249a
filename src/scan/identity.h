// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: all that a case's records depend on, and how two of them differ.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "scan/evidence.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// The identity of a scan: build, decoding libraries, paths, options, plan, banks, and the
/// evidence. `decoders`: see Extractor.
nlohmann::ordered_json make_identity(const RunOptions& options, const CaseOptions& where,
                                     const Matcher& matcher, const std::string& decoders,
                                     const Evidence& evidence);

/// Compares what needs no walk: first paths and options, then, unless `only_request`, build,
/// decoding libraries, banks and plan. Errc::kMismatch says which, then and now.
Status same_request(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now,
                    bool only_request);

/// Compares the evidence's counts and digest. Errc::kMismatch tells both.
Status same_evidence(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now);

}  // namespace semblance::scanner
