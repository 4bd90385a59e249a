// SPDX-License-Identifier: Apache-2.0
#include "extract/intake.h"

#include <algorithm>
#include <string>
#include <vector>

namespace semblance::extract {
namespace {

template <class T>
bool repeats(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

Status check_plan(const Extractor& extractor, const Plan& plan) {
  if (auto sound = check(plan.frames); !sound) return sound;
  const auto known = [](ProbeKind kind) {
    return static_cast<std::size_t>(kind) < kProbeKinds.size();
  };
  if (!std::all_of(plan.probes.begin(), plan.probes.end(), known)) {
    return Error{Errc::kBadArgument, "plan probes: an unknown kind"};
  }
  if (repeats(plan.probes)) return Error{Errc::kBadArgument, "plan probes: a kind twice"};
  if (plan.features > kMaxFeatures) {
    return Error{Errc::kBadArgument, "plan features: " + std::to_string(plan.features) +
                                         ", more than " + std::to_string(kMaxFeatures)};
  }
  if (plan.thumbnail_side > kMaxThumbnailSide) {
    return Error{Errc::kBadArgument, "plan thumbnail: " + std::to_string(plan.thumbnail_side) +
                                         " pixels a side, more than " +
                                         std::to_string(kMaxThumbnailSide)};
  }
  if (repeats(plan.embedders)) return Error{Errc::kBadArgument, "plan embedders: one twice"};
  return check_embedders(extractor, plan);
}

}  // namespace

Result<Snapshot> take_in(const Extractor& extractor, int descriptor, const Plan& plan,
                         const Limits& limits, ExtractSink& sink) {
  // No file's doing, and no reason to say that one could not be decoded.
  if (auto sound = check_plan(extractor, plan); !sound) {
    return Error{Errc::kUnsupported, "extract: " + sound.error().what};
  }
  auto snapshot = take_snapshot(descriptor, plan.digests, limits.max_bytes);
  if (snapshot && !snapshot->digests.empty()) sink.on_digests(snapshot->digests);
  return snapshot;
}

}  // namespace semblance::extract
