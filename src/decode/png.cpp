// SPDX-License-Identifier: Apache-2.0
// PNG through libspng, which sees only the chunks that make pixels.
#include <spng.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "decode/exif.h"
#include "decode/picture.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kChunkOverhead = 12;  // length, type and checksum

std::uint32_t big_endian_32(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

/// One chunk of the file; `bytes` is cut where the file is.
struct Chunk {
  std::size_t offset = 0;
  Bytes bytes;  // with length, type and checksum
  Bytes payload;

  bool is(const char* type) const { return std::memcmp(bytes.data() + 4, type, 4) == 0; }
  // Bit 5 of the first letter: upper case means that no reader may skip the chunk.
  bool critical() const { return (bytes[4] & 0x20) == 0; }
};

/// Reads the chunk at `offset`; false if not even its length and type are there.
bool read_chunk(Bytes file, std::size_t offset, Chunk& chunk) {
  if (offset > file.size() || file.size() - offset < 8) return false;
  const std::uint64_t length = big_endian_32(file, offset);
  const std::size_t left = file.size() - offset;
  chunk.offset = offset;
  chunk.bytes = file.subspan(offset, std::min<std::uint64_t>(left, length + kChunkOverhead));
  chunk.payload = chunk.bytes.subspan(8, std::min<std::uint64_t>(chunk.bytes.size() - 8, length));
  return true;
}

/// Serves a PNG file without its ancillary chunks.
///
/// None of them changes what we hash, and compressed profiles and texts are where bombs are: what
/// the library never sees costs nothing.
class CriticalChunks {
 public:
  explicit CriticalChunks(Bytes file) : file_(file), next_(std::min(file.size(), kSignatureBytes)) {
    current_ = file.first(next_);
  }

  static int read(spng_ctx*, void* self, void* target, std::size_t bytes) {
    return static_cast<CriticalChunks*>(self)->copy(static_cast<std::uint8_t*>(target), bytes);
  }

 private:
  int copy(std::uint8_t* target, std::size_t bytes) {
    while (bytes > 0) {
      if (current_.empty() && !advance()) return SPNG_IO_EOF;
      const std::size_t part = std::min(bytes, current_.size());
      std::memcpy(target, current_.data(), part);
      current_ = current_.subspan(part);
      target += part;
      bytes -= part;
    }
    return SPNG_OK;
  }

  bool advance() {
    Chunk chunk;
    while (read_chunk(file_, next_, chunk)) {
      next_ += chunk.bytes.size();
      if (!chunk.critical()) continue;
      current_ = chunk.bytes;
      return true;
    }
    return false;
  }

  Bytes file_;
  std::size_t next_;  // offset of the chunk after the current one
  Bytes current_;     // what is left to serve
};

/// What the ancillary chunks say that we report.
void read_remarks(Bytes file, PictureInfo& info) {
  Chunk chunk;
  bool before_data = true;
  for (std::size_t at = kSignatureBytes; read_chunk(file, at, chunk); at += chunk.bytes.size()) {
    if (chunk.is("IEND")) break;
    if (chunk.is("IDAT")) before_data = false;
    if (chunk.is("eXIf") && info.orientation == 0) {
      info.orientation = exif_orientation(chunk.payload);
    }
    // Behind the data an animation control chunk has no meaning.
    if (before_data && chunk.is("acTL") && chunk.payload.size() >= 4) {
      info.animated = big_endian_32(chunk.payload, 0) > 1;
    }
  }
}

struct ContextDeleter {
  void operator()(spng_ctx* context) const noexcept { spng_ctx_free(context); }
};
using ContextPtr = std::unique_ptr<spng_ctx, ContextDeleter>;

/// Turns one row as the file has it into 8-bit gray or RGB.
class RowExpander {
 public:
  RowExpander(const spng_ihdr& header, const spng_plte& palette)
      : header_(header), palette_(palette) {}

  int channels() const { return (header_.color_type & SPNG_COLOR_TYPE_TRUECOLOR) != 0 ? 3 : 1; }

  std::size_t source_samples() const {
    switch (header_.color_type) {
      case SPNG_COLOR_TYPE_TRUECOLOR:
        return 3;
      case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
        return 2;
      case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
        return 4;
      default:
        return 1;
    }
  }

  void expand(const std::uint8_t* in, std::uint8_t* out) const {
    if (header_.color_type == SPNG_COLOR_TYPE_INDEXED) return expand_indexed(in, out);
    if (header_.bit_depth < 8) return expand_packed_gray(in, out);
    const auto kept = static_cast<std::size_t>(channels());
    const std::size_t samples = source_samples();
    if (header_.bit_depth == 16) return narrow(in, out, samples, kept);
    if (samples == kept) {
      std::memcpy(out, in, header_.width * kept);
      return;
    }
    for (std::size_t x = 0; x < header_.width; ++x, in += samples, out += kept) {
      std::copy_n(in, kept, out);
    }
  }

 private:
  unsigned packed(const std::uint8_t* in, std::size_t x) const {
    const unsigned bits = header_.bit_depth;
    const std::size_t at = x * bits;
    return static_cast<unsigned>(in[at / 8]) >> (8 - bits - at % 8) & ((1u << bits) - 1);
  }

  void expand_indexed(const std::uint8_t* in, std::uint8_t* out) const {
    for (std::size_t x = 0; x < header_.width; ++x, out += 3) {
      const spng_plte_entry& entry = palette_.entries[packed(in, x)];
      out[0] = entry.red;
      out[1] = entry.green;
      out[2] = entry.blue;
    }
  }

  void expand_packed_gray(const std::uint8_t* in, std::uint8_t* out) const {
    for (std::size_t x = 0; x < header_.width; ++x) {
      out[x] = scale_to_8(packed(in, x), header_.bit_depth);
    }
  }

  void narrow(const std::uint8_t* in, std::uint8_t* out, std::size_t samples,
              std::size_t kept) const {
    for (std::size_t x = 0; x < header_.width; ++x, out += kept) {
      for (std::size_t c = 0; c < samples; ++c, in += 2) {
        if (c >= kept) continue;
        std::uint16_t sample = 0;  // in the order of this machine
        std::memcpy(&sample, in, sizeof sample);
        out[c] = scale_16_to_8(sample);
      }
    }
  }

  spng_ihdr header_;
  spng_plte palette_;
};

Errc code_of(int rc) {
  switch (rc) {
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
      return Errc::kTruncated;
    case SPNG_EMEM:
    case SPNG_EWIDTH:
    case SPNG_EHEIGHT:
    case SPNG_EUSER_WIDTH:
    case SPNG_EUSER_HEIGHT:
    case SPNG_EOVERFLOW:
    case SPNG_ECHUNK_LIMITS:
      return Errc::kLimit;
    case SPNG_ECHUNK_UNKNOWN_CRITICAL:
      return Errc::kUnsupported;
    default:
      return Errc::kDecode;
  }
}

bool whole(int rc) { return rc == SPNG_OK || rc == SPNG_EOI; }

int give_rows(spng_ctx* context, const RowExpander& expander, std::size_t row_bytes,
              RowWriter& writer) {
  std::vector<std::uint8_t> row(row_bytes);
  while (writer.left() > 0) {
    const int rc = spng_decode_row(context, row.data(), row.size());
    if (!whole(rc)) return rc;
    expander.expand(row.data(), writer.row());
    writer.row_done();
  }
  return SPNG_OK;
}

/// Interlaced: rows come in seven passes, so the picture is held as the file has it.
int give_passes(spng_ctx* context, const RowExpander& expander, std::size_t row_bytes,
                std::uint32_t height, RowWriter& writer) {
  const ZeroedBytes picture = make_zeroed(row_bytes * height);
  int rc = SPNG_OK;
  bool any = false;
  while (rc == SPNG_OK) {
    spng_row_info at{};
    rc = spng_get_row_info(context, &at);
    if (rc != SPNG_OK) break;
    rc = spng_decode_row(context, picture.get() + at.row_num * row_bytes, row_bytes);
    any = any || whole(rc);
  }
  if (!any) return rc;
  for (const std::uint8_t* row = picture.get(); writer.left() > 0; row += row_bytes) {
    expander.expand(row, writer.row());
    writer.row_done();
  }
  return rc;
}

/// Opens the file and checks what its header promises.
Result<spng_ihdr> open(spng_ctx* context, CriticalChunks& source, Bytes bytes, const Limits& limits,
                       RowSink& sink) {
  int rc = spng_set_png_stream(context, &CriticalChunks::read, &source);
  spng_ihdr header{};
  if (rc == SPNG_OK) rc = spng_get_ihdr(context, &header);
  if (rc != SPNG_OK) return decode_error(code_of(rc), "png", spng_strerror(rc));
  if (Status size = admit(header.width, header.height, bytes, limits, sink, "png"); !size) {
    return std::move(size).error();
  }
  return header;
}

}  // namespace

