// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "index/float_lists.h"
#include "index/list_centres.h"

namespace semblance::index {
namespace {

constexpr std::size_t kWordSample = 40 * kCodeWords;  // residuals that the words are trained on
constexpr std::size_t kWordRounds = 10;

// The words of a product quantiser, and which of them are nearest.
class Words {
 public:
  Words(std::size_t dimension, std::size_t bytes)
      : dimension_(dimension), bytes_(bytes), piece_(dimension / bytes) {}

  // Trains on residuals, row-major, of which there is at least one and that are in no order.
  void train(std::span<const float> residuals, const std::atomic<bool>& stop) {
    const std::size_t count = residuals.size() / dimension_;
    words_.resize(dimension_ * kCodeWords);
    for (std::size_t w = 0; w < kCodeWords; ++w) {
      for (std::size_t i = 0; i < dimension_; ++i) {
        words_[i * kCodeWords + w] = residuals[(w % count) * dimension_ + i];
      }
    }
    std::vector<std::uint8_t> code(bytes_);
    for (std::size_t round = 0; round < kWordRounds; ++round) {
      std::vector<double> sums(words_.size());
      std::vector<std::uint32_t> members(bytes_ * kCodeWords);
      for (std::size_t r = 0; r < count; ++r) {
        go_on_unless(stop);
        const float* const residual = &residuals[r * dimension_];
        encode(residual, code.data());
        for (std::size_t i = 0; i < dimension_; ++i) {
          sums[i * kCodeWords + code[i / piece_]] += static_cast<double>(residual[i]);
        }
        for (std::size_t m = 0; m < bytes_; ++m) ++members[m * kCodeWords + code[m]];
      }
      for (std::size_t at = 0; at < words_.size(); ++at) {
        const std::size_t m = at / kCodeWords / piece_;
        const std::uint32_t of = members[m * kCodeWords + at % kCodeWords];
        // A word that nobody is near stays where it is.
        if (of > 0) words_[at] = static_cast<float>(sums[at] / of);
      }
    }
  }

  // Returns the squared length of what the code loses.
  float encode(const float* residual, std::uint8_t* code) const {
    float lost = 0;
    for (std::size_t m = 0; m < bytes_; ++m) {
      float distances[kCodeWords] = {};
      for (std::size_t i = m * piece_; i < (m + 1) * piece_; ++i) {
        const float value = residual[i];
        const float* const values = &words_[i * kCodeWords];
        for (std::size_t w = 0; w < kCodeWords; ++w) {
          const float apart = value - values[w];
          distances[w] += apart * apart;
        }
      }
      const float* const least = std::min_element(distances, distances + kCodeWords);
      code[m] = static_cast<std::uint8_t>(least - distances);
      lost += *least;
    }
    return lost;
  }

  std::vector<float>& values() noexcept { return words_; }

 private:
  const std::size_t dimension_;
  const std::size_t bytes_;
  const std::size_t piece_;
  std::vector<float> words_;
};

// Codes of all rows of `built`, whose order, lists and centres are there.
void add_codes(const FloatRows& rows, std::size_t code_bytes, const std::atomic<bool>& stop,
               BuiltLists& built) {
  const std::size_t dimension = rows.dimension;
  std::vector<std::uint32_t> list_of(rows.count);  // by place in the new order
  for (std::size_t list = 0; list + 1 < built.starts.size(); ++list) {
    std::fill(list_of.begin() + static_cast<std::ptrdiff_t>(built.starts[list]),
              list_of.begin() + static_cast<std::ptrdiff_t>(built.starts[list + 1]),
              static_cast<std::uint32_t>(list));
  }
  const auto residual_of = [&](std::size_t place, float* out) {
    const float* const vector = rows.vector(built.order[place]);
    const float* const centre = &built.centres[list_of[place] * dimension];
    for (std::size_t i = 0; i < dimension; ++i) out[i] = vector[i] - centre[i];
  };

  std::vector<std::uint32_t> sample(rows.count);
  for (std::size_t place = 0; place < sample.size(); ++place) {
    sample[place] = static_cast<std::uint32_t>(place);
  }
  scatter(sample);
  sample.resize(std::min(sample.size(), kWordSample));
  std::vector<float> residuals(sample.size() * dimension);
  for (std::size_t s = 0; s < sample.size(); ++s) {
    residual_of(sample[s], &residuals[s * dimension]);
  }
  Words words(dimension, code_bytes);
  words.train(residuals, stop);

  built.codes.resize(rows.count * code_bytes);
  std::vector<float> residual(dimension);
  std::vector<float> lost(rows.count);
  for (std::size_t place = 0; place < rows.count; ++place) {
    go_on_unless(stop);
    residual_of(place, residual.data());
    lost[place] = words.encode(residual.data(), &built.codes[place * code_bytes]);
  }
  const auto most = lost.begin() + static_cast<std::ptrdiff_t>(lost.size() * 99 / 100);
  std::nth_element(lost.begin(), most, lost.end());
  built.lost = *most;
  built.words = std::move(words.values());
}

}  // namespace

BuiltLists build_lists(const FloatRows& rows, std::size_t lists, std::size_t code_bytes,
                       const std::atomic<bool>& stop) {
  BuiltLists built;
  const std::vector<std::uint32_t> order = canonical_order(rows);
  const ListCentres centres(rows, order, lists, stop);
  built.centres.assign(centres.centres().begin(), centres.centres().end());

  std::vector<std::uint32_t> list_of(rows.count);  // by place in the canonical order
  built.starts.resize(centres.count() + 1);
  for (std::size_t place = 0; place < order.size(); ++place) {
    go_on_unless(stop);
    list_of[place] = centres.nearest(rows.vector(order[place]));
    ++built.starts[list_of[place] + 1];
  }
  for (std::size_t list = 0; list < centres.count(); ++list) {
    built.starts[list + 1] += built.starts[list];
  }
  std::vector<std::uint64_t> next(built.starts.begin(), built.starts.end() - 1);
  built.order.resize(rows.count);
  for (std::size_t place = 0; place < order.size(); ++place) {
    built.order[next[list_of[place]]++] = order[place];
  }
  if (code_bytes > 0) add_codes(rows, code_bytes, stop, built);
  return built;
}

}  // namespace semblance::index
