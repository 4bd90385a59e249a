// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: all that a case's records depend on, and how two of them differ.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "scan/evidence.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// What confined the decoders: `mode`, and the protections `active` and `missing`.
nlohmann::ordered_json isolation_json(const Protections& protections);

/// What held throughout a case: the protections active in every session, and all that were missing
/// in any. `header` is the journal's, `later` what each resumption noted. Errc::kBadFormat.
Result<std::string> isolation_throughout(const nlohmann::ordered_json& header,
                                         const std::vector<std::string>& later);

/// The banks searched, as the matcher has them.
nlohmann::ordered_json banks_json(const Matcher& matcher);

/// Returns whether both lists are of the same banks, none of which was changed in between.
bool same_revisions(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now);

/// The identity of a scan: build, decoding libraries and how they are confined, paths, options,
/// plan, banks, and the evidence.
nlohmann::ordered_json make_identity(const RunOptions& options, const CaseOptions& where,
                                     const Matcher& matcher, const Extractor& extractor,
                                     const Evidence& evidence);

/// Compares what needs no walk: first paths and options, then, unless `only_request`, build,
/// decoding libraries, the mode of isolation, and, unless the case follows the banks, these and the
/// plan. Errc::kMismatch says which, then and now.
Status same_request(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now,
                    bool only_request);

/// Compares the evidence's counts and digest. Errc::kMismatch tells both.
Status same_evidence(const nlohmann::ordered_json& then, const nlohmann::ordered_json& now);

}  // namespace semblance::scanner
