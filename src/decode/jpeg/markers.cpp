// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "decode/jpeg/frame.h"

namespace semblance::decode::jpeg {
namespace {

using Bytes = std::span<const std::uint8_t>;

enum Marker : std::uint8_t {
  kSof0 = 0xC0,
  kSof1 = 0xC1,
  kSof2 = 0xC2,
  kDht = 0xC4,
  kRst7 = 0xD7,
  kSoi = 0xD8,
  kEoi = 0xD9,
  kSos = 0xDA,
  kDqt = 0xDB,
  kDri = 0xDD,
  kApp0 = 0xE0,
  kApp14 = 0xEE,
  kApp15 = 0xEF,
  kCom = 0xFE,
};

/// Takes bytes from the front; what is not there is 0, and `ok` says so from then on.
class Taker {
 public:
  explicit Taker(Bytes bytes) : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  bool empty() const noexcept { return bytes_.empty(); }
  Bytes rest() const noexcept { return bytes_; }

  std::uint8_t u8() noexcept {
    const Bytes one = take(1);
    return one.empty() ? std::uint8_t{0} : one[0];
  }
  std::uint16_t u16() noexcept {
    const Bytes two = take(2);
    return two.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(two[0] << 8 | two[1]);
  }
  Bytes take(std::size_t count) noexcept {
    if (count > bytes_.size()) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const Bytes taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

 private:
  Bytes bytes_;
  bool ok_ = true;
};

bool starts_with(Bytes bytes, std::string_view word) {
  return bytes.size() >= word.size() && std::memcmp(bytes.data(), word.data(), word.size()) == 0;
}

/// Whether all are such as libjpeg-turbo takes in a table of DC codes, used or not.
bool are_sizes(Bytes symbols) {
  return std::ranges::all_of(symbols, [](std::uint8_t symbol) { return symbol < 16; });
}

/// Where the entropy code that starts `bytes` ends: at the 0xFF of a marker that is no restart, or
/// at the end of the bytes.
std::size_t entropy_length(Bytes bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const void* hit = std::memchr(bytes.data() + at, 0xFF, bytes.size() - at);
    if (hit == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - bytes.data());
    if (at + 1 >= bytes.size()) break;
    const std::uint8_t next = bytes[at + 1];
    if (next != 0 && (next < kRst0 || next > kRst7)) return at;
    at += 2;
  }
  return bytes.size();
}

/// Walks the segments of one file. Each step is false where the file is not of the usual kind.
class Reader {
 public:
  explicit Reader(Bytes bytes) : file_(bytes) {}

  bool read() {
    if (file_.u8() != 0xFF || file_.u8() != kSoi) return false;
    for (;;) {
      const std::uint8_t marker = next_marker();
      if (marker == kEoi) return whole();
      if (!file_.ok() || !segment(marker)) return false;
    }
  }

  Frame frame;

 private:
  /// The next marker, behind any number of fill bytes; 0 where something else stands there.
  std::uint8_t next_marker() {
    if (file_.u8() != 0xFF) return 0;
    std::uint8_t marker = file_.u8();
    while (marker == 0xFF) marker = file_.u8();
    return marker;
  }

  bool segment(std::uint8_t marker) {
    const std::size_t length = file_.u16();
    if (length < 2) return false;
    Taker body(file_.take(length - 2));
    if (!file_.ok()) return false;
    switch (marker) {
      case kSof0:
      case kSof1:
      case kSof2:
        return start_of_frame(body, marker == kSof2);
      case kDht:
        return huffman_tables(body);
      case kDqt:
        return quantisation_tables(body);
      case kDri:
        restart_interval_ = body.u16();
        return body.ok() && body.empty();
      case kSos:
        return start_of_scan(body);
      case kApp0:
        note_jfif(body.rest());
        return true;
      case kApp14:
        note_adobe(body.rest());
        return true;
      default:
        return (marker >= kApp0 && marker <= kApp15) || marker == kCom;
    }
  }

