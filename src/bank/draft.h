// SPDX-License-Identifier: Apache-2.0
// Private to src/bank: what a bank accepts, and how two statements of one item become one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/store.h"

namespace semblance::bank {

inline constexpr std::size_t kMaxBankNameBytes = 100;
inline constexpr std::size_t kMaxLabelBytes = 200;
inline constexpr std::size_t kMaxLabels = 100;
inline constexpr std::size_t kMaxSignals = 1024;                     // of one entry
inline constexpr std::size_t kMaxEntryBytes = std::size_t{1} << 28;  // of all signals of one entry
inline constexpr std::size_t kMaxSourceBytes =
    4096;                                           // of a source, and of a source id: a path fits
inline constexpr std::size_t kMaxTextBytes = 4096;  // of a purpose or a reason
inline constexpr std::size_t kMaxVersionBytes = 200;  // two digests and their words fit

/// Errc::kBadArgument unless the name is 1..100 characters of [A-Za-z0-9._-].
Status check_bank_name(std::string_view name);

/// Errc::kBadArgument unless the draft may stand in a bank; says which part may not.
Status check_draft(const EntryDraft& draft);

/// The first schema of a store that has room for all of the signals.
std::int32_t schema_needed(std::span<const BankSignal> signals) noexcept;

/// Errc::kBadArgument unless `text` is UTF-8 of at most `max_bytes` without control characters.
Status check_text(std::string_view what, std::string_view text, std::size_t max_bytes);

/// Makes the draft say everything once: labels keep their order, signals are sorted as the store
/// keeps them. A PDQ of the whole picture and of a part of it, if they are the same hash, is one of
/// the whole; of two embeddings of one model and version, the later stands.
void normalise(EntryDraft& draft);

/// Sorts signals by kind, then embeddings by model and version, others by value and profile.
void sort_signals(std::vector<BankSignal>& signals);

/// What stands, with what `said` adds: labels and signals are united; of a signal that both
/// hold, `said` fills in what is not stated; its expiry, if it has one, is the newer word.
/// Both normalised; so is the result.
EntryDraft united(EntryDraft standing, const EntryDraft& said);

}  // namespace semblance::bank
