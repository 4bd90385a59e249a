// SPDX-License-Identifier: Apache-2.0
// What a decoder takes, measured, is what it asks leave for: the peak of a process that decodes.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "decode/encode_pictures.h"
#include "sanitized.h"

namespace semblance::decode {
namespace {

/// Rows that go nowhere.
class NoSink final : public RowSink {
 public:
  void begin(const PictureInfo&) override {}
  void rows(const std::uint8_t*, std::ptrdiff_t, std::uint32_t) override {}
};

/// Kilobytes of resident memory: `VmRSS:` now, `VmHWM:` at most so far.
std::uint64_t resident_kib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kib = 0;
  while (status >> word) {
    if (word == field) status >> kib;
  }
  return kib;
}

/// MiB by which decoding raises the peak of a process of its own, rounded down; 255 if it failed.
int growth_mib(const ByteVector& file, Format format) {
  const pid_t child = fork();
  if (child == 0) {
    malloc_trim(0);                               // what the encoders left is not there to be used
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak is that of now
    const std::uint64_t before = resident_kib("VmRSS:");
    NoSink sink;
    const auto end = decode_picture(file, format, Limits{}, sink);
    const std::uint64_t peak = resident_kib("VmHWM:");
    _exit(end && !end->partial ? static_cast<int>((peak - std::min(before, peak)) >> 10) : 255);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

struct MemoryCase {
  const char* name;
  Format format;
  std::function<std::optional<ByteVector>()> make;
};

void PrintTo(const MemoryCase& one, std::ostream* out) { *out << one.name; }

constexpr std::uint32_t kWide = 2000, kHigh = 1400;

ByteVector sixteen_bits(bool interlaced) {
  PngOptions options;
  options.color_type = 6;
  options.bit_depth = 16;
  options.interlaced = interlaced;
  ByteVector samples(std::size_t{kWide} * kHigh * 8);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::uint8_t>(i / 999);
  return encode_png(kWide, kHigh, samples, options);
}

ByteVector jpeg(bool progressive) {
  JpegOptions options;
  options.progressive = progressive;
  options.horizontal_sampling = options.vertical_sampling = 1;
  return encode_jpeg(gradient_picture(kWide, kHigh, 3), options);
}

ByteVector webp(bool lossless, int channels) {
  return encode_webp(gradient_picture(kWide, kHigh, channels), lossless);
}

ByteVector tiff(std::uint16_t photometric, std::uint32_t rows_per_strip) {
  TiffOptions options;
  options.photometric = photometric;
  options.compression = 5;
  options.rows_per_strip = rows_per_strip;
  return encode_tiff(kWide, kHigh, gradient_picture(kWide, kHigh, 3).pixels, options);
}

ByteVector gif() {
  GifFrame frame;
  frame.width = kWide;
  frame.height = kHigh;
  frame.indices.assign(std::size_t{kWide} * kHigh, 2);
  return encode_gif(kWide, kHigh, {frame});
}

class MemoryTest : public testing::TestWithParam<MemoryCase> {};

TEST_P(MemoryTest, WhatIsTakenIsAskedFor) {
  if (test::kAddressSanitizer || test::kThreadSanitizer) {
    GTEST_SKIP() << "a sanitizer's allocator keeps what was freed";
  }
  const std::optional<ByteVector> file = GetParam().make();
  if (!file) GTEST_SKIP() << "no encoder for this format";
  const int taken = growth_mib(*file, GetParam().format);
  ASSERT_LT(taken, 255);
  RecordProperty("taken_mib", taken);
  // Libraries' tables and the allocator's own rounding are not in the sum.
  constexpr int kSlackMib = 4;
  if (taken <= kSlackMib) return;  // it streams
  Limits limits;
  limits.max_picture_bytes = static_cast<std::uint64_t>(taken - kSlackMib) << 20;
  NoSink sink;
  const auto end = decode_picture(*file, GetParam().format, limits, sink);
  ASSERT_FALSE(end) << "took " << taken << " MiB, and fits " << taken - kSlackMib;
  EXPECT_EQ(end.error().code, Errc::kLimit) << end.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, MemoryTest,
    testing::Values(MemoryCase{"jpeg", Format::kJpeg, [] { return jpeg(false); }},
                    MemoryCase{"progressive_jpeg", Format::kJpeg, [] { return jpeg(true); }},
                    MemoryCase{"png", Format::kPng, [] { return sixteen_bits(false); }},
                    MemoryCase{"interlaced_png", Format::kPng, [] { return sixteen_bits(true); }},
                    MemoryCase{"gif", Format::kGif, [] { return gif(); }},
                    MemoryCase{"lossy_webp", Format::kWebp, [] { return webp(false, 3); }},
                    MemoryCase{"lossy_webp_with_alpha", Format::kWebp,
                               [] { return webp(false, 4); }},
                    MemoryCase{"lossless_webp", Format::kWebp, [] { return webp(true, 3); }},
                    MemoryCase{"tiff_of_one_strip", Format::kTiff, [] { return tiff(2, kHigh); }},
                    MemoryCase{"converted_tiff", Format::kTiff, [] { return tiff(8, kHigh); }},
                    MemoryCase{"heic", Format::kHeic,
                               [] { return encode_heif(gradient_picture(900, 700, 3), false); }}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace semblance::decode
