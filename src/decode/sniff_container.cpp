// SPDX-License-Identifier: Apache-2.0
// The parts of sniff for video, audio, archives and documents.
#include <algorithm>
#include <string_view>

#include "decode/sniff_head.h"

namespace semblance::decode {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  Format format;
};

constexpr Magic kMovingMagics[] = {
    {0, "\x1A\x45\xDF\xA3"sv, Format::kMatroska},
    {0, "\0\0\x01\xBA"sv, Format::kMpegPs},
    {0, "\0\0\x01\xB3"sv, Format::kOtherVideo},
    {0, "FLV\x01"sv, Format::kFlv},
    {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, Format::kAsf},
    {0, ".RMF"sv, Format::kOtherVideo},
    {0, "DKIF\0\0"sv, Format::kOtherVideo},
    {0, "YUV4MPEG2 "sv, Format::kOtherVideo},
    {0, "\x06\x0E\x2B\x34\x02\x05\x01\x01"sv, Format::kOtherVideo},
    {0, "nut/multimedia container"sv, Format::kOtherVideo},
    {0, "\x1F\x07\x00\x3F"sv, Format::kOtherVideo},  // DV: the header block of 525 lines
    {0, "\x1F\x07\x00\xBF"sv, Format::kOtherVideo},  // and of 625
    {0, "\xB7\xD8\x00\x20\x37\x49\xDA\x11"sv, Format::kOtherVideo},
    {0, "ID3"sv, Format::kAudio},
    {0, "fLaC"sv, Format::kAudio},
    {0, "#!AMR"sv, Format::kAudio},
    {0, "MThd"sv, Format::kAudio},
    {0, ".snd"sv, Format::kAudio},
    {0, "wvpk"sv, Format::kAudio},
    {0, "MAC "sv, Format::kAudio},
    {0, "TTA1"sv, Format::kAudio},
    {0, "MPCK"sv, Format::kAudio},
    {0, "MP+"sv, Format::kAudio},
    {0, "caff\0\x01"sv, Format::kAudio},
    {0, "ADIF"sv, Format::kAudio},
    {0, "DSD "sv, Format::kAudio},
};

constexpr Magic kContainerMagics[] = {
    {0, "PK\x03\x04"sv, Format::kZip},
    {0, "PK\x05\x06"sv, Format::kZip},
    {0, "PK\x07\x08"sv, Format::kZip},
    {0, "Rar!\x1A\x07"sv, Format::kRar},
    {0, "7z\xBC\xAF\x27\x1C"sv, Format::kSevenZip},
    {257, "ustar"sv, Format::kTar},
    {0, "\x1F\x8B\x08"sv, Format::kGzip},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     Format::kXz},
    {0, "\x28\xB5\x2F\xFD"sv, Format::kZstd},
    {0, "%PDF-"sv, Format::kPdf},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, Format::kOle},
    {0, "MSCF\0\0\0\0"sv, Format::kOtherContainer},
    {0, "\x04\x22\x4D\x18"sv, Format::kOtherContainer},  // LZ4
    {0, "LZIP\x01"sv, Format::kOtherContainer},
    {0, "!<arch>\n"sv, Format::kOtherContainer},
    {0, "070701"sv, Format::kOtherContainer},  // cpio
    {0, "070707"sv, Format::kOtherContainer},
    {0, "MSWIM\0\0\0"sv, Format::kOtherContainer},
    {0, "EVF\t\r\n\xFF\0"sv, Format::kOtherContainer},  // Expert Witness disk image
    {0, "QFI\xFB"sv, Format::kOtherContainer},
    {0, "vhdxfile"sv, Format::kOtherContainer},
    {0, "{\\rtf"sv, Format::kOtherContainer},
};

