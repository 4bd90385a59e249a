// SPDX-License-Identifier: Apache-2.0
#include "index/device_search.h"

#include <algorithm>

#include "hamming/device_scan.h"

namespace semblance::index {
namespace {

constexpr unsigned kQueryShift = 41;  // of a key: query << 41 | distance << 32 | row
constexpr unsigned kDistanceShift = 32;
constexpr std::uint64_t kDistanceMask = 0x1ff;

// Queries first_query..first_query + query_count of a batch, against some of the rows.
struct Part {
  std::uint64_t first_query = 0;
  std::uint64_t query_count = 0;
  std::uint64_t first_row = 0;
  std::uint64_t end_row = 0;

  std::uint64_t rows() const noexcept { return end_row - first_row; }
};

Error impossible(const char* what) {
  return {Errc::kDevice, std::string("search on GPU: it answered with ") + what};
}

class BatchSearch {
 public:
  BatchSearch(const DeviceEngine& engine, std::span<const Hash256> queries, int max_distance,
              HitRoom room)
      : engine_(engine), queries_(queries), max_distance_(max_distance), room_(room) {}

  // Appends the hits as keys, in no order.
  Status run(std::uint64_t rows, std::vector<std::uint64_t>& keys) {
    waiting_ = {{0, queries_.size(), 0, rows}};
    while (!waiting_.empty()) {
      const Part part = waiting_.back();
      waiting_.pop_back();
      if (Status done = run_part(part, keys); !done) return done;
    }
    return ok();
  }

 private:
  Status run_part(const Part& part, std::vector<std::uint64_t>& keys) {
    auto found = scan(part, room_.usual, keys);
    if (!found) return found.error();
    if (*found <= room_.usual) return ok();
    const std::uint64_t needed = *found;
    if (needed <= room_.most) {
      found = scan(part, needed, keys);
      if (found && *found == needed) return ok();
      if (found) return impossible("another number of hits the second time");
      if (!is_out_of_device_memory(found.error())) return found.error();
      split(part, needed, room_.usual);
    } else {
      split(part, needed, room_.most);
    }
    return ok();
  }

  Result<std::uint64_t> scan(const Part& part, std::uint64_t room,
                             std::vector<std::uint64_t>& keys) {
    DeviceJob job;
    job.queries = queries_.subspan(part.first_query, part.query_count);
    job.first_row = part.first_row;
    job.end_row = part.end_row;
    job.max_distance = max_distance_;
    auto found = engine_.scan(job, room, found_);
    if (!found) return found;
    if (*found > part.query_count * part.rows()) return impossible("more hits than pairs");
    if (*found > room) return found;
    if (found_.size() != *found) return impossible("another number of hits than it counted");
    for (const std::uint64_t key : found_) {
      const auto row = static_cast<std::uint32_t>(key);
      if (key >> kQueryShift >= part.query_count || row < part.first_row || row >= part.end_row ||
          (key >> kDistanceShift & kDistanceMask) > static_cast<std::uint64_t>(max_distance_)) {
        return impossible("a hit that is none");
      }
      keys.push_back(key + (part.first_query << kQueryShift));
    }
    return found;
  }

  // Into parts that would fit if hits were spread evenly; two at least, so that this ends: a part
  // of one query and one row has one hit at most.
  void split(const Part& part, std::uint64_t hits, std::uint64_t room) {
    const std::uint64_t wanted = std::max<std::uint64_t>(2, hits / room + 1);
    const bool by_query = part.query_count > 1;
    const std::uint64_t length = by_query ? part.query_count : part.rows();
    const std::uint64_t step = std::max<std::uint64_t>(1, length / wanted);
    for (std::uint64_t at = 0; at < length; at += step) {
      Part piece = part;
      const std::uint64_t count = std::min(step, length - at);
      if (by_query) {
        piece.first_query += at;
        piece.query_count = count;
      } else {
        piece.first_row += at;
        piece.end_row = piece.first_row + count;
      }
      waiting_.push_back(piece);
    }
  }

  const DeviceEngine& engine_;
  std::span<const Hash256> queries_;
  int max_distance_;
  HitRoom room_;
  std::vector<Part> waiting_;
  std::vector<std::uint64_t> found_;
};

}  // namespace

Result<std::vector<Hit>> device_range_search(const DeviceEngine& engine, std::uint64_t rows,
                                             std::span<const Hash256> queries, int max_distance,
                                             HitRoom room) {
  std::vector<Hit> hits;
  if (rows == 0) return hits;
  room.usual = std::clamp<std::uint64_t>(room.usual, 1, room.most);
  std::vector<std::uint64_t> keys;
  for (std::size_t first = 0; first < queries.size(); first += kernels::kMaxDeviceQueries) {
    const std::size_t count = std::min(kernels::kMaxDeviceQueries, queries.size() - first);
    keys.clear();
    BatchSearch batch(engine, queries.subspan(first, count), max_distance, room);
    if (Status done = batch.run(rows, keys); !done) return done.error();
    std::sort(keys.begin(), keys.end());  // a key's order is that of hits
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
      return impossible("one hit twice");
    }
    hits.reserve(hits.size() + keys.size());
    for (const std::uint64_t key : keys) {
      hits.push_back({static_cast<std::uint32_t>(first + (key >> kQueryShift)),
                      static_cast<std::uint32_t>(key),
                      static_cast<std::int32_t>(key >> kDistanceShift & kDistanceMask)});
    }
  }
  return hits;
}

}  // namespace semblance::index
