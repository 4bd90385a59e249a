// SPDX-License-Identifier: Apache-2.0
#include "bank_signals.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace semblance::tool {
namespace {

BankSignal signal_of(SignalKind kind, std::vector<std::uint8_t> bytes, std::string version) {
  BankSignal signal;
  signal.value = {kind, std::move(bytes)};
  signal.version = std::move(version);
  return signal;
}

BankSignal of_pdq(const PdqSignal& pdq, std::string version) {
  const auto& bytes = pdq.hash().bytes;
  BankSignal signal = signal_of(SignalKind::kPdq, {bytes.begin(), bytes.end()}, std::move(version));
  signal.quality = pdq.quality;
  signal.profile = pdq.profile;
  return signal;
}

void add_pictures(const Extraction& found, int floor, std::vector<BankSignal>& signals) {
  for (const PdqSignal& pdq : found.pdq) {
    if (pdq.quality >= floor) signals.push_back(of_pdq(pdq, version_of(pdq)));
  }
  for (const ProbeSignal& part : found.probes) {
    if (part.pdq.quality < floor) continue;
    signals.push_back(of_pdq(part.pdq, std::string(kProbeVersion) + "/" + version_of(part.pdq)));
    signals.back().part = part.probe;
  }
}

// A picture without structure is like all others without: its embedding would match them. Features
// it has few of, and those that agree in their places speak for themselves.
void add_embeddings(const Extraction& found, int floor, std::vector<BankSignal>& signals) {
  const bool plain = std::none_of(found.pdq.begin(), found.pdq.end(),
                                  [floor](const PdqSignal& pdq) { return pdq.quality >= floor; });
  if (plain) return;
  for (const EmbeddingSignal& embedding : found.embeddings) {
    signals.push_back(
        signal_of(SignalKind::kEmbedding, to_bytes(embedding.values), embedding.id.version));
    signals.back().model = embedding.id.model;
  }
}

void add_features(const Extraction& found, std::vector<BankSignal>& signals) {
  for (const FeatureSet& set : found.features) {
    if (set.mirrored || set.features.empty()) continue;
    signals.push_back(signal_of(SignalKind::kOrb, to_bytes(set), std::string(kFeaturesVersion)));
  }
}

// Of a video all frames are kept, for a floor that is lowered later, if one is above it now.
void add_video(const Extraction& found, int floor, std::vector<BankSignal>& signals) {
  const bool above =
      std::any_of(found.frames.begin(), found.frames.end(),
                  [floor](const FrameSignal& frame) { return frame.at.quality >= floor; });
  if (above) {
    std::span<const FrameSignal> frames = found.frames;
    frames = frames.first(std::min(frames.size(), kMaxSignalFrames));
    const std::uint32_t until = found.ending.reached_ms.value_or(found.facts.duration_ms);
    signals.push_back(signal_of(SignalKind::kVpdq,
                                to_bytes(to_known(found.sampling, until, frames)),
                                frames_version(found.sampling)));
  }
  if (found.tmk) {
    signals.push_back(signal_of(SignalKind::kTmk, to_bytes(*found.tmk), std::string(kTmkVersion)));
  }
}

}  // namespace

Plan plan_for(const BankPolicy& policy, PdqProfile profile, bool tmk) {
  Plan plan;
  plan.pdq_profiles = {profile};
  plan.tmk = tmk;
  // Panels and windows of a query are compared with whole entries: of an entry they need no hash.
  if (policy.probes.contains(ProbeKind::kTrimmed)) plan.probes = {ProbeKind::kTrimmed};
  plan.entry_windows = policy.entry_windows;
  if (policy.features) plan.features = kEntryFeatures;
  for (const auto& [model, least] : policy.embeddings) plan.embedders.push_back(model);
  return plan;
}

std::vector<BankSignal> signals_to_bank(const Extraction& found, int quality_floor) {
  std::vector<BankSignal> signals;
  add_pictures(found, quality_floor, signals);
  add_features(found, signals);
  add_embeddings(found, quality_floor, signals);
  add_video(found, quality_floor, signals);
  return signals;
}

}  // namespace semblance::tool
