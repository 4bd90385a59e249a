// SPDX-License-Identifier: Apache-2.0
#include "index/list_centres.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "products/inner_products.h"

namespace semblance::index {
namespace {

constexpr std::size_t kSample = 40;  // rows for each centre that is to be
constexpr std::size_t kRounds = 8;   // little moves afterwards
constexpr std::size_t kGroups = 4;   // the nearest groups that a vector's centre is looked for in

using Numbers = std::vector<std::uint32_t>;

// The first of the largest.
std::size_t largest_of(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

// One k-means over some of the rows.
class Clusters {
 public:
  // The first `count` of the sample, which is in no order, are where it begins.
  Clusters(const FloatRows& rows, const Numbers& sample, std::size_t count,
           const std::atomic<bool>& stop)
      : rows_(rows),
        sample_(sample),
        count_(count),
        stop_(stop),
        nearest_(sample.size()),
        fit_(sample.size()) {
    for (std::size_t c = 0; c < count; ++c) {
      const float* const from = rows.vector(sample[c]);
      centres_.insert(centres_.end(), from, from + rows.dimension);
    }
    for (std::size_t round = 0; round < kRounds; ++round) {
      if (!assign() && round > 0) return;
      move();
    }
    assign();
  }

  std::vector<float>& centres() noexcept { return centres_; }

  // Which of the sample are nearest to a centre.
  Numbers members(std::size_t centre) const {
    Numbers found;
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      if (nearest_[i] == centre) found.push_back(sample_[i]);
    }
    return found;
  }

 private:
  // Returns whether any changed its centre.
  bool assign() {
    bool changed = false;
    std::vector<float> products(count_);
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      go_on_unless(stop_);
      kernels::inner_products(rows_.vector(sample_[i]), centres_.data(), count_, rows_.dimension,
                              products.data());
      const std::size_t best = largest_of(products);
      changed = changed || nearest_[i] != best;
      nearest_[i] = best;
      fit_[i] = products[best];
    }
    return changed;
  }

  void move() {
    const std::size_t dimension = rows_.dimension;
    std::vector<double> sums(centres_.size());
    for (std::size_t i = 0; i < sample_.size(); ++i) {
      const float* const vector = rows_.vector(sample_[i]);
      double* const sum = &sums[nearest_[i] * dimension];
      for (std::size_t d = 0; d < dimension; ++d) sum[d] += static_cast<double>(vector[d]);
    }
    Numbers worst;  // of the sample, for centres that nobody is near
    for (std::size_t c = 0; c < count_; ++c) {
      float* const centre = &centres_[c * dimension];
      const double* const sum = &sums[c * dimension];
      double squares = 0;
      for (std::size_t d = 0; d < dimension; ++d) squares += sum[d] * sum[d];
      const double length = std::sqrt(squares);
      if (length > 1e-6) {
        for (std::size_t d = 0; d < dimension; ++d) {
          centre[d] = static_cast<float>(sum[d] / length);
        }
        continue;
      }
      if (worst.empty()) worst = by_fit();
      std::copy_n(rows_.vector(sample_[worst.back()]), dimension, centre);
      worst.pop_back();
    }
  }

  // The numbers of the sample, the worst served last; there are no fewer than centres.
  Numbers by_fit() const {
    Numbers order(sample_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [this](std::uint32_t a, std::uint32_t b) { return fit_[a] > fit_[b]; });
    return order;
  }

  const FloatRows& rows_;
  const Numbers& sample_;
  const std::size_t count_;
  const std::atomic<bool>& stop_;
  std::vector<float> centres_;
  std::vector<std::size_t> nearest_;
  std::vector<float> fit_;
};

}  // namespace

ListCentres::ListCentres(const FloatRows& rows, std::span<const std::uint32_t> order,
                         std::size_t wanted, const std::atomic<bool>& stop)
    : dimension_(rows.dimension) {
  wanted = std::clamp<std::size_t>(wanted, 1, rows.count);
  Numbers sample(order.begin(), order.end());
  scatter(sample);
  sample.resize(std::min(sample.size(), kSample * wanted));

  const auto storeys = static_cast<std::size_t>(std::lround(std::sqrt(wanted)));
  Clusters groups(rows, sample, std::max<std::size_t>(storeys, 1), stop);
  groups_ = std::move(groups.centres());
  starts_.push_back(0);
  for (std::size_t g = 0; g < groups_.size() / dimension_; ++g) {
    const Numbers members = groups.members(g);
    if (members.empty()) {  // its centre is its only list
      centres_.insert(centres_.end(), &groups_[g * dimension_],
                      &groups_[g * dimension_] + dimension_);
    } else {
      // Lists by the group's share of the sample, so that they are of a size.
      const std::size_t share = (wanted * members.size() + sample.size() / 2) / sample.size();
      Clusters lists(rows, members, std::clamp<std::size_t>(share, 1, members.size()), stop);
      centres_.insert(centres_.end(), lists.centres().begin(), lists.centres().end());
    }
    starts_.push_back(centres_.size() / dimension_);
  }
}

std::uint32_t ListCentres::nearest(const float* vector) const {
  const std::size_t groups = starts_.size() - 1;
  std::vector<float> products(std::max(groups, count()));
  kernels::inner_products(vector, groups_.data(), groups, dimension_, products.data());
  std::vector<std::uint32_t> order(groups);
  std::iota(order.begin(), order.end(), 0U);
  const auto looked_at = static_cast<std::ptrdiff_t>(std::min(kGroups, groups));
  std::partial_sort(order.begin(), order.begin() + looked_at, order.end(),
                    [&products](std::uint32_t a, std::uint32_t b) {
                      return products[a] > products[b] || (products[a] == products[b] && a < b);
                    });
  float best = -4;
  std::size_t nearest = 0;
  for (std::ptrdiff_t i = 0; i < looked_at; ++i) {
    const std::size_t first = starts_[order[static_cast<std::size_t>(i)]];
    const std::size_t lists = starts_[order[static_cast<std::size_t>(i)] + 1] - first;
    kernels::inner_products(vector, &centres_[first * dimension_], lists, dimension_,
                            products.data());
    const std::size_t in_group = largest_of(std::span(products).first(lists));
    const std::size_t centre = first + in_group;
    if (products[in_group] < best || (products[in_group] == best && centre > nearest)) continue;
    best = products[in_group];
    nearest = centre;
  }
  return static_cast<std::uint32_t>(nearest);
}

}  // namespace semblance::index
