// SPDX-License-Identifier: Apache-2.0
#include "extract/media.h"

#include <gtest/gtest.h>
#include <spng.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <jpeglib.h>

namespace semblance::test {

Picture make_picture(std::uint32_t width, std::uint32_t height, unsigned seed) {
  Picture picture{width, height, std::vector<std::uint8_t>(std::size_t{3} * width * height)};
  std::mt19937 rng(seed);
  std::uniform_real_distribution<float> wave(1.0F, 9.0F);
  float fx[3];
  float fy[3];
  for (int c = 0; c < 3; ++c) {
    fx[c] = wave(rng);
    fy[c] = wave(rng);
  }
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      const float u = static_cast<float>(x) / static_cast<float>(width);
      const float v = static_cast<float>(y) / static_cast<float>(height);
      for (std::size_t c = 0; c < 3; ++c) {
        const float level = 127.5F +
                            80.0F * std::sin(6.0F * fx[c] * u) * std::cos(6.0F * fy[c] * v) +
                            40.0F * std::sin(9.0F * u * v * fx[c]);
        picture.rgb[3 * (std::size_t{y} * width + x) + c] =
            static_cast<std::uint8_t>(std::clamp(level, 0.0F, 255.0F));
      }
    }
  }
  return picture;
}

std::string to_jpeg(const Picture& picture, bool progressive) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = picture.width;
  jpeg.image_height = picture.height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  auto row = picture.rgb;
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW at = row.data() + std::size_t{3} * picture.width * jpeg.next_scanline;
    jpeg_write_scanlines(&jpeg, &at, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string text(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return text;
}

std::string to_png(const Picture& picture) {
  spng_ctx* png = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header{};
  header.width = picture.width;
  header.height = picture.height;
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  spng_set_ihdr(png, &header);
  EXPECT_EQ(spng_encode_image(png, picture.rgb.data(), picture.rgb.size(), SPNG_FMT_PNG,
                              SPNG_ENCODE_FINALIZE),
            0);
  std::size_t size = 0;
  int error = 0;
  void* bytes = spng_get_png_buffer(png, &size, &error);
  std::string text(static_cast<const char*>(bytes), size);
  std::free(bytes);
  spng_ctx_free(png);
  return text;
}

FileDescriptor file_of(std::string_view bytes) {
  FileDescriptor file(::memfd_create("semblance-test", MFD_CLOEXEC));
  EXPECT_TRUE(file);
  EXPECT_TRUE(write_all(file.get(), bytes, "test file"));
  return file;
}

Extraction extract_all(Extractor& extractor, int descriptor, const Plan& plan,
                       const Limits& limits) {
  Extraction found;
  CollectingSink sink(found);
  extractor.extract(descriptor, plan, limits, sink);
  return found;
}

Extraction extract_all(Extractor& extractor, std::string_view bytes, const Plan& plan,
                       const Limits& limits) {
  const FileDescriptor file = file_of(bytes);
  return extract_all(extractor, file.get(), plan, limits);
}

void expect_same(const Extraction& actual, const Extraction& expected, std::string_view what) {
  EXPECT_EQ(actual.digests, expected.digests) << what;
  EXPECT_EQ(actual.facts, expected.facts) << what;
  EXPECT_EQ(actual.pdq, expected.pdq) << what;
  EXPECT_EQ(actual.frames.size(), expected.frames.size()) << what;
  EXPECT_TRUE(actual.frames == expected.frames) << what;
  EXPECT_TRUE(actual.tmk == expected.tmk) << what;
  EXPECT_EQ(actual.probes.size(), expected.probes.size()) << what;
  EXPECT_TRUE(actual.probes == expected.probes) << what;
  EXPECT_EQ(actual.features.size(), expected.features.size()) << what;
  EXPECT_TRUE(actual.features == expected.features) << what;
  EXPECT_EQ(actual.embeddings.size(), expected.embeddings.size()) << what;
  EXPECT_TRUE(actual.embeddings == expected.embeddings) << what;
  EXPECT_TRUE(actual.thumbnail == expected.thumbnail) << what;
  EXPECT_EQ(actual.ending, expected.ending)
      << what << ": " << actual.ending.detail << " / " << expected.ending.detail;
}

std::string extract_program() { return SEMBLANCE_TEST_BIN "/semblance-extract"; }

namespace {

// The fields of /proc/PID/stat from the state on; empty if there is no such process.
std::string stat_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  return name_end == std::string::npos || name_end + 2 > line.size() ? ""
                                                                     : line.substr(name_end + 2);
}

}  // namespace

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", failed)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const pid_t process = static_cast<pid_t>(std::stol(name));
    char state = 0;
    int its_parent = 0;
    if (std::sscanf(stat_of(process).c_str(), "%c %d", &state, &its_parent) == 2 &&
        its_parent == parent && state != 'Z') {
      found.push_back(process);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

char state_of(pid_t process) {
  const std::string stat = stat_of(process);
  return stat.empty() || stat[0] == 'Z' || stat[0] == 'X' ? '\0' : stat[0];
}

void sleep_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

}  // namespace semblance::test
