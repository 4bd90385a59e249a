// SPDX-License-Identifier: Apache-2.0
#include "decode/sniff.h"

#include <algorithm>
#include <iterator>

#include "decode/sniff_head.h"

namespace semblance::decode {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  Format format;
};

// Those whose first bytes leave no doubt.
constexpr Magic kImageMagics[] = {
    {0, "\xFF\xD8\xFF"sv, Format::kJpeg},
    {0, "\x89PNG\r\n\x1A\n"sv, Format::kPng},
    {0, "GIF87a"sv, Format::kGif},
    {0, "GIF89a"sv, Format::kGif},
    // Raw files that follow TIFF's layout under a magic of their own: before TIFF.
    {8, "CR\x02"sv, Format::kRaw},
    {0, "IIU\0"sv, Format::kRaw},
    {0, "IIRO"sv, Format::kRaw},
    {0, "IIRS"sv, Format::kRaw},
    {0, "MMOR"sv, Format::kRaw},
    {0, "II\x1A\0\0\0HEAPCCDR"sv, Format::kRaw},
    {0, "FUJIFILMCCD-RAW"sv, Format::kRaw},
    {0, "FOVb"sv, Format::kRaw},
    {0, "\0MRM"sv, Format::kRaw},
    {0, "II*\0"sv, Format::kTiff},
    {0, "MM\0*"sv, Format::kTiff},
    {0, "II+\0\x08\0\0\0"sv, Format::kTiff},
    {0, "MM\0+\0\x08\0\0"sv, Format::kTiff},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, Format::kJpeg2000},
    {0, "\xFF\x4F\xFF\x51"sv, Format::kJpeg2000},
    {0, "\xFF\x0A"sv, Format::kJpegXl},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, Format::kJpegXl},
    {0, "8BPS"sv, Format::kPsd},
    {0, "v/1\x01"sv, Format::kExr},
    {0, "qoif"sv, Format::kQoi},
    {0, "DDS "sv, Format::kOtherImage},
    {0, "\x8AMNG\r\n\x1A\n"sv, Format::kOtherImage},
    {0, "\x8BJNG\r\n\x1A\n"sv, Format::kOtherImage},
    {0, "#?RADIANCE"sv, Format::kOtherImage},
    {0, "#?RGBE"sv, Format::kOtherImage},
    {0, "SDPX"sv, Format::kOtherImage},
    {0, "XPDS"sv, Format::kOtherImage},
    {0, "SIMPLE  ="sv, Format::kOtherImage},
    {0, "gimp xcf"sv, Format::kOtherImage},
    {0, "icns"sv, Format::kOtherImage},
    {0, "BPG\xFB"sv, Format::kOtherImage},
    {0, "FLIF"sv, Format::kOtherImage},
    {0, "farbfeld"sv, Format::kOtherImage},
    {0, "\xD7\xCD\xC6\x9A"sv, Format::kOtherImage},
    {40, " EMF"sv, Format::kOtherImage},
    {0, "%!PS"sv, Format::kOtherImage},
    {0, "\xC5\xD0\xD3\xC6"sv, Format::kOtherImage},
    {0, "\x97JB2\r\n\x1A\n"sv, Format::kOtherImage},
    {0, "/* XPM */"sv, Format::kOtherImage},
    {0, "\xB1\x68\xDE\x3A"sv, Format::kOtherImage},
    {0, "\x59\xA6\x6A\x95"sv, Format::kOtherImage},
    {0, "II\xBC\x01"sv, Format::kOtherImage},
    {0, "II\xBC\0"sv, Format::kOtherImage},
    {0, "AT&TFORM"sv, Format::kOtherImage},
};

bool is_bmp(const Head& head) noexcept {
  if (!head.has(0, "BM") || head.size() < 26) return false;
  const std::uint32_t header = head.le32(14);
  return header == 12 || (header >= 16 && header <= 64) || header == 108 || header == 124;
}

bool is_icon(const Head& head) noexcept {
  if (head.size() < 22 || head.le16(0) != 0) return false;
  if (head.le16(2) != 1 && head.le16(2) != 2) return false;
  const std::uint32_t entries = head.le16(4);
  return entries > 0 && head[9] == 0 && head.le32(18) >= 6 + 16 * entries;
}

bool is_pnm(const Head& head) noexcept {
  if (head[0] != 'P') return false;
  const bool known = (head[1] >= '1' && head[1] <= '7') || head[1] == 'F' || head[1] == 'f';
  const std::uint8_t space = head[2], next = head[3];
  return known && (space == ' ' || space == '\n' || space == '\t' || space == '\r') &&
         (next == '#' || next == ' ' || next == '\n' || next == 'W' || next == 'H' ||
          (next >= '0' && next <= '9'));
}

