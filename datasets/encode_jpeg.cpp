// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo.
#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <vector>

// libjpeg's header needs stdio's before it.
#include <jpeglib.h>

#include "datasets/encoders.h"

namespace semblance::datasets {
namespace {

// libjpeg reports an error by calling back and must not be returned to: it is left by longjmp.
struct JpegErrors {
  jpeg_error_mgr base;  // first: libjpeg hands back a pointer to it
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> words;
};

[[noreturn]] void leave(j_common_ptr codec) {
  auto* errors = reinterpret_cast<JpegErrors*>(codec->err);
  errors->base.format_message(codec, errors->words.data());
  std::longjmp(errors->escape, 1);
}

void ignore(j_common_ptr /*codec*/) {}

// The rows in the samples that the encoder takes: RGB, or four inverted inks.
std::vector<std::uint8_t> inked(const Picture& picture) {
  std::vector<std::uint8_t> out;
  out.reserve(picture.rgb.size() / 3 * 4);
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const std::uint8_t* pixel = picture.rgb.data() + i;
    const int light = std::max({pixel[0], pixel[1], pixel[2]});
    for (std::size_t c = 0; c < 3; ++c) {
      out.push_back(
          static_cast<std::uint8_t>(light == 0 ? 255 : (pixel[c] * 255 + light / 2) / light));
    }
    out.push_back(static_cast<std::uint8_t>(light));
  }
  return out;
}

void configure(jpeg_compress_struct& codec, const Picture& picture, const Encoding& encoding) {
  const bool cmyk = encoding.colour == JpegColour::kCmyk;
  codec.image_width = picture.width;
  codec.image_height = picture.height;
  codec.input_components = cmyk ? 4 : 3;
  codec.in_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&codec);
  if (encoding.colour == JpegColour::kGray) jpeg_set_colorspace(&codec, JCS_GRAYSCALE);
  jpeg_set_quality(&codec, encoding.quality, TRUE);
  codec.dct_method = JDCT_ISLOW;
  const bool halves_width =
      encoding.colour == JpegColour::k420 || encoding.colour == JpegColour::k422;
  codec.comp_info[0].h_samp_factor = halves_width ? 2 : 1;
  codec.comp_info[0].v_samp_factor = encoding.colour == JpegColour::k420 ? 2 : 1;
  if (encoding.progressive) jpeg_simple_progression(&codec);
}

// Compresses into memory that libjpeg allocates. No object with a destructor lives in here, since
// an error leaves it by longjmp.
bool compress(const Picture& picture, const Encoding& encoding, const std::uint8_t* samples,
              std::size_t stride, JpegErrors& errors, unsigned char** bytes,
              unsigned long* size) {  // NOLINT(google-runtime-int): libjpeg's type
  jpeg_compress_struct codec{};
  codec.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = leave;
  errors.base.output_message = ignore;
  if (setjmp(errors.escape) != 0) {
    jpeg_destroy_compress(&codec);
    return false;
  }
  jpeg_create_compress(&codec);
  jpeg_mem_dest(&codec, bytes, size);
  configure(codec, picture, encoding);
  jpeg_start_compress(&codec, TRUE);
  while (codec.next_scanline < codec.image_height) {
    auto* row = const_cast<std::uint8_t*>(samples + codec.next_scanline * stride);
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  return true;
}

}  // namespace

Result<std::string> encode_jpeg(const Picture& picture, const Encoding& encoding) {
  const bool cmyk = encoding.colour == JpegColour::kCmyk;
  const std::vector<std::uint8_t> inks = cmyk ? inked(picture) : std::vector<std::uint8_t>();
  const std::uint8_t* samples = cmyk ? inks.data() : picture.rgb.data();
  const std::size_t stride = std::size_t{cmyk ? 4U : 3U} * picture.width;

  JpegErrors errors{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): libjpeg's type
  const bool done = compress(picture, encoding, samples, stride, errors, &bytes, &size);
  std::string out;
  if (done) out.assign(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  if (!done) return Error{Errc::kUnsupported, std::string("encode JPEG: ") + errors.words.data()};
  return out;
}

}  // namespace semblance::datasets
