// SPDX-License-Identifier: Apache-2.0
// HEIC and AVIF through libheif: the primary picture.
//
// libheif 1.15 reports damage of a file's structure. Damage inside coded data its decoders conceal,
// and neither strict decoding nor the warnings of a picture say so: such a picture ends as whole.
#include <libheif/heif.h>

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

template <auto FreeFn>
struct HeifDeleter {
  template <class T>
  void operator()(T* p) const noexcept {
    FreeFn(p);
  }
};
using ContextPtr = std::unique_ptr<heif_context, HeifDeleter<&heif_context_free>>;
using HandlePtr = std::unique_ptr<heif_image_handle, HeifDeleter<&heif_image_handle_release>>;
using ImagePtr = std::unique_ptr<const heif_image, HeifDeleter<&heif_image_release>>;

constexpr char kQuietAv1Decoder[] = "aom";
constexpr std::size_t kMaxExifBytes = std::size_t{1} << 20;  // orientation is in the first few

Errc code_of(const heif_error& error) {
  if (error.subcode == heif_suberror_Security_limit_exceeded ||
      error.code == heif_error_Memory_allocation_error) {
    return Errc::kLimit;
  }
  if (error.subcode == heif_suberror_End_of_data) return Errc::kTruncated;
  const bool unsupported = error.code == heif_error_Unsupported_filetype ||
                           error.code == heif_error_Unsupported_feature ||
                           error.subcode == heif_suberror_No_meta_box;
  return unsupported ? Errc::kUnsupported : Errc::kDecode;
}

Error error_of(const heif_error& error, std::string_view format) {
  return decode_error(code_of(error), format,
                      error.message != nullptr ? error.message : "unknown error");
}

bool failed(const heif_error& error) { return error.code != heif_error_Ok; }

/// Whether the file also holds a sequence: a movie box beside its picture.
bool has_movie(Bytes bytes) {
  std::uint64_t at = 0;
  while (bytes.size() >= 8 && at <= bytes.size() - 8) {
    const std::uint8_t* box = bytes.data() + at;
    if (std::memcmp(box + 4, "moov", 4) == 0) return true;
    std::uint64_t size = std::uint64_t{box[0]} << 24 | std::uint64_t{box[1]} << 16 |
                         std::uint64_t{box[2]} << 8 | box[3];
    if (size == 1 && bytes.size() - at >= 16) {
      size = 0;
      for (int i = 8; i < 16; ++i) size = size << 8 | box[i];
    }
    // Size 0 means "to the end of the file".
    if (size < 8 || size > bytes.size() - at) return false;
    at += size;
  }
  return false;
}

std::uint8_t orientation_of(const heif_image_handle* handle) {
  heif_item_id id = 0;
  if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) != 1) return 0;
  const std::size_t size = heif_image_handle_get_metadata_size(handle, id);
  if (size < 4 || size > kMaxExifBytes) return 0;
  std::vector<std::uint8_t> block(size);
  if (failed(heif_image_handle_get_metadata(handle, id, block.data()))) return 0;
  // The block starts with how far behind that field the TIFF header is.
  const std::uint64_t skip = std::uint64_t{block[0]} << 24 | std::uint64_t{block[1]} << 16 |
                             std::uint64_t{block[2]} << 8 | block[3];
  if (skip > size - 4) return 0;
  return exif_orientation(Bytes(block).subspan(4 + skip));
}

/// Opens the file and finds its primary picture.
Result<HandlePtr> open_primary(heif_context* context, Bytes bytes, const Limits& limits,
                               std::string_view format) {
  heif_context_set_max_decoding_threads(context, 0);
  // Of each side, and of every picture in the file: tiles, alpha. Pixels are bounded by admit.
  heif_context_set_maximum_image_size_limit(
      context, static_cast<int>(std::min<std::uint64_t>(kMaxSide, limits.max_pixels)));
  heif_error error =
      heif_context_read_from_memory_without_copy(context, bytes.data(), bytes.size(), nullptr);
  if (failed(error)) return error_of(error, format);
  heif_image_handle* raw = nullptr;
  error = heif_context_get_primary_image_handle(context, &raw);
  if (failed(error)) return error_of(error, format);
  return HandlePtr(raw);
}

std::uint64_t side(int v) { return static_cast<std::uint64_t>(std::max(v, 0)); }

