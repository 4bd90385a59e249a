// SPDX-License-Identifier: Apache-2.0
// Private to bench: one way to tell that two pictures are the same, as the table of quality asks
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "quality/seen.h"

namespace semblance::bench {

/// The score of a pair of which nothing is known: farther than any.
inline constexpr float kFar = 1e9F;

/// One figure that a method gives for a pair: the smaller, the nearer.
struct Channel {
  std::string name;
  float limit = 0.0F;    // scores above it are not kept
  bool sampled = false;  // compared with some of the unrelated entries, since it is slow
};

/// What a method keeps of one picture.
class Description {
 public:
  virtual ~Description() = default;
};

/// A method. After set_entries its constant functions may be called from several threads.
class Method {
 public:
  virtual ~Method() = default;

  virtual std::string name() const = 0;
  virtual const std::vector<Channel>& channels() const = 0;

  virtual std::unique_ptr<Description> describe_entry(const Seen& picture) const = 0;
  virtual std::unique_ptr<Description> describe_query(const Seen& picture) const = 0;

  /// Takes all entries, in their order. Called once.
  virtual void set_entries(std::vector<std::unique_ptr<Description>> entries) = 0;

  /// Writes the scores of the query against the entries: entries x channels, row-major, filled with
  /// kFar before. A method whose channels are sampled writes those of `wanted` entries alone.
  virtual void score(const Description& query, std::span<const std::uint8_t> wanted,
                     std::span<float> out) const = 0;
};

/// PDQ: channels `whole`, and with probes `trimmed`, `panel`, `window`, `entry-window`,
/// `panel-entry-window`; scores in bits.
std::unique_ptr<Method> make_pdq_method();

/// The descriptor without weights: channel `gist`; 1 less the cosine.
std::unique_ptr<Method> make_descriptor_method();

/// Local features and their geometry: channel `features`; less the number of inliers.
std::unique_ptr<Method> make_features_method();

}  // namespace semblance::bench
