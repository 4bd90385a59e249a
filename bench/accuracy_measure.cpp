// SPDX-License-Identifier: Apache-2.0
#include "accuracy_measure.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "core/files.h"
#include "datasets/encode.h"
#include "datasets/geometry.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "hash/block_hasher.h"
#include "hash/pdq_hasher.h"

namespace semblance::bench {
namespace {

constexpr std::array kProfile = {PdqProfile::kFull};

std::span<const std::uint8_t> bytes_of(const std::string& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()};
}

class CollectingRows final : public decode::RowSink {
 public:
  explicit CollectingRows(datasets::Picture& into) : into_(into) {}

  void begin(const decode::PictureInfo& info) override {
    into_ = datasets::Picture(info.width, info.height);
    channels_ = info.channels;
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t r = 0; r < count; ++r, ++row_) {
      const std::uint8_t* in = first + static_cast<std::ptrdiff_t>(r) * stride;
      std::uint8_t* out = into_.row(row_);
      for (std::size_t s = 0; s < into_.row_bytes(); ++s) out[s] = in[channels_ == 3 ? s : s / 3];
    }
  }

 private:
  datasets::Picture& into_;
  int channels_ = 3;
  std::uint32_t row_ = 0;
};

class HashingRows final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo& info) override {
    hasher_.emplace(info.width, info.height, info.channels, kProfile);
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    hasher_->add_rows(first, stride, count);
  }
  PdqSignal finish() { return hasher_->finish().front(); }

 private:
  std::optional<hash::PdqHasher> hasher_;
};

double mean(const std::vector<int>& values) {
  double sum = 0.0;
  for (const int value : values) sum += value;
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

}  // namespace

std::optional<datasets::Picture> load_picture(const std::string& path) {
  auto file = open_for_reading(path);
  struct stat facts {};
  if (!file || ::fstat(file->get(), &facts) != 0) return std::nullopt;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(facts.st_size));
  if (!read_at(file->get(), bytes, 0, path)) return std::nullopt;
  datasets::Picture picture;
  CollectingRows rows(picture);
  const auto end = decode::decode_picture(bytes, decode::sniff(bytes), Limits{}, rows);
  if (!end || end->partial) return std::nullopt;
  return picture;
}

datasets::Picture of_megapixels(const datasets::Picture& picture, double megapixels) {
  const double pixels = static_cast<double>(picture.width) * picture.height;
  return datasets::rescale(picture, std::sqrt(megapixels * 1e6 / pixels));
}

Result<std::string> encode_jpeg(const datasets::Picture& picture, int quality, bool progressive) {
  datasets::Encoding encoding;
  encoding.quality = quality;
  encoding.progressive = progressive;
  return datasets::encode(picture, encoding);
}

Result<PdqSignal> exact_signal(const std::string& file) {
  HashingRows rows;
  const auto end = decode::decode_picture(bytes_of(file), decode::Format::kJpeg, Limits{}, rows);
  if (!end) return end.error();
  return rows.finish();
}

Result<PdqSignal> fast_signal(const std::string& file, int orders) {
  const auto luma = decode::JpegLuma::open(bytes_of(file), Limits{});
  if (!luma) return Error{Errc::kUnsupported, "read luma: not a usual JPEG"};
  if (orders == 0) orders = hash::orders_needed(luma->info().width, luma->info().height);
  if (orders == 0) return exact_signal(file);
  const auto blocks = luma->read(orders);
  if (!blocks) return Error{Errc::kUnsupported, "read luma: the entropy code is not right"};
  const auto signal = hash::hash_blocks(*blocks);
  return signal ? *signal : exact_signal(file);
}

void ErrorTable::add(const PdqSignal& exact, const PdqSignal& fast) {
  int worst = 0;
  for (std::size_t t = 0; t < kTransforms; ++t) {
    worst = std::max(worst, hamming_distance(exact.hashes[t], fast.hashes[t]));
  }
  distances_.push_back(hamming_distance(exact.hash(), fast.hash()));
  worst_.push_back(worst);
  quality_error_ = std::max(quality_error_, std::abs(exact.quality - fast.quality));
  exact_ += fast.precision() == Precision::kExact ? 1U : 0U;
  fewest_orders_ = std::min(fewest_orders_, int{fast.orders});
  most_orders_ = std::max(most_orders_, int{fast.orders});
}

void ErrorTable::add(const ErrorTable& other) {
  distances_.insert(distances_.end(), other.distances_.begin(), other.distances_.end());
  worst_.insert(worst_.end(), other.worst_.begin(), other.worst_.end());
  quality_error_ = std::max(quality_error_, other.quality_error_);
  exact_ += other.exact_;
  fewest_orders_ = std::min(fewest_orders_, other.fewest_orders_);
  most_orders_ = std::max(most_orders_, other.most_orders_);
}

std::string ErrorTable::cells() const {
  if (distances_.empty()) return "0";
  std::vector<int> sorted = distances_;
  std::ranges::sort(sorted);
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(), "%d-%d | %zu | %zu | %.2f | %d | %d | %.2f | %d | %d",
                fewest_orders_, most_orders_, distances_.size(), exact_, mean(distances_),
                sorted[(sorted.size() * 95 + 99) / 100 - 1], sorted.back(), mean(worst_),
                *std::ranges::max_element(worst_), quality_error_);
  return text.data();
}

}  // namespace semblance::bench
