// SPDX-License-Identifier: Apache-2.0
// Private to bench: every picture altered in every way, and looked up among all pictures.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datasets/picture.h"
#include "quality/method.h"
#include "semblance/result.h"

namespace semblance::bench {

/// What is tried. The same values give the same pixels, and the same scores, on every machine.
struct TrialOptions {
  std::uint64_t seed = 1;
  std::uint32_t strangers = 2000;  // drawn scenes that are entries beside the pictures
  std::uint32_t sampled = 40;      // unrelated entries a query is compared with by slow methods
  unsigned jobs = 2;               // threads
};

/// The entries: first the pictures themselves, then strangers.
struct Originals {
  std::vector<std::string> names;
  std::vector<datasets::Picture> pictures;
};

/// The scores of one altered picture against its own original.
struct Truth {
  std::uint32_t picture = 0;
  std::uint32_t alteration = 0;  // index into quality_alterations()
  std::vector<float> scores;     // one a channel
};

/// An unrelated pair that is within the limit of some channel.
struct NearPair {
  std::uint32_t picture = 0;  // of the query
  std::uint32_t alteration = 0;
  std::uint32_t entry = 0;
  bool stranger = false;  // the entry is a drawn scene
  bool sampled = false;   // the sampled channels were asked too
  std::vector<float> scores;
};

/// How many unrelated pairs were compared.
struct PairCounts {
  std::uint64_t pictures = 0;   // the entry is another of the pictures
  std::uint64_t strangers = 0;  // the entry is a drawn scene
  std::uint64_t all() const noexcept { return pictures + strangers; }
};

/// Everything that the tables are made of.
struct Outcome {
  std::vector<Channel> channels;  // of all methods, in order
  std::vector<Truth> truths;      // by picture, then alteration
  std::vector<NearPair> near;     // in the same order
  PairCounts pairs;               // by the channels that are asked for all
  PairCounts sampled_pairs;       // by all channels
  // Pictures whose PDQ hashes are within 31 bits of each other: taken for the same, and their pairs
  // not counted as unrelated.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> same;
  // Microseconds of processor time a query, each: `decode`, `pdq`, `raster`, and of each method
  // `NAME` to describe it and `NAME-lookup` to compare it with the entries.
  std::map<std::string, std::vector<double>> costs;
  std::vector<double> megapixels;  // of the queries
};

using TrialProgress = std::function<void(const char* stage, std::size_t done, std::size_t total)>;

/// Runs it. `progress` is called from one thread at a time. Errors of encoding and decoding, which
/// are none of the pictures' fault, end it.
Result<Outcome> run_trial(const Originals& originals, const TrialOptions& options,
                          std::vector<std::unique_ptr<Method>>& methods,
                          const TrialProgress& progress);

}  // namespace semblance::bench
