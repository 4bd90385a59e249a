// SPDX-License-Identifier: Apache-2.0
#include "hash/probes/probe_hasher.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "hash/probes/panels.h"
#include "hash/probes/trimmed.h"

namespace semblance::hash {
namespace {

constexpr std::uint16_t kAll = Window::kSide;
constexpr std::uint16_t kHalf = Window::kSide / 2;

// What a collage of two or of four holds, where no edge tells, and the middle.
constexpr std::array<Window, 9> kQueryWindows = {{
    {0, 0, kHalf, kAll},
    {kHalf, 0, kHalf, kAll},
    {0, 0, kAll, kHalf},
    {0, kHalf, kAll, kHalf},
    {0, 0, kHalf, kHalf},
    {kHalf, 0, kHalf, kHalf},
    {0, kHalf, kHalf, kHalf},
    {kHalf, kHalf, kHalf, kHalf},
    {kHalf / 2, kHalf / 2, kHalf, kHalf},
}};

constexpr Window middle(std::uint16_t width, std::uint16_t height) {
  return {static_cast<std::uint16_t>((kAll - width) / 2),
          static_cast<std::uint16_t>((kAll - height) / 2), width, height};
}

constexpr Window corner(std::uint16_t side, bool right, bool bottom) {
  const auto rest = static_cast<std::uint16_t>(kAll - side);
  return {right ? rest : std::uint16_t{0}, bottom ? rest : std::uint16_t{0}, side, side};
}

constexpr std::array<Window, 12> kEntryWindows = {{
    middle(9000, 9000),
    middle(8000, 8000),
    middle(7000, 7000),
    middle(6000, 6000),
    corner(9000, false, false),
    corner(9000, true, false),
    corner(9000, false, true),
    corner(9000, true, true),
    corner(8000, false, false),
    corner(8000, true, false),
    corner(8000, false, true),
    corner(8000, true, true),
}};

// The shapes to which programs cut pictures: square, and those of screens.
struct Shape {
  std::uint32_t width;
  std::uint32_t height;
};
constexpr std::array<Shape, 4> kShapes = {{{1, 1}, {4, 5}, {4, 3}, {16, 9}}};

// The largest of that shape in the middle; nothing where that is nearly all.
std::optional<Window> cut_to(const Shape& shape, const PlaneArea& picture) {
  constexpr std::uint64_t kNearlyAll = std::uint64_t{kAll} * 98 / 100;
  const std::uint64_t wide = std::uint64_t{picture.right} * shape.height;
  const std::uint64_t high = std::uint64_t{picture.bottom} * shape.width;
  const std::uint64_t kept =
      (std::min(wide, high) * kAll + std::max(wide, high) / 2) / std::max(wide, high);
  if (kept > kNearlyAll || kept == 0) return std::nullopt;
  const auto part = static_cast<std::uint16_t>(kept);
  return wide > high ? middle(part, kAll) : middle(kAll, part);
}

// Probes that are asked for, each rectangle once.
class Collector {
 public:
  explicit Collector(const ProbePlane& plane) : plane_(plane) {}

  void add(ProbeKind kind, const Window& window) {
    const auto same = [&](const ProbeSignal& known) { return known.probe.window == window; };
    if (window == Window{} || probes_.size() == kMaxProbes) return;
    if (std::any_of(probes_.begin(), probes_.end(), same)) return;
    probes_.push_back({{kind, window}, plane_.hash(window)});
  }

  void add_trimmed() {
    const std::optional<PlaneArea> area = find_trimmed(plane_);
    if (area) add(ProbeKind::kTrimmed, plane_.window_of(*area));
  }

  void add_panels() {
    for (const PlaneArea& area : find_panels(plane_)) {
      add(ProbeKind::kPanel, plane_.window_of(area));
    }
  }

  std::vector<ProbeSignal> take() { return std::move(probes_); }

 private:
  const ProbePlane& plane_;
  std::vector<ProbeSignal> probes_;
};

}  // namespace

std::vector<ProbeSignal> hash_probes(const ProbePlane& plane, std::span<const ProbeKind> kinds) {
  const auto asked = [&](ProbeKind kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  Collector probes(plane);
  if (asked(ProbeKind::kTrimmed)) probes.add_trimmed();
  if (asked(ProbeKind::kPanel)) probes.add_panels();
  if (asked(ProbeKind::kWindow)) {
    for (const Window& window : kQueryWindows) probes.add(ProbeKind::kWindow, window);
  }
  return probes.take();
}

int orders_for_panel_probes(std::uint32_t width, std::uint32_t height) noexcept {
  return orders_for_panels(width, height);
}

std::span<const Window> entry_windows() noexcept { return kEntryWindows; }

std::vector<ProbeSignal> hash_entry_probes(const ProbePlane& plane) {
  Collector probes(plane);
  probes.add_trimmed();
  for (const Window& window : kEntryWindows) probes.add(ProbeKind::kWindow, window);
  for (const Shape& shape : kShapes) {
    const std::optional<Window> window = cut_to(shape, plane.picture());
    if (window) probes.add(ProbeKind::kWindow, *window);
  }
  return probes.take();
}

}  // namespace semblance::hash
