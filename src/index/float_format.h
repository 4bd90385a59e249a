// SPDX-License-Identifier: Apache-2.0
// Private to src/index: where everything stands in the file of vectors. README.md describes it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace semblance::index {

static_assert(std::endian::native == std::endian::little, "the format is the memory's own");

inline constexpr std::array<char, 8> kFloatMagic = {'S', 'E', 'M', 'F', 'I', 'D', 'X', '\n'};
inline constexpr std::uint32_t kFloatFormat = 1;
inline constexpr std::size_t kFloatHeaderBytes = 4096;
inline constexpr std::size_t kMaxFloatNote = std::size_t{1} << 20;

/// What the file begins with, as it stands there.
struct FloatFileHeader {
  std::array<char, 8> magic = kFloatMagic;
  std::uint32_t format = kFloatFormat;
  std::uint32_t dimension = 0;
  std::uint64_t file_bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t note_bytes = 0;
  std::uint64_t neighbours = 0;  // of all rows of a graph
  std::uint32_t lists = 0;       // 0: not in lists
  std::uint32_t code_bytes = 0;  // 0: no codes
  std::uint32_t links = 0;       // 0: no graph
  std::int32_t entry = -1;       // of the graph
  float lost = 0;                // of the codes
  std::uint32_t none = 0;
  std::array<std::uint8_t, 32> body{};  // SHA-256 of all behind the header
};

/// The header fills its page with zeros, and ends with the SHA-256 of what stands before.
inline constexpr std::size_t kFloatSealAt = kFloatHeaderBytes - 32;
static_assert(sizeof(FloatFileHeader) <= kFloatSealAt &&
              std::is_trivially_copyable_v<FloatFileHeader>);

/// A part of the file; it begins at a multiple of 64, and what is between two parts is zero.
struct FloatSection {
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
};

/// Where each part stands. All follows from the counts in the header, so that no offset of a file
/// needs to be believed.
struct FloatFilePlan {
  FloatSection note;
  FloatSection vectors;
  FloatSection labels;
  FloatSection starts;
  FloatSection centres;
  FloatSection words;
  FloatSection codes;
  FloatSection levels;
  FloatSection neighbours;
  std::uint64_t file_bytes = 0;
};

/// The plan of a file whose header has these counts; they must be in range, see read_floats.
FloatFilePlan plan_of(const FloatFileHeader& header);

/// Whether the counts of a header can be those of a file.
bool is_sane(const FloatFileHeader& header);

}  // namespace semblance::index
