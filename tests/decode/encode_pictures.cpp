// SPDX-License-Identifier: Apache-2.0
#include "decode/encode_pictures.h"

#include <gif_lib.h>
#include <libheif/heif.h>
#include <spng.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include <jpeglib.h>

namespace semblance::decode {
namespace {

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}

}  // namespace

TestPicture gradient_picture(std::uint32_t width, std::uint32_t height, int channels) {
  TestPicture picture{width, height, channels, {}};
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const auto k = static_cast<std::uint32_t>(c);
        picture.pixels.push_back(
            static_cast<std::uint8_t>((x * (3 + k) + y * (5 - k) + 40 * k) % 256));
      }
    }
  }
  return picture;
}

ByteVector encode_jpeg(const TestPicture& picture, const JpegOptions& options) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &memory, &size);
  codec.image_width = picture.width;
  codec.image_height = picture.height;
  codec.input_components = picture.channels;
  codec.in_color_space = picture.channels == 1   ? JCS_GRAYSCALE
                         : picture.channels == 3 ? JCS_RGB
                                                 : JCS_CMYK;
  jpeg_set_defaults(&codec);
  if (options.ycck) jpeg_set_colorspace(&codec, JCS_YCCK);
  jpeg_set_quality(&codec, 90, TRUE);
  if (picture.channels == 3) {
    codec.comp_info[0].h_samp_factor = options.horizontal_sampling;
    codec.comp_info[0].v_samp_factor = options.vertical_sampling;
  }
  codec.restart_interval = options.restart_interval;
  codec.arith_code = options.arithmetic ? TRUE : FALSE;
  if (options.progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  const std::size_t stride =
      std::size_t{picture.width} * static_cast<std::size_t>(picture.channels);
  ByteVector row(stride);
  while (codec.next_scanline < codec.image_height) {
    std::memcpy(row.data(), picture.pixels.data() + codec.next_scanline * stride, stride);
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&codec, &rows, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  ByteVector file(memory, memory + size);
  std::free(memory);
  return file;
}

ByteVector plain_jpeg_pixels(const ByteVector& file) {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, file.data(), file.size());
  jpeg_read_header(&codec, TRUE);
  jpeg_start_decompress(&codec);
  const std::size_t stride =
      std::size_t{codec.output_width} * static_cast<std::size_t>(codec.output_components);
  ByteVector pixels(stride * codec.output_height);
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW row = pixels.data() + codec.output_scanline * stride;
    jpeg_read_scanlines(&codec, &row, 1);
  }
  jpeg_destroy_decompress(&codec);
  return pixels;
}

ByteVector encode_png(std::uint32_t width, std::uint32_t height, const ByteVector& samples,
                      const PngOptions& options) {
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                    &spng_ctx_free);
  require(spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1) == 0, "png buffer");
  spng_ihdr header{};
  header.width = width;
  header.height = height;
  header.bit_depth = options.bit_depth;
  header.color_type = options.color_type;
  header.interlace_method = options.interlaced ? SPNG_INTERLACE_ADAM7 : SPNG_INTERLACE_NONE;
  require(spng_set_ihdr(context.get(), &header) == 0, "png header");
  if (!options.palette.empty()) {
    spng_plte palette{};
    palette.n_entries = static_cast<std::uint32_t>(options.palette.size());
    for (std::size_t i = 0; i < options.palette.size(); ++i) {
      palette.entries[i] = {options.palette[i][0], options.palette[i][1], options.palette[i][2], 0};
    }
    require(spng_set_plte(context.get(), &palette) == 0, "png palette");
  }
  ByteVector exif_bytes = options.exif;
  if (!exif_bytes.empty()) {
    spng_exif exif{exif_bytes.size(), reinterpret_cast<char*>(exif_bytes.data())};
    require(spng_set_exif(context.get(), &exif) == 0, "png exif");
  }
  require(spng_encode_image(context.get(), samples.data(), samples.size(), SPNG_FMT_PNG,
                            SPNG_ENCODE_FINALIZE) == 0,
          "png encode");
  std::size_t size = 0;
  int error = 0;
  void* memory = spng_get_png_buffer(context.get(), &size, &error);
  require(memory != nullptr, "png output");
  const auto* first = static_cast<const std::uint8_t*>(memory);
  ByteVector file(first, first + size);
  std::free(memory);
  return file;
}

