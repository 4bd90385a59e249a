// SPDX-License-Identifier: Apache-2.0
#include "extract/intake.h"

namespace semblance::extract {

Result<Snapshot> take_in(int descriptor, const Plan& plan, const Limits& limits,
                         ExtractSink& sink) {
  // No file's doing, and no reason to say that one could not be decoded.
  if (auto sound = check(plan.frames); !sound) {
    return Error{Errc::kUnsupported, "extract: " + sound.error().what};
  }
  auto snapshot = take_snapshot(descriptor, plan.digests, limits.max_bytes);
  if (snapshot && !snapshot->digests.empty()) sink.on_digests(snapshot->digests);
  return snapshot;
}

}  // namespace semblance::extract
