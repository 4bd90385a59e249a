// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/block_walk.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "decode/jpeg/block_rounds.h"

namespace semblance::decode::jpeg {
namespace {

// A stretch's first blocks are read twice, until its reader is in step; so they are not to be
// short.
constexpr std::size_t kStretchBytes = 8192;
constexpr std::size_t kMaxStretches = 8;

// A reader that is out of step fails now and then; one that fails so often is in no usual scan.
constexpr int kMostFailures = 32;

/// The blocks from one bit on, as far as they are read.
struct Stretch {
  std::uint32_t end = 0;               // the bit at which to stop, if not before
  bool guessed = false;                // the first start is
  std::span<std::uint32_t> starts;     // room for all of them
  std::size_t count = 0;               // how many are known
  std::optional<std::uint32_t> after;  // the bit behind the last one, once all are
  int failures = 0;                    // of guesses
  bool failed = false;                 // a block behind those known is not one

  bool whole() const noexcept { return after.has_value(); }

  void start_at(std::uint32_t bit) noexcept {
    starts[0] = bit;
    count = 1;
  }

  /// Adds starts; false once all are known, and what is behind the last one.
  bool add(std::span<const std::uint32_t> more) noexcept {
    const std::size_t taken = std::min(more.size(), starts.size() - count);
    std::copy_n(more.begin(), taken, starts.begin() + static_cast<std::ptrdiff_t>(count));
    count += taken;
    if (taken == more.size()) return true;
    if (!after) after = more[taken];
    return false;
  }

  /// Whether the last bits are padding.
  bool ends_well() const noexcept { return after && *after <= end && end - *after < 8; }
};

/// Reads stretches, several at a time.
class Readers {
 public:
  Readers(const EntropyBits& bits, const McuCodes& codes, std::size_t lanes)
      : rounds_(bits.bytes(), codes), period_(codes.period), lane_count_(lanes) {}

  std::size_t period() const noexcept { return period_; }

  /// Reads each stretch, whose first start is set, to its end or until it fails. False as soon as
  /// one fails of which the start is known.
  bool read(std::span<Stretch> stretches) {
    std::size_t next = 0, active = 0;
    for (; active < lane_count_ && next < stretches.size(); ++active, ++next) {
      enter(lane(active), stretches[next]);
      task(active) = &stretches[next];
    }
    while (active > 0) {
      run(active);
      for (std::size_t i = active; i-- > 0;) {
        if (!collect(lane(i), *task(i))) continue;
        if (task(i)->failed && !task(i)->guessed) return false;
        if (next < stretches.size()) {
          task(i) = &stretches[next++];
          enter(lane(i), *task(i));
        } else {
          --active;
          std::swap(order_[i], order_[active]);
        }
      }
    }
    return true;
  }

  /// Sets the first of the readers at the last start known.
  void resume(const Stretch& stretch) { enter(lane(0), stretch); }

  /// Goes on reading, with the first of the readers alone; true when there is nothing more to read.
  bool read_on(Stretch& stretch) {
    if (lane(0).at >= stretch.end) return true;
    rounds_.run<1>({&lane(0)});
    return collect(lane(0), stretch);
  }

 private:
  Lane& lane(std::size_t i) noexcept { return lanes_[order_[i]]; }
  Stretch*& task(std::size_t i) noexcept { return tasks_[order_[i]]; }

  void enter(Lane& lane, const Stretch& stretch) noexcept {
    lane.at = stretch.starts[stretch.count - 1];
    lane.slot = static_cast<std::uint32_t>((stretch.count - 1) % period_);
    lane.place = rounds_.start_of(lane.slot);
  }

  void run(std::size_t active) noexcept {
    switch (active) {
      case 1:
        return rounds_.run<1>({&lane(0)});
      case 2:
        return rounds_.run<2>({&lane(0), &lane(1)});
      case 3:
        return rounds_.run<3>({&lane(0), &lane(1), &lane(2)});
      default:
        return rounds_.run<4>({&lane(0), &lane(1), &lane(2), &lane(3)});
    }
  }

  /// Takes over what a round found; true when there is nothing more to read.
  bool collect(Lane& lane, Stretch& stretch) noexcept {
    std::span<const std::uint32_t> found(lane.starts.data(), lane.found);
    if (lane.failed) {
      found = found.first(static_cast<std::size_t>(
          std::upper_bound(found.begin(), found.end(), lane.failed_at) - found.begin()));
    }
    if (!stretch.add(found)) return true;
    if (!lane.failed) return lane.at >= stretch.end;
    if (!stretch.guessed || lane.failed_at + 1 >= stretch.end ||
        ++stretch.failures > kMostFailures) {
      stretch.failed = true;
      return true;
    }
    // The guess is proven wrong up to here; the next bit is as good a guess as the first was.
    stretch.start_at(lane.failed_at + 1);
    enter(lane, stretch);
    return false;
  }

