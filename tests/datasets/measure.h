// SPDX-License-Identifier: Apache-2.0
// Private to the tests and benches of datasets: how the engine sees a generated file.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "decode/decode.h"
#include "decode/sniff.h"
#include "hash/pdq_hasher.h"
#include "semblance/hash256.h"
#include "semblance/signal.h"

namespace semblance::datasets {

/// Decoded rows, hashed as they come.
class HashingSink final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo& info) override {
    constexpr std::array kProfiles = {PdqProfile::kFull};
    hasher_.emplace(info.width, info.height, info.channels, kProfiles);
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    hasher_->add_rows(first, stride, count);
  }
  PdqSignal finish() { return hasher_->finish().front(); }

 private:
  std::optional<hash::PdqHasher> hasher_;
};

/// The PDQ signal of an encoded picture, profile `full`.
inline Result<PdqSignal> hash_file(const std::string& bytes) {
  const std::span<const std::uint8_t> view(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                           bytes.size());
  HashingSink sink;
  auto end = decode::decode_picture(view, decode::sniff(view), Limits{}, sink);
  if (!end) return end.error();
  if (end->partial) return Error{Errc::kDecode, "decode: " + end->detail};
  return sink.finish();
}

/// The smallest distance from any of the query's eight transforms to the entry, in bits.
inline std::pair<int, Transform> nearest(const PdqSignal& query, const Hash256& entry) {
  std::pair<int, Transform> best{Hash256::kBits + 1, Transform::kNone};
  for (std::size_t t = 0; t < kTransforms; ++t) {
    best = std::min(best, {hamming_distance(query.hashes[t], entry), static_cast<Transform>(t)});
  }
  return best;
}

}  // namespace semblance::datasets
