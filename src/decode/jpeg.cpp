// SPDX-License-Identifier: Apache-2.0
// JPEG through libjpeg-turbo: scanlines go straight to the sink.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>  // jpeglib.h names FILE and does not include it
#include <string>
#include <vector>

// jerror.h needs what jpeglib.h defines.
#include <jpeglib.h>

#include <jerror.h>

#include "decode/exif.h"
#include "decode/jpeg_memory.h"
#include "decode/picture.h"
#include "decode/row_writer.h"

namespace semblance::decode {
namespace {

// What a real encoder writes is about ten scans; a small file can ask for very many passes over a
// large picture. The same bound stands in libjpeg-turbo's own fuzzers and tools.
constexpr int kMaxScans = 500;

/// One decompressor with its error state. libjpeg reports through longjmp: no function that calls
/// it has a local with a destructor, and each such call goes through guarded().
struct Decompressor {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump;
  char words[JMSG_LENGTH_MAX] = {};   // of the fatal error
  char damage[JMSG_LENGTH_MAX] = {};  // of the first warning that means lost pixels
  int fatal = 0;                      // its message code
  bool damaged = false;
  bool ended_early = false;
  bool nothing_came = false;  // the data ended before one row of blocks was whole
  bool too_many_scans = false;

  Decompressor() {
    codec.err = jpeg_std_error(&errors);
    codec.client_data = this;
    errors.error_exit = &on_error;
    errors.emit_message = &on_message;
    errors.output_message = [](j_common_ptr) {};
  }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
  ~Decompressor() { jpeg_destroy_decompress(&codec); }

  static Decompressor& of(j_common_ptr codec) {
    return *static_cast<Decompressor*>(codec->client_data);
  }

  [[noreturn]] static void on_error(j_common_ptr codec) {
    Decompressor& self = of(codec);
    self.fatal = self.errors.msg_code;
    self.errors.format_message(codec, self.words);
    std::longjmp(self.jump, 1);
  }

  static void on_message(j_common_ptr codec, int level) {
    if (level >= 0) return;  // a trace, not a warning
    Decompressor& self = of(codec);
    switch (self.errors.msg_code) {
      case JWRN_JPEG_EOF:
        if (!self.ended_early) self.errors.format_message(codec, self.words);
        self.ended_early = true;
        // The arithmetic decoder takes what is missing for zeros and warns of nothing.
        if (self.codec.arith_code != 0 &&
            self.codec.input_iMCU_row + 1 < self.codec.total_iMCU_rows) {
          self.damaged = true;
          self.nothing_came = self.codec.input_scan_number <= 1 && self.codec.input_iMCU_row == 0;
        }
        break;
      case JWRN_HIT_MARKER:
      case JWRN_HUFF_BAD_CODE:
      case JWRN_ARITH_BAD_CODE:
      case JWRN_MUST_RESYNC:
        if (!self.damaged) self.errors.format_message(codec, self.damage);
        self.damaged = true;
        // Also where no end came: the library makes one up.
        self.nothing_came = self.nothing_came || self.ends_in_first_row();
        break;
      default:  // odd, but no pixel is lost
        break;
    }
  }

  bool ends_in_first_row() const {
    return codec.unread_marker == JPEG_EOI && codec.input_scan_number <= 1 &&
           codec.input_iMCU_row == 0;
  }

  static void on_progress(j_common_ptr codec) {
    Decompressor& self = of(codec);
    if (self.codec.input_scan_number <= kMaxScans) return;
    self.too_many_scans = true;
    std::longjmp(self.jump, 1);
  }

