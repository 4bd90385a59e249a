// SPDX-License-Identifier: Apache-2.0
// Exact radius search over 256-bit codes that come and go while it is searched.
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

#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance {

/// One code within the radius of one query, by the name that its owner gave it.
struct LabelledHit {
  std::uint32_t query = 0;  // index into the queries
  std::int64_t label = 0;   // as added
  std::int32_t distance = 0;

  friend auto operator<=>(const LabelledHit&, const LabelledHit&) = default;
};

/// What an index holds, for `inspect`, benchmarks and logs.
struct IndexFacts {
  std::size_t codes = 0;      // that a search can find
  std::size_t withdrawn = 0;  // still held, never found
  std::size_t distinct = 0;   // different codes, summed over segments
  std::size_t segments = 0;   // that a search visits, the newest codes included
  std::size_t tables = 0;     // of the largest segment; 0: it is scanned
  std::uint64_t bytes = 0;    // of memory and of the mapped file, all in
};

/// How an index is kept.
struct LiveIndexOptions {
  bool merge_in_background = true;    // else a merge runs inside the add that makes it due
  std::optional<std::size_t> tables;  // 10..16, or 0 to scan; absent: by the number of codes
};

/// What is searched, derived from a store and never the only copy of anything: exact radius search
/// over codes that are added and withdrawn while others search.
///
/// Exact: no code within the radius is ever missed; equal codes are separate hits. An immutable
/// base, a small delta and marks for what was withdrawn: adding and withdrawing is visible to the
/// next search, and a search waits for neither, nor for a merge. Thread-safe.
class LiveIndex {
 public:
  virtual ~LiveIndex() = default;

  /// Adds codes; labels[i] (>= 0) is what hits on codes[i] are called. Labels need not differ: all
  /// codes of a label are withdrawn together. Errc::kBadArgument if the counts differ or a label
  /// is negative; kLimit if there would be more than 2^32 - 1 codes.
  virtual Status add(std::span<const Hash256> codes, std::span<const std::int64_t> labels) = 0;

  /// Takes back every code of these labels, and returns how many codes that were; labels that are
  /// not here are none. One pass over the labels held, however many are withdrawn at once.
  virtual Result<std::size_t> withdraw(std::span<const std::int64_t> labels) = 0;

  /// Number of codes that a search can find.
  virtual std::size_t size() const noexcept = 0;

  /// All (query, label) pairs with distance <= max_distance (bits, inclusive, 0..256), ordered by
  /// query, then distance, then label. Errc::kBadArgument if max_distance is out of range;
  /// kCorruptStore if a part of a saved index that the search needs is damaged.
  virtual Result<std::vector<LabelledHit>> range_search(std::span<const Hash256> queries,
                                                        int max_distance) const = 0;

  /// Calls `visit` with every code that a search can find and its label, in no order.
  virtual Status for_each(
      const std::function<void(const Hash256& code, std::int64_t label)>& visit) const = 0;

  /// Brings all into one base, without what was withdrawn, and returns when that is done.
  virtual Status merge() = 0;

  /// Writes all codes that a search can find, and `note`, to a file that open_index reads; a file
  /// that is there is replaced in one step, or left as it is if anything fails. `like`: a file
  /// whose permissions, and owner where that may be set, the new one gets; empty: readable by all.
  virtual Status save(const std::string& path, std::string_view note,
                      const std::string& like = {}) const = 0;

  /// The note of the file that this index was opened from, or empty.
  virtual const std::string& note() const noexcept = 0;

  /// Reads all of the file that this index was opened from, and checks it; ok if there is none.
  virtual Status verify() const = 0;

  /// What it holds now.
  virtual IndexFacts facts() const = 0;
};

/// An empty index.
std::unique_ptr<LiveIndex> make_live_index(const LiveIndexOptions& options = {});

/// Opens a saved index by memory map. The header and the directories are checked now, every other
/// block the first time that it is read.
///
/// Errc::kNotFound if there is no such file; kCorruptStore, with what is wrong and where, if it is
/// truncated, damaged, or no index of this format; kIo if it cannot be read.
Result<std::unique_ptr<LiveIndex>> open_index(const std::string& path,
                                              const LiveIndexOptions& options = {});

/// Writes all codes that a search can find, with their labels, as FAISS's IndexBinaryIDMap over an
/// IndexBinaryFlat: what faiss.read_index_binary of Python reads. Replaced in one step, as by save.
Status write_faiss_index(const LiveIndex& index, const std::string& path);

/// An index over the codes of a FAISS file: an IndexBinaryFlat of 256 bits, whose labels are then
/// 0, 1, 2, ..., or an IndexBinaryIDMap over one. Anything else, and a file that contradicts
/// itself, is Errc::kBadFormat. FAISS's files hold no checksum.
Result<std::unique_ptr<LiveIndex>> read_faiss_index(const std::string& path,
                                                    const LiveIndexOptions& options = {});

}  // namespace semblance
