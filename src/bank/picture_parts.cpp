// SPDX-License-Identifier: Apache-2.0
#include "bank/picture_parts.h"

#include <algorithm>
#include <string>

namespace semblance::bank {
namespace {

constexpr unsigned kSideBits = 14;
constexpr std::uint64_t kSideMask = (std::uint64_t{1} << kSideBits) - 1;
static_assert(Window::kSide <= kSideMask);

bool is_inside(const Window& window) noexcept {
  return window.width > 0 && window.height > 0 && window.left + window.width <= Window::kSide &&
         window.top + window.height <= Window::kSide;
}

bool is_kind_of_part(ProbeKind kind) noexcept {
  return kind != ProbeKind::kWhole &&
         std::find(kProbeKinds.begin(), kProbeKinds.end(), kind) != kProbeKinds.end();
}

}  // namespace

std::int64_t packed(const Probe& part) noexcept {
  auto number = static_cast<std::uint64_t>(part.kind);
  for (const std::uint16_t side :
       {part.window.left, part.window.top, part.window.width, part.window.height}) {
    number = number << kSideBits | (side & kSideMask);
  }
  return static_cast<std::int64_t>(number);
}

std::optional<Probe> unpacked(std::int64_t number) noexcept {
  auto bits = static_cast<std::uint64_t>(number);
  Probe part;
  for (std::uint16_t* side :
       {&part.window.height, &part.window.width, &part.window.top, &part.window.left}) {
    *side = static_cast<std::uint16_t>(bits & kSideMask);
    bits >>= kSideBits;
  }
  part.kind = static_cast<ProbeKind>(bits);
  if (!is_kind_of_part(part.kind) || !is_inside(part.window)) return std::nullopt;
  return part;
}

Status check_part(const Probe& part) {
  const auto bad = [](std::string what) { return Error{Errc::kBadArgument, std::move(what)}; };
  if (!is_kind_of_part(part.kind)) {
    return bad("check part: '" + std::string(name(part.kind)) + "' is no kind of part");
  }
  if (!is_inside(part.window)) {
    const Window& w = part.window;
    return bad("check part: the window " + std::to_string(w.left) + ',' + std::to_string(w.top) +
               ',' + std::to_string(w.width) + ',' + std::to_string(w.height) +
               " is empty, or not within 10000 by 10000");
  }
  return ok();
}

bool any_part(std::span<const BankSignal> signals) noexcept {
  return std::any_of(signals.begin(), signals.end(), is_part);
}

bool lacks_windows(std::span<const BankSignal> signals) noexcept {
  bool pdq = false;
  for (const BankSignal& signal : signals) {
    if (signal.part && signal.part->kind == ProbeKind::kWindow) return false;
    pdq = pdq || signal.value.kind == SignalKind::kPdq;
  }
  return pdq;
}

}  // namespace semblance::bank
