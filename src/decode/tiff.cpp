// SPDX-License-Identifier: Apache-2.0
// TIFF through libtiff: the first directory, strip by strip or tile row by tile row.
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "decode/picture.h"
#include "decode/row_writer.h"
#include "decode/tiff_file.h"
#include "decode/tiff_samples.h"

namespace semblance::decode {
namespace {

// A file may have many broken strips, and each costs a failed read.
constexpr int kMaxFailedBlocks = 100;

Error tiff_error(const TiffFile& file, Errc code, std::string_view otherwise) {
  // libtiff reports our own bound on allocations like any other failure.
  if (file.words().find("Memory allocation") != std::string::npos) code = Errc::kLimit;
  return decode_error(code, "tiff", file.words().empty() ? otherwise : file.words());
}

/// Strips, or tiles: both are blocks, and a strip is as wide as the picture.
struct Blocks {
  std::uint32_t width = 0, height = 0;
  std::uint32_t across = 1;     // blocks side by side
  std::uint64_t row_bytes = 0;  // of a block, in one plane
  std::uint64_t bytes = 0;
  bool tiled = false;
};

Blocks blocks_of(const TiffFile& file, std::uint32_t width, std::uint32_t height) {
  TIFF* tiff = file.handle();
  Blocks blocks;
  blocks.tiled = TIFFIsTiled(tiff) != 0;
  if (blocks.tiled) {
    blocks.width = file.tag<std::uint32_t>(TIFFTAG_TILEWIDTH, 0);
    blocks.height = file.tag<std::uint32_t>(TIFFTAG_TILELENGTH, 0);
    if (blocks.width > 0) blocks.across = (width - 1) / blocks.width + 1;
    blocks.bytes = TIFFTileSize64(tiff);
    blocks.row_bytes = TIFFTileRowSize64(tiff);
  } else {
    blocks.width = width;
    blocks.height = std::min(file.tag<std::uint32_t>(TIFFTAG_ROWSPERSTRIP, height), height);
    blocks.bytes = TIFFStripSize64(tiff);
    blocks.row_bytes = TIFFScanlineSize64(tiff);
  }
  return blocks;
}

/// Whether every JBIG stream states no more than the strip or tile that it fills. libtiff decodes,
/// and holds, what the stream states, however much, and compares afterwards.
bool jbig_fits(const TiffFile& file, std::uint32_t width, std::uint32_t height) {
  const std::uint64_t room = blocks_of(file, width, height).bytes;
  TIFF* tiff = file.handle();
  const std::uint32_t count =
      TIFFIsTiled(tiff) != 0 ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (file.jbig_bytes(i) > room) return false;
  }
  return true;
}

/// Reads the colour map; false if there is none.
bool read_palette(const TiffFile& file, TiffRows& rows) {
  std::uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (TIFFGetField(file.handle(), TIFFTAG_COLORMAP, &red, &green, &blue) != 1) return false;
  const std::size_t colours = std::size_t{1} << rows.bits;
  // Some writers filled the 16-bit entries with 8-bit values.
  const auto is_small = [&](const std::uint16_t* map) {
    return std::all_of(map, map + colours, [](std::uint16_t v) { return v < 256; });
  };
  const bool small = is_small(red) && is_small(green) && is_small(blue);
  const auto narrow = [&](std::uint16_t v) {
    return small ? static_cast<std::uint8_t>(v) : scale_16_to_8(v);
  };
  rows.palette.resize(colours);
  for (std::size_t i = 0; i < colours; ++i) {
    rows.palette[i] = {narrow(red[i]), narrow(green[i]), narrow(blue[i])};
  }
  return true;
}

/// What a file that does not state its photometric interpretation means.
std::uint16_t default_photometric(unsigned samples, std::uint16_t compression) {
  const bool fax = compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTFAX3 ||
                   compression == COMPRESSION_CCITTFAX4;
  if (fax) return PHOTOMETRIC_MINISWHITE;
  return samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

bool choose_number(std::uint16_t format, TiffRows& rows) {
  switch (format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      rows.number = TiffNumber::kUnsigned;
      return true;
    case SAMPLEFORMAT_INT:
      rows.number = TiffNumber::kSigned;
      return true;
    case SAMPLEFORMAT_IEEEFP:
      rows.number = TiffNumber::kFloat;
      return rows.bits == 32;
    default:
      return false;
  }
}

/// Whether gray or RGB samples are followed by the alpha they were multiplied by.
bool is_multiplied(const TiffFile& file, const TiffRows& rows, unsigned samples) {
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  const bool may = rows.colour == TiffColour::kGray || rows.colour == TiffColour::kRgb;
  return may && samples > rows.colour_samples() &&
         TIFFGetField(file.handle(), TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0 &&
         kinds[0] == EXTRASAMPLE_ASSOCALPHA;
}

/// How to read the rows ourselves; false if only libtiff's own conversion may know.
bool choose_rows(const TiffFile& file, TiffRows& rows) {
  const auto samples = file.tag<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1);
  const auto compression = file.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  const auto format = file.tag<std::uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  rows.bits = file.tag<std::uint16_t>(TIFFTAG_BITSPERSAMPLE, 1);
  if (rows.bits == 0 || (rows.bits > 16 && rows.bits != 32)) return false;
  if (!choose_number(format, rows)) return false;
  switch (file.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, default_photometric(samples, compression))) {
    case PHOTOMETRIC_MINISWHITE:
      rows.colour = TiffColour::kInvertedGray;
      break;
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
      rows.colour = TiffColour::kGray;
      break;
    case PHOTOMETRIC_RGB:
      rows.colour = TiffColour::kRgb;
      break;
    case PHOTOMETRIC_PALETTE:
      rows.colour = TiffColour::kPalette;
      if (rows.bits > 16 || rows.number != TiffNumber::kUnsigned || !read_palette(file, rows))
        return false;
      break;
    case PHOTOMETRIC_SEPARATED:
      rows.colour = TiffColour::kCmyk;
      break;
    case PHOTOMETRIC_YCBCR:
      // The JPEG codec inside libtiff can give RGB.
      if (compression != COMPRESSION_JPEG || rows.bits != 8) return false;
      if (TIFFSetField(file.handle(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) != 1) return false;
      rows.colour = TiffColour::kRgb;
      break;
    default:
      return false;
  }
  if (samples < rows.colour_samples()) return false;
  const bool separate =
      file.tag<std::uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
  rows.multiplied = is_multiplied(file, rows, samples);
  rows.samples = separate ? 1u : samples;
  rows.planes = separate ? rows.used_samples() : 1u;
  return true;
}

/// Decodes block after block into rows for the writer.
class BlockReader {
 public:
  BlockReader(const TiffFile& file, const TiffRows& rows, const Blocks& blocks,
              const PictureInfo& info)
      : file_(file), rows_(rows), blocks_(blocks), info_(info) {
    for (unsigned plane = 0; plane < rows.planes; ++plane) planes_[plane].resize(blocks.bytes);
  }

  void give_all(RowWriter& writer) {
    const auto channels = static_cast<std::size_t>(info_.channels);
    const std::size_t row_bytes = std::size_t{info_.width} * channels;
    std::vector<std::uint8_t> band(row_bytes * std::min(blocks_.height, info_.height));
    std::uint32_t blank_rows = 0;  // that came before the first block which could be read
    for (std::uint32_t y = 0; y < info_.height && failed_ < kMaxFailedBlocks;) {
      const std::uint32_t count = std::min(blocks_.height, info_.height - y);
      std::fill(band.begin(), band.end(), std::uint8_t{0});
      for (std::uint32_t x = 0; x < info_.width && failed_ < kMaxFailedBlocks;
           x += std::min(blocks_.width, info_.width - x)) {
        if (!read_block(x, y)) continue;
        convert(x, count, band.data() + x * channels, row_bytes);
      }
      if (good_ == 0) {
        blank_rows += count;
      } else {
        writer.give_blank(blank_rows);
        blank_rows = 0;
        writer.give(band.data(), static_cast<std::ptrdiff_t>(row_bytes), count);
      }
      y += count;
    }
    if (good_ > 0) writer.finish();
  }

  int failed() const { return failed_; }
  bool cut() const { return cut_; }

 private:
  bool read_block(std::uint32_t x, std::uint32_t y) {
    TIFF* tiff = file_.handle();
    for (unsigned plane = 0; plane < rows_.planes; ++plane) {
      const auto sample = static_cast<std::uint16_t>(plane);
      std::uint8_t* target = planes_[plane].data();
      const auto size = static_cast<tmsize_t>(blocks_.bytes);
      const std::uint32_t index = blocks_.tiled ? TIFFComputeTile(tiff, x, y, 0, sample)
                                                : TIFFComputeStrip(tiff, y, sample);
      std::fill_n(target, blocks_.bytes, std::uint8_t{0});
      const tmsize_t got = blocks_.tiled ? TIFFReadEncodedTile(tiff, index, target, size)
                                         : TIFFReadEncodedStrip(tiff, index, target, size);
      if (got < 0) {
        ++failed_;
        cut_ = cut_ || file_.is_cut(index);
        return false;
      }
    }
    ++good_;
    return true;
  }

  void convert(std::uint32_t x, std::uint32_t count, std::uint8_t* out, std::size_t out_stride) {
    const std::size_t pixels = std::min(blocks_.width, info_.width - x);
    for (std::uint32_t row = 0; row < count; ++row, out += out_stride) {
      std::array<const std::uint8_t*, 4> sources{};
      for (unsigned plane = 0; plane < rows_.planes; ++plane) {
        sources[plane] = planes_[plane].data() + row * blocks_.row_bytes;
      }
      convert_tiff_row(rows_, sources, pixels, out);
    }
  }

  const TiffFile& file_;
  const TiffRows& rows_;
  const Blocks& blocks_;
  const PictureInfo& info_;
  std::array<std::vector<std::uint8_t>, 4> planes_;  // one block of each
  std::uint32_t good_ = 0;
  int failed_ = 0;
  bool cut_ = false;
};

Result<DecodeEnd> decode_blocks(const TiffFile& file, const TiffRows& rows, PictureInfo info,
                                const Limits& limits, RowSink& sink) {
  info.channels = rows.channels();
  const Blocks blocks = blocks_of(file, info.width, info.height);
  const std::uint64_t needed_row = (std::uint64_t{blocks.width} * rows.samples * rows.bits + 7) / 8;
  const std::uint64_t block_rows = std::min(blocks.height, info.height);
  const bool sound = blocks.width > 0 && blocks.height > 0 && blocks.row_bytes >= needed_row &&
                     blocks.bytes / blocks.row_bytes >= block_rows;
  if (!sound) return tiff_error(file, Errc::kDecode, "strips or tiles do not fit the picture");
  const std::uint64_t band =
      std::uint64_t{info.width} * block_rows * static_cast<std::uint64_t>(info.channels);
  if (blocks.bytes > limits.max_picture_bytes) {
    return std::move(check_memory(blocks.bytes, limits, "tiff")).error();
  }
  const std::uint64_t held_bytes = blocks.bytes * rows.planes + band + RowWriter::band_bytes(info);
  if (Status held = check_memory(held_bytes, limits, "tiff"); !held) {
    return std::move(held).error();
  }
  RowWriter writer(sink, info);
  BlockReader reader(file, rows, blocks, info);
  reader.give_all(writer);
  const Errc code = reader.cut() ? Errc::kTruncated : Errc::kDecode;
  if (!writer.started()) return tiff_error(file, code, "no strip or tile could be read");
  // A block that came may be damaged all the same: the codecs for facsimile and JPEG say so, and
  // go on.
  if (reader.failed() == 0 && !file.reported_damage()) return DecodeEnd{};
  return partial_end(code, "tiff", file.words());
}

/// Colours that libtiff converts itself, none of which has alpha that it would multiply by.
Result<DecodeEnd> decode_converted(const TiffFile& file, const PictureInfo& info,
                                   const Limits& limits, RowSink& sink) {
  TIFF* tiff = file.handle();
  char words[1024] = {};
  const auto photometric = file.tag<std::uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  const bool known = photometric == PHOTOMETRIC_YCBCR || photometric == PHOTOMETRIC_CIELAB ||
                     photometric == PHOTOMETRIC_LOGL || photometric == PHOTOMETRIC_LOGLUV;
  if (!known || TIFFRGBAImageOK(tiff, words) == 0) {
    return decode_error(Errc::kUnsupported, "tiff",
                        words[0] != '\0' ? std::string_view(words)
                                         : std::string_view("samples or colours of a rare kind"));
  }
  const std::uint64_t pixels = std::uint64_t{info.width} * info.height;
  // libtiff's raster, its buffer of one block for each of four planes at most, and the band.
  const std::uint64_t block = TIFFIsTiled(tiff) != 0 ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  const std::uint64_t buffers = std::min(block, limits.max_picture_bytes) * 4;
  const std::uint64_t held_bytes = pixels * 4 + buffers + RowWriter::band_bytes(info);
  if (Status held = check_memory(held_bytes, limits, "tiff"); !held) {
    return std::move(held).error();
  }
  // libtiff would turn the picture as its orientation says: never applied, so make it the plain
  // one.
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  std::vector<std::uint32_t> raster(pixels);
  const int whole = TIFFReadRGBAImageOriented(tiff, info.width, info.height, raster.data(),
                                              ORIENTATION_TOPLEFT, 0);
  if (whole == 0) return tiff_error(file, Errc::kDecode, "conversion failed");
  RowWriter writer(sink, info);
  const std::uint32_t* pixel = raster.data();
  while (writer.left() > 0) {
    std::uint8_t* out = writer.row();
    for (std::uint32_t x = 0; x < info.width; ++x, ++pixel, out += 3) {
      out[0] = static_cast<std::uint8_t>(TIFFGetR(*pixel));
      out[1] = static_cast<std::uint8_t>(TIFFGetG(*pixel));
      out[2] = static_cast<std::uint8_t>(TIFFGetB(*pixel));
    }
    writer.row_done();
  }
  if (!file.reported_damage()) return DecodeEnd{};
  return partial_end(Errc::kDecode, "tiff", file.words());
}

}  // namespace

std::string tiff_library() {
  // "LIBTIFF, Version 4.5.0\nCopyright ..."
  const std::string_view text = TIFFGetVersion();
  const std::size_t begin = text.find_first_of("0123456789");
  const std::size_t end = text.find_first_not_of("0123456789.", begin);
  if (begin == std::string_view::npos) return "libtiff";
  return "libtiff " + std::string(text.substr(begin, end - begin));
}

Result<DecodeEnd> decode_tiff(Bytes bytes, const Limits& limits, RowSink& sink) {
  const TiffFile file(bytes, limits.max_picture_bytes);
  if (file.handle() == nullptr) return tiff_error(file, Errc::kDecode, "cannot be opened");
  PictureInfo info;
  info.width = file.tag<std::uint32_t>(TIFFTAG_IMAGEWIDTH, 0);
  info.height = file.tag<std::uint32_t>(TIFFTAG_IMAGELENGTH, 0);
  info.decoder = tiff_library();
  if (Status size = admit(info.width, info.height, bytes, limits, sink, "tiff"); !size) {
    return std::move(size).error();
  }
  const auto codec = file.tag<std::uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (TIFFIsCODECConfigured(codec) == 0) {
    return decode_error(Errc::kUnsupported, "tiff", "compression " + std::to_string(codec));
  }
  if (codec == COMPRESSION_JBIG && !jbig_fits(file, info.width, info.height)) {
    return decode_error(Errc::kDecode, "tiff", "the JBIG data is of a larger picture");
  }
  std::uint16_t orientation = 0;
  if (TIFFGetField(file.handle(), TIFFTAG_ORIENTATION, &orientation) == 1 && orientation >= 1 &&
      orientation <= 8) {
    info.orientation = static_cast<std::uint8_t>(orientation);
  }
  TiffRows rows;
  if (choose_rows(file, rows)) return decode_blocks(file, rows, std::move(info), limits, sink);
  return decode_converted(file, info, limits, sink);
}

}  // namespace semblance::decode