ByteVector encode_gif(int screen_width, int screen_height, const std::vector<GifFrame>& frames) {
  static const GifColorType kColours[4] = {{0, 0, 0}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}};
  ByteVector file;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &file,
      [](GifFileType* self, const GifByteType* bytes, int count) {
        auto& out = *static_cast<ByteVector*>(self->UserData);
        out.insert(out.end(), bytes, bytes + count);
        return count;
      },
      &error);
  require(gif != nullptr, "gif open");
  EGifSetGifVersion(gif, true);
  ColorMapObject* map = GifMakeMapObject(4, kColours);
  require(EGifPutScreenDesc(gif, screen_width, screen_height, 8, 0, map) == GIF_OK, "gif screen");
  for (const GifFrame& frame : frames) {
    GraphicsControlBlock control{DISPOSAL_UNSPECIFIED, false, 10, frame.transparent};
    GifByteType block[4];
    EGifGCBToExtension(&control, block);
    require(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, block) == GIF_OK, "gif control");
    require(EGifPutImageDesc(gif, frame.left, frame.top, frame.width, frame.height,
                             frame.interlaced, nullptr) == GIF_OK,
            "gif image");
    const std::vector<std::pair<int, int>> passes =
        frame.interlaced ? std::vector<std::pair<int, int>>{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
                         : std::vector<std::pair<int, int>>{{0, 1}};
    for (const auto& [first, step] : passes) {
      for (int y = first; y < frame.height; y += step) {
        const auto begin = frame.indices.begin() + std::ptrdiff_t{y} * frame.width;
        ByteVector line(begin, begin + frame.width);
        require(EGifPutLine(gif, line.data(), frame.width) == GIF_OK, "gif line");
      }
    }
  }
  EGifCloseFile(gif, &error);
  GifFreeMapObject(map);
  return file;
}

ByteVector encode_webp(const TestPicture& picture, bool lossless) {
  WebPConfig config;
  WebPPicture input;
  require(WebPConfigInit(&config) != 0 && WebPPictureInit(&input) != 0, "webp init");
  config.lossless = lossless ? 1 : 0;
  config.exact = 1;
  config.method = 0;  // fast
  input.use_argb = 1;
  input.width = static_cast<int>(picture.width);
  input.height = static_cast<int>(picture.height);
  const int stride = input.width * picture.channels;
  require((picture.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB)(
              &input, picture.pixels.data(), stride) != 0,
          "webp import");
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  input.writer = &WebPMemoryWrite;
  input.custom_ptr = &writer;
  const bool good = WebPEncode(&config, &input) != 0;
  ByteVector file(writer.mem, writer.mem + writer.size);
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&input);
  require(good, "webp encode");
  return file;
}

namespace {

/// A file that libtiff writes to.
struct TiffOutput {
  ByteVector bytes;
  std::uint64_t position = 0;

  static TiffOutput& of(thandle_t self) { return *static_cast<TiffOutput*>(self); }
  static tmsize_t read(thandle_t self, void* target, tmsize_t count) {
    TiffOutput& out = of(self);
    const auto wanted = static_cast<std::size_t>(count);
    if (out.position + wanted > out.bytes.size()) return 0;
    std::memcpy(target, out.bytes.data() + out.position, wanted);
    out.position += wanted;
    return count;
  }
  static tmsize_t write(thandle_t self, void* source, tmsize_t count) {
    TiffOutput& out = of(self);
    const auto wanted = static_cast<std::size_t>(count);
    if (out.bytes.size() < out.position + wanted) out.bytes.resize(out.position + wanted);
    std::memcpy(out.bytes.data() + out.position, source, wanted);
    out.position += wanted;
    return count;
  }
  static toff_t seek(thandle_t self, toff_t offset, int whence) {
    TiffOutput& out = of(self);
    out.position = whence == SEEK_SET   ? offset
                   : whence == SEEK_CUR ? out.position + offset
                                        : out.bytes.size() + offset;
    return out.position;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t self) { return of(self).bytes.size(); }
};

void set_tags(TIFF* tiff, std::uint32_t width, std::uint32_t height, const TiffOptions& options) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, options.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, options.samples);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, options.sample_format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, options.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, options.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG,
               options.separate_planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (options.orientation > 0) TIFFSetField(tiff, TIFFTAG_ORIENTATION, options.orientation);
  if (options.extra_sample >= 0) {
    auto kind = static_cast<std::uint16_t>(options.extra_sample);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  }
  if (!options.palette.empty()) {
    const std::size_t n = options.palette.size() / 3;
    const std::uint16_t* first = options.palette.data();
    TIFFSetField(tiff, TIFFTAG_COLORMAP, first, first + n, first + 2 * n);
  }
  if (options.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, options.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, options.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, options.rows_per_strip);
  }
}

