// SPDX-License-Identifier: Apache-2.0
#include "extract/extract_item.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/files.h"
#include "core/snapshot.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "decode/sniff.h"
#include "extract/detail.h"
#include "hash/block_hasher.h"
#include "hash/pdq_hasher.h"

namespace semblance::extract {
namespace {

constexpr std::size_t kSniffBytes = 4096;

/// What is asked of an item's picture.
struct Wanted {
  std::span<const PdqProfile> profiles;
  Precision precision = Precision::kExact;

  // Only `full` filters what a block's low frequencies still tell; `cli512` picks single pixels.
  bool fast() const noexcept {
    return precision != Precision::kExact && profiles.size() == 1 &&
           profiles.front() == PdqProfile::kFull;
  }
};

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

std::string not_decoded(decode::Format format) {
  const std::string word(decode::name(format));
  const MediaKind kind = decode::media_kind(format);
  if (kind == MediaKind::kContainer) return "decode: " + word + " containers are not opened";
  if (kind == MediaKind::kImage)
    return "decode: " + word + " is not a picture format of this build";
  return "decode: " + std::string(name(kind)) + " (" + word + ") is not decoded by this build";
}

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

Ending decode_and_hash(std::span<const std::uint8_t> bytes, decode::Format format,
                       const Wanted& wanted, const Limits& limits, Facts& facts,
                       std::vector<PdqSignal>& signals) {
  if (format == decode::Format::kJpeg && wanted.fast()) {
    if (const auto signal = hash_low_frequencies(bytes, wanted.precision, limits, facts)) {
      signals = {*signal};
      return {};
    }
  }
  HashingSink rows(wanted.profiles, facts);
  auto end = decode::decode_picture(bytes, format, limits, rows);
  if (!end) return ending_of(end.error());
  if (!rows.complete()) {
    return {Reason::kDecodeFailed, false, "decode: the decoder did not give the whole picture"};
  }
  signals = rows.finish();
  if (!end->partial) return {};
  return {end->code == Errc::kTruncated ? Reason::kTruncated : Reason::kDecodeFailed, true,
          tidy(end->detail)};
}

// Only what is decoded is mapped: an archive may be far larger than the room there is.
Ending map_and_hash(int descriptor, std::uint64_t bytes, decode::Format format,
                    const Wanted& wanted, const Limits& limits, Facts& facts,
                    std::vector<PdqSignal>& signals) {
  if (bytes > kMaxPictureFileBytes) {
    return {Reason::kOverLimit, false,
            "decode: " + std::to_string(bytes) + " bytes, above the limit of " +
                std::to_string(kMaxPictureFileBytes) + " for a picture's file"};
  }
  auto mapped = MappedBytes::map(descriptor, bytes);
  if (!mapped) return ending_of(mapped.error());
  return decode_and_hash(mapped->bytes(), format, wanted, limits, facts, signals);
}

}  // namespace

Ending extract_item(int descriptor, std::uint64_t bytes, std::span<const PdqProfile> profiles,
                    Precision precision, const Limits& limits, ExtractSink& sink) {
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
  Ending ending;
  std::vector<PdqSignal> signals;
  if (!decode::decodable(format)) {
    ending = {Reason::kUnsupported, false, not_decoded(format)};
  } else if (!profiles.empty()) {
    try {
      ending =
          map_and_hash(descriptor, bytes, format, {profiles, precision}, limits, facts, signals);
    } catch (const std::bad_alloc&) {
      ending = {Reason::kOverLimit, false, "decode: out of memory"};
      signals.clear();
    }
  }
  sink.on_facts(tidy(std::move(facts)));
  if (!signals.empty()) sink.on_pdq(signals);
  return ending;
}

}  // namespace semblance::extract
