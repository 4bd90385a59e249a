// SPDX-License-Identifier: Apache-2.0
// BMP: plain rows are read where they lie; run lengths go through libavcodec.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <string>
#include <vector>

#include "decode/bmp_header.h"
#include "decode/row_writer.h"
#include "semblance/version.h"

namespace semblance::decode {
namespace {

/// One colour of a 16- or 32-bit pixel.
struct Field {
  std::uint32_t mask = 0;
  unsigned shift = 0;
  std::uint64_t top = 1;  // its largest value

  explicit Field(std::uint32_t bits) : mask(bits) {
    if (mask == 0) return;
    shift = static_cast<unsigned>(std::countr_zero(mask));
    top = mask >> shift;
  }

  std::uint8_t of(std::uint32_t pixel) const {
    const std::uint64_t value = (pixel & mask) >> shift;
    return static_cast<std::uint8_t>((value * 255 + top / 2) / top);
  }
};

class RowExpander {
 public:
  explicit RowExpander(const BmpHeader& header)
      : header_(header), red_(header.masks[0]), green_(header.masks[1]), blue_(header.masks[2]) {}

  void expand(const std::uint8_t* in, std::uint8_t* out) const {
    for (std::size_t x = 0; x < header_.width; ++x, out += 3) {
      if (header_.bits <= 8) {
        std::copy_n(header_.palette[index(in, x)].data(), 3, out);
      } else if (header_.bits == 24) {
        out[0] = in[3 * x + 2];
        out[1] = in[3 * x + 1];
        out[2] = in[3 * x];
      } else {
        const std::uint32_t pixel = word(in, x);
        out[0] = red_.of(pixel);
        out[1] = green_.of(pixel);
        out[2] = blue_.of(pixel);
      }
    }
  }

 private:
  std::size_t index(const std::uint8_t* in, std::size_t x) const {
    const std::size_t at = x * header_.bits;
    return static_cast<std::size_t>(in[at / 8]) >> (8 - header_.bits - at % 8) &
           ((std::size_t{1} << header_.bits) - 1);
  }

  std::uint32_t word(const std::uint8_t* in, std::size_t x) const {
    const std::size_t bytes = header_.bits / 8;
    std::uint32_t pixel = 0;
    for (std::size_t i = 0; i < bytes; ++i) pixel |= std::uint32_t{in[x * bytes + i]} << (8 * i);
    return pixel;
  }

  const BmpHeader& header_;
  Field red_, green_, blue_;
};

/// Gives the rows; those that the file does not hold at all are black. The padding of its last row
/// may be missing.
void give_rows(Bytes data, const BmpHeader& header, RowWriter& writer) {
  const RowExpander expander(header);
  const std::uint64_t stride = header.stride(), row_bytes = header.row_bytes();
  const std::uint64_t held = std::min(header.height, (data.size() - 1) / stride + 1);
  const auto absent = static_cast<std::uint32_t>(header.height - held);
  if (!header.top_down) writer.give_blank(absent);
  std::vector<std::uint8_t> partial;
  for (std::uint64_t i = 0; i < held; ++i) {
    const std::uint64_t at = (header.top_down ? i : held - 1 - i) * stride;
    const std::uint8_t* row = data.data() + at;
    if (data.size() - at < row_bytes) {
      partial.assign(data.begin() + static_cast<std::ptrdiff_t>(at), data.end());
      partial.resize(row_bytes);
      row = partial.data();
    }
    expander.expand(row, writer.row());
    writer.row_done();
  }
  writer.finish();
}

Result<DecodeEnd> decode_plain(Bytes bytes, const BmpHeader& header, const Limits& limits,
                               RowSink& sink) {
  // Less than a row is nothing of the picture: it would be a black one.
  if (header.data_offset >= bytes.size() ||
      bytes.size() - header.data_offset < header.row_bytes()) {
    return decode_error(Errc::kTruncated, "bmp", "the file ends before its first row");
  }
  const Bytes data = bytes.subspan(header.data_offset);
  PictureInfo info;
  info.width = static_cast<std::uint32_t>(header.width);
  info.height = static_cast<std::uint32_t>(header.height);
  info.decoder = "semblance " + std::string(version());  // no library needed
  // The band, and a row that the file holds a part of.
  const std::uint64_t held_bytes = RowWriter::band_bytes(info) + header.row_bytes();
  if (Status held = check_memory(held_bytes, limits, "bmp"); !held) {
    return std::move(held).error();
  }
  RowWriter writer(sink, info);
  give_rows(data, header, writer);
  if (data.size() >= header.stride() * (header.height - 1) + header.row_bytes()) {
    return DecodeEnd{};
  }
  return partial_end(Errc::kTruncated, "bmp", "the file ends before its last row");
}

}  // namespace

Result<DecodeEnd> decode_bmp(Bytes bytes, const Limits& limits, RowSink& sink) {
  const Result<BmpHeader> header = read_bmp_header(bytes);
  if (!header) return header.error();
  if (Status size = admit(header->width, header->height, bytes, limits, sink, "bmp"); !size) {
    return std::move(size).error();
  }
  switch (header->coding) {
    case BmpHeader::Coding::kPlain:
      return decode_plain(bytes, *header, limits, sink);
    case BmpHeader::Coding::kRunLengths:
      return decode_bmp_runs(bytes, *header, limits, sink);
    default:
      return decode_error(Errc::kUnsupported, "bmp",
                          "compression " + std::to_string(header->compression));
  }
}

}  // namespace semblance::decode
