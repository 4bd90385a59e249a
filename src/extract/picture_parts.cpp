// SPDX-License-Identifier: Apache-2.0
#include "extract/picture_parts.h"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "extract/thumbnail.h"
#include "hash/features/orb.h"
#include "hash/probes/probe_hasher.h"
#include "hash/probes/probe_plane.h"

namespace semblance::extract {
namespace {

constexpr int kLuma = 1;
constexpr int kColour = 3;

std::vector<ProbeSignal> hash_parts(const hash::ProbePlane& plane, const Plan& plan) {
  return plan.entry_windows ? hash::hash_entry_probes(plane)
                            : hash::hash_probes(plane, plan.probes);
}

// A set without features says nothing, and is left out.
void add_features(const Raster& luma, const Plan& plan, std::vector<FeatureSet>& found) {
  for (const bool mirrored : {false, true}) {
    if (mirrored && !plan.mirrored_features) continue;
    FeatureSet set = hash::find_features(luma, plan.features, mirrored);
    if (!set.features.empty()) found.push_back(std::move(set));
  }
}

// Whether the plan asks for what is not a hash.
bool needs_raster(const Plan& plan) noexcept {
  return plan.features > 0 || !plan.embedders.empty() || plan.thumbnail_side > 0;
}

// Whether the plan asks for what has colours.
bool needs_colour(const Plan& plan) noexcept {
  return !plan.embedders.empty() || plan.thumbnail_side > 0;
}

}  // namespace

void tell(const PictureSignals& picture, ExtractSink& sink) {
  if (!picture.pdq.empty()) sink.on_pdq(picture.pdq);
  if (!picture.probes.empty()) sink.on_probes(picture.probes);
  for (const FeatureSet& set : picture.features) sink.on_features(set);
  for (const EmbeddingSignal& signal : picture.embeddings) sink.on_embedding(signal);
  if (picture.thumbnail) sink.on_thumbnail(*picture.thumbnail);
}

bool asks_for_probes(const Plan& plan) noexcept {
  const auto is_part = [](ProbeKind kind) { return kind != ProbeKind::kWhole; };
  return !plan.pdq_profiles.empty() &&
         (plan.entry_windows || std::any_of(plan.probes.begin(), plan.probes.end(), is_part));
}

bool asks_for_panels(const Plan& plan) noexcept {
  return asks_for_probes(plan) && !plan.entry_windows &&
         std::find(plan.probes.begin(), plan.probes.end(), ProbeKind::kPanel) != plan.probes.end();
}

bool asks_for_picture(const Plan& plan) noexcept {
  return !plan.pdq_profiles.empty() || needs_raster(plan);
}

bool takes_pixels(const Plan& plan) noexcept { return plan.entry_windows || needs_raster(plan); }

std::vector<ProbeSignal> hash_parts(const LumaBlocks& blocks, const Plan& plan) {
  if (!asks_for_probes(plan) || plan.entry_windows) return {};
  return hash_parts(hash::ProbePlane(blocks), plan);
}

// Parts and features are of luma, whether embeddings are asked for or not: the mean of rounded luma
// is not quite the luma of rounded means, and what else is asked for must not turn a bit.
void PictureParts::begin(std::uint32_t width, std::uint32_t height, int channels) {
  const bool colours = needs_colour(plan_);
  if (asks_for_probes(plan_) || plan_.features > 0 || (colours && channels == kLuma)) {
    luma_.emplace(width, height, channels, kLuma);
  }
  if (colours && channels != kLuma) colour_.emplace(width, height, channels, kColour);
}

void PictureParts::add_rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) {
  if (luma_) luma_->add_rows(first, stride, count);
  if (colour_) colour_->add_rows(first, stride, count);
}

Status PictureParts::finish(Embedders& embedders, PictureSignals& found) {
  try {
    return describe(embedders, found);
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, "describe picture: out of memory"};
  } catch (const std::exception& failure) {  // OpenCV's, which has its own words for memory
    const std::string words = failure.what();
    const bool is_memory = words.find("Insufficient memory") != std::string::npos;
    return Error{is_memory ? Errc::kLimit : Errc::kDecode, "describe picture: " + words};
  }
}

Status PictureParts::describe(Embedders& embedders, PictureSignals& found) {
  Raster luma;
  if (luma_) luma = luma_->finish();
  if (asks_for_probes(plan_)) found.probes = hash_parts(hash::ProbePlane(luma), plan_);
  if (plan_.features > 0) add_features(luma, plan_, found.features);
  if (!needs_colour(plan_)) return ok();
  const Raster colour = colour_ ? colour_->finish() : std::move(luma);
  if (plan_.thumbnail_side > 0) found.thumbnail = make_thumbnail(colour, plan_.thumbnail_side);
  for (const std::string& model : plan_.embedders) {
    auto embedding = embedders.embed(model, colour);
    if (!embedding) return std::move(embedding).error();
    if (*embedding) found.embeddings.push_back(std::move(**embedding));
  }
  return ok();
}

}  // namespace semblance::extract
