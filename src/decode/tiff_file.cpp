// SPDX-License-Identifier: Apache-2.0
#include "decode/tiff_file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace semblance::decode {
namespace {

// What precedes the coded pixels of a JBIG stream: layers, planes, sides.
constexpr std::size_t kJbigHeaderBytes = 20;

std::uint8_t bits_turned(std::uint8_t byte) {
  unsigned turned = 0;
  for (unsigned bit = 0; bit < 8; ++bit) turned = turned << 1 | (unsigned{byte} >> bit & 1U);
  return static_cast<std::uint8_t>(turned);
}

}  // namespace

/// libtiff's view of the bytes.
struct TiffMemory {
  static TiffFile& of(thandle_t file) { return *static_cast<TiffFile*>(file); }

  static tmsize_t read(thandle_t file, void* target, tmsize_t wanted) {
    TiffFile& self = of(file);
    if (wanted <= 0 || self.position_ >= self.bytes_.size()) return 0;
    const std::size_t left = self.bytes_.size() - self.position_;
    const std::size_t count = std::min(left, static_cast<std::size_t>(wanted));
    std::memcpy(target, self.bytes_.data() + self.position_, count);
    self.position_ += count;
    return static_cast<tmsize_t>(count);
  }

  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }

  static toff_t seek(thandle_t file, toff_t offset, int whence) {
    TiffFile& self = of(file);
    if (whence == SEEK_CUR) offset += self.position_;
    if (whence == SEEK_END) offset += self.bytes_.size();
    self.position_ = offset;
    return offset;
  }

  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t file) { return of(file).bytes_.size(); }

  // Declared writable by libtiff, which in read mode only reads.
  static int map(thandle_t file, void** base, toff_t* size) {
    *base = const_cast<std::uint8_t*>(of(file).bytes_.data());
    *size = of(file).bytes_.size();
    return 1;
  }
  static void unmap(thandle_t, void*, toff_t) {}
};

TiffFile::TiffFile(Bytes bytes, std::uint64_t max_allocation) : bytes_(bytes) {
  struct OptionsDeleter {
    void operator()(TIFFOpenOptions* options) const noexcept { TIFFOpenOptionsFree(options); }
  };
  const std::unique_ptr<TIFFOpenOptions, OptionsDeleter> options(TIFFOpenOptionsAlloc());
  if (!options) return;
  TIFFOpenOptionsSetMaxSingleMemAlloc(
      options.get(), static_cast<tmsize_t>(std::min<std::uint64_t>(max_allocation, INT64_MAX)));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &TiffFile::on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &TiffFile::on_warning, this);
  handle_.reset(TIFFClientOpenExt("tiff", "r", this, &TiffMemory::read, &TiffMemory::write,
                                  &TiffMemory::seek, &TiffMemory::close, &TiffMemory::size,
                                  &TiffMemory::map, &TiffMemory::unmap, options.get()));
}

bool TiffFile::is_cut(std::uint32_t index) const {
  const std::uint64_t offset = TIFFGetStrileOffset(handle(), index);
  const std::uint64_t count = TIFFGetStrileByteCount(handle(), index);
  return offset > bytes_.size() || count > bytes_.size() - offset;
}

std::uint64_t TiffFile::jbig_bytes(std::uint32_t index) const {
  const std::uint64_t offset = TIFFGetStrileOffset(handle(), index);
  const std::uint64_t count = TIFFGetStrileByteCount(handle(), index);
  if (count < kJbigHeaderBytes || offset > bytes_.size() ||
      bytes_.size() - offset < kJbigHeaderBytes) {
    return 0;
  }
  // JBIG counts bits from the lowest; libtiff turns them where the file does not.
  const bool turned = tag<std::uint16_t>(TIFFTAG_FILLORDER, FILLORDER_MSB2LSB) == FILLORDER_MSB2LSB;
  const auto number = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + bytes; ++i) {
      const std::uint8_t byte = bytes_[offset + i];
      value = value << 8 | (turned ? bits_turned(byte) : byte);
    }
    return value;
  };
  const std::uint64_t planes = number(2, 1), width = number(4, 4), height = number(8, 4);
  const std::uint64_t plane_bytes = (width + 7) / 8 * height;  // below 2^61
  return planes == 0 || plane_bytes <= UINT64_MAX / planes ? planes * plane_bytes : UINT64_MAX;
}

int TiffFile::on_error(TIFF*, void* self, const char*, const char* format, va_list arguments) {
  std::string& words = static_cast<TiffFile*>(self)->words_;
  if (words.empty()) {
    char line[256] = {};
    std::vsnprintf(line, sizeof line, format, arguments);
    words = line;
  }
  return 1;  // not to the handlers of the process, which print
}

// Damage inside JPEG data is a warning of the codec, which passes on the first one only.
int TiffFile::on_warning(TIFF*, void* self, const char* module, const char* format,
                         va_list arguments) {
  if (module == nullptr || std::strcmp(module, "JPEGLib") != 0) return 1;
  char line[256] = {};
  std::vsnprintf(line, sizeof line, format, arguments);
  std::string& words = static_cast<TiffFile*>(self)->words_;
  const std::string_view text = line;
  if (words.empty() &&
      (text.starts_with("Corrupt JPEG data") || text.starts_with("Premature end"))) {
    words = line;
  }
  return 1;
}

}  // namespace semblance::decode
