// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hash/embedding/embedder.h"
#include "quality/method.h"

namespace semblance::bench {
namespace {

struct VectorDescription final : Description {
  std::vector<float> vector;  // empty: a picture without structure
};

// In single precision and unordered: which of millions of pairs are near needs no last bit.
float fast_cosine(const float* a, const float* b, std::size_t n) {
  constexpr std::size_t kLanes = 16;
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += a[i + k] * b[i + k];
  }
  float sum = 0.0F;
  for (; i < n; ++i) sum += a[i] * b[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

class DescriptorMethod final : public Method {
 public:
  std::string name() const override { return "gist"; }
  const std::vector<Channel>& channels() const override { return channels_; }

  std::unique_ptr<Description> describe_entry(const Seen& picture) const override {
    thread_local const std::unique_ptr<hash::Embedder> kEmbedder = hash::make_descriptor();
    auto made = std::make_unique<VectorDescription>();
    auto vectors = kEmbedder->embed(std::span(&picture.raster, 1));
    if (vectors) made->vector = vectors->front();
    return made;
  }

  std::unique_ptr<Description> describe_query(const Seen& picture) const override {
    return describe_entry(picture);
  }

  // What is worth keeping: the nearest half of a hundredth of the pairs of entries, since the
  // rates asked for are a fiftieth of that at most.
  void set_entries(std::vector<std::unique_ptr<Description>> entries) override {
    for (auto& entry : entries) {
      entries_.push_back(std::move(static_cast<VectorDescription&>(*entry).vector));
    }
    std::vector<float> scores;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const float score = of(entries_[i], entries_[j]);
        if (score < kFar) scores.push_back(score);
      }
    }
    if (scores.empty()) return;
    const auto place = scores.begin() + static_cast<std::ptrdiff_t>(scores.size() / 200);
    std::ranges::nth_element(scores, place);
    channels_.front().limit = *place;
  }

  void score(const Description& query, std::span<const std::uint8_t> /*wanted*/,
             std::span<float> out) const override {
    const auto& asked = static_cast<const VectorDescription&>(query).vector;
    for (std::size_t i = 0; i < entries_.size(); ++i) out[i] = of(asked, entries_[i]);
  }

 private:
  static float of(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.empty() || b.empty()) return kFar;
    return 1.0F - fast_cosine(a.data(), b.data(), a.size());
  }

  std::vector<Channel> channels_ = {{"gist", 0.0F, false}};
  std::vector<std::vector<float>> entries_;
};

}  // namespace

std::unique_ptr<Method> make_descriptor_method() { return std::make_unique<DescriptorMethod>(); }

}  // namespace semblance::bench
