// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hash/features/orb.h"
#include "match/geometry/verify.h"
#include "quality/method.h"

namespace semblance::bench {
namespace {

// Fewer inliers than the rule asks for, so that the curve shows what fewer would cost.
constexpr int kFewestInliers = 6;

struct FeaturesDescription final : Description {
  FeatureSet features;
  FeatureSet mirrored;  // of a query
};

class FeaturesMethod final : public Method {
 public:
  std::string name() const override { return "features"; }
  const std::vector<Channel>& channels() const override { return channels_; }

  std::unique_ptr<Description> describe_entry(const Seen& picture) const override {
    auto made = std::make_unique<FeaturesDescription>();
    made->features = hash::find_features(picture.raster, kEntryFeatures);
    return made;
  }

  std::unique_ptr<Description> describe_query(const Seen& picture) const override {
    auto made = std::make_unique<FeaturesDescription>();
    made->features = hash::find_features(picture.raster, kQueryFeatures);
    made->mirrored = hash::find_features(picture.raster, kQueryFeatures, true);
    return made;
  }

  void set_entries(std::vector<std::unique_ptr<Description>> entries) override {
    for (auto& entry : entries) {
      entries_.push_back(std::move(static_cast<FeaturesDescription&>(*entry).features));
    }
  }

  void score(const Description& query, std::span<const std::uint8_t> wanted,
             std::span<float> out) const override {
    const auto& asked = static_cast<const FeaturesDescription&>(query);
    match::GeometryRule rule;
    rule.least_inliers = kFewestInliers;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (wanted[i] == 0) continue;
      for (const FeatureSet* set : {&asked.features, &asked.mirrored}) {
        const auto found = match::verify(*set, entries_[i], rule);
        if (found) out[i] = std::min(out[i], -static_cast<float>(found->inliers));
      }
    }
  }

 private:
  std::vector<Channel> channels_ = {{"features", -static_cast<float>(kFewestInliers), true}};
  std::vector<FeatureSet> entries_;
};

}  // namespace

std::unique_ptr<Method> make_features_method() { return std::make_unique<FeaturesMethod>(); }

}  // namespace semblance::bench
