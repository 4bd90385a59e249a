// SPDX-License-Identifier: Apache-2.0
// Private to src/index: where everything stands in the file of a segment. README.md describes it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "index/bit_order.h"
#include "index/segment.h"

namespace semblance::index {

static_assert(std::endian::native == std::endian::little, "the format is the memory's own");

/// A SHA-256.
using Digest = std::array<std::uint8_t, 32>;

/// Names and sizes of format 1.
inline constexpr std::array<char, 8> kMagic = {'S', 'E', 'M', 'B', 'I', 'D', 'X', '\n'};
inline constexpr std::uint32_t kFormat = 1;
inline constexpr std::size_t kBlock = 16384;  // what is checked at once
inline constexpr std::size_t kHeaderBytes = 4096;
inline constexpr std::size_t kMaxNote = std::size_t{1} << 20;

/// What the file begins with, as it stands there.
struct FileHeader {
  std::array<char, 8> magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t bit_order = kBitOrderNumber;
  std::uint64_t file_bytes = 0;
  std::uint64_t codes = 0;
  std::uint64_t rows = 0;
  std::uint64_t note_bytes = 0;
  std::uint32_t tables = 0;
  std::uint32_t prefix_bytes = 0;
  std::uint32_t label_bits = 0;
  std::uint32_t first_row_bits = 0;  // 0: no two rows are equal
  std::uint32_t code_bits = 0;
  std::uint32_t block_bytes = kBlock;
  Digest directory{};  // of all between the header and the data
};

/// The header fills its page with zeros, and ends with the digest of what stands before.
inline constexpr std::size_t kSealAt = kHeaderBytes - sizeof(Digest);
static_assert(sizeof(FileHeader) <= kSealAt && std::is_trivially_copyable_v<FileHeader>);

/// Where each part stands: the note, the digests and the starts of tables from the beginning of the
/// file, the other parts from that of the data. All follows from the counts in the header, so that
/// no offset of a file needs to be believed.
struct FilePlan {
  struct Table {
    std::uint64_t starts = 0;  // in the directory
    std::uint64_t sketches = 0;
    std::uint64_t codes = 0;
  };
  std::uint64_t note = kHeaderBytes;
  std::uint64_t digests = 0;
  std::uint64_t data = 0;
  std::uint64_t codes = 0;
  std::uint64_t planes = 0;
  std::uint64_t labels = 0;
  std::uint64_t first_rows = 0;
  std::vector<Table> tables;
  std::uint64_t blocks = 0;
  std::uint64_t file_bytes = 0;
};

/// Bytes of the starts of table t.
std::uint64_t starts_bytes(const TableLayout& layout, std::size_t t);

/// Bytes of one table's sketches, with what may be read beyond them.
std::uint64_t sketch_bytes(std::uint64_t codes);

/// The plan of a file whose header has these counts; they must be in range, see map_segment.
FilePlan plan_of(const FileHeader& header);

/// The header of the file of a segment, without the digest of its directory.
FileHeader header_of(const SegmentView& view, std::string_view note);

}  // namespace semblance::index
