// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: hashes of parts of pictures, beside those of the whole.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "semblance/store.h"

namespace semblance::bank {

/// The number under which counts have hashes of parts, beside the profiles: parts are of one alone.
inline constexpr int kPartsProfile = 3;

/// The part as a store keeps it: from the highest bits down its kind (8 bits), and left, top, width
/// and height of its window (14 bits each).
std::int64_t packed(const Probe& part) noexcept;

/// Reads what `packed` gave; nothing for a number that is of no part.
std::optional<Probe> unpacked(std::int64_t number) noexcept;

/// Errc::kBadArgument unless the part is of a kind that there is, but the whole, and its window is
/// within the picture and not empty.
Status check_part(const Probe& part);

/// Returns whether the signal is the PDQ of a part. Exchanges have no word for one: their members
/// would take it for a picture.
inline bool is_part(const BankSignal& signal) noexcept { return signal.part.has_value(); }

/// Returns whether one of the signals is the PDQ of a part.
bool any_part(std::span<const BankSignal> signals) noexcept;

/// Returns whether the signals hold a PDQ and no window: see BankInfo::without_windows.
bool lacks_windows(std::span<const BankSignal> signals) noexcept;

}  // namespace semblance::bank