  bool start_of_frame(Taker& body, bool progressive) {
    if (frame.component_count != 0 || body.u8() != 8) return false;
    frame.progressive = progressive;
    frame.height = body.u16();
    frame.width = body.u16();
    const std::uint8_t count = body.u8();
    if (count != 1 && count != kMaxComponents) return false;
    frame.component_count = count;
    for (std::size_t i = 0; i < count; ++i) {
      Component& part = frame.components[i];
      part.id = body.u8();
      const std::uint8_t sampling = body.u8();
      part.h = sampling >> 4;
      part.v = sampling & 15;
      tables_[i] = body.u8();
      if (part.h < 1 || part.h > 4 || part.v < 1 || part.v > 4 || tables_[i] >= 4) return false;
      frame.max_h = std::max(frame.max_h, part.h);
      frame.max_v = std::max(frame.max_v, part.v);
    }
    const bool sized = frame.height >= 1 && frame.height <= kMaxDimension && frame.width >= 1 &&
                       frame.width <= kMaxDimension;
    return body.ok() && body.empty() && sized && lay_out();
  }

  /// Counts the blocks of the components; false where the library could not upsample them.
  bool lay_out() {
    for (std::size_t i = 0; i < frame.component_count; ++i) {
      Component& part = frame.components[i];
      if (frame.max_h % part.h != 0 || frame.max_v % part.v != 0) return false;
      part.cols = divide_up(frame.width * part.h, frame.max_h * 8u);
      part.rows = divide_up(frame.height * part.v, frame.max_v * 8u);
      for (std::size_t j = 0; j < i; ++j) {
        if (frame.components[j].id == part.id) return false;
      }
    }
    return frame.components[0].h == frame.max_h && frame.components[0].v == frame.max_v;
  }

  bool huffman_tables(Taker& body) {
    while (!body.empty()) {
      const std::uint8_t which = body.u8();
      const HuffmanSpec counts(body.take(HuffmanSpec::kLengths), {});
      std::size_t total = 0;
      for (const std::uint8_t count : counts.counts()) total += count;
      const Bytes symbols = body.take(total);
      if (!body.ok() || which >> 4 > 1 || (which & 15) >= 4) return false;
      if (total > HuffmanSpec::kMostSymbols) return false;
      huffman_[which >> 4][which & 15] = HuffmanSpec(counts.counts(), symbols);
    }
    return true;
  }

  bool quantisation_tables(Taker& body) {
    while (!body.empty()) {
      const std::uint8_t which = body.u8();
      const Bytes steps = body.take(kBlockValues);
      if (!body.ok() || which >= 4) return false;  // of 16 bits: the high nibble is 1
      if (std::memchr(steps.data(), 0, steps.size()) != nullptr) return false;
      quantisation_[which] = steps;
    }
    return true;
  }

  void note_jfif(Bytes body) {
    constexpr std::size_t kJfifBytes = 14;
    jfif_ = jfif_ || (body.size() >= kJfifBytes && starts_with(body, {"JFIF", 5}));
  }

  void note_adobe(Bytes body) {
    constexpr std::size_t kAdobeBytes = 12;
    if (body.size() < kAdobeBytes || !starts_with(body, "Adobe")) return;
    adobe_ = true;
    adobe_transform_ = body[kAdobeBytes - 1];
  }

  bool start_of_scan(Taker& body) {
    if (frame.component_count == 0 || frame.scans.size() == kMaxScans) return false;
    if (frame.scans.empty() && !is_luma_first()) return false;
    Scan scan;
    scan.part_count = body.u8();
    if (scan.part_count < 1 || scan.part_count > frame.component_count) return false;
    std::array<std::uint8_t, kMaxComponents> tables{};
    std::size_t from = 0;
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      const std::uint8_t id = body.u8();
      tables[i] = body.u8();
      while (from < frame.component_count && frame.components[from].id != id) ++from;
      if (from == frame.component_count) return false;
      scan.parts[i].component = static_cast<std::uint8_t>(from++);
    }
    scan.first = body.u8();
    scan.last = body.u8();
    const std::uint8_t bits = body.u8();
    scan.high = bits >> 4;
    scan.low = bits & 15;
    scan.restart_interval = restart_interval_;
    if (!body.ok() || !body.empty() || !is_valid_progression(scan)) return false;
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      if (!latch_tables(scan, scan.parts[i], tables[i])) return false;
    }
    if (!lay_out(scan)) return false;
    scan.entropy = file_.rest().first(entropy_length(file_.rest()));
    file_.take(scan.entropy.size());
    frame.scans.push_back(scan);
    return true;
  }

