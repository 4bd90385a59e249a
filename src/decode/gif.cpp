// SPDX-License-Identifier: Apache-2.0
// GIF through giflib: the canvas with the first frame on it.
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/picture.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

struct Source {
  Bytes left;
  bool cut = false;  // something was asked for that is not there

  // giflib takes data in blocks and drops one that is cut: zeros in its place keep the pixels
  // that came before.
  static int read(GifFileType* file, GifByteType* target, int wanted) {
    Source& self = *static_cast<Source*>(file->UserData);
    const auto asked = static_cast<std::size_t>(std::max(wanted, 0));
    const std::size_t count = std::min(self.left.size(), asked);
    if (count > 0) std::memcpy(target, self.left.data(), count);
    self.left = self.left.subspan(count);
    if (count == asked) return wanted;
    self.cut = true;
    if (count == 0) return 0;
    std::memset(target + count, 0, asked - count);
    return wanted;
  }
};

struct FileCloser {
  void operator()(GifFileType* file) const noexcept { DGifCloseFile(file, nullptr); }
};
using FilePtr = std::unique_ptr<GifFileType, FileCloser>;

/// `cut`: something was asked for that the file does not hold.
Error error_of(int code, bool cut) {
  const char* words = GifErrorString(code);
  const Errc errc = cut                                ? Errc::kTruncated
                    : code == D_GIF_ERR_NOT_ENOUGH_MEM ? Errc::kLimit
                                                       : Errc::kDecode;
  return decode_error(errc, "gif", words == nullptr ? "unknown error" : words);
}

/// Skips to the next image; nullopt at the end of the file, an error if there is damage. Notes
/// the transparent index that a graphic control block before the image states.
Result<bool> next_image(GifFileType* file, std::optional<std::uint8_t>& transparent) {
  const Source& source = *static_cast<const Source*>(file->UserData);
  GifRecordType record = UNDEFINED_RECORD_TYPE;
  do {
    if (DGifGetRecordType(file, &record) == GIF_ERROR) return error_of(file->Error, source.cut);
    if (record != EXTENSION_RECORD_TYPE) continue;
    int label = 0;
    GifByteType* block = nullptr;  // its first byte is its length
    if (DGifGetExtension(file, &label, &block) == GIF_ERROR)
      return error_of(file->Error, source.cut);
    if (label == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4) {
      transparent.reset();
      if ((block[1] & 1) != 0) transparent = block[4];
    }
    while (block != nullptr) {
      if (DGifGetExtensionNext(file, &block) == GIF_ERROR) return error_of(file->Error, source.cut);
    }
  } while (record != IMAGE_DESC_RECORD_TYPE && record != TERMINATE_RECORD_TYPE);
  return record == IMAGE_DESC_RECORD_TYPE;
}

/// Where the first frame stands on its canvas; all sides at most 2 * 65535.
struct Placement {
  std::uint32_t left = 0, top = 0, width = 0, height = 0;  // of the frame
  std::uint32_t canvas_width = 0, canvas_height = 0;
};

/// A frame that leaves the logical screen makes it larger, as Pillow has it.
Placement place(const GifFileType& file) {
  const auto side = [](GifWord v) { return static_cast<std::uint32_t>(std::max(v, 0)); };
  Placement at;
  at.left = side(file.Image.Left);
  at.top = side(file.Image.Top);
  at.width = side(file.Image.Width);
  at.height = side(file.Image.Height);
  at.canvas_width = std::max(side(file.SWidth), at.left + at.width);
  at.canvas_height = std::max(side(file.SHeight), at.top + at.height);
  return at;
}

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

/// The frame's own colours, else the file's, else shades of gray. Indices beyond are black.
Palette palette_of(const GifFileType& file) {
  const ColorMapObject* map = file.Image.ColorMap != nullptr ? file.Image.ColorMap : file.SColorMap;
  Palette palette{};
  for (std::size_t i = 0; i < palette.size(); ++i) {
    if (map == nullptr) {
      palette[i].fill(static_cast<std::uint8_t>(i));
    } else if (i < static_cast<std::size_t>(std::max(map->ColorCount, 0))) {
      palette[i] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue};
    }
  }
  return palette;
}

