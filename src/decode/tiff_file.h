// SPDX-License-Identifier: Apache-2.0
// Private to src/decode: a TIFF file in memory, open in libtiff, whose words go nowhere but here.
#pragma once

#include <tiffio.h>

#include <cstdint>
#include <memory>
#include <string>

#include "decode/picture.h"

namespace semblance::decode {

/// An open TIFF. Neither moves nor copies: libtiff keeps its address.
class TiffFile {
 public:
  /// Opens and reads the first directory; handle() is null if that fails.
  TiffFile(Bytes bytes, std::uint64_t max_allocation);
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  TIFF* handle() const noexcept { return handle_.get(); }

  /// The first error, or warning of damaged data, that libtiff reported; empty if none.
  const std::string& words() const noexcept { return words_; }

  /// Whether there was one. libtiff goes on after some of them and reports success.
  bool reported_damage() const noexcept { return !words_.empty(); }

  /// A tag's value, or `otherwise` where the file has none.
  template <class T>
  T tag(std::uint32_t number, T otherwise) const {
    T value{};
    return TIFFGetFieldDefaulted(handle_.get(), number, &value) == 1 ? value : otherwise;
  }

  /// Whether the file ends before the data of strip or tile `index` does.
  bool is_cut(std::uint32_t index) const;

  /// The bytes that libtiff would decode from the JBIG stream of strip or tile `index`, as the
  /// stream itself states them; 0 where its header is cut, which libtiff refuses.
  std::uint64_t jbig_bytes(std::uint32_t index) const;

 private:
  struct Closer {
    void operator()(TIFF* file) const noexcept { TIFFClose(file); }
  };

  static int on_error(TIFF*, void* self, const char* module, const char* format, va_list arguments);
  static int on_warning(TIFF*, void* self, const char* module, const char* format,
                        va_list arguments);

  Bytes bytes_;
  std::uint64_t position_ = 0;
  std::string words_;
  std::unique_ptr<TIFF, Closer> handle_;

  friend struct TiffMemory;
};

}  // namespace semblance::decode
