// SPDX-License-Identifier: Apache-2.0
#include "bank/draft.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "core/base64.h"
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

auto key(const BankSignal& signal) {
  return std::tie(signal.value.kind, signal.value.bytes, signal.profile);
}

// Of two statements of one signal, the first, with the second filling in what it lacks.
void fill_in(BankSignal& standing, const BankSignal& said) {
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

Status check_signal(const BankSignal& signal) {
  if (signal.value.kind == SignalKind::kVpdq || signal.value.kind == SignalKind::kTmk) {
    return check_video(signal);
  }
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

Status check_policy(const BankPolicy& policy) {
  if (policy.quality_floor < 0 || policy.quality_floor > 100) {
    return bad("check policy: quality floor " + std::to_string(policy.quality_floor) +
               ": not in 0..100");
  }
  for (const auto& [kind, bits] : policy.max_distance) {
    const int most = kind == SignalKind::kPdq ? Hash256::kBits : 0;
    const bool known =
        std::find(kSignalKinds.begin(), kSignalKinds.end(), kind) != kSignalKinds.end();
    if (bits < 0 || bits > most || !known) {
      return bad("check policy: max_distance " + std::to_string(bits) + " of " +
                 std::string(name(kind)) + ": not in 0.." + std::to_string(most));
    }
  }
  return check_text("purpose", policy.purpose, kMaxTextBytes);
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

void sort_signals(std::vector<BankSignal>& signals) {
  std::stable_sort(signals.begin(), signals.end(),
                   [](const BankSignal& a, const BankSignal& b) { return key(a) < key(b); });
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
      if (!once.empty() && key(once.back()) == key(signal)) {
        fill_in(once.back(), signal);
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