/// Decodes the indices of the frame; returns how many of its rows came before an error.
std::uint32_t read_indices(GifFileType* file, const Placement& at,
                           std::vector<std::uint8_t>& indices) {
  struct Pass {
    std::uint32_t first, step;
  };
  static constexpr Pass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  static constexpr Pass kPlain[] = {{0, 1}};
  const std::span<const Pass> passes =
      file->Image.Interlace ? std::span<const Pass>(kInterlaced) : std::span<const Pass>(kPlain);
  std::uint32_t done = 0;
  for (const Pass& pass : passes) {
    for (std::uint32_t y = pass.first; y < at.height; y += pass.step, ++done) {
      std::uint8_t* row = indices.data() + std::size_t{y} * at.width;
      if (DGifGetLine(file, row, static_cast<int>(at.width)) == GIF_ERROR) return done;
    }
  }
  return done;
}

void give_canvas(const Placement& at, const std::vector<std::uint8_t>& indices,
                 const Palette& palette, std::uint8_t outside, RowWriter& writer) {
  const auto put = [&](std::uint8_t* out, std::uint8_t index) {
    std::copy_n(palette[index].data(), 3, out);
  };
  for (std::uint32_t y = 0; y < at.canvas_height; ++y) {
    std::uint8_t* out = writer.row();
    const bool inside = y >= at.top && y - at.top < at.height;
    const std::uint8_t* in = inside ? indices.data() + std::size_t{y - at.top} * at.width : nullptr;
    for (std::uint32_t x = 0; x < at.canvas_width; ++x, out += 3) {
      const bool covered = inside && x >= at.left && x - at.left < at.width;
      put(out, covered ? in[x - at.left] : outside);
    }
    writer.row_done();
  }
}

}  // namespace

std::string gif_library() {
  return "giflib " + std::to_string(GIFLIB_MAJOR) + '.' + std::to_string(GIFLIB_MINOR) + '.' +
         std::to_string(GIFLIB_RELEASE);
}

Result<DecodeEnd> decode_gif(Bytes bytes, const Limits& limits, RowSink& sink) {
  Source source{bytes};
  int code = 0;
  const FilePtr file(DGifOpen(&source, &Source::read, &code));
  if (!file) return error_of(code, source.cut);
  std::optional<std::uint8_t> transparent;
  const Result<bool> found = next_image(file.get(), transparent);
  if (!found) return found.error();
  if (!*found) return decode_error(Errc::kDecode, "gif", "no frame");
  if (DGifGetImageDesc(file.get()) == GIF_ERROR) return error_of(file->Error, source.cut);
  if (source.cut) return error_of(D_GIF_ERR_EOF_TOO_SOON, true);

  const Placement at = place(*file);
  if (at.width == 0 || at.height == 0) return decode_error(Errc::kDecode, "gif", "empty frame");
  if (Status size = admit(at.canvas_width, at.canvas_height, bytes, limits, sink, "gif"); !size) {
    return std::move(size).error();
  }
  PictureInfo info;
  info.width = at.canvas_width;
  info.height = at.canvas_height;
  info.decoder = gif_library();
  const std::uint64_t frame_pixels = std::uint64_t{at.width} * at.height;
  if (Status held = check_memory(frame_pixels + RowWriter::band_bytes(info), limits, "gif");
      !held) {
    return std::move(held).error();
  }
  // Pillow fills what no frame covers with the transparent index, or else with index 0; the
  // background colour of the header is used by no current reader.
  const std::uint8_t outside = transparent.value_or(0);
  std::vector<std::uint8_t> indices(frame_pixels, outside);
  const Palette palette = palette_of(*file);
  const std::uint32_t rows = read_indices(file.get(), at, indices);
  if (rows == 0 && !source.cut) return error_of(file->Error, source.cut);
  const int damage = rows < at.height ? file->Error : source.cut ? D_GIF_ERR_EOF_TOO_SOON : 0;

  if (damage == 0) {
    const Result<bool> more = next_image(file.get(), transparent);
    info.animated = more && *more;
  }
  RowWriter writer(sink, info);
  give_canvas(at, indices, palette, outside, writer);
  if (damage == 0) return DecodeEnd{};
  const Error error = error_of(damage, source.cut);
  return partial_end(error.code, "gif", GifErrorString(damage));
}

}  // namespace semblance::decode
