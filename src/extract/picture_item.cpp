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

namespace semblance::extract {
namespace {

// Only `full` filters what a block's low frequencies still tell; `cli512` picks single pixels.
bool may_be_fast(const Plan& plan) noexcept {
  return plan.precision != Precision::kExact && plan.pdq_profiles.size() == 1 &&
         plan.pdq_profiles.front() == PdqProfile::kFull;
}

void take_facts(const decode::PictureInfo& info, Facts& facts) {
  facts.width = info.width;
  facts.height = info.height;
  facts.orientation = info.orientation;
  facts.animated = info.animated;
  facts.decoder = info.decoder;
}

/// Feeds a decoder's rows to the hasher, and remembers what the decoder says of the picture.
class HashingSink final : public decode::RowSink {
 public:
  HashingSink(std::span<const PdqProfile> profiles, Facts& facts)
      : profiles_(profiles), facts_(facts) {}

  void sized(std::uint32_t width, std::uint32_t height) override {
    facts_.width = width;
    facts_.height = height;
  }

  void begin(const decode::PictureInfo& info) override {
    take_facts(info, facts_);
    hasher_.emplace(info.width, info.height, info.channels, profiles_);
    rows_left_ = info.height;
  }

  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    if (!hasher_) return;
    // The hasher takes exactly `height` rows; a decoder that gives more is not to be believed.
    count = std::min(count, rows_left_);
    if (count > 0) hasher_->add_rows(first, stride, count);
    rows_left_ -= count;
  }

  bool complete() const noexcept { return hasher_ && rows_left_ == 0; }
  std::vector<PdqSignal> finish() { return hasher_->finish(); }

 private:
  std::span<const PdqProfile> profiles_;
  Facts& facts_;
  std::optional<hash::PdqHasher> hasher_;
  std::uint32_t rows_left_ = 0;
};

// The fast signal of a JPEG that is whole and of the usual kind; nothing where only decoding it
// will do. The rows that memory does not suffice for here may well be decoded one by one.
std::optional<PdqSignal> hash_low_frequencies(std::span<const std::uint8_t> bytes,
                                              Precision precision, const Limits& limits,
                                              Facts& facts) {
  try {
    const auto jpeg = decode::JpegLuma::open(bytes, limits);
    if (!jpeg) return std::nullopt;
    if (precision == Precision::kAuto && !jpeg->reads_whole_code()) return std::nullopt;
    const int orders = hash::orders_needed(jpeg->info().width, jpeg->info().height);
    if (orders == 0) return std::nullopt;
    const auto blocks = jpeg->read(orders);
    if (!blocks) return std::nullopt;
    const auto signal = hash::hash_blocks(*blocks);
    if (!signal) return std::nullopt;
    take_facts(jpeg->info(), facts);
    return signal;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

}  // namespace

Ending hash_picture(std::span<const std::uint8_t> bytes, decode::Format format, const Plan& plan,
                    const Limits& limits, Facts& facts, std::vector<PdqSignal>& signals) {
  if (format == decode::Format::kJpeg && may_be_fast(plan)) {
    if (const auto signal = hash_low_frequencies(bytes, plan.precision, limits, facts)) {
      signals = {*signal};
      return {};
    }
  }
  HashingSink rows(plan.pdq_profiles, facts);
  auto end = decode::decode_picture(bytes, format, limits, rows);
  if (!end) return ending_of(end.error());
  if (!rows.complete()) {
    return {Reason::kDecodeFailed, false, "decode: the decoder did not give the whole picture"};
  }
  signals = rows.finish();
  if (!end->partial) return {};
  Ending ending = ending_of(Error{end->code, end->detail});
  ending.partial = true;
  return ending;
}

Ending hash_picture_file(int descriptor, std::uint64_t bytes, decode::Format format,
                         const Plan& plan, const Limits& limits, Facts& facts,
                         std::vector<PdqSignal>& signals) {
  if (bytes > kMaxPictureFileBytes) {
    return {Reason::kOverLimit, false,
            "decode: " + std::to_string(bytes) + " bytes, above the limit of " +
                std::to_string(kMaxPictureFileBytes) + " for a picture's file"};
  }
  try {
    auto mapped = MappedBytes::map(descriptor, bytes);
    if (!mapped) return ending_of(mapped.error());
    return hash_picture(mapped->bytes(), format, plan, limits, facts, signals);
  } catch (const std::bad_alloc&) {
    signals.clear();
    return out_of_memory();
  }
}

}  // namespace semblance::extract
