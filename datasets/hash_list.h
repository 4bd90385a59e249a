// SPDX-License-Identifier: Apache-2.0
// Random PDQ hashes, and lists of them for imports of any length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/random.h"
#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance::datasets {

/// A hash with exactly 128 bits set, as those of real pictures have; any such one is equally
/// likely.
Hash256 random_hash(Random& random);

enum class HashListFormat : std::uint8_t {
  kCsv,  // `pdq,<hex>,synthetic`
  kHex,  // the hex alone
};

/// What a list holds.
struct HashListOptions {
  std::uint64_t seed = 1;
  std::uint64_t count = 10'000;
  HashListFormat format = HashListFormat::kCsv;
  bool force = false;
};

/// Writes `count` random hashes to `path`, one a line. Errc::kExists as write_file, kIo if it
/// fails.
Status write_hash_list(const std::string& path, const HashListOptions& options);

}  // namespace semblance::datasets