bool is_pcx(const Head& head) noexcept {
  const std::uint8_t bits = head[3];
  return head.size() >= 128 && head[0] == 0x0A && head[1] <= 5 && head[1] != 1 && head[2] == 1 &&
         (bits == 1 || bits == 2 || bits == 4 || bits == 8) && head[64] == 0;
}

/// Behind what may stand before an XML document's first element; npos if that is not in sight.
std::size_t skip_prolog(std::string_view text) noexcept {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (;;) {
    at = text.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos || text[at] != '<') return std::string_view::npos;
    std::string_view end;
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("<?")) {
      end = "?>";
    } else if (rest.starts_with("<!--")) {
      end = "-->";
    } else if (rest.starts_with("<!DOCTYPE")) {
      // With declarations of its own, the document type ends behind their bracket.
      const std::size_t bracket = rest.find_first_of("[>");
      end = bracket != std::string_view::npos && rest[bracket] == '[' ? "]>" : ">";
    } else {
      return at;
    }
    const std::size_t found = text.find(end, at + 2);
    if (found == std::string_view::npos) return std::string_view::npos;
    at = found + end.size();
  }
}

bool is_svg(const Head& head) noexcept {
  const std::string_view text = head.text();
  const std::size_t at = skip_prolog(text);
  if (at == std::string_view::npos) return false;
  std::string_view element = text.substr(at + 1, text.find_first_of(" \t\r\n/>", at + 1) - at - 1);
  if (const std::size_t colon = element.find(':'); colon != std::string_view::npos) {
    element.remove_prefix(colon + 1);
  }
  return element == "svg";
}

bool is_xbm(const Head& head) noexcept {
  return head.has(0, "#define ") &&
         head.text().substr(0, 128).find("_width ") != std::string_view::npos;
}

}  // namespace

Format sniff_image(const Head& head) noexcept {
  if (head.has(0, "RIFF") && head.has(8, "WEBP")) return Format::kWebp;
  for (const Magic& magic : kImageMagics) {
    if (head.has(magic.offset, magic.bytes)) return magic.format;
  }
  if (is_bmp(head)) return Format::kBmp;
  if (is_icon(head)) return Format::kIco;
  if (is_pnm(head)) return Format::kPnm;
  if (is_svg(head)) return Format::kSvg;
  if (is_pcx(head) || is_xbm(head)) return Format::kOtherImage;
  if (head.has(0, "FORM") && (head.has(8, "ILBM") || head.has(8, "PBM "))) {
    return Format::kOtherImage;
  }
  if (head.has(0, "RIFF") && head.has(8, "ACON")) return Format::kOtherImage;
  return Format::kUnknown;
}

Format sniff(std::span<const std::uint8_t> head_bytes) noexcept {
  const Head head(head_bytes);
  for (auto* part : {&sniff_image, &sniff_moving, &sniff_container}) {
    if (const Format format = part(head); format != Format::kUnknown) return format;
  }
  return Format::kUnknown;
}

std::string_view name(Format format) noexcept {
  constexpr std::string_view kNames[] = {
      "",     "jpeg", "png",   "gif",   "webp",     "bmp", "tiff",   "heic",
      "avif", "jp2",  "jxl",   "ico",   "psd",      "svg", "raw",    "exr",
      "qoi",  "pnm",  "image", "mp4",   "matroska", "avi", "mpegts", "mpegps",
      "flv",  "asf",  "ogv",   "video", "audio",    "zip", "rar",    "7z",
      "tar",  "gzip", "bzip2", "xz",    "zstd",     "pdf", "ole",    "container"};
  static_assert(std::size(kNames) == static_cast<std::size_t>(Format::kOtherContainer) + 1);
  const auto i = static_cast<std::size_t>(format);
  return i < std::size(kNames) ? kNames[i] : std::string_view{};
}

MediaKind media_kind(Format format) noexcept {
  if (format == Format::kUnknown) return MediaKind::kUnknown;
  if (format <= Format::kOtherImage) return MediaKind::kImage;
  if (format <= Format::kOtherVideo) return MediaKind::kVideo;
  if (format == Format::kAudio) return MediaKind::kAudio;
  return MediaKind::kContainer;
}

bool decodable(Format format) noexcept {
  return format >= Format::kJpeg && format <= Format::kAvif;
}

}  // namespace semblance::decode
