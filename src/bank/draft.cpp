// SPDX-License-Identifier: Apache-2.0
#include "bank/draft.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "bank/picture_parts.h"
#include "bank/schema.h"
#include "core/base64.h"
#include "semblance/embedding.h"
#include "semblance/features.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::bank {
namespace {

Error bad(std::string what) { return {Errc::kBadArgument, std::move(what)}; }

// C0, DEL and C1: what would move a terminal's cursor, or end a line of a list. `text` is UTF-8.
bool has_control(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

// Before which other a signal stands; neither before the other: both are the same signal.
bool stands_before(const BankSignal& a, const BankSignal& b) {
  if (a.value.kind != b.value.kind) return a.value.kind < b.value.kind;
  if (a.value.kind == SignalKind::kEmbedding) {
    return std::tie(a.model, a.version) < std::tie(b.model, b.version);
  }
  return std::tie(a.value.bytes, a.profile) < std::tie(b.value.bytes, b.profile);
}

// Of two statements of one signal, the first, with the second filling in what it lacks.
void fill_in(BankSignal& standing, BankSignal&& said) {
  if (standing.value.kind == SignalKind::kEmbedding) {
    standing = std::move(said);
    return;
  }
  if (standing.part != said.part) {
    // Of what may match further, the whole, or the first kind of part: one row cannot be both.
    if (said.part < standing.part) standing = std::move(said);
    return;
  }
  if (!standing.quality) standing.quality = said.quality;
  if (standing.version.empty()) standing.version = said.version;
}

// As many video streams of a file as an extraction looks at.
constexpr std::size_t kMaxSignalStreams = 8;

Status check_frames(const VideoSignal& video) {
  if (video.frames.empty()) return bad("check signal: a vpdq without a frame");
  std::set<std::uint8_t> streams;
  std::uint32_t last_ms = 0;
  for (const KnownFrame& frame : video.frames) {
    if (frame.at.start_ms < last_ms) return bad("check signal: a vpdq out of the order of time");
    last_ms = frame.at.start_ms;
    streams.insert(frame.at.stream);
  }
  if (streams.size() > kMaxSignalStreams) {
    return bad("check signal: a vpdq of " + std::to_string(streams.size()) + " streams, at most " +
               std::to_string(kMaxSignalStreams));
  }
  return ok();
}

// What cannot be compared with anything has no place in a bank: it would seem to be searched for.
Status check_video(const BankSignal& signal) {
  const std::string kind(name(signal.value.kind));
  if (signal.profile || signal.quality) {
    return bad("check signal: a " + kind + " has neither profile nor quality of its own");
  }
  if (signal.value.kind == SignalKind::kTmk) {
    const auto tmk = parse_tmk(signal.value.bytes);
    if (!tmk) return bad("check signal: " + tmk.error().what);
  } else {
    const auto video = parse_video_signal(signal.value.bytes);
    if (!video) return bad("check signal: " + video.error().what);
    if (Status checked = check_frames(*video); !checked) return checked;
  }
  return check_text("signal version", signal.version, kMaxVersionBytes);
}

// As strict: what another build cannot read, or cannot tell from what it knows, is refused.
Status check_of_picture(const BankSignal& signal) {
  const std::string kind(name(signal.value.kind));
  if (signal.profile || signal.quality) {
    return bad("check signal: an " + kind + " has neither profile nor quality");
  }
  if (signal.version.empty()) {
    return bad("check signal: an " + kind + " without a version is comparable with none");
  }
  if (signal.value.kind == SignalKind::kOrb) {
    if (const auto set = features_from_bytes(signal.value.bytes); !set) {
      return bad("check signal: " + set.error().what);
    }
  } else {
    if (!is_model_name(signal.model)) {
      return bad("check signal: an embedding of no model: 1 to 64 of a-z, 0-9, '.', '_' and '-'");
    }
    if (const auto vector = embedding_from_bytes(signal.value.bytes); !vector) {
      return bad("check signal: " + vector.error().what);
    }
  }
  return check_text("signal version", signal.version, kMaxVersionBytes);
}

Status check_part_of(const BankSignal& signal) {
  if (signal.value.kind != SignalKind::kPdq || signal.profile != PdqProfile::kFull) {
    return bad("check signal: of a part of a picture, and no PDQ of profile full");
  }
  return check_part(*signal.part);
}

Status check_signal(const BankSignal& signal) {
  const SignalKind of = signal.value.kind;
  if (signal.part) {
    if (Status checked = check_part_of(signal); !checked) return checked;
  }
  if (!signal.model.empty() && of != SignalKind::kEmbedding) {
    return bad("check signal: a " + std::string(name(of)) + " is of no model");
  }
  if (of == SignalKind::kVpdq || of == SignalKind::kTmk) return check_video(signal);
  if (of == SignalKind::kEmbedding || of == SignalKind::kOrb) return check_of_picture(signal);
  const std::size_t expected = value_bytes(signal.value.kind);
  if (expected == 0) return bad("check signal: of an unknown kind");
  const std::string kind(name(signal.value.kind));
  if (signal.value.bytes.size() != expected) {
    return bad("check signal: a " + kind + " value of " +
               std::to_string(signal.value.bytes.size()) + " bytes, not " +
               std::to_string(expected));
  }
  if (signal.quality && (*signal.quality < 0 || *signal.quality > 100)) {
    return bad("check signal: quality " + std::to_string(*signal.quality) + ": not in 0..100");
  }
  if (is_digest(signal.value.kind) && (signal.profile || signal.quality)) {
    return bad("check signal: a " + kind + " has neither profile nor quality");
  }
  if (signal.profile &&
      std::find(kPdqProfiles.begin(), kPdqProfiles.end(), *signal.profile) == kPdqProfiles.end()) {
    return bad("check signal: of an unknown PDQ profile");
  }
  return check_text("signal version", signal.version, kMaxVersionBytes);
}

// A source id may be a file's path, and a path may hold line breaks; it may not hold a NUL.
Status check_source_id(std::string_view id) {
  if (id.empty()) return bad("check source id: empty");
  if (id.size() > kMaxSourceBytes) return bad("check source id: over 4096 bytes");
  if (!is_utf8(id)) return bad("check source id: not UTF-8");
  if (id.find('\0') != std::string_view::npos) return bad("check source id: holds a NUL");
  return ok();
}

}  // namespace

Status check_text(std::string_view what, std::string_view text, std::size_t max_bytes) {
  const std::string subject = "check " + std::string(what) + ": ";
  if (text.size() > max_bytes) {
    return bad(subject + std::to_string(text.size()) + " bytes, at most " +
               std::to_string(max_bytes));
  }
  if (!is_utf8(text)) return bad(subject + "not UTF-8");
  if (has_control(text)) return bad(subject + "holds a control character");
  return ok();
}

Status check_bank_name(std::string_view name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (name.empty() || name.size() > kMaxBankNameBytes ||
      name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return bad("name a bank: a name is 1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-'");
  }
  return ok();
}

Status check_draft(const EntryDraft& draft) {
  if (draft.source.empty()) return bad("check source: empty");
  if (auto status = check_text("source", draft.source, kMaxSourceBytes); !status) return status;
  if (auto status = check_source_id(draft.source_id); !status) return status;
  if (draft.labels.size() > kMaxLabels) {
    return bad("check labels: " + std::to_string(draft.labels.size()) + ", at most 100");
  }
  for (const std::string& label : draft.labels) {
    if (label.empty()) return bad("check label: empty");
    if (auto status = check_text("label", label, kMaxLabelBytes); !status) return status;
  }
  if (draft.signals.empty()) return bad("check signals: there is none");
  if (draft.signals.size() > kMaxSignals) {
    return bad("check signals: " + std::to_string(draft.signals.size()) + ", at most 1024");
  }
  std::size_t bytes = 0;
  for (const BankSignal& signal : draft.signals) {
    bytes += signal.value.bytes.size();
    if (bytes > kMaxEntryBytes) return bad("check signals: over 256 MiB in all");
    if (auto status = check_signal(signal); !status) return status;
  }
  return ok();
}

std::int32_t schema_needed(std::span<const BankSignal> signals) noexcept {
  std::int32_t needed = kCheckedSchema - 1;
  for (const BankSignal& signal : signals) {
    const SignalKind kind = signal.value.kind;
    if (is_part(signal) || kind == SignalKind::kEmbedding || kind == SignalKind::kOrb) {
      return kPartsSchema;
    }
    if (!is_short(kind)) needed = kVideoSchema;
  }
  return needed;
}

void sort_signals(std::vector<BankSignal>& signals) {
  std::stable_sort(signals.begin(), signals.end(), stands_before);
}

void normalise(EntryDraft& draft) {
  if (draft.labels.size() > 1) {
    std::vector<std::string> once;
    for (std::string& label : draft.labels) {
      if (std::find(once.begin(), once.end(), label) == once.end()) {
        once.push_back(std::move(label));
      }
    }
    draft.labels = std::move(once);
  }
  if (draft.signals.size() > 1) {
    sort_signals(draft.signals);
    std::vector<BankSignal> once;
    for (BankSignal& signal : draft.signals) {
      if (!once.empty() && !stands_before(once.back(), signal)) {
        fill_in(once.back(), std::move(signal));
      } else {
        once.push_back(std::move(signal));
      }
    }
    draft.signals = std::move(once);
  }
}

EntryDraft united(EntryDraft standing, const EntryDraft& said) {
  standing.labels.insert(standing.labels.end(), said.labels.begin(), said.labels.end());
  standing.signals.insert(standing.signals.end(), said.signals.begin(), said.signals.end());
  if (said.expires_at) standing.expires_at = said.expires_at;
  normalise(standing);
  return standing;
}

}  // namespace semblance::bank
