// SPDX-License-Identifier: Apache-2.0
// What is known of pictures that do not exist beside their hash, for the tests of banks.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bank/bank_fixture.h"
#include "semblance/embedding.h"
#include "semblance/features.h"

namespace semblance::bank {

inline constexpr Probe kWindowPart{ProbeKind::kWindow, {0, 2'000, 6'000, 8'000}};
inline constexpr Probe kTrimmedPart{ProbeKind::kTrimmed, {1'000, 0, 8'000, 10'000}};

inline BankSignal part_signal(char digit, const Probe& part = kWindowPart,
                              std::optional<int> quality = 90) {
  BankSignal signal = pdq_signal(digit, quality);
  signal.part = part;
  signal.version = "probe-1/pdq-1";
  return signal;
}

/// Features of a picture of 64 x 48 pixels: `count` of them, at one place.
inline BankSignal features_signal(std::size_t count, std::string version = "orb-1") {
  FeatureSet set{64, 48, false, std::vector<Feature>(count)};
  for (Feature& feature : set.features) feature.descriptor.bytes.fill(0x5A);
  return {{SignalKind::kOrb, to_bytes(set)}, {}, {}, std::move(version)};
}

/// An embedding of 4 dimensions, along the axis of that number.
inline BankSignal embedding_signal(std::string model, std::size_t axis,
                                   std::string version = "v1") {
  std::vector<float> values(4);
  values[axis] = 1;
  BankSignal signal{{SignalKind::kEmbedding, to_bytes(values)}, {}, {}, std::move(version)};
  signal.model = std::move(model);
  return signal;
}

/// Takes a store of the newest version back to what it was before there were parts of pictures, but
/// for what it keeps of models.
inline constexpr const char* kWithoutParts =
    "DROP TABLE bank_probes; DROP TABLE bank_embeddings; DROP TABLE models;"
    "ALTER TABLE banks DROP COLUMN entry_windows; ALTER TABLE banks DROP COLUMN features;"
    "ALTER TABLE signals DROP COLUMN part;"
    "DELETE FROM signal_counts WHERE kind = 0 AND profile = 1;";

}  // namespace semblance::bank
