// SPDX-License-Identifier: Apache-2.0
// Search by cosine over unit vectors that come and go while it is searched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/result.h"

namespace semblance {

/// One vector that is like a query, by the name that its owner gave it.
struct ProductHit {
  std::uint32_t query = 0;  // index into the queries
  std::int64_t label = 0;   // as added
  double product = 0;       // of the floats as they were added, summed in double in their order

  friend bool operator==(const ProductHit&, const ProductHit&) = default;
};

/// How vectors are looked through. Whatever it is, a hit is one by its exact product: what is not
/// flat may miss a hit, and never adds one or moves it. src/index/README.md has the recall of each.
enum class FloatIndexKind : std::uint8_t {
  kAuto,  // flat below kFloatFlatBelow vectors, lists from there on
  kFlat,  // a query is compared with all: none is missed
  kIvf,   // with those in the lists whose centres are nearest
  kHnsw,  // with those that a walk over a graph of neighbours comes to: dear to build and to hold
};

/// Below so many vectors an index that chooses for itself compares a query with all.
inline constexpr std::size_t kFloatFlatBelow = 100'000;

/// The most floats that a vector may have.
inline constexpr std::size_t kMaxFloatDimension = 4'096;

/// How an index of vectors is kept and searched. What is about lists or the graph is of no effect
/// where there are none.
struct LiveFloatIndexOptions {
  FloatIndexKind kind = FloatIndexKind::kAuto;
  std::size_t lists = 0;   // of kIvf, up to 65,536; 0: four times the square root of the vectors
  std::size_t probes = 0;  // lists that a query is compared with; 0: one in sixteen, and no
                           // fewer than 64
  std::size_t code_bytes = 0;  // product quantisation of what is in lists: bytes a vector, of which
                               // the dimension is a multiple; 0: none
  std::size_t links = 16;      // of kHnsw: neighbours of a vector, 4..64; twice as many below
  std::size_t build_reach = 64;     // candidates for neighbours, 8..4,096
  std::size_t search_reach = 128;   // candidates of a search, 1..65,536
  bool merge_in_background = true;  // else a merge runs inside the add that makes it due
};

/// What an index holds, for `inspect`, benchmarks and logs.
struct FloatIndexFacts {
  std::size_t dimension = 0;
  std::size_t vectors = 0;                      // that a search can find
  std::size_t withdrawn = 0;                    // still held, never found
  std::size_t segments = 0;                     // that a search visits, the newest vectors included
  FloatIndexKind kind = FloatIndexKind::kFlat;  // of the largest segment
  std::size_t lists = 0;                        // of that; 0 if it has none
  std::size_t code_bytes = 0;                   // of its product quantisation
  std::uint64_t bytes = 0;                      // of memory and of the mapped file, all in
};

/// What is searched, derived from a store and never the only copy of anything: vectors of length 1
/// that are added and withdrawn while others search.
///
/// A hit is a vector whose product with the query is at least the threshold. Both have length 1 to
/// within a thousandth, and the product stands for the cosine of their angle. Candidates come from
/// arithmetic in floats; each is computed again, in double, in order, without fused operations: the
/// same bits on every machine. Flat segments miss nothing, down to the last bit.
///
/// An immutable base, a small delta and marks for what was withdrawn, as LiveIndex: adding and
/// withdrawing is visible to the next search, and a search waits for neither, nor for a merge.
/// Nothing starts a thread but a merge in the background, which starts one. What merge() leaves and
/// what save() writes depends on the vectors held, their labels and the options alone.
/// Thread-safe.
class LiveFloatIndex {
 public:
  virtual ~LiveFloatIndex() = default;

  /// Floats of a vector.
  virtual std::size_t dimension() const noexcept = 0;

  /// Adds vectors: labels.size() x dimension floats, row-major; labels[i] (>= 0) is what hits on
  /// vector i are called. Labels need not differ: all vectors of a label are withdrawn together.
  /// Errc::kBadArgument, and nothing is added, if the counts differ, a label is negative or a
  /// vector is not of length 1 to within a thousandth; kLimit if there would be more than 2^31 - 1
  /// vectors.
  virtual Status add(std::span<const float> vectors, std::span<const std::int64_t> labels) = 0;

  /// Takes back every vector of these labels, and returns how many that were; labels that are not
  /// here are none. One pass over the labels held, however many are withdrawn at once.
  virtual Result<std::size_t> withdraw(std::span<const std::int64_t> labels) = 0;

  /// Number of vectors that a search can find.
  virtual std::size_t size() const noexcept = 0;

  /// All (query, vector) pairs whose product is >= least, ordered by query, then product, the
  /// largest first, then label: one hit for each vector, so a label may come more than once.
  /// `queries` are some number of vectors, row-major; several at once share the reading of flat
  /// segments. `least` is a cosine, inclusive. Errc::kBadArgument if the floats are no whole number
  /// of vectors of length 1, or `least` is no number.
  virtual Result<std::vector<ProductHit>> search(std::span<const float> queries,
                                                 double least) const = 0;

  /// Calls `visit` with every vector that a search can find and its label, in no order. The vector
  /// is valid during the call.
  virtual Status for_each(const std::function<void(std::span<const float> vector,
                                                   std::int64_t label)>& visit) const = 0;

  /// Brings all into one base, without what was withdrawn, and returns when that is done.
  virtual Status merge() = 0;

  /// Writes all vectors that a search can find, in the form that a base of them has, and `note` (up
  /// to 1 MiB), to a file that open_float_index reads; a file that is there is replaced in one
  /// step, or left as it is if anything fails. `like`: a file whose permissions, and owner where
  /// that may be set, the new one gets; empty: readable by all.
  virtual Status save(const std::string& path, std::string_view note,
                      const std::string& like = {}) const = 0;

  /// The note of the file that this index was opened from, or empty.
  virtual const std::string& note() const noexcept = 0;

  /// Reads all of the file that this index was opened from again, and checks it; ok if there is
  /// none.
  virtual Status verify() const = 0;

  /// What it holds now.
  virtual FloatIndexFacts facts() const = 0;
};

/// An empty index over vectors of that many floats, 1..kMaxFloatDimension. Errc::kBadArgument for
/// another dimension, or options out of range.
Result<std::unique_ptr<LiveFloatIndex>> make_live_float_index(
    std::size_t dimension, const LiveFloatIndexOptions& options = {});

/// Opens a saved index: all of the file is read and checked, then mapped. The base stays of the
/// kind that was saved until it is merged, searched with the probes and the reach of `options`.
///
/// Errc::kNotFound if there is no such file; kCorruptStore, with its name and what is wrong, if it
/// is cut, damaged, contradicts itself or is no index of this format; kIo if it cannot be read;
/// kBadArgument as make_live_float_index.
Result<std::unique_ptr<LiveFloatIndex>> open_float_index(const std::string& path,
                                                         const LiveFloatIndexOptions& options = {});

}  // namespace semblance