std::string png_library() { return std::string("libspng ") + spng_version_string(); }

Result<DecodeEnd> decode_png(Bytes bytes, const Limits& limits, RowSink& sink) {
  const ContextPtr context(spng_ctx_new(0));
  if (!context) return decode_error(Errc::kLimit, "png", "out of memory");
  CriticalChunks source(bytes);
  const Result<spng_ihdr> header = open(context.get(), source, bytes, limits, sink);
  if (!header) return header.error();

  spng_plte palette{};
  if (header->color_type == SPNG_COLOR_TYPE_INDEXED) {
    const int rc = spng_get_plte(context.get(), &palette);
    if (rc != SPNG_OK) return decode_error(code_of(rc), "png", spng_strerror(rc));
  }
  const RowExpander expander(*header, palette);
  const std::uint64_t row_bits =
      std::uint64_t{header->width} * expander.source_samples() * header->bit_depth;
  const std::size_t row_bytes = (row_bits + 7) / 8;
  const bool interlaced = header->interlace_method != SPNG_INTERLACE_NONE;
  PictureInfo info;
  info.width = header->width;
  info.height = header->height;
  info.channels = expander.channels();
  info.decoder = png_library();
  // Our rows, libspng's own three, each with its filter byte, and the band.
  const std::uint64_t rows_held = (interlaced ? header->height : 1u) + std::uint64_t{3};
  const std::uint64_t held_bytes = rows_held * (row_bytes + 1) + RowWriter::band_bytes(info);
  if (Status held = check_memory(held_bytes, limits, "png"); !held) {
    return std::move(held).error();
  }
  int rc = spng_decode_image(context.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_DECODE_PROGRESSIVE);
  if (rc != SPNG_OK) return decode_error(code_of(rc), "png", spng_strerror(rc));

  read_remarks(bytes, info);
  RowWriter writer(sink, info);
  rc = interlaced ? give_passes(context.get(), expander, row_bytes, header->height, writer)
                  : give_rows(context.get(), expander, row_bytes, writer);
  if (whole(rc)) {
    writer.finish();
    return DecodeEnd{};
  }
  if (!writer.started()) return decode_error(code_of(rc), "png", spng_strerror(rc));
  writer.finish();
  return partial_end(code_of(rc), "png", spng_strerror(rc));
}

}  // namespace semblance::decode
