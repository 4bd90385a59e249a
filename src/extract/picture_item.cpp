// SPDX-License-Identifier: Apache-2.0
#include "extract/picture_item.h"

#include <algorithm>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "core/snapshot.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "extract/detail.h"
#include "hash/block_hasher.h"
#include "hash/pdq_hasher.h"
#include "hash/probes/probe_hasher.h"

namespace semblance::extract {
namespace {

// Only `full` filters what a block's low frequencies still tell; `cli512` picks single pixels.
bool may_be_fast(const Plan& plan) noexcept {
  return plan.precision != Precision::kExact && plan.pdq_profiles.size() == 1 &&
         plan.pdq_profiles.front() == PdqProfile::kFull && !takes_pixels(plan);
}

void take_facts(const decode::PictureInfo& info, Facts& facts) {
  facts.width = info.width;
  facts.height = info.height;
  facts.orientation = info.orientation;
  facts.animated = info.animated;
  facts.decoder = info.decoder;
}

/// Feeds a decoder's rows to what hashes and keeps them, and remembers what the decoder says of the
/// picture.
class PictureRows final : public decode::RowSink {
 public:
  PictureRows(const Plan& plan, Facts& facts) : plan_(plan), facts_(facts), parts_(plan) {}

  void sized(std::uint32_t width, std::uint32_t height) override {
    facts_.width = width;
    facts_.height = height;
  }

  void begin(const decode::PictureInfo& info) override {
    take_facts(info, facts_);
    if (!plan_.pdq_profiles.empty()) {
      hasher_.emplace(info.width, info.height, info.channels, plan_.pdq_profiles);
    }
    parts_.begin(info.width, info.height, info.channels);
    begun_ = true;
    rows_left_ = info.height;
  }

  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    if (!begun_) return;
    // Exactly `height` rows are taken; a decoder that gives more is not to be believed.
    count = std::min(count, rows_left_);
    if (count == 0) return;
    if (hasher_) hasher_->add_rows(first, stride, count);
    parts_.add_rows(first, stride, count);
    rows_left_ -= count;
  }

  bool complete() const noexcept { return begun_ && rows_left_ == 0; }
  std::vector<PdqSignal> finish() { return hasher_ ? hasher_->finish() : std::vector<PdqSignal>(); }
  PictureParts& parts() noexcept { return parts_; }

 private:
  const Plan& plan_;
  Facts& facts_;
  std::optional<hash::PdqHasher> hasher_;
  PictureParts parts_;
  bool begun_ = false;
  std::uint32_t rows_left_ = 0;
};

// How many orders of its blocks the parts of a JPEG are made of; 0 where only every pixel will do.
// Those that the whole needs will do for borders; panels are lost for want of samples.
int orders_of_parts(const decode::PictureInfo& info, const Plan& plan, int of_whole) {
  if (!asks_for_panels(plan)) return of_whole;
  const int of_panels = hash::orders_for_panel_probes(info.width, info.height);
  return of_panels == 0 ? 0 : std::max(of_whole, of_panels);
}

// The fast signals of a JPEG that is whole and of the usual kind; nothing where only decoding it
// will do. The rows that memory does not suffice for here may well be decoded one by one.
std::optional<PictureSignals> hash_low_frequencies(std::span<const std::uint8_t> bytes,
                                                   const Plan& plan, const Limits& limits,
                                                   Facts& facts) {
  try {
    const auto jpeg = decode::JpegLuma::open(bytes, limits);
    if (!jpeg) return std::nullopt;
    if (plan.precision == Precision::kAuto && !jpeg->reads_whole_code()) return std::nullopt;
    const int orders = hash::orders_needed(jpeg->info().width, jpeg->info().height);
    const int of_parts = orders_of_parts(jpeg->info(), plan, orders);
    if (orders == 0 || of_parts == 0) return std::nullopt;
    auto blocks = jpeg->read(of_parts);
    if (!blocks) return std::nullopt;
    // Which parts are asked for does not change what the whole is hashed by: the first orders.
    blocks->orders = orders;
    const auto signal = hash::hash_blocks(*blocks);
    if (!signal) return std::nullopt;
    blocks->orders = of_parts;
    PictureSignals found{{*signal}, hash_parts(*blocks, plan), {}, {}};
    take_facts(jpeg->info(), facts);
    return found;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

// Gives every row of the picture; false if it could not, which the ending then tells.
bool decode_rows(std::span<const std::uint8_t> bytes, decode::Format format, const Limits& limits,
                 PictureRows& rows, Ending& ending) {
  auto end = decode::decode_picture(bytes, format, limits, rows);
  if (!end) {
    ending = ending_of(end.error());
    return false;
  }
  if (!rows.complete()) {
    ending = {Reason::kDecodeFailed, false, "decode: the decoder did not give the whole picture"};
    return false;
  }
  if (end->partial) ending = ending_of(Error{end->code, end->detail});
  ending.partial = end->partial;
  return true;
}

Ending extract_bytes(std::span<const std::uint8_t> bytes, decode::Format format, const Plan& plan,
                     const Limits& limits, Embedders& embedders, Facts& facts,
                     PictureSignals& found) {
  if (format == decode::Format::kJpeg && may_be_fast(plan)) {
    if (auto fast = hash_low_frequencies(bytes, plan, limits, facts)) {
      found = std::move(*fast);
      return {};
    }
  }
  PictureRows rows(plan, facts);
  Ending ending;
  if (!decode_rows(bytes, format, limits, rows, ending)) return ending;
  found.pdq = rows.finish();
  if (auto described = rows.parts().finish(embedders, found); !described) {
    if (ending.reason == Reason::kNone) ending = ending_of(described.error());
    ending.partial = !found.empty();
  }
  return ending;
}

}  // namespace

Ending extract_picture(const ItemFile& file, const Plan& plan, const Limits& limits,
                       Embedders& embedders, Facts& facts, PictureSignals& found) {
  if (file.bytes > kMaxPictureFileBytes) {
    return {Reason::kOverLimit, false,
            "decode: " + std::to_string(file.bytes) + " bytes, above the limit of " +
                std::to_string(kMaxPictureFileBytes) + " for a picture's file"};
  }
  try {
    auto mapped = MappedBytes::map(file.descriptor, file.bytes);
    if (!mapped) return ending_of(mapped.error());
    return extract_bytes(mapped->bytes(), file.format, plan, limits, embedders, facts, found);
  } catch (const std::bad_alloc&) {
    found = {};
    return out_of_memory();
  }
}

Ending hash_attached(std::span<const std::uint8_t> bytes, decode::Format format, const Plan& plan,
                     const Limits& limits, Facts& facts, std::vector<PdqSignal>& signals) {
  const Plan whole{{}, plan.pdq_profiles};
  PictureRows rows(whole, facts);
  Ending ending;
  if (decode_rows(bytes, format, limits, rows, ending)) signals = rows.finish();
  return ending;
}

}  // namespace semblance::extract