bool any_of(std::string_view word, std::initializer_list<std::string_view> list) noexcept {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_heic_brand(std::string_view brand) noexcept {
  return any_of(brand, {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"});
}

bool is_avif_brand(std::string_view brand) noexcept { return any_of(brand, {"avif", "avis"}); }

bool is_general_image_brand(std::string_view brand) noexcept {
  return any_of(brand, {"mif1", "mif2", "mif3", "msf1", "miaf", "1pic"});
}

/// What a file of ISO's base media format holds, by its `ftyp` box.
/// **Source:** ISO/IEC 14496-12, 4.3; ISO/IEC 23008-12, 10.2; the AVIF specification, 9.
Format sniff_brands(const Head& head) noexcept {
  const std::string_view major = head.text().substr(8, 4);
  if (is_heic_brand(major)) return Format::kHeic;
  if (is_avif_brand(major)) return Format::kAvif;
  if (major == "crx ") return Format::kRaw;
  if (major == "jp2 " || major == "jpx ") return Format::kJpeg2000;
  if (any_of(major, {"M4A ", "M4B ", "M4P ", "F4A "})) return Format::kAudio;
  bool heic = false, avif = false, film = false, image = false;
  const std::size_t end = std::min<std::size_t>(head.be32(0), head.size());
  // Behind the major brand stands a version; `mif3` keeps a brand there.
  for (std::size_t at = 12; at + 4 <= end; at += 4) {
    const std::string_view brand = head.text().substr(at, 4);
    heic = heic || is_heic_brand(brand);
    avif = avif || is_avif_brand(brand);
    film = film || any_of(brand, {"isom", "mp41", "mp42", "qt  "});
    image = image || is_general_image_brand(brand);
  }
  const bool picture = is_general_image_brand(major) || (!film && (image || heic || avif));
  if (!picture) return Format::kMp4;
  return avif && !heic ? Format::kAvif : Format::kHeic;
}

/// The sync byte of a transport stream, at each packet that the head shows.
bool has_sync_bytes(const Head& head, std::size_t first, std::size_t packet) noexcept {
  std::size_t seen = 0;
  for (std::size_t at = first; at < head.size() && seen < 5; at += packet, ++seen) {
    if (head[at] != 0x47) return false;
  }
  return seen >= 3;
}

/// Length in bytes of the MPEG audio frame whose header is at `at`; 0 if it is none.
/// **Source:** ISO/IEC 11172-3, 2.4.2.3, and 13818-3 for the lower sampling rates.
std::size_t mpeg_audio_frame(const Head& head, std::size_t at) noexcept {
  constexpr std::uint16_t kV1L1[] = {0,   32,  64,  96,  128, 160, 192, 224,
                                     256, 288, 320, 352, 384, 416, 448};
  constexpr std::uint16_t kV1L2[] = {0,   32,  48,  56,  64,  80,  96, 112,
                                     128, 160, 192, 224, 256, 320, 384};
  constexpr std::uint16_t kV1L3[] = {0,   32,  40,  48,  56,  64,  80, 96,
                                     112, 128, 160, 192, 224, 256, 320};
  constexpr std::uint16_t kV2L1[] = {0,   32,  48,  56,  64,  80,  96, 112,
                                     128, 144, 160, 176, 192, 224, 256};
  constexpr std::uint16_t kV2L3[] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  constexpr std::uint32_t kRates[] = {44100, 48000, 32000};
  if (head[at] != 0xFF || (head[at + 1] & 0xE0) != 0xE0) return 0;
  const unsigned version = head[at + 1] >> 3 & 3u, layer = 4 - (head[at + 1] >> 1 & 3u);
  const unsigned bitrate = head[at + 2] >> 4, rate = head[at + 2] >> 2 & 3u;
  const unsigned padding = head[at + 2] >> 1 & 1u;
  if (version == 1 || layer == 4 || bitrate == 0 || bitrate == 15 || rate == 3) return 0;
  const bool first = version == 3;
  const std::uint16_t* table = first ? (layer == 1   ? kV1L1
                                        : layer == 2 ? kV1L2
                                                     : kV1L3)
                                     : (layer == 1 ? kV2L1 : kV2L3);
  const std::uint32_t hertz = kRates[rate] >> (first ? 0 : version == 2 ? 1 : 2);
  const std::uint32_t bits = table[bitrate] * 1000u;
  if (layer == 1) return (12 * bits / hertz + padding) * 4;
  return (layer == 3 && !first ? 72 : 144) * bits / hertz + padding;
}

/// Two frames in a row: a single sync word is also how UTF-16 text begins.
bool is_mpeg_audio(const Head& head) noexcept {
  const std::size_t length = mpeg_audio_frame(head, 0);
  return length > 0 && mpeg_audio_frame(head, length) > 0;
}

bool is_adts(const Head& head) noexcept {
  if (head[0] != 0xFF || (head[1] & 0xF6) != 0xF0) return false;
  const std::size_t length =
      std::size_t{head[3] & 3u} << 11 | std::size_t{head[4]} << 3 | std::size_t{head[5]} >> 5;
  return length > 7 && head[length] == 0xFF && (head[length + 1] & 0xF6) == 0xF0;
}

Format sniff_riff(const Head& head) noexcept {
  if (head.has(8, "AVI ") || head.has(8, "AVIX")) return Format::kAvi;
  if (head.has(8, "AMV ")) return Format::kOtherVideo;
  if (head.has(8, "WAVE") || head.has(8, "RMID")) return Format::kAudio;
  if (head.has(8, "CDXA")) return Format::kMpegPs;
  return Format::kUnknown;
}

bool is_elementary_video(const Head& head) noexcept {
  if (!head.has(0, "\0\0\0\x01"sv)) return false;
  const unsigned avc = head[4] & 0x9Fu, hevc = head[4] & 0xFEu;
  return avc == 7 || avc == 9 || hevc == 0x40 || hevc == 0x46;  // parameter sets, delimiters
}

}  // namespace

Format sniff_moving(const Head& head) noexcept {
  if (head.has(4, "ftyp")) return sniff_brands(head);
  for (const std::string_view box : {"moov", "mdat", "wide", "pnot", "skip", "free", "moof"}) {
    // Before MPEG-4 a QuickTime file had no ftyp. The box must be able to hold its own header.
    if (head.has(4, box) && (head.be32(0) >= 8 || head.be32(0) <= 1)) return Format::kMp4;
  }
  if (head.has(0, "RIFF") || head.has(0, "RIFX")) return sniff_riff(head);
  for (const Magic& magic : kMovingMagics) {
    if (head.has(magic.offset, magic.bytes)) return magic.format;
  }
  if (head.has(0, "OggS")) {
    for (const std::string_view codec : {"\x80theora", "\x01video", "BBCD\0", "OVP80"}) {
      if (head.text().find(codec) != std::string_view::npos) return Format::kOggVideo;
    }
    return Format::kAudio;
  }
  if (head.has(0, "FORM")) {
    if (head.has(8, "AIFF") || head.has(8, "AIFC") || head.has(8, "8SVX")) return Format::kAudio;
    if (head.has(8, "ANIM")) return Format::kOtherVideo;
  }
  if (has_sync_bytes(head, 0, 188) || has_sync_bytes(head, 4, 192) ||
      has_sync_bytes(head, 0, 204)) {
    return Format::kMpegTs;
  }
  if (is_elementary_video(head)) return Format::kOtherVideo;
  if (is_mpeg_audio(head) || is_adts(head)) return Format::kAudio;
  return Format::kUnknown;
}

Format sniff_container(const Head& head) noexcept {
  for (const Magic& magic : kContainerMagics) {
    if (head.has(magic.offset, magic.bytes)) return magic.format;
  }
  if (head.has(0, "BZh") && head[3] >= '1' && head[3] <= '9' &&
      (head.has(4, "1AY&SY") || head.has(4, "\x17\x72\x45\x38\x50\x90"))) {
    return Format::kBzip2;
  }
  return Format::kUnknown;
}

}  // namespace semblance::decode
