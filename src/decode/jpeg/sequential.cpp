// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg/sequential.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "decode/jpeg/block_walk.h"
#include "decode/jpeg/entropy_bits.h"
#include "decode/jpeg/low_coefficients.h"
#include "decode/jpeg/mcu_codes.h"

namespace semblance::decode::jpeg {
namespace {

/// What reading a scan needs. A thread keeps its own from file to file, for memory that is fresh
/// from the system costs more than the reading does.
struct Workspace {
  EntropyBits bits;
  McuCodes codes;
  BlockWalk walk;
  std::unique_ptr<std::uint32_t[]> starts;
  std::size_t capacity = 0;

  std::span<std::uint32_t> room_for(std::size_t blocks) {
    if (capacity < blocks) {
      starts = std::make_unique_for_overwrite<std::uint32_t[]>(blocks);
      capacity = blocks;
    }
    return {starts.get(), blocks};
  }

  std::size_t kept_bytes() const {
    return bits.kept_bytes() + walk.kept_bytes() + capacity * sizeof(std::uint32_t);
  }
};

// Pictures that take more than this, as those of some 12 MP do, do not leave their memory behind.
constexpr std::size_t kMostKept = std::size_t{16} << 20;

bool read_scan(const Frame& frame, const Scan& scan, Workspace& work, LumaBlocks& luma) {
  const std::size_t units = std::size_t{scan.mcu_cols} * scan.mcu_rows;
  const std::size_t interval = scan.restart_interval == 0 ? units : scan.restart_interval;
  if (!work.bits.assign(scan.entropy, divide_up(units, interval))) return false;
  work.codes.build(frame, scan);
  // No block is shorter than two bits, one of its mean and one of its end.
  const std::size_t blocks = units * work.codes.blocks;
  if (blocks / 4 > scan.entropy.size()) return false;
  const std::span<std::uint32_t> starts = work.room_for(blocks);
  if (!work.walk.run(work.bits, work.codes, interval * work.codes.blocks, starts)) return false;
  if (scan.parts[0].component != 0) return true;
  return read_low_coefficients(work.bits, work.codes, frame, scan, starts, luma);
}

}  // namespace

bool read_sequential(const Frame& frame, LumaBlocks& luma) {
  thread_local std::unique_ptr<Workspace> kept;
  std::unique_ptr<Workspace> work = kept ? std::move(kept) : std::make_unique<Workspace>();
  bool right = true;
  for (const Scan& scan : frame.scans) right = right && read_scan(frame, scan, *work, luma);
  if (work->kept_bytes() <= kMostKept) kept = std::move(work);
  return right;
}

}  // namespace semblance::decode::jpeg
