// SPDX-License-Identifier: Apache-2.0
// JPEG files of every make, for the tests of the reader of low frequencies: libjpeg-turbo writes
// them, and a few functions here take them apart and put them together otherwise.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <vector>

#include "decode/encode_pictures.h"

namespace semblance::decode {

/// Uniform noise: long codes, every coefficient there.
TestPicture noise_picture(std::uint32_t width, std::uint32_t height, int channels,
                          std::uint32_t seed);
/// One gray or colour: a DC code and an end of block, and no more.
TestPicture flat_picture(std::uint32_t width, std::uint32_t height, int channels,
                         std::uint8_t sample);
/// Smooth parts and rough ones, edges between them: what blocks of photographs look like.
TestPicture scene_picture(std::uint32_t width, std::uint32_t height, int channels,
                          std::uint32_t seed);

/// One scan of a script. **Source:** ITU-T T.81, G.1.1.
struct ScanScript {
  std::vector<int> components;
  int first = 0, last = 63;  // Ss, Se
  int high = 0, low = 0;     // Ah, Al
};

enum class LumaFileColour { kGray, kYcc, kRgb, kCmyk, kYcck };

/// How a file is written. Three components unless the colour says otherwise.
struct LumaFileOptions {
  LumaFileColour colour = LumaFileColour::kYcc;
  int quality = 85;
  std::array<std::array<int, 2>, 4> sampling = {{{2, 2}, {1, 1}, {1, 1}, {2, 2}}};  // h, v
  bool optimise = false;    // Huffman tables of the picture's own
  bool arithmetic = false;  // instead of Huffman codes
  bool progressive = false;
  std::vector<ScanScript> script;  // empty: one scan, or the library's own progression
  unsigned restart_interval = 0;   // MCUs
  int restart_rows = 0;            // rows of MCUs, instead
  bool jfif = true;                // the APP0 marker that says so
};

/// Encodes a picture of the channels that the colour asks for: 1, 3, or 4 of CMYK.
ByteVector encode_luma_file(const TestPicture& picture, const LumaFileOptions& options);

/// Fills the block of component, block row and block column: 64 quantised values, row-major.
using BlockFiller = std::function<void(int component, std::uint32_t row, std::uint32_t col,
                                       std::span<std::int16_t> block)>;

/// Writes coefficients as they are given: what no picture has, too. Steps are all 1 at quality 100.
ByteVector encode_coefficients(std::uint32_t width, std::uint32_t height,
                               const LumaFileOptions& options, const BlockFiller& fill);

/// A coefficient of 0 to 10 bits, each length as likely, of either sign.
std::int16_t wild_coefficient(std::mt19937& rng);

/// Where the `nth` marker with that code stands, or bytes.size().
std::size_t find_marker(std::span<const std::uint8_t> bytes, std::uint8_t code,
                        std::size_t nth = 0);
/// Where each restart marker stands.
std::vector<std::size_t> find_restarts(std::span<const std::uint8_t> bytes);
/// The bytes with [from, to) of them replaced by others.
ByteVector spliced(const ByteVector& bytes, std::size_t from, std::size_t to,
                   const ByteVector& others = {});
/// The file without its first segment of that code; there must be one.
ByteVector without_segment(const ByteVector& file, std::uint8_t code);
/// The file with a segment put at an offset.
ByteVector with_segment(const ByteVector& file, std::size_t at, std::uint8_t code,
                        const ByteVector& body);

}  // namespace semblance::decode
