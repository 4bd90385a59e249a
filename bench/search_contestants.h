// SPDX-License-Identifier: Apache-2.0
// What search_bench compares: each is a FAISS binary index of 256 bits.
#pragma once

#include <faiss/IndexBinary.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace semblance::bench {

enum class Role { kIndex, kScan, kFullScan, kFlat, kMultiHash16, kMultiHash11 };

struct Contestant {
  Role role;
  std::string_view key;   // on the command line and in CSV
  std::string_view name;  // in tables
  bool ours;              // timed in turns with the others of ours
  double bytes_a_code;    // of a large bank, about: whether it fits is asked before it is built
  std::unique_ptr<faiss::IndexBinary> (*make)();
};

/// All of them, ours first.
std::span<const Contestant> contestants();

/// The one that plays `role`.
const Contestant& contestant(Role role);

/// A scan of all 256 bits of every code with the plain kernel, tiled so that a block of codes stays
/// in the first cache while several queries pass: the floor of any scan, and the oracle here.
///
/// add() does not copy: it takes one array, which must outlive the object.
std::unique_ptr<faiss::IndexBinary> make_full_scan();

}  // namespace semblance::bench
