// SPDX-License-Identifier: Apache-2.0
// BMP: plain rows are read where they lie; run lengths go through libavcodec.
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
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

/// Gives the rows; those that the file does not hold are black. The padding of its last row may
/// be missing.
void give_rows(Bytes data, const BmpHeader& header, RowWriter& writer) {
  const RowExpander expander(header);
  const std::uint64_t stride = header.stride(), row_bytes = header.row_bytes();
  std::vector<std::uint8_t> partial(row_bytes);
  for (std::uint64_t y = 0; y < header.height; ++y) {
    const std::uint64_t at = (header.top_down ? y : header.height - 1 - y) * stride;
    const std::uint64_t there = at < data.size() ? data.size() - at : 0;
    if (there == 0) {
      std::fill_n(writer.row(), writer.row_bytes(), std::uint8_t{0});
    } else if (there >= row_bytes) {
      expander.expand(data.data() + at, writer.row());
    } else {
      std::fill(partial.begin(), partial.end(), std::uint8_t{0});
      std::memcpy(partial.data(), data.data() + at, there);
      expander.expand(partial.data(), writer.row());
    }
    writer.row_done();
  }
}

Result<DecodeEnd> decode_plain(Bytes bytes, const BmpHeader& header, RowSink& sink) {
  if (header.data_offset >= bytes.size()) {
    return decode_error(Errc::kTruncated, "bmp", "the file ends before its pixels");
  }
  const Bytes data = bytes.subspan(header.data_offset);
  PictureInfo info;
  info.width = static_cast<std::uint32_t>(header.width);
  info.height = static_cast<std::uint32_t>(header.height);
  info.decoder = "semblance " + std::string(version());  // no library needed
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
  if (Status size = check_size(header->width, header->height, limits, "bmp"); !size) {
    return std::move(size).error();
  }
  switch (header->coding) {
    case BmpHeader::Coding::kPlain:
      return decode_plain(bytes, *header, sink);
    case BmpHeader::Coding::kRunLengths:
      return decode_bmp_runs(bytes, *header, limits, sink);
    default:
      return decode_error(Errc::kUnsupported, "bmp",
                          "compression " + std::to_string(header->compression));
  }
}

}  // namespace semblance::decode