  BlockRounds rounds_;
  std::size_t period_;
  std::size_t lane_count_;
  std::array<Lane, BlockWalk::kMaxLanes> lanes_;
  std::array<Stretch*, BlockWalk::kMaxLanes> tasks_{};
  std::array<std::size_t, BlockWalk::kMaxLanes> order_{0, 1, 2, 3};
};

/// Two readers are in step where they start a block at the same bit and the blocks from there on
/// take the same tables.
struct InStep {
  std::size_t known;
  std::size_t guess;
};

/// Lets `known` go on until it is in step with `guess`; nothing where it is not by the end of that,
/// or where `known` is whole or fails before.
std::optional<InStep> meet(Readers& readers, Stretch& known, const Stretch& guess) {
  const auto begin = known.starts.begin();
  const auto from =
      std::lower_bound(begin, begin + static_cast<std::ptrdiff_t>(known.count), guess.starts[0]);
  std::size_t i = static_cast<std::size_t>(from - begin), j = 0;
  bool resumed = false;
  for (;;) {
    for (; i < known.count; ++i) {
      while (j < guess.count && guess.starts[j] < known.starts[i]) ++j;
      if (j == guess.count) return std::nullopt;
      const bool same = guess.starts[j] == known.starts[i];
      if (same && i % readers.period() == j % readers.period()) return InStep{i, j};
    }
    if (!resumed) readers.resume(known);
    resumed = true;
    if (readers.read_on(known)) return std::nullopt;
  }
}

/// Continues `known` with what `guess` read from where they are in step.
void adopt(Stretch& known, const Stretch& guess, InStep at) noexcept {
  known.count = at.known;
  known.add(std::span(guess.starts).subspan(at.guess, guess.count - at.guess));
}

/// Reads a scan with restarts, where nothing is guessed.
bool read_intervals(Readers& readers, std::span<const EntropyBits::Interval> intervals,
                    std::size_t interval_blocks, std::span<std::uint32_t> starts) {
  std::array<Stretch, 64> stretches;
  while (!intervals.empty()) {
    const std::size_t count = std::min(intervals.size(), stretches.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t blocks = std::min(interval_blocks, starts.size());
      stretches[i] = {};
      stretches[i].starts = starts.first(blocks);
      stretches[i].end = intervals[i].end * 8;
      stretches[i].start_at(intervals[i].begin * 8);
      starts = starts.subspan(blocks);
    }
    const std::span<Stretch> some = std::span(stretches).first(count);
    if (!readers.read(some)) return false;
    if (!std::ranges::all_of(some, &Stretch::ends_well)) return false;
    intervals = intervals.subspan(count);
  }
  return true;
}

}  // namespace

std::span<std::uint32_t> BlockWalk::guesses(std::size_t count) {
  if (capacity_ < count) {
    guesses_ = std::make_unique_for_overwrite<std::uint32_t[]>(count);
    capacity_ = count;
  }
  return {guesses_.get(), count};
}

bool BlockWalk::run(const EntropyBits& bits, const McuCodes& codes, std::size_t interval_blocks,
                    std::span<std::uint32_t> starts, std::size_t lanes) {
  Readers readers(bits, codes, lanes);
  const std::span<const EntropyBits::Interval> intervals = bits.intervals();
  if (intervals.size() > 1) return read_intervals(readers, intervals, interval_blocks, starts);

  const std::uint32_t bytes = intervals[0].end;
  const std::size_t most = lanes == 1 ? 1 : kMaxStretches;
  const std::size_t count = std::clamp<std::size_t>(bytes / kStretchBytes, 1, most);
  const std::span<std::uint32_t> room = guesses((count - 1) * starts.size());
  std::array<Stretch, kMaxStretches> stretches;
  for (std::size_t i = 0; i < count; ++i) {
    Stretch& stretch = stretches[i];
    stretch.guessed = i > 0;
    stretch.starts = i == 0 ? starts : room.subspan((i - 1) * starts.size(), starts.size());
    stretch.end = static_cast<std::uint32_t>(std::uint64_t{bytes} * 8 * (i + 1) / count);
    stretch.start_at(i == 0 ? 0 : stretches[i - 1].end);
  }
  if (!readers.read(std::span(stretches).first(count))) return false;

  Stretch& known = stretches[0];
  known.end = stretches[count - 1].end;
  for (std::size_t i = 1; i < count && !known.whole() && !known.failed; ++i) {
    if (const auto at = meet(readers, known, stretches[i])) adopt(known, stretches[i], *at);
  }
  readers.resume(known);
  while (!known.whole() && !known.failed && !readers.read_on(known)) {
  }
  return known.ends_well();
}

}  // namespace semblance::decode::jpeg