  /// Runs a step that may longjmp; false if it did. `step` must hold no destructor.
  template <class Step>
  bool guarded(Step step) {
    if (setjmp(jump) != 0) return false;
    step();
    return true;
  }
};

Errc code_of(const Decompressor& jpeg) {
  if (jpeg.too_many_scans) return Errc::kLimit;
  if (jpeg.nothing_came) return Errc::kTruncated;
  switch (jpeg.fatal) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT:
      return Errc::kUnsupported;
    case JERR_IMAGE_TOO_BIG:
    case JERR_OUT_OF_MEMORY:
      return Errc::kLimit;
    default:
      return jpeg.ended_early ? Errc::kTruncated : Errc::kDecode;
  }
}

std::string_view words_of(const Decompressor& jpeg) {
  if (jpeg.too_many_scans) return "too many scans";
  if (jpeg.nothing_came) return "the file ends before its first row";
  return jpeg.words;
}

Error error_of(const Decompressor& jpeg) {
  return decode_error(code_of(jpeg), "jpeg", words_of(jpeg));
}

/// Sets the output colour; false if the file's has no meaning for us.
bool choose_output(jpeg_decompress_struct& codec) {
  switch (codec.jpeg_color_space) {
    case JCS_GRAYSCALE:
      codec.out_color_space = JCS_GRAYSCALE;
      return true;
    case JCS_YCbCr:
    case JCS_RGB:
      codec.out_color_space = JCS_RGB;
      return true;
    case JCS_CMYK:
    case JCS_YCCK:
      codec.out_color_space = JCS_CMYK;
      return true;
    default:
      return false;
  }
}

JpegShape shape_of(const jpeg_decompress_struct& codec) {
  return {codec.image_width, codec.image_height, codec.num_components, codec.max_h_samp_factor,
          codec.max_v_samp_factor};
}

/// Adobe's convention, which every writer follows: samples are stored inverted, so that ink and
/// black multiply as light. In place: 4 samples a pixel to 3.
void cmyk_to_rgb(std::uint8_t* row, std::size_t pixels) {
  const std::uint8_t* in = row;
  for (std::size_t i = 0; i < pixels; ++i, in += 4, row += 3) {
    const std::uint8_t black = in[3];
    row[0] = multiply_255(in[0], black);
    row[1] = multiply_255(in[1], black);
    row[2] = multiply_255(in[2], black);
  }
}

/// Reads one row; false after a fatal error.
bool read_row(Decompressor& jpeg, std::uint8_t* row) {
  return jpeg.guarded([&] {
    JSAMPROW target = row;
    jpeg_read_scanlines(&jpeg.codec, &target, 1);
  });
}

bool give_rows(Decompressor& jpeg, RowWriter& writer) {
  while (writer.left() > 0) {
    const std::uint32_t room = writer.room();
    volatile std::uint32_t done = 0;  // read after a jump
    const bool whole = jpeg.guarded([&] {
      for (std::uint32_t i = 0; i < room; ++i) {
        JSAMPROW target = writer.row(i);
        jpeg_read_scanlines(&jpeg.codec, &target, 1);
        done = i + 1;
      }
    });
    if (jpeg.nothing_came) return false;
    writer.rows_done(done);
    if (!whole) return false;
  }
  return true;
}

bool give_cmyk_rows(Decompressor& jpeg, RowWriter& writer) {
  std::vector<std::uint8_t> wide(std::size_t{jpeg.codec.output_width} * 4);
  while (writer.left() > 0) {
    if (!read_row(jpeg, wide.data()) || jpeg.nothing_came) return false;
    cmyk_to_rgb(wide.data(), jpeg.codec.output_width);
    std::copy_n(wide.data(), writer.row_bytes(), writer.row());
    writer.row_done();
  }
  return true;
}

/// Whether every bit of every coefficient came: a file without its end marker may still be whole.
bool all_scans_came(const jpeg_decompress_struct& codec, bool several_scans) {
  if (!several_scans) return true;               // a row is given only once it was read
  if (codec.coef_bits == nullptr) return false;  // sequential in several scans: not recorded
  for (int c = 0; c < codec.num_components; ++c) {
    for (int i = 0; i < DCTSIZE2; ++i) {
      if (codec.coef_bits[c][i] != 0) return false;
    }
  }
  return true;
}

DecodeEnd end_of(const Decompressor& jpeg, bool rows_came, bool several_scans) {
  if (!rows_came) return partial_end(code_of(jpeg), "jpeg", words_of(jpeg));
  const bool cut = jpeg.ended_early && (jpeg.damaged || !all_scans_came(jpeg.codec, several_scans));
  if (cut) return partial_end(Errc::kTruncated, "jpeg", "Premature end of JPEG file");
  if (jpeg.damaged) return partial_end(Errc::kDecode, "jpeg", jpeg.damage);
  return {};
}

}  // namespace

std::string jpeg_library() {
  constexpr int kVersion = LIBJPEG_TURBO_VERSION_NUMBER;
  return "libjpeg-turbo " + std::to_string(kVersion / 1000000) + '.' +
         std::to_string(kVersion / 1000 % 1000) + '.' + std::to_string(kVersion % 1000);
}

Result<DecodeEnd> decode_jpeg(Bytes bytes, const Limits& limits, RowSink& sink) {
  Decompressor jpeg;
  jpeg_decompress_struct& codec = jpeg.codec;
  const bool header = jpeg.guarded([&] {
    jpeg_create_decompress(&codec);
    jpeg_mem_src(&codec, bytes.data(), bytes.size());
    jpeg_read_header(&codec, TRUE);
  });
  if (!header) return error_of(jpeg);
  if (Status size = admit(codec.image_width, codec.image_height, bytes, limits, sink, "jpeg");
      !size) {
    return std::move(size).error();
  }
  if (!choose_output(codec)) {
    return decode_error(Errc::kUnsupported, "jpeg",
                        std::to_string(codec.num_components) + " components of unknown colour");
  }
  const bool several_scans = jpeg_has_multiple_scans(&codec) != 0;
  PictureInfo info;
  info.width = codec.image_width;  // nothing is scaled
  info.height = codec.image_height;
  info.channels = codec.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  info.orientation = jpeg_orientation(bytes);
  info.decoder = jpeg_library();
  const std::uint64_t held_bytes =
      jpeg_working_bytes(shape_of(codec), several_scans) + RowWriter::band_bytes(info);
  if (Status held = check_memory(held_bytes, limits, "jpeg"); !held) {
    return std::move(held).error();
  }
  jpeg.progress.progress_monitor = &Decompressor::on_progress;
  codec.progress = &jpeg.progress;
  codec.dct_method = JDCT_ISLOW;
  codec.do_fancy_upsampling = TRUE;
  codec.do_block_smoothing = TRUE;
  if (!jpeg.guarded([&] { jpeg_start_decompress(&codec); })) return error_of(jpeg);

  RowWriter writer(sink, info);
  const bool rows_came =
      codec.out_color_space == JCS_CMYK ? give_cmyk_rows(jpeg, writer) : give_rows(jpeg, writer);
  if (!rows_came && !writer.started()) return error_of(jpeg);
  writer.finish();
  return end_of(jpeg, rows_came, several_scans);
}

}  // namespace semblance::decode
