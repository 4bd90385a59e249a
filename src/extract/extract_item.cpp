// SPDX-License-Identifier: Apache-2.0
#include "extract/extract_item.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "decode/decode.h"
#include "decode/sniff.h"
#include "decode/video.h"
#include "extract/detail.h"
#include "extract/picture_item.h"
#include "extract/video_item.h"

namespace semblance::extract {
namespace {

constexpr std::size_t kSniffBytes = 4096;

std::string not_decoded(decode::Format format) {
  const std::string word(decode::name(format));
  const MediaKind kind = decode::media_kind(format);
  if (kind == MediaKind::kContainer) return "decode: " + word + " containers are not opened";
  if (kind == MediaKind::kImage)
    return "decode: " + word + " is not a picture format of this build";
  return "decode: " + std::string(name(kind)) + " (" + word + ") is not decoded by this build";
}

Ending tell_all(Facts facts, const PictureSignals& found, Ending ending, ExtractSink& sink) {
  sink.on_facts(tidy(std::move(facts)));
  tell(found, sink);
  return ending;
}

// The first picture, and of one that moves its frames as well.
Ending extract_pictures(const ItemFile& file, const Plan& plan, const Limits& limits,
                        Embedders& embedders, Facts facts, ExtractSink& sink) {
  PictureSignals found;
  if (!asks_for_picture(plan)) return tell_all(std::move(facts), found, {}, sink);
  Ending ending = extract_picture(file, plan, limits, embedders, facts, found);
  if (found.pdq.empty() || !facts.animated || !decode::has_frames(file.format)) {
    return tell_all(std::move(facts), found, std::move(ending), sink);
  }
  Ending moving = extract_animation(file, plan, limits, {std::move(facts), std::move(found)}, sink);
  if (ending.reason == Reason::kNone) return moving;
  ending.reached_ms = moving.reached_ms;
  return ending;
}

}  // namespace

Ending extract_item(int descriptor, std::uint64_t bytes, const Plan& plan, const Limits& limits,
                    Embedders& embedders, ExtractSink& sink) {
  std::array<std::uint8_t, kSniffBytes> head;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, head.size()));
  const auto got = read_at(descriptor, {head.data(), wanted}, 0, "item");
  if (!got) return ending_of(got.error());
  if (*got == 0) return {Reason::kNotMedia, false, "sniff: the item is empty"};
  const auto format = decode::sniff({head.data(), *got});
  if (format == decode::Format::kUnknown) {
    return {Reason::kNotMedia, false, "sniff: no known format of media"};
  }
  Facts facts;
  facts.kind = decode::media_kind(format);
  facts.format = decode::name(format);
  const ItemFile file{descriptor, bytes, format};
  if (facts.kind == MediaKind::kImage && decode::decodable(format)) {
    return extract_pictures(file, plan, limits, embedders, std::move(facts), sink);
  }
  if (facts.kind == MediaKind::kImage || !decode::has_frames(format)) {
    return tell_all(std::move(facts), {}, {Reason::kUnsupported, false, not_decoded(format)}, sink);
  }
  if (plan.pdq_profiles.empty() && !plan.tmk) return tell_all(std::move(facts), {}, {}, sink);
  return extract_video(file, plan, limits, std::move(facts), sink);
}

}  // namespace semblance::extract
