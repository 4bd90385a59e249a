// SPDX-License-Identifier: Apache-2.0
#include "decode/jpeg_luma_oracle.h"

#include <csetjmp>
#include <cstdio>
#include <map>
#include <utility>

#include <jpeglib.h>

#include "decode/decode.h"
#include "decode/jpeg_luma.h"

namespace semblance::decode {

const std::array<std::uint8_t, 64> kZigZag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

namespace {

/// libjpeg reports through longjmp: nothing with a destructor lives in what it may leave.
struct Reader {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  std::array<int, 64> first_scan{};
  std::array<int, 64> unread_bits{};
  std::vector<std::size_t> scan_starts;
  std::size_t size = 0;

  Reader() {
    first_scan.fill(-1);
    codec.err = jpeg_std_error(&errors);
    codec.client_data = this;
    errors.error_exit = [](j_common_ptr c) { std::longjmp(of(c).jump, 1); };
    errors.emit_message = [](j_common_ptr, int) {};
    errors.output_message = [](j_common_ptr) {};
    progress.progress_monitor = [](j_common_ptr c) { of(c).note_scan(); };
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&codec); }

  static Reader& of(j_common_ptr c) { return *static_cast<Reader*>(c->client_data); }

  // Called between the header of each scan and its first row.
  void note_scan() {
    const auto number = static_cast<std::size_t>(codec.input_scan_number);
    if (codec.coef_bits == nullptr || scan_starts.size() >= number) return;
    const std::size_t header = 8 + 2 * static_cast<std::size_t>(codec.comps_in_scan);
    scan_starts.push_back(size - codec.src->bytes_in_buffer - header);
    for (std::size_t k = 0; k < 64; ++k) {
      const std::size_t place = kZigZag[k];
      if (first_scan[place] >= 0 || codec.coef_bits[0][k] < 0) continue;
      first_scan[place] = codec.input_scan_number - 1;
      unread_bits[place] = codec.coef_bits[0][k];
    }
  }

  jvirt_barray_ptr* read(std::span<const std::uint8_t> bytes) {
    if (setjmp(jump) != 0) return nullptr;
    size = bytes.size();
    jpeg_create_decompress(&codec);
    jpeg_mem_src(&codec, bytes.data(), bytes.size());
    jpeg_read_header(&codec, TRUE);
    codec.progress = &progress;
    return jpeg_read_coefficients(&codec);
  }

  JBLOCKROW row(jvirt_barray_ptr array, JDIMENSION index) {
    if (setjmp(jump) != 0) return nullptr;
    return codec.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&codec), array, index, 1,
                                         FALSE)[0];
  }
};

/// Keeps what the picture is said to be, and lets its rows pass.
class InfoSink final : public RowSink {
 public:
  void begin(const PictureInfo& picture) override { info = picture; }
  void rows(const std::uint8_t*, std::ptrdiff_t, std::uint32_t) override {}
  PictureInfo info;
};

std::string accepted(std::span<const std::uint8_t> bytes, const Limits& limits,
                     const PictureInfo& ours, bool progressive) {
  InfoSink sink;
  const auto end = decode_picture(bytes, Format::kJpeg, limits, sink);
  if (!end) return "decode_picture refuses it: " + end.error().what;
  // A scan that was not read may be damaged; but the file is not cut short.
  if (end->partial && !(progressive && end->code == Errc::kDecode)) {
    return "decode_picture finds damage: " + end->detail;
  }
  const bool same = sink.info.width == ours.width && sink.info.height == ours.height &&
                    sink.info.channels == ours.channels &&
                    sink.info.orientation == ours.orientation &&
                    sink.info.animated == ours.animated;
  if (!same) return "the picture is said to be another";
  if (ours.decoder.empty() || ours.decoder == sink.info.decoder) return "no decoder of our own";
  return {};
}

/// The luma of a progressive file as the library has it behind one of its scans.
class ScanByScan {
 public:
  ScanByScan(std::span<const std::uint8_t> bytes, const TurboLuma& whole)
      : bytes_(bytes), whole_(whole) {}

