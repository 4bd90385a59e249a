// SPDX-License-Identifier: Apache-2.0
#include "semblance/extract.h"

#include <array>

namespace semblance {
namespace {

// By Isolation.
constexpr std::array<std::string_view, 3> kIsolations = {"process", "require", "none"};

}  // namespace

std::string_view name(MediaKind kind) noexcept {
  switch (kind) {
    case MediaKind::kImage:
      return "image";
    case MediaKind::kVideo:
      return "video";
    case MediaKind::kAudio:
      return "audio";
    case MediaKind::kContainer:
      return "container";
    case MediaKind::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view name(Reason reason) noexcept {
  switch (reason) {
    case Reason::kOpenFailed:
      return "open_failed";
    case Reason::kNotMedia:
      return "not_media";
    case Reason::kUnsupported:
      return "unsupported";
    case Reason::kDecodeFailed:
      return "decode_failed";
    case Reason::kTruncated:
      return "truncated";
    case Reason::kLowQuality:
      return "low_quality";
    case Reason::kOverLimit:
      return "over_limit";
    case Reason::kTimedOut:
      return "timed_out";
    case Reason::kDecoderCrashed:
      return "decoder_crashed";
    case Reason::kNone:
      break;
  }
  return "";
}

std::string_view name(Isolation isolation) noexcept {
  return kIsolations[static_cast<std::size_t>(isolation) % kIsolations.size()];
}

Result<Isolation> parse_isolation(std::string_view word) {
  for (std::size_t i = 0; i < kIsolations.size(); ++i) {
    if (kIsolations[i] == word) return static_cast<Isolation>(i);
  }
  return Error{Errc::kBadArgument,
               "isolation '" + std::string(word) + "': not one of require, process, none"};
}

void CollectingSink::on_digests(std::span<const SignalValue> digests) {
  into_.digests.assign(digests.begin(), digests.end());
}
void CollectingSink::on_facts(const Facts& facts) { into_.facts = facts; }
void CollectingSink::on_pdq(std::span<const PdqSignal> signals) {
  into_.pdq.insert(into_.pdq.end(), signals.begin(), signals.end());
}
void CollectingSink::on_end(const Ending& ending) { into_.ending = ending; }

}  // namespace semblance