/// What libheif holds at once for each pixel of a picture, in bytes.
std::uint64_t held_a_pixel(const heif_image_handle* handle) {
  const int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
  const std::uint64_t sample = bits > 0 && bits <= 8 ? 1 : 2;
  // The decoder's three planes and libheif's copy of them; alpha, which is decoded though nobody
  // asked, with the same; then the copy beside RGB planes of that depth and the 8-bit result.
  const std::uint64_t planes = heif_image_handle_has_alpha_channel(handle) != 0 ? 5 : 3;
  return planes * sample * 2 + 3;
}

/// Checks what the file states of its picture: as coded, and as it is to be seen, which cropping
/// can make far smaller.
Status check_stated(const heif_image_handle* handle, Bytes bytes, const Limits& limits,
                    RowSink& sink, std::string_view format) {
  const std::uint64_t width = side(heif_image_handle_get_width(handle));
  const std::uint64_t height = side(heif_image_handle_get_height(handle));
  if (Status size = admit(width, height, bytes, limits, sink, format); !size) return size;
  const std::uint64_t coded_width = side(heif_image_handle_get_ispe_width(handle));
  const std::uint64_t coded_height = side(heif_image_handle_get_ispe_height(handle));
  if (coded_width > 0 && coded_height > 0) {
    Status size = check_size(coded_width, coded_height, bytes.size(), limits, format);
    if (!size) return size;
  }
  const std::uint64_t pixels = std::max(width * height, coded_width * coded_height);
  return check_memory(pixels * held_a_pixel(handle), limits, format);
}

/// Decodes to 8-bit RGB. Rotation, mirroring and cropping that the file states are part of the
/// picture and applied, as in every reader; its EXIF orientation is not. Alpha is dropped.
Result<ImagePtr> decode_rgb(const heif_image_handle* handle, std::string_view format) {
  struct OptionsDeleter {
    void operator()(heif_decoding_options* p) const noexcept { heif_decoding_options_free(p); }
  };
  const std::unique_ptr<heif_decoding_options, OptionsDeleter> options(
      heif_decoding_options_alloc());
  if (!options) return decode_error(Errc::kLimit, format, "out of memory");
  options->convert_hdr_to_8bit = 1;
  // libheif would prefer dav1d, which prints to standard error when a stream is damaged.
  // Where there is no decoder of this name for a picture's coding, libheif takes its usual one.
  options->decoder_id = kQuietAv1Decoder;
  heif_image* raw = nullptr;
  const heif_error error = heif_decode_image(handle, &raw, heif_colorspace_RGB,
                                             heif_chroma_interleaved_RGB, options.get());
  if (failed(error)) return error_of(error, format);
  return ImagePtr(raw);
}

}  // namespace

std::string heif_library() { return std::string("libheif ") + heif_get_version(); }

Result<DecodeEnd> decode_heif(Bytes bytes, Format sniffed, const Limits& limits, RowSink& sink) {
  const std::string_view format = name(sniffed);
  const ContextPtr context(heif_context_alloc());
  if (!context) return decode_error(Errc::kLimit, format, "out of memory");
  const Result<HandlePtr> handle = open_primary(context.get(), bytes, limits, format);
  if (!handle) return handle.error();
  if (Status fits = check_stated(handle->get(), bytes, limits, sink, format); !fits) {
    return std::move(fits).error();
  }
  const Result<ImagePtr> image = decode_rgb(handle->get(), format);
  if (!image) return image.error();

  const heif_image* rgb = image->get();
  PictureInfo info;
  info.width =
      static_cast<std::uint32_t>(side(heif_image_get_width(rgb, heif_channel_interleaved)));
  info.height =
      static_cast<std::uint32_t>(side(heif_image_get_height(rgb, heif_channel_interleaved)));
  info.orientation = orientation_of(handle->get());
  info.animated = has_movie(bytes);
  info.decoder = heif_library();
  int stride = 0;
  const std::uint8_t* rows = heif_image_get_plane_readonly(rgb, heif_channel_interleaved, &stride);
  // The coded picture may have other sides than the file states.
  if (Status size = check_size(info.width, info.height, bytes.size(), limits, format);
      !size || rows == nullptr) {
    return size ? decode_error(Errc::kDecode, format, "no picture") : std::move(size).error();
  }
  RowWriter writer(sink, info);
  writer.give(rows, stride, info.height);
  return DecodeEnd{};
}

}  // namespace semblance::decode
