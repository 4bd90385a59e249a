// SPDX-License-Identifier: Apache-2.0
// TIFF by libtiff, in strips compressed with LZW.
#include <tiffio.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>

#include "datasets/encoders.h"

namespace semblance::datasets {
namespace {

// What libtiff writes to: memory that grows, and the last thing it complained of.
struct TiffMemory {
  std::string bytes;
  std::size_t position = 0;
  std::string words;
};

tmsize_t read_back(thandle_t handle, void* out, tmsize_t size) {
  auto* memory = static_cast<TiffMemory*>(handle);
  if (size <= 0 || memory->position >= memory->bytes.size()) return 0;
  const std::size_t count =
      std::min(static_cast<std::size_t>(size), memory->bytes.size() - memory->position);
  std::memcpy(out, memory->bytes.data() + memory->position, count);
  memory->position += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_on(thandle_t handle, void* from, tmsize_t size) {
  auto* memory = static_cast<TiffMemory*>(handle);
  if (size <= 0) return 0;
  const auto count = static_cast<std::size_t>(size);
  if (memory->bytes.size() < memory->position + count) {
    memory->bytes.resize(memory->position + count);
  }
  std::memcpy(memory->bytes.data() + memory->position, from, count);
  memory->position += count;
  return size;
}

toff_t seek_to(thandle_t handle, toff_t offset, int from) {
  auto* memory = static_cast<TiffMemory*>(handle);
  std::size_t base = 0;
  if (from == SEEK_CUR) base = memory->position;
  if (from == SEEK_END) base = memory->bytes.size();
  memory->position = base + offset;
  return memory->position;
}

int close_nothing(thandle_t /*handle*/) { return 0; }

toff_t size_of(thandle_t handle) { return static_cast<TiffMemory*>(handle)->bytes.size(); }

int keep_words(TIFF* /*tiff*/, void* memory, const char* /*module*/, const char* format,
               va_list arguments) {
  char line[256];
  std::vsnprintf(line, sizeof line, format, arguments);
  static_cast<TiffMemory*>(memory)->words = line;
  return 1;  // handled: the global handler, which prints, is not called
}

bool write_picture(TIFF* tiff, const Picture& picture) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, picture.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, picture.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    auto* row = const_cast<std::uint8_t*>(picture.row(y));  // libtiff takes it without const
    if (TIFFWriteScanline(tiff, row, y, 0) < 0) return false;
  }
  return TIFFFlush(tiff) != 0;
}

}  // namespace

Result<std::string> encode_tiff(const Picture& picture) {
  TiffMemory memory;
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_words, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_words, &memory);
  TIFF* tiff = TIFFClientOpenExt("memory", "wm", &memory, read_back, write_on, seek_to,
                                 close_nothing, size_of, nullptr, nullptr, options.get());
  bool done = false;
  if (tiff != nullptr) {
    done = write_picture(tiff, picture);
    TIFFClose(tiff);
  }
  if (!done) return Error{Errc::kUnsupported, "encode TIFF: " + memory.words};
  return std::move(memory.bytes);
}

}  // namespace semblance::datasets
