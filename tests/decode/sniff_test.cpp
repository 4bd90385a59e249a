// SPDX-License-Identifier: Apache-2.0
#include "decode/sniff.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace semblance::decode {
namespace {

using namespace std::string_view_literals;

Format sniff_text(std::string_view text) {
  return sniff({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

struct Case {
  std::string_view head;
  Format format;
};

TEST(SniffTest, NamesPicturesByTheirFirstBytes) {
  const Case cases[] = {
      {"\xFF\xD8\xFF\xE0"sv, Format::kJpeg},
      {"\x89PNG\r\n\x1A\n"sv, Format::kPng},
      {"GIF87a"sv, Format::kGif},
      {"GIF89a"sv, Format::kGif},
      {"RIFF\x10\0\0\0WEBPVP8 "sv, Format::kWebp},
      {"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\0\0\0\0\0\0\0\0"sv, Format::kBmp},
      {"BMW and other cars, listed here"sv, Format::kUnknown},
      {"II*\0\x08\0\0\0"sv, Format::kTiff},
      {"MM\0*\0\0\0\x08"sv, Format::kTiff},
      {"II+\0\x08\0\0\0"sv, Format::kTiff},
      {"II*\0\x10\0\0\0CR\x02\0"sv, Format::kRaw},
      {"IIU\0\x08\0\0\0"sv, Format::kRaw},
      {"IIRO\x08\0\0\0"sv, Format::kRaw},
      {"FUJIFILMCCD-RAW 0201"sv, Format::kRaw},
      {"II\x1A\0\0\0HEAPCCDR"sv, Format::kRaw},
      {"\0\0\0\x0CjP  \r\n\x87\n"sv, Format::kJpeg2000},
      {"\xFF\x4F\xFF\x51"sv, Format::kJpeg2000},
      {"\xFF\x0A\x00"sv, Format::kJpegXl},
      {"\0\0\0\x0CJXL \r\n\x87\n"sv, Format::kJpegXl},
      {"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\0\x04\0\0\x16\0\0\0"sv, Format::kIco},
      {"8BPS\0\x01"sv, Format::kPsd},
      {"v/1\x01\x02\0\0\0"sv, Format::kExr},
      {"qoif\0\0\0\x01"sv, Format::kQoi},
      {"P6\n640 480\n255\n"sv, Format::kPnm},
      {"P6 is a name"sv, Format::kUnknown},
  };
  for (const Case& c : cases) EXPECT_EQ(sniff_text(c.head), c.format) << c.head;
}

TEST(SniffTest, FindsSvgBehindItsProlog) {
  EXPECT_EQ(sniff_text("<svg xmlns=''>"), Format::kSvg);
  EXPECT_EQ(sniff_text("\xEF\xBB\xBF<?xml version='1.0'?>\n<!-- <html> -->\n<svg>"), Format::kSvg);
  EXPECT_EQ(sniff_text("<!DOCTYPE svg [<!ENTITY a \"b>\">]>\n<svg>"), Format::kSvg);
  EXPECT_EQ(sniff_text("<svg:svg xmlns:svg=''>"), Format::kSvg);
  EXPECT_EQ(sniff_text("<html><svg></html>"), Format::kUnknown);
  EXPECT_EQ(sniff_text("<svgx>"), Format::kUnknown);
  EXPECT_EQ(sniff_text("<!-- never closed <svg>"), Format::kUnknown);
}

TEST(SniffTest, TellsPicturesFromFilmsByTheirBrands) {
  const Case cases[] = {
      {"\0\0\0\x18"
       "ftypheic\0\0\0\0mif1heic"sv,
       Format::kHeic},
      {"\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1heic"sv,
       Format::kHeic},
      {"\0\0\0\x18"
       "ftypmif1\0\0\0\0mif1avif"sv,
       Format::kAvif},
      {"\0\0\0\x14"
       "ftypavif\0\0\0\0mif1"sv,
       Format::kAvif},
      {"\0\0\0\x14"
       "ftypavis\0\0\0\0mif1"sv,
       Format::kAvif},
      {"\0\0\0\x10"
       "ftypmif3avif"sv,
       Format::kAvif},
      {"\0\0\0\x18"
       "ftypisom\0\0\0\0isommp41"sv,
       Format::kMp4},
      {"\0\0\0\x18"
       "ftypmp42\0\0\0\0isomavif"sv,
       Format::kMp4},
      {"\0\0\0\x14"
       "ftypqt  \0\0\0\0qt  "sv,
       Format::kMp4},
      {"\0\0\0\x14"
       "ftypM4A \0\0\0\0mp42"sv,
       Format::kAudio},
      {"\0\0\0\x14"
       "ftypcrx \0\0\0\0crx "sv,
       Format::kRaw},
      {"\0\0\x10\0moov\0\0\0\x6Cmvhd"sv, Format::kMp4},
      // A size beyond the file, and one too small, must not be believed.
      {"\xFF\xFF\xFF\xFF"
       "ftypmif1\0\0\0\0avif"sv,
       Format::kAvif},
      {"\0\0\0\0ftypmif1\0\0\0\0avif"sv, Format::kHeic},
  };
  for (const Case& c : cases) EXPECT_EQ(sniff_text(c.head), c.format) << c.head;
}

TEST(SniffTest, NamesVideoAudioAndContainers) {
  const Case cases[] = {
      {"\x1A\x45\xDF\xA3\x01"sv, Format::kMatroska},
      {"RIFF\0\0\0\0AVI LIST"sv, Format::kAvi},
      {"\0\0\x01\xBA\x44"sv, Format::kMpegPs},
      {"FLV\x01\x05"sv, Format::kFlv},
      {"\x1F\x07\x00\x3F\xF8\x78"sv, Format::kOtherVideo},
      {"\x1F\x07\x00\xBF\xF8\x78"sv, Format::kOtherVideo},
      {"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9"sv, Format::kAsf},
      {"OggS\0\x02............\x80theora"sv, Format::kOggVideo},
      {"OggS\0\x02............\x01vorbis"sv, Format::kAudio},
      {"ID3\x04\0"sv, Format::kAudio},
      {"RIFF\0\0\0\0WAVEfmt "sv, Format::kAudio},
      {"fLaC\0\0\0\x22"sv, Format::kAudio},
      {"#!AMR\n"sv, Format::kAudio},
      {"MThd\0\0\0\x06"sv, Format::kAudio},
      {"PK\x03\x04\x14\0"sv, Format::kZip},
      {"Rar!\x1A\x07\x01\0"sv, Format::kRar},
      {"7z\xBC\xAF\x27\x1C\0\x04"sv, Format::kSevenZip},
      {"\x1F\x8B\x08\0"sv, Format::kGzip},
      {"BZh91AY&SY"sv, Format::kBzip2},
      {"\xFD"
       "7zXZ\0"sv,
       Format::kXz},
      {"\x28\xB5\x2F\xFD"sv, Format::kZstd},
      {"MSCF\0\0\0\0"sv, Format::kOtherContainer},
      {"%PDF-1.7"sv, Format::kPdf},
      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, Format::kOle},
      {"\xFF\xFEh\0e\0l\0l\0o\0"sv, Format::kUnknown},  // UTF-16 text, not MPEG audio
      {"Just some text."sv, Format::kUnknown},
      {""sv, Format::kUnknown},
  };
  for (const Case& c : cases) EXPECT_EQ(sniff_text(c.head), c.format) << c.head;
}

TEST(SniffTest, NeedsSeveralSyncBytesForATransportStream) {
  std::string stream(188 * 6, '\0');
  for (std::size_t i = 0; i < stream.size(); i += 188) stream[i] = 0x47;
  EXPECT_EQ(sniff_text(stream), Format::kMpegTs);
  stream[188] = 0;
  EXPECT_EQ(sniff_text(stream), Format::kUnknown);
  EXPECT_EQ(sniff_text("GIRAFFE"), Format::kUnknown);
}

TEST(SniffTest, NeedsTwoFramesForBareMpegAudio) {
  std::string audio(1000, '\0');
  audio.replace(0, 4, "\xFF\xFB\x90\x00"sv);  // layer III, 128 kbit/s, 44.1 kHz: 417 bytes
  EXPECT_EQ(sniff_text(audio), Format::kUnknown);
  audio.replace(417, 4, "\xFF\xFB\x90\x00"sv);
  EXPECT_EQ(sniff_text(audio), Format::kAudio);
}

TEST(SniffTest, FindsATarByItsMagicFarInside) {
  std::string tar(512, '\0');
  tar.replace(257, 5, "ustar");
  EXPECT_EQ(sniff_text(tar), Format::kTar);
}

TEST(SniffTest, LeadingGarbageIsUnknown) {
  EXPECT_EQ(sniff_text("garbage\xFF\xD8\xFF\xE0"), Format::kUnknown);
}

TEST(SniffTest, EveryFormatHasItsWordAndKind) {
  for (int i = 0; i <= static_cast<int>(Format::kOtherContainer); ++i) {
    const auto format = static_cast<Format>(i);
    EXPECT_EQ(name(format).empty(), format == Format::kUnknown) << i;
    EXPECT_EQ(media_kind(format) == MediaKind::kUnknown, format == Format::kUnknown) << i;
    if (decodable(format)) {
      EXPECT_EQ(media_kind(format), MediaKind::kImage) << i;
    }
  }
  EXPECT_EQ(name(Format::kAvif), "avif");
  EXPECT_EQ(media_kind(Format::kMp4), MediaKind::kVideo);
  EXPECT_EQ(media_kind(Format::kAudio), MediaKind::kAudio);
  EXPECT_EQ(media_kind(Format::kZip), MediaKind::kContainer);
  EXPECT_TRUE(decodable(Format::kHeic));
  EXPECT_FALSE(decodable(Format::kJpegXl));
}

}  // namespace
}  // namespace semblance::decode
