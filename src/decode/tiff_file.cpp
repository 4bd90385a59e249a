// SPDX-License-Identifier: Apache-2.0
#include "decode/tiff_file.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace semblance::decode {

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
