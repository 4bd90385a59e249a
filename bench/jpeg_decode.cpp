// SPDX-License-Identifier: Apache-2.0
#include "jpeg_decode.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csetjmp>
#include <cstdio>

// libjpeg's header needs stdio's before it.
#include <jpeglib.h>

#include "core/files.h"

namespace semblance::bench {

struct JpegDecoder::Codec {
  jpeg_decompress_struct jpeg;
  jpeg_error_mgr errors;
  std::jmp_buf escape;
  std::array<char, JMSG_LENGTH_MAX> words;
};

namespace {

[[noreturn]] void leave(j_common_ptr jpeg) {
  auto* codec = static_cast<JpegDecoder::Codec*>(jpeg->client_data);
  codec->errors.format_message(jpeg, codec->words.data());
  std::longjmp(codec->escape, 1);
}

void ignore(j_common_ptr /*jpeg*/) {}

}  // namespace

JpegDecoder::JpegDecoder(JpegOutput output) : output_(output), codec_(std::make_unique<Codec>()) {
  codec_->jpeg.err = jpeg_std_error(&codec_->errors);
  codec_->errors.error_exit = leave;
  codec_->errors.output_message = ignore;
  jpeg_create_decompress(&codec_->jpeg);
  codec_->jpeg.client_data = codec_.get();
}

JpegDecoder::~JpegDecoder() { jpeg_destroy_decompress(&codec_->jpeg); }

// No object with a destructor lives in here: an error leaves it by longjmp.
bool JpegDecoder::run() {
  jpeg_decompress_struct& jpeg = codec_->jpeg;
  if (setjmp(codec_->escape) != 0) {
    jpeg_abort_decompress(&jpeg);
    return false;
  }
  jpeg_mem_src(&jpeg, file_.data(), file_.size());
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = output_ == JpegOutput::kRgb ? JCS_RGB : JCS_GRAYSCALE;
  if (output_ == JpegOutput::kGrayEighth) jpeg.scale_denom = 8;
  jpeg_start_decompress(&jpeg);
  const std::size_t row_bytes =
      static_cast<std::size_t>(jpeg.output_components) * jpeg.output_width;
  pixels_.resize(row_bytes * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    std::array<JSAMPROW, 16> rows{};
    const auto count =
        std::min<std::size_t>(rows.size(), jpeg.output_height - jpeg.output_scanline);
    for (std::size_t i = 0; i < count; ++i) {
      rows[i] = pixels_.data() + (jpeg.output_scanline + i) * row_bytes;
    }
    jpeg_read_scanlines(&jpeg, rows.data(), static_cast<JDIMENSION>(count));
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

Result<std::uint64_t> JpegDecoder::decode(const std::string& path) {
  auto file = open_for_reading(path);
  if (!file) return file.error();
  struct stat facts {};
  if (::fstat(file->get(), &facts) != 0) return io_error("read", path, errno);
  file_.resize(static_cast<std::size_t>(facts.st_size));
  auto got = read_at(file->get(), file_, 0, path);
  if (!got) return got.error();
  if (!run()) return Error{Errc::kDecode, "decode " + path + ": " + codec_->words.data()};
  return pixels_.size() / (output_ == JpegOutput::kRgb ? 3 : 1);
}

}  // namespace semblance::bench
