// SPDX-License-Identifier: Apache-2.0
#include "index/block_scan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "hamming/hamming.h"
#include "hamming/prefix_scan.h"

namespace semblance::index {
namespace {

using kernels::kPrefixBlock;

constexpr std::size_t kBatch = 64;  // queries that share one unpacking of a block
constexpr std::size_t kCrowd = 96;  // survivors of a block from which all are compared in a row
constexpr std::size_t kGroup = 32;  // distances that one look rules out together

// Where more than this share of the pairs of a block survive, the prefix is not even looked at in
// some blocks that follow: a bank against which it is of no use then costs a scan of whole codes.
constexpr std::size_t kUseless = 12;  // one in so many
constexpr std::size_t kSkipped = 15;

// The shortest prefix that rejects nearly all unrelated codes, else the longest that there is if it
// rejects most; 0 if it does not. The distance of random codes in w bits has mean w / 2 and
// deviation sqrt(w) / 2: one in a hundred is 2.4 deviations below, one in fifteen 1.5, and to
// compare these in full costs less than all.
std::size_t deciding_prefix(std::size_t prefix_bytes, int max_distance) {
  const auto rejects = [max_distance](std::size_t bytes, double deviations) {
    const double bits = 8.0 * static_cast<double>(bytes);
    return max_distance <= bits / 2 - deviations * std::sqrt(bits) / 2;
  };
  for (const std::size_t bytes : {kShortPrefix, kLongPrefix, kernels::kMaxPrefixBytes}) {
    if (bytes <= prefix_bytes && rejects(bytes, 2.4)) return bytes;
  }
  return rejects(prefix_bytes, 1.5) ? prefix_bytes : 0;
}

const std::uint8_t* first_byte(std::span<const Hash256> codes) {
  return codes.empty() ? nullptr : codes[0].bytes.data();
}

class BatchScan {
 public:
  BatchScan(const SegmentView& view, std::span<const Hash256> queries,
            std::span<const std::uint32_t> which, int max_distance, std::vector<CodeHit>& hits)
      : view_(view),
        queries_(queries),
        which_(which),
        max_distance_(max_distance),
        prefix_(deciding_prefix(view.prefix_bytes, max_distance)),
        hits_(hits) {
    if (prefix_ == 0) return;
    const std::size_t each = kernels::prefix_table_bytes(prefix_);
    tables_.resize(each * which.size());
    for (std::size_t i = 0; i < which.size(); ++i) {
      kernels::make_prefix_tables(queries[which[i]].bytes.data(), prefix_, &tables_[each * i]);
    }
    near_ = std::make_unique_for_overwrite<std::uint32_t[]>(kPrefixBlock * which.size());
  }

  Status block(std::size_t first) {
    const std::size_t count = std::min(kPrefixBlock, view_.codes - first);
    auto codes = view_.check(view_.codes_at + Hash256::kBytes * first, Hash256::kBytes * count);
    if (!codes) return codes;
    if (prefix_ == 0 || skip_ > 0) {
      skip_ -= skip_ > 0;
      for (std::size_t i = 0; i < which_.size(); ++i) compare_all(i, first, count);
      return ok();
    }
    const std::uint8_t* planes = view_.planes + view_.prefix_bytes * first;
    auto checked = view_.check(planes, prefix_ * kPrefixBlock);
    if (!checked) return checked;
    const std::size_t near = kernels::prefix_scan(planes, prefix_, tables_.data(), which_.size(),
                                                  max_distance_, near_.get());
    if (near * kUseless > count * which_.size()) skip_ = kSkipped;
    for (std::size_t at = 0; at < near;) {
      const std::size_t query = near_[at] >> 16;
      std::size_t end = at + 1;
      while (end < near && near_[end] >> 16 == query) ++end;
      if (end - at > kCrowd) {
        compare_all(query, first, count);
      } else {
        compare_near(query, first, count, at, end);
      }
      at = end;
    }
    return ok();
  }

 private:
  void compare_all(std::size_t i, std::size_t first, std::size_t count) {
    kernels::hamming_scan(queries_[which_[i]].bytes.data(),
                          view_.codes_at + Hash256::kBytes * first, count, distances_.data());
    for (std::size_t at = 0; at < count; at += kGroup) {
      const std::size_t end = std::min(at + kGroup, count);
      std::uint16_t smallest = 0xffff;
      for (std::size_t k = at; k < end; ++k) smallest = std::min(smallest, distances_[k]);
      if (smallest > max_distance_) continue;
      for (std::size_t k = at; k < end; ++k) {
        if (distances_[k] <= max_distance_) keep(i, first + k, distances_[k]);
      }
    }
  }

  void compare_near(std::size_t i, std::size_t first, std::size_t count, std::size_t at,
                    std::size_t end) {
    std::array<std::uint32_t, kCrowd> rows;
    std::size_t listed = 0;
    for (; at < end; ++at) {
      const std::size_t place = near_[at] & 0xffff;
      if (place < count) rows[listed++] = static_cast<std::uint32_t>(first + place);
    }
    kernels::hamming_gather(queries_[which_[i]].bytes.data(), view_.codes_at, rows.data(), listed,
                            distances_.data());
    for (std::size_t k = 0; k < listed; ++k) {
      if (distances_[k] <= max_distance_) keep(i, rows[k], distances_[k]);
    }
  }

  void keep(std::size_t i, std::size_t code, int distance) {
    hits_.push_back({which_[i], static_cast<std::uint32_t>(code), distance});
  }

  const SegmentView& view_;
  const std::span<const Hash256> queries_;
  const std::span<const std::uint32_t> which_;
  const int max_distance_;
  const std::size_t prefix_;
  std::vector<CodeHit>& hits_;
  std::size_t skip_ = 0;  // blocks to come in which the prefix is left out
  std::vector<std::uint8_t> tables_;
  std::unique_ptr<std::uint32_t[]> near_;
  std::array<std::uint16_t, kPrefixBlock> distances_;
};

}  // namespace

std::size_t plane_bytes(std::size_t codes, std::size_t prefix_bytes) noexcept {
  return (codes + kPrefixBlock - 1) / kPrefixBlock * kPrefixBlock * prefix_bytes;
}

void pack_planes(std::span<const Hash256> codes, std::size_t prefix_bytes, std::uint8_t* planes) {
  for (std::size_t first = 0; first < codes.size(); first += kPrefixBlock) {
    const auto block = codes.subspan(first, std::min(kPrefixBlock, codes.size() - first));
    kernels::pack_prefix(first_byte(block), block.size(), prefix_bytes,
                         planes + prefix_bytes * first);
  }
}

Status scan_blocks(const SegmentView& view, std::span<const Hash256> queries,
                   std::span<const std::uint32_t> which, int max_distance,
                   std::vector<CodeHit>& hits) {
  for (std::size_t q = 0; q < which.size(); q += kBatch) {
    BatchScan scan(view, queries, which.subspan(q, std::min(kBatch, which.size() - q)),
                   max_distance, hits);
    for (std::size_t first = 0; first < view.codes; first += kPrefixBlock) {
      if (auto scanned = scan.block(first); !scanned) return scanned;
    }
  }
  return ok();
}

}  // namespace semblance::index
