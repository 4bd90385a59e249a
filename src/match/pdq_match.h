// SPDX-License-Identifier: Apache-2.0
// Private to src/match: one picture, whole and in parts, beside what an entry keeps of another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "match/pdq_rule.h"
#include "semblance/extract.h"
#include "semblance/hash256.h"
#include "semblance/match.h"
#include "semblance/store.h"

namespace semblance::match {

/// One PDQ hash to look up, as it stands or in its eight transforms.
struct PdqQuery {
  PdqProfile profile = PdqProfile::kFull;
  std::optional<int> quality;       // absent: looked up whatever the floor
  std::span<const Hash256> hashes;  // [t] of the picture turned by Transform t; not owned
  Probe probe{};                    // what part of the picture it is
  bool fast = false;                // not every pixel of it was looked at

  /// Returns whether it is looked up turned by hashes[turn]. Panels and windows are many, and what
  /// is shown within something else is hardly ever turned there: as they stand, and mirrored.
  bool looks_up(std::size_t turn) const noexcept {
    const bool few = probe.kind == ProbeKind::kPanel || probe.kind == ProbeKind::kWindow;
    return !few || turn == static_cast<std::size_t>(Transform::kNone) ||
           turn == static_cast<std::size_t>(Transform::kFlipY);
  }
};

/// Whether fast hashes are looked up with what they may be off by (signal.h).
enum class Margins : std::uint8_t { kNone, kOfFast };

/// What is looked up of an item's pictures: each whole one and each part that has a usable hash, or
/// by its margin could have one. The item must outlive it.
std::vector<PdqQuery> queries_of(const Extraction& item, Margins margins = Margins::kNone);

/// The hash of an entry's picture, or of a part of one, if the rule lets the signal be compared.
std::optional<Hash256> comparable_hash(const BankSignal& signal, const PdqRule& rule);

/// What part of its picture a signal is of.
inline ProbeKind part_kind(const BankSignal& signal) noexcept {
  return signal.part ? signal.part->kind : ProbeKind::kWhole;
}

/// The probe as a match says it: absent for the whole picture.
inline std::optional<Probe> said(const Probe& probe) {
  return probe.kind == ProbeKind::kWhole ? std::nullopt : std::optional(probe);
}

/// The best match that the rule allows among all pairs of a query's hash and a picture's hash of an
/// entry that holds `signals`, of the same profile; none if there is none. Bank, entry, labels and
/// sources are empty. The frames of its videos: see picture_match.h.
///
/// Best is the smallest distance, then whole pictures before parts, the query's first; then the
/// profile in order of kPdqProfiles, the lowest transform, and the first window.
std::optional<Match> best_pdq_match(std::span<const BankSignal> signals, const PdqRule& rule,
                                    std::span<const PdqQuery> queries);

}  // namespace semblance::match
