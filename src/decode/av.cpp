// SPDX-License-Identifier: Apache-2.0
#include "decode/av.h"

#include <cstdarg>
#include <cstring>
#include <mutex>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace semblance::decode {
namespace {

constexpr std::size_t kLineBytes = 256;
thread_local char first_error[kLineBytes] = {};

void on_log(void* object, int level, const char* format, std::va_list arguments) {
  // Only the first error of a picture, or of a packet, says something that its record does not; the
  // rest is dropped.
  if (level > AV_LOG_ERROR || first_error[0] != '\0') return;
  char line[kLineBytes] = {};
  int at_line_start = 1;
  av_log_format_line2(object, level, format, arguments, line, sizeof line, &at_line_start);
  if (char* end = std::strchr(line, '\n'); end != nullptr) *end = '\0';
  // "[bmp @ 0x55d0] words", of an object within an object twice: the address would differ from run
  // to run.
  const char* words = line;
  while (*words == '[') {
    const char* prefix_end = std::strstr(words, "] ");
    if (prefix_end == nullptr) break;
    words = prefix_end + 2;
  }
  std::memcpy(first_error, words, std::strlen(words) + 1);  // not longer than the line
}

}  // namespace

std::string av_library(std::string_view name, unsigned version) {
  return std::string(name) + ' ' + std::to_string(version >> 16) + '.' +
         std::to_string(version >> 8 & 0xFF) + '.' + std::to_string(version & 0xFF);
}

void capture_av_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(&on_log); });
}

void forget_av_words() noexcept { first_error[0] = '\0'; }

bool has_av_words() noexcept { return first_error[0] != '\0'; }

std::string av_words(int rc) {
  if (first_error[0] != '\0') return first_error;
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(rc, text, sizeof text);
  return text;
}

}  // namespace semblance::decode
