// SPDX-License-Identifier: Apache-2.0
#include "semblance/probe.h"

#include <string>

namespace semblance {

std::string_view name(ProbeKind kind) noexcept {
  switch (kind) {
    case ProbeKind::kWhole:
      return "whole";
    case ProbeKind::kTrimmed:
      return "trimmed";
    case ProbeKind::kPanel:
      return "panel";
    case ProbeKind::kWindow:
      return "window";
  }
  return "unknown";
}

Result<ProbeKind> parse_probe_kind(std::string_view word) {
  for (const ProbeKind kind : kProbeKinds) {
    if (word == name(kind)) return kind;
  }
  return Error{Errc::kBadArgument,
               "parse probe '" + std::string(word) + "': not one of whole, trimmed, panel, window"};
}

}  // namespace semblance