  /// The rule by which libjpeg-turbo guesses what three components mean, where it says YCbCr.
  bool is_luma_first() const {
    if (frame.component_count == 1) return true;
    if (jfif_) return true;
    if (adobe_) return adobe_transform_ == 1;
    const auto& parts = frame.components;
    return !(parts[0].id == 'R' && parts[1].id == 'G' && parts[2].id == 'B');
  }

  bool is_valid_progression(const Scan& scan) const {
    if (!frame.progressive) {
      return scan.first == 0 && scan.last == 63 && scan.high == 0 && scan.low == 0;
    }
    const bool band = scan.first == 0 ? scan.last == 0
                                      : scan.part_count == 1 && scan.first <= scan.last &&
                                            scan.last < kBlockValues;
    return band && scan.low <= 13 && (scan.high == 0 || scan.high == scan.low + 1);
  }

  /// Gives the part its Huffman tables, and its component the quantisation it begins with.
  bool latch_tables(const Scan& scan, ScanPart& part, std::uint8_t which) {
    const bool uses_dc = scan.first == 0 && scan.high == 0;
    const bool uses_ac = scan.last > 0;
    const std::size_t dc = which >> 4, ac = which & 15;
    if (dc >= 4 || ac >= 4) return false;
    part.dc = huffman_[0][dc];
    part.ac = huffman_[1][ac];
    if (uses_dc && !(is_prefix_code(part.dc) && are_sizes(part.dc.symbols()))) return false;
    if (uses_ac && !is_prefix_code(part.ac)) return false;

    bool& seen = seen_[part.component];
    if (seen) return frame.progressive;
    seen = true;
    const Bytes steps = quantisation_[tables_[part.component]];
    if (steps.empty()) return false;
    std::copy(steps.begin(), steps.end(), frame.components[part.component].steps.begin());
    return true;
  }

  /// Counts the units of the scan's code.
  bool lay_out(Scan& scan) const {
    if (scan.part_count == 1) {
      const Component& part = frame.components[scan.parts[0].component];
      scan.mcu_cols = part.cols;
      scan.mcu_rows = part.rows;
      return true;
    }
    scan.mcu_cols = divide_up(frame.width, frame.max_h * 8u);
    scan.mcu_rows = divide_up(frame.height, frame.max_v * 8u);
    std::size_t blocks = 0;
    for (std::size_t i = 0; i < scan.part_count; ++i) {
      const Component& part = frame.components[scan.parts[i].component];
      blocks += std::size_t{part.h} * part.v;
    }
    return blocks <= kMaxMcuBlocks;
  }

  bool whole() const {
    if (!file_.ok() || frame.scans.empty()) return false;
    return std::all_of(seen_.begin(), seen_.begin() + frame.component_count,
                       [](bool seen) { return seen; });
  }

  Taker file_;
  std::array<std::array<HuffmanSpec, 4>, 2> huffman_{};  // DC, AC
  std::array<Bytes, 4> quantisation_{};
  std::array<std::uint8_t, kMaxComponents> tables_{};  // of quantisation, by component
  std::array<bool, kMaxComponents> seen_{};            // in a scan
  std::uint32_t restart_interval_ = 0;
  bool jfif_ = false;
  bool adobe_ = false;
  std::uint8_t adobe_transform_ = 0;
};

}  // namespace

std::optional<Frame> parse_frame(Bytes bytes) {
  Reader reader(bytes);
  if (!reader.read()) return std::nullopt;
  return std::move(reader.frame);
}

}  // namespace semblance::decode::jpeg