  /// Nothing if there is no such scan.
  const TurboLuma* after(int scan) {
    const auto next = static_cast<std::size_t>(scan + 1);
    if (scan < 0 || next > whole_.scan_starts.size()) return nullptr;
    if (next == whole_.scan_starts.size()) return &whole_;
    auto& known = known_[scan];
    if (!known) {
      std::vector<std::uint8_t> part(bytes_.begin(), bytes_.end());
      part.resize(whole_.scan_starts[next]);
      part.push_back(0xFF);
      part.push_back(JPEG_EOI);
      known = turbo_luma(part);
    }
    return known ? &*known : nullptr;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  const TurboLuma& whole_;
  std::map<int, std::optional<TurboLuma>> known_;
};

std::string plane_differs(const LumaBlocks& ours, std::size_t plane, const TurboLuma& theirs,
                          std::size_t place) {
  if (ours.steps[plane] != theirs.steps[place]) return "the steps differ";
  const std::int16_t* value = ours.plane_values(plane);
  for (std::size_t i = 0; i < theirs.blocks.size(); ++i) {
    if (value[i] == theirs.blocks[i][place]) continue;
    return "block " + std::to_string(i) + " is " + std::to_string(value[i]) + " instead of " +
           std::to_string(theirs.blocks[i][place]);
  }
  return {};
}

std::string values_differ(const LumaBlocks& ours, const TurboLuma& theirs, ScanByScan& scans) {
  if (ours.width != theirs.width || ours.height != theirs.height || ours.cols != theirs.cols ||
      ours.rows != theirs.rows) {
    return "the sizes differ";
  }
  if (ours.values.size() != ours.kept() * ours.rows * ours.cols) return "planes of another size";
  for (int u = 0; u < ours.orders; ++u) {
    for (int v = 0; u + v < ours.orders; ++v) {
      const auto place = static_cast<std::size_t>(8 * u + v);
      const std::size_t plane = LumaBlocks::plane(u, v);
      const bool whole = place == 0 || !theirs.progressive;
      const TurboLuma* behind = whole ? &theirs : scans.after(theirs.first_scan[place]);
      std::string differs =
          behind == nullptr ? "no scan has it" : plane_differs(ours, plane, *behind, place);
      const int unread = whole ? 0 : theirs.unread_bits[place];
      if (ours.unread_bits[plane] != unread) differs = "the unread bits differ";
      if (differs.empty()) continue;
      return "(" + std::to_string(u) + ", " + std::to_string(v) + "): " + differs;
    }
  }
  return {};
}

}  // namespace

bool LumaVerdict::all_read() const { return orders_read == LumaBlocks::kMaxOrders; }

std::optional<TurboLuma> turbo_luma(std::span<const std::uint8_t> bytes) {
  Reader reader;
  jvirt_barray_ptr* arrays = reader.read(bytes);
  if (arrays == nullptr) return std::nullopt;
  const jpeg_decompress_struct& codec = reader.codec;
  TurboLuma luma;
  luma.width = codec.image_width;
  luma.height = codec.image_height;
  luma.cols = (luma.width + 7) / 8;
  luma.rows = (luma.height + 7) / 8;
  luma.luma_first = codec.jpeg_color_space == JCS_GRAYSCALE || codec.jpeg_color_space == JCS_YCbCr;
  luma.progressive = codec.progressive_mode != 0;
  luma.first_scan = reader.first_scan;
  luma.unread_bits = reader.unread_bits;
  luma.scan_starts = std::move(reader.scan_starts);
  const jpeg_component_info& part = codec.comp_info[0];
  if (part.quant_table == nullptr || part.width_in_blocks < luma.cols ||
      part.height_in_blocks < luma.rows) {
    return std::nullopt;
  }
  for (std::size_t k = 0; k < 64; ++k) luma.steps[k] = part.quant_table->quantval[k];
  luma.blocks.resize(std::size_t{luma.rows} * luma.cols);
  for (std::uint32_t row = 0; row < luma.rows; ++row) {
    const JBLOCKROW line = reader.row(arrays[0], row);
    if (line == nullptr) return std::nullopt;
    for (std::uint32_t col = 0; col < luma.cols; ++col) {
      auto& block = luma.blocks[std::size_t{row} * luma.cols + col];
      for (std::size_t k = 0; k < 64; ++k) block[k] = line[col][k];
    }
  }
  return luma;
}

LumaVerdict judge_luma(std::span<const std::uint8_t> bytes, const Limits& limits) {
  LumaVerdict verdict;
  const std::optional<JpegLuma> luma = JpegLuma::open(bytes, limits);
  if (!luma) return verdict;
  verdict.opened = true;
  std::optional<TurboLuma> theirs;
  std::optional<ScanByScan> scans;
  for (int orders = 1; orders <= LumaBlocks::kMaxOrders; ++orders) {
    const std::optional<LumaBlocks> ours = luma->read(orders);
    if (!ours) continue;
    if (verdict.orders_read++ == 0) {
      theirs = turbo_luma(bytes);
      if (!theirs) {
        verdict.wrong = "libjpeg-turbo refuses it";
      } else if (!theirs->luma_first) {
        verdict.wrong = "the first component is no luma";
      } else {
        verdict.wrong = accepted(bytes, limits, luma->info(), theirs->progressive);
      }
      if (!verdict.wrong.empty()) return verdict;
      scans.emplace(bytes, *theirs);
    }
    verdict.wrong = ours->orders == orders ? values_differ(*ours, *theirs, *scans) : "other orders";
    if (!verdict.wrong.empty()) {
      verdict.wrong = "orders " + std::to_string(orders) + ": " + verdict.wrong;
      return verdict;
    }
  }
  return verdict;
}

}  // namespace semblance::decode