/// Whole bytes a pixel only.
void write_tiles(TIFF* tiff, std::uint32_t width, std::uint32_t height, const ByteVector& samples,
                 std::size_t pixel, std::uint32_t tile, std::size_t planes) {
  for (std::size_t plane = 0; plane < planes; ++plane) {
    const std::uint8_t* base = samples.data() + plane * width * height * pixel;
    for (std::uint32_t top = 0; top < height; top += tile) {
      for (std::uint32_t left = 0; left < width; left += tile) {
        ByteVector block(std::size_t{tile} * tile * pixel, 0xAB);
        for (std::uint32_t y = 0; y < tile && top + y < height; ++y) {
          const std::size_t count = std::min(tile, width - left) * pixel;
          std::memcpy(block.data() + y * tile * pixel,
                      base + (std::size_t{top + y} * width + left) * pixel, count);
        }
        require(
            TIFFWriteTile(tiff, block.data(), left, top, 0, static_cast<std::uint16_t>(plane)) >= 0,
            "tiff tile");
      }
    }
  }
}

}  // namespace

ByteVector encode_tiff(std::uint32_t width, std::uint32_t height, const ByteVector& samples,
                       const TiffOptions& options) {
  TiffOutput out;
  TIFF* tiff =
      TIFFClientOpen("tiff", "w", &out, &TiffOutput::read, &TiffOutput::write, &TiffOutput::seek,
                     &TiffOutput::close, &TiffOutput::size, nullptr, nullptr);
  require(tiff != nullptr, "tiff open");
  set_tags(tiff, width, height, options);
  const std::size_t planes = options.separate_planes ? options.samples : 1;
  if (options.tile > 0) {
    const std::size_t pixel =
        std::size_t{options.bits} / 8 * (options.separate_planes ? 1 : options.samples);
    write_tiles(tiff, width, height, samples, pixel, options.tile, planes);
  } else if (options.compression == COMPRESSION_JBIG) {
    // Its codec takes whole strips, and reads a single one.
    ByteVector strip = samples;
    const auto size = static_cast<tmsize_t>(strip.size());
    require(TIFFWriteEncodedStrip(tiff, 0, strip.data(), size) == size, "tiff strip");
  } else {
    const auto stride = static_cast<std::size_t>(TIFFScanlineSize(tiff));
    ByteVector row(stride);
    for (std::size_t plane = 0; plane < planes; ++plane) {
      for (std::uint32_t y = 0; y < height; ++y) {
        std::memcpy(row.data(), samples.data() + (plane * height + y) * stride, stride);
        require(TIFFWriteScanline(tiff, row.data(), y, static_cast<std::uint16_t>(plane)) == 1,
                "tiff row");
      }
    }
  }
  TIFFClose(tiff);
  return out.bytes;
}

std::optional<ByteVector> encode_heif(const TestPicture& picture, bool avif) {
  const heif_compression_format format = avif ? heif_compression_AV1 : heif_compression_HEVC;
  if (heif_have_encoder_for_format(format) == 0) return std::nullopt;
  const std::unique_ptr<heif_context, decltype(&heif_context_free)> context(heif_context_alloc(),
                                                                            &heif_context_free);
  heif_encoder* encoder = nullptr;
  require(heif_context_get_encoder_for_format(context.get(), format, &encoder).code == 0,
          "heif encoder");
  heif_encoder_set_lossy_quality(encoder, 95);
  heif_image* image = nullptr;
  const int width = static_cast<int>(picture.width), height = static_cast<int>(picture.height);
  heif_image_create(width, height, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
  heif_image_add_plane(image, heif_channel_interleaved, width, height, 8);
  int stride = 0;
  std::uint8_t* plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
  for (int y = 0; y < height; ++y) {
    std::memcpy(plane + std::ptrdiff_t{y} * stride,
                picture.pixels.data() + std::ptrdiff_t{y} * width * 3,
                static_cast<std::size_t>(width) * 3);
  }
  const heif_error error =
      heif_context_encode_image(context.get(), image, encoder, nullptr, nullptr);
  heif_image_release(image);
  heif_encoder_release(encoder);
  require(error.code == heif_error_Ok, "heif encode");
  ByteVector file;
  heif_writer writer{};
  writer.writer_api_version = 1;
  writer.write = [](heif_context*, const void* bytes, std::size_t count, void* out) {
    const auto* first = static_cast<const std::uint8_t*>(bytes);
    static_cast<ByteVector*>(out)->assign(first, first + count);
    return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
  };
  heif_context_write(context.get(), &writer, &file);
  return file;
}

}  // namespace semblance::decode
