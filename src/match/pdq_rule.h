// SPDX-License-Identifier: Apache-2.0
// Private to src/match: what decides a PDQ match with one bank.
#pragma once

#include <array>
#include <map>
#include <optional>

#include "semblance/probe.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance::match {

/// Below this a picture has no usable hash: it is flat, or a side is under five pixels, and the
/// bits are rounding noise or zero. No policy makes such a hash worth looking up.
inline constexpr int kUsableQuality = 1;

/// What is said of hashes that may not be compared, in place of bits.
inline constexpr int kNotCompared = -1;

/// What decides a PDQ match with one bank, once the policy and the options are settled.
struct PdqRule {
  int max_distance = kDefaultMaxDistance;    // bits, inclusive, of two whole pictures
  int quality_floor = kDefaultQualityFloor;  // of the query and of the entry
  // By ProbeKind, within how many bits a part of that kind may match; kWhole is max_distance's.
  std::array<int, kProbeKinds.size()> parts = {kNotCompared, kNotCompared, kNotCompared,
                                               kNotCompared};

  /// Returns whether a hash of that quality may be compared; one that does not say may.
  bool admits(std::optional<int> quality) const noexcept {
    return !quality || *quality >= quality_floor;
  }

  /// Within how many bits a part of a query matches one of an entry: what the narrower of both
  /// kinds allows; kNotCompared where the bank does without one of them, or both are parts of which
  /// neither is what borders enclose. A whole picture is compared with any part.
  int allowed(ProbeKind query, ProbeKind entry) const noexcept;

  /// The most that `allowed` gives a part of a query of that kind, whatever it is compared with.
  int reach(ProbeKind query) const noexcept;
};

/// The rule of a policy. Its distances of parts stand where the override is above them: they are
/// how far a part may be off, and not how far the bank's owner would have liked to look.
/// Errc::kBadArgument if max_distance is not 0..256.
Result<PdqRule> rule_of(const BankPolicy& policy, std::optional<int> max_distance_override);

/// The same of distances that come from no bank.
PdqRule rule_of(int max_distance, int quality_floor, const std::map<ProbeKind, int>& parts);

}  // namespace semblance::match
