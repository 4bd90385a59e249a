// SPDX-License-Identifier: Apache-2.0
#include "hash/reducer.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "jarosz/columns.h"
#include "jarosz/rows.h"
#include "luma/yuv.h"
#include "semblance/limits.h"

namespace semblance::hash {
namespace {

using kernels::Tap;

std::uint32_t channel_weight(int channels, std::size_t channel) {
  return channels == 3 ? kernels::kLumaWeights[channel] : 1U;
}

// Where no window is wider than a sample, the filter is an identity and only the sampling is left.
// Luma is then rounded exactly as the reference rounds it, so that its buffer is ours to the bit.
class PickingReducer final : public Reducer {
 public:
  PickingReducer(std::uint32_t rows, std::uint32_t cols, int channels)
      : Reducer(rows, cols, channels) {
    for (const Tap& column : horizontal_.taps) columns_[column.output] = column.first;
  }

 private:
  void accumulate(std::size_t tap, std::uint32_t /*k*/, const std::uint8_t* const* rows,
                  std::uint32_t /*count*/) override {
    std::array<float, kernels::kReducedSide> luma;
    if (channels_ == 3) {
      kernels::pick_luma(*rows, columns_.data(), columns_.size(), luma.data());
    } else {
      for (std::size_t j = 0; j < luma.size(); ++j) luma[j] = (*rows)[columns_[j]];
    }
    for (std::uint32_t j = 0; j < luma.size(); ++j) plane(vertical_.taps[tap].output, j) = luma[j];
  }
  void complete(std::size_t /*tap*/) override {}

  std::array<std::uint32_t, kernels::kReducedSide> columns_{};
};

// Taps of the horizontal matrix that have their weights in common, spread over the channels.
struct ColumnGroup {
  // A part of the weights: value = sum over parts of part << shift, so that each fits 15 bits.
  struct Part {
    std::vector<std::int16_t> values;
    std::int64_t sum = 0;
    int shift = 0;
  };

  std::vector<std::uint32_t> starts;   // in samples
  std::vector<std::uint32_t> outputs;  // 0..63
  double divisor = 1;
  std::vector<Part> parts;
  std::size_t count = 0;  // of weights, without the padding
};

ColumnGroup::Part weight_part(const Tap& tap, int channels, int shift, std::uint32_t mask) {
  ColumnGroup::Part part;
  part.shift = shift;
  for (std::uint32_t k = 0; k < tap.count; ++k) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const std::uint32_t weight = tap.weight(k) * channel_weight(channels, c);
      part.values.push_back(static_cast<std::int16_t>((weight >> shift) & mask));
      part.sum += part.values.back();
    }
  }
  part.values.resize(part.values.size() + kernels::kColumnPadding, 0);
  return part;
}

std::vector<ColumnGroup> make_groups(const kernels::Tents& tents, int channels) {
  constexpr std::uint32_t kFits = 0x7fff;
  constexpr int kLowBits = 7;
  std::vector<ColumnGroup> groups;
  const Tap* previous = nullptr;
  for (const Tap& tap : tents.taps) {
    if (previous == nullptr || tap.count != previous->count || tap.plateau != previous->plateau) {
      ColumnGroup group;
      group.divisor = static_cast<double>(tap.divisor);
      group.count = std::size_t{tap.count} * static_cast<std::size_t>(channels);
      if (tap.plateau * kernels::kLumaWeights[1] <= kFits) {
        group.parts.push_back(weight_part(tap, channels, 0, kFits));
      } else {
        group.parts.push_back(weight_part(tap, channels, 0, (1U << kLowBits) - 1));
        group.parts.push_back(weight_part(tap, channels, kLowBits, kFits));
      }
      groups.push_back(std::move(group));
    }
    groups.back().starts.push_back(tap.first * static_cast<std::uint32_t>(channels));
    groups.back().outputs.push_back(tap.output);
    previous = &tap;
  }
  return groups;
}

// The usual case: down first, on the interleaved samples, into one row of sums for each of the at
// most three taps that a row of the picture belongs to; then across each row of sums.
//
// Sum: 16 bits up to windows of 16 rows, 32 bits up to kMaxWindow.
template <class Sum>
class TentReducer final : public Reducer {
 public:
  // What the rows given hold.
  struct Layout {
    std::size_t samples = 0;  // in each
    // For each sample of a row of the picture, its place in the rows given; empty where they are
    // the same.
    std::vector<std::uint32_t> picked{};
    bool planar = false;  // one channel after the other
  };

  TentReducer(std::uint32_t rows, std::uint32_t cols, int channels, Layout layout)
      : Reducer(rows, cols, channels),
        samples_(layout.samples),
        picked_(std::move(layout.picked)),
        planar_(layout.planar),
        groups_(make_groups(horizontal_, channels)) {}

