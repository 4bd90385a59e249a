// SPDX-License-Identifier: Apache-2.0
// A saved index in memory, to damage, and to seal again as if an honest writer had written it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/digest.h"
#include "index/table_layout.h"

namespace semblance::index {

/// Where the fields of the header stand, as src/index/README.md describes the file.
struct HeaderField {
  std::size_t at = 0;
  std::size_t bytes = 0;
};
inline constexpr HeaderField kFormatField{8, 4};
inline constexpr HeaderField kBitOrderField{12, 4};
inline constexpr HeaderField kFileBytesField{16, 8};
inline constexpr HeaderField kCodesField{24, 8};
inline constexpr HeaderField kRowsField{32, 8};
inline constexpr HeaderField kNoteBytesField{40, 8};
inline constexpr HeaderField kTablesField{48, 4};
inline constexpr HeaderField kPrefixBytesField{52, 4};
inline constexpr HeaderField kLabelBitsField{56, 4};
inline constexpr HeaderField kFirstRowBitsField{60, 4};
inline constexpr HeaderField kCodeBitsField{64, 4};
inline constexpr HeaderField kBlockBytesField{68, 4};
inline constexpr std::size_t kDirectoryDigestAt = 72;
inline constexpr std::size_t kHeaderSize = 4096;
inline constexpr std::size_t kDataBlock = 16384;

/// The bytes of a saved index.
class ForgedIndex {
 public:
  explicit ForgedIndex(std::vector<std::uint8_t> file) : bytes(std::move(file)) {}
  explicit ForgedIndex(const std::string& file) : bytes(file.begin(), file.end()) {}

  std::vector<std::uint8_t> bytes;

  std::uint64_t get(HeaderField field) const {
    std::uint64_t value = 0;
    if (field.at + field.bytes <= bytes.size()) {
      std::memcpy(&value, &bytes[field.at], field.bytes);
    }
    return value;
  }
  void set(HeaderField field, std::uint64_t value) {
    std::memcpy(&bytes[field.at], &value, field.bytes);
  }

  /// Where the directory's places of buckets and the data begin, for the number of tables and the
  /// note that the header states and the size that the file has; nothing if no file has those.
  struct Parts {
    std::size_t digests = 0;
    std::size_t starts = 0;
    std::size_t data = 0;
    std::size_t blocks = 0;
  };
  std::optional<Parts> parts() const {
    const std::uint64_t tables = get(kTablesField);
    const std::uint64_t note = get(kNoteBytesField);
    if (bytes.size() < kHeaderSize || tables > kMaxTables || note > bytes.size()) return {};
    std::size_t starts_bytes = 0;
    const TableLayout layout(std::max<std::size_t>(tables, kMinTables));
    for (std::size_t t = 0; t < tables; ++t) {
      starts_bytes += aligned(4 * ((std::size_t{1} << layout.fields[t].bits) + 1), 64);
    }
    Parts found;
    found.digests = aligned(kHeaderSize + note, 64);
    for (found.blocks = 1; found.blocks * kDataBlock < bytes.size(); ++found.blocks) {
      found.starts = found.digests + aligned(32 * found.blocks, 64);
      found.data = aligned(found.starts + starts_bytes, kDataBlock);
      if (found.data + found.blocks * kDataBlock == bytes.size()) return found;
    }
    return {};
  }

  /// Makes every digest that of what stands there now: what is then wrong, no digest tells.
  void seal() {
    if (bytes.size() < kHeaderSize) return;
    if (const auto where = parts()) {
      for (std::size_t block = 0; block < where->blocks; ++block) {
        put_digest(where->digests + 32 * block, where->data + kDataBlock * block, kDataBlock);
      }
      put_digest(kDirectoryDigestAt, kHeaderSize, where->data - kHeaderSize);
    }
    put_digest(kHeaderSize - 32, 0, kHeaderSize - 32);
  }

  std::string text() const { return {bytes.begin(), bytes.end()}; }

 private:
  static std::size_t aligned(std::size_t at, std::size_t to) { return (at + to - 1) / to * to; }

  void put_digest(std::size_t at, std::size_t first, std::size_t size) {
    const auto digest = sha256(std::span(bytes).subspan(first, size));
    std::copy(digest.begin(), digest.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }
};

}  // namespace semblance::index
