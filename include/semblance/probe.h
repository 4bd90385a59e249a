// SPDX-License-Identifier: Apache-2.0
// Parts of a picture that are hashed beside the whole of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance {

/// A rectangle of a picture, in ten-thousandths of its sides, from its upper left corner.
struct Window {
  static constexpr std::uint16_t kSide = 10'000;

  std::uint16_t left = 0;
  std::uint16_t top = 0;
  std::uint16_t width = kSide;
  std::uint16_t height = kSide;

  friend auto operator<=>(const Window&, const Window&) = default;
};

/// Why a part of a picture is hashed. The numbers are stored and sent: append only.
enum class ProbeKind : std::uint8_t {
  kWhole = 0,    // the picture as it is
  kTrimmed = 1,  // what plain borders enclose: a letterbox, a frame
  kPanel = 2,    // what lies between long straight edges: a picture of a collage or a screenshot
  kWindow = 3,   // a place of a fixed grid
};
inline constexpr std::array kProbeKinds = {ProbeKind::kWhole, ProbeKind::kTrimmed,
                                           ProbeKind::kPanel, ProbeKind::kWindow};

/// Returns `whole trimmed panel window`.
std::string_view name(ProbeKind kind) noexcept;

/// Parses `whole`, `trimmed`, `panel` or `window`; any other text is Errc::kBadArgument.
Result<ProbeKind> parse_probe_kind(std::string_view word);

/// A part of a picture, and why it is looked at.
struct Probe {
  ProbeKind kind = ProbeKind::kWhole;
  Window window{};

  friend auto operator<=>(const Probe&, const Probe&) = default;
};

/// The version of the choice of probes and of their arithmetic; changes whenever a bit could.
inline constexpr std::string_view kProbeVersion = "probe-1";

/// The most probes of one picture, the whole not counted.
inline constexpr std::size_t kMaxProbes = 40;

/// The PDQ of a part of a picture, with the hashes of its eight transforms.
///
/// Made from the picture reduced to a bounded size: some bits from the hash of a file that holds
/// that part alone (src/hash/README.md says how many).
struct ProbeSignal {
  Probe probe;
  PdqSignal pdq;

  friend bool operator==(const ProbeSignal&, const ProbeSignal&) = default;
};

}  // namespace semblance