 private:
  static constexpr bool kNarrow = std::is_same_v<Sum, std::uint16_t>;

  void accumulate(std::size_t tap, std::uint32_t k, const std::uint8_t* const* rows,
                  std::uint32_t count) override {
    std::vector<Sum>& sums = live_[tap % live_.size()];
    if (k == 0) sums.assign(samples_ + kernels::kColumnPadding, 0);
    Batch batch;
    for (std::uint32_t r = 0; r < count; ++r) {
      // A weight that is too heavy for one call is split over several.
      for (std::uint32_t left = vertical_.taps[tap].weight(k + r); left > 0;) {
        if (batch.full()) flush(batch, sums);
        left -= batch.add(rows[r], left);
      }
    }
    flush(batch, sums);
  }

  // Rows that one call of the kernel takes.
  struct Batch {
    std::array<const std::uint8_t*, 16> rows;
    std::array<std::uint16_t, 16> weights;
    std::size_t used = 0;
    std::uint32_t total = 0;

    bool full() const { return used == rows.size() || total == kernels::kMaxNarrowWeight; }
    // Takes as much of the weight as fits, and says how much.
    std::uint32_t add(const std::uint8_t* row, std::uint32_t weight) {
      const std::uint32_t fits = std::min(weight, kernels::kMaxNarrowWeight - total);
      rows[used] = row;
      weights[used++] = static_cast<std::uint16_t>(fits);
      total += fits;
      return fits;
    }
  };

  void flush(Batch& batch, std::vector<Sum>& sums) {
    const auto add = [] {
      if constexpr (kNarrow)
        return kernels::accumulate_rows;
      else
        return kernels::accumulate_rows_wide;
    }();
    add(batch.rows.data(), batch.weights.data(), batch.used, samples_, sums.data());
    batch.used = 0;
    batch.total = 0;
  }

  void complete(std::size_t tap) override {
    const std::vector<Sum>& sums = live_[tap % live_.size()];
    if constexpr (kNarrow) {
      if (planar_) return add_columns(tap, interleaved(sums), nullptr);
      if (picked_.empty()) return add_columns(tap, sums.data(), nullptr);
      low_.resize(picked_.size() + kernels::kColumnPadding);
      for (std::size_t s = 0; s < picked_.size(); ++s) low_[s] = sums[picked_[s]];
      add_columns(tap, low_.data(), nullptr);
    } else {
      low_.resize(sums.size());
      high_.resize(sums.size());
      for (std::size_t s = 0; s < sums.size(); ++s) {
        low_[s] = static_cast<std::uint16_t>(sums[s]);
        high_[s] = static_cast<std::uint16_t>(sums[s] >> 16);
      }
      add_columns(tap, low_.data(), high_.data());
    }
  }

  // Of 64 rows of sums, rather than of all rows of the picture.
  const std::uint16_t* interleaved(const std::vector<std::uint16_t>& sums) {
    const std::size_t cols = samples_ / 3;
    low_.resize(sums.size());
    kernels::interleave(sums.data(), sums.data() + cols, sums.data() + 2 * cols, cols, low_.data());
    return low_.data();
  }

  // Row of sums = low + 65536 * high; high may be null.
  void add_columns(std::size_t tap, const std::uint16_t* low, const std::uint16_t* high) {
    const Tap& row = vertical_.taps[tap];
    for (const ColumnGroup& group : groups_) {
      std::array<std::int64_t, kernels::kReducedSide> totals{};
      for (const ColumnGroup::Part& part : group.parts) {
        add_weighed(low, group, part, part.shift, totals);
        if (high != nullptr) add_weighed(high, group, part, part.shift + 16, totals);
      }
      const double scale =
          1.0 / (static_cast<double>(row.divisor) * group.divisor * luma_divisor());
      for (std::size_t t = 0; t < group.starts.size(); ++t) {
        plane(row.output, group.outputs[t]) += static_cast<double>(totals[t]) * scale;
      }
    }
  }

  static void add_weighed(const std::uint16_t* samples, const ColumnGroup& group,
                          const ColumnGroup::Part& part, int shift,
                          std::array<std::int64_t, kernels::kReducedSide>& totals) {
    std::array<std::int64_t, kernels::kReducedSide> sums;
    const kernels::ColumnWeights weights = {part.values.data(), group.count, part.sum};
    kernels::weigh_columns(samples, group.starts.data(), group.starts.size(), weights, sums.data());
    for (std::size_t t = 0; t < group.starts.size(); ++t) totals[t] += sums[t] << shift;
  }

  const std::size_t samples_;  // in a row given
  const std::vector<std::uint32_t> picked_;
  const bool planar_;
  const std::vector<ColumnGroup> groups_;
  std::array<std::vector<Sum>, 3> live_;  // of tap t: live_[t % 3]
  std::vector<std::uint16_t> low_, high_;
};

