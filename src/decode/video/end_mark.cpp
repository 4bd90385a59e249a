// SPDX-License-Identifier: Apache-2.0
#include "decode/video/end_mark.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace semblance::decode {
namespace {

/// A file byte by byte, read in pieces.
class Bytes {
 public:
  Bytes(const FileInput& file, std::uint64_t offset) : file_(file), at_(offset) {}

  /// The next byte; -1 at the end of the file.
  int next() {
    if (at_ < piece_at_ || at_ - piece_at_ >= size_) {
      piece_at_ = at_;
      size_ = file_.peek(at_, piece_);
      if (size_ == 0) return -1;
    }
    return piece_[static_cast<std::size_t>(at_++ - piece_at_)];
  }

  void skip(std::uint64_t bytes) { at_ += bytes; }

 private:
  const FileInput& file_;
  std::uint64_t at_;
  std::array<std::uint8_t, 4096> piece_{};
  std::uint64_t piece_at_ = 0;
  std::size_t size_ = 0;
};

}  // namespace

bool gif_ends(const FileInput& file, std::uint64_t offset) {
  constexpr int kExtension = 0x21, kTrailer = 0x3B;
  Bytes bytes(file, offset);
  for (;;) {
    const int block = bytes.next();
    if (block == kTrailer) return true;
    if (block != kExtension || bytes.next() < 0) return false;
    for (int size = bytes.next(); size != 0; size = bytes.next()) {
      if (size < 0) return false;
      bytes.skip(static_cast<std::uint64_t>(size));
    }
  }
}

bool png_ends(const FileInput& file, std::uint64_t offset) {
  constexpr std::uint64_t kChecksum = 4;
  Bytes bytes(file, offset);
  for (;;) {
    std::array<char, 8> head{};
    for (char& c : head) {
      const int byte = bytes.next();
      if (byte < 0) return false;
      c = static_cast<char>(byte);
    }
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<std::uint8_t>(head[i]);
    const std::string_view type(head.data() + 4, 4);
    if (type == "IEND") return true;
    if (type == "fcTL" || type == "fdAT" || type == "IDAT") return false;
    bytes.skip(size + kChecksum);
  }
}

}  // namespace semblance::decode