// Whether 16-bit sums hold the columns of a side.
bool is_narrow(const kernels::Tents& tents) {
  return std::uint64_t{tents.window} * tents.window <= kernels::kMaxNarrowWeight;
}

// Up to it, 255 * window^2 fits 32 bits and the whole weighted sum 63. A window is a side / 128.
constexpr std::uint32_t kMaxWindow = 512;
static_assert(kMaxSide == kMaxWindow * 128);
static_assert(std::uint64_t{255} * kMaxWindow * kMaxWindow < std::uint64_t{1} << 32);
static_assert(std::uint64_t{255'000} * kMaxWindow * kMaxWindow <
              (std::uint64_t{1} << 63) / kMaxWindow / kMaxWindow);

}  // namespace

Reducer::Reducer(std::uint32_t rows, std::uint32_t cols, int channels)
    : vertical_(kernels::make_tents(rows)),
      horizontal_(kernels::make_tents(cols)),
      channels_(channels) {}

void Reducer::add_rows(const std::uint8_t* const* rows, std::uint32_t count) {
  const std::uint32_t end = row_ + std::min(count, vertical_.size - row_);
  for (std::size_t t = first_live_; t < vertical_.taps.size(); ++t) {
    const Tap& tap = vertical_.taps[t];
    if (tap.first >= end) break;
    const std::uint32_t from = std::max(row_, tap.first);
    const std::uint32_t to = std::min(end, tap.end());
    if (repeats_previous(t)) {
      for (std::uint32_t j = 0; j < kernels::kReducedSide; ++j) {
        plane(tap.output, j) = plane(tap.output - 1, j);
      }
    } else {
      accumulate(t, from - tap.first, rows + (from - row_), to - from);
      if (to == tap.end()) complete(t);
    }
    if (to == tap.end()) first_live_ = t + 1;
  }
  row_ = end;
}

// Sides under 64: several outputs pick the same row.
bool Reducer::repeats_previous(std::size_t tap) const {
  return vertical_.window == 1 && tap > 0 &&
         vertical_.taps[tap].first == vertical_.taps[tap - 1].first;
}

void Reducer::restart() {
  row_ = 0;
  first_live_ = 0;
  plane_.fill(0);
}

void Reducer::finish(std::span<float, kReducedPixels> luma) const {
  std::transform(plane_.begin(), plane_.end(), luma.begin(),
                 [](double value) { return static_cast<float>(value); });
}

std::unique_ptr<Reducer> make_reducer(std::uint32_t rows, std::uint32_t cols, int channels) {
  const kernels::Tents vertical = kernels::make_tents(rows);
  const kernels::Tents horizontal = kernels::make_tents(cols);
  if (vertical.window == 1 && horizontal.window == 1) {
    return std::make_unique<PickingReducer>(rows, cols, channels);
  }
  const std::size_t samples = std::size_t{cols} * static_cast<std::size_t>(channels);
  if (is_narrow(vertical)) {
    return std::make_unique<TentReducer<std::uint16_t>>(
        rows, cols, channels, TentReducer<std::uint16_t>::Layout{samples});
  }
  return std::make_unique<TentReducer<std::uint32_t>>(rows, cols, channels,
                                                      TentReducer<std::uint32_t>::Layout{samples});
}

std::unique_ptr<Reducer> make_planar_reducer(std::uint32_t rows, std::uint32_t cols) {
  const kernels::Tents vertical = kernels::make_tents(rows);
  const kernels::Tents horizontal = kernels::make_tents(cols);
  if (!is_narrow(vertical) || !is_narrow(horizontal)) return nullptr;
  if (vertical.window == 1 && horizontal.window == 1) return nullptr;
  return std::make_unique<TentReducer<std::uint16_t>>(
      rows, cols, 3, TentReducer<std::uint16_t>::Layout{std::size_t{3} * cols, {}, true});
}

std::unique_ptr<Reducer> make_column_picking_reducer(std::uint32_t rows,
                                                     const std::vector<std::uint32_t>& columns,
                                                     std::uint32_t columns_given, int channels) {
  const auto step = static_cast<std::uint32_t>(channels);
  std::vector<std::uint32_t> picked;
  for (const std::uint32_t column : columns) {
    for (std::uint32_t c = 0; c < step; ++c) picked.push_back(column * step + c);
  }
  return std::make_unique<TentReducer<std::uint16_t>>(
      rows, static_cast<std::uint32_t>(columns.size()), channels,
      TentReducer<std::uint16_t>::Layout{std::size_t{columns_given} * step, std::move(picked)});
}

}  // namespace semblance::hash
