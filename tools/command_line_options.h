// SPDX-License-Identifier: Apache-2.0
// How options are declared to the parser: numbers, words and text, each checked as it is read.
// For command_line.cpp alone.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dates.h"
#include "option_text.h"
#include "semblance/limits.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance::tool {

// CLI11 gives `[a,b]`, `{}`, `%%` and `++` meanings of its own; a file may have such a name. Those
// words carry a mark through the parser, which is taken off where the options are read.
inline constexpr char kMark = '\x01';

// As the store has it: of a label, and of a source, a purpose or a reason.
inline constexpr std::size_t kMostLabelBytes = 200;
inline constexpr std::size_t kMostTextBytes = 4096;
inline constexpr NumberRange kEntryIds{.most = INT64_MAX};

inline std::string protect(std::string word) {
  const bool special = !word.empty() && (word.front() == '[' || word.front() == '{' ||
                                         word.front() == kMark || word == "%%" || word == "++");
  return special ? kMark + word : word;
}

inline void unprotect(std::string& word) {
  if (!word.empty() && word.front() == kMark) word.erase(0, 1);
}

template <class T>
struct NumberOfType {
  using Type = T;
};
template <class T>
struct NumberOfType<std::optional<T>> {
  using Type = T;
};
template <class T>
using NumberOf = typename NumberOfType<T>::Type;

// Help that shows an option's type as we word it, without the parser's additions.
class PlainFormatter final : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string& text = option->get_option_text();
    return text.empty() ? text : ' ' + text;
  }
};

// An option whose text is converted by one of the library's parsers.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& app, const char* flag, T& into, Parse parse, const char* help,
                        const char* type) {
  return app
      .add_option_function<std::string>(
          flag,
          [&into, parse, flag](const std::string& text) {
            auto value = parse(text);
            if (!value) throw CLI::ValidationError(flag, value.error().what);
            into = *value;
          },
          help)
      ->option_text(type);
}

// An option that is a whole number.
template <class T>
CLI::Option* add_number(CLI::App& app, const char* flag, T& into, NumberRange range,
                        const char* help, const char* type) {
  return app
      .add_option_function<std::string>(
          flag,
          [&into, range, flag](const std::string& text) {
            const Result<std::uint64_t> value = parse_number(text, range);
            if (!value) throw CLI::ValidationError(flag, value.error().what);
            into = static_cast<NumberOf<T>>(*value);
          },
          help)
      ->option_text(type);
}

// Text that is stored must be fit to be stored before any work is done.
inline std::function<std::string(const std::string&)> storable(std::size_t max_bytes) {
  return [max_bytes](const std::string& word) {
    std::string text = word;
    unprotect(text);
    return text_fault(text, max_bytes);
  };
}

inline std::string not_empty(const std::string& word) {
  return word.empty() ? "must not be empty" : "";
}

inline CLI::Option* add_repeatable(CLI::App& app, const char* flag, std::vector<std::string>& into,
                                   const char* help, const char* type) {
  return app.add_option(flag, into, help)->option_text(type)->allow_extra_args(false);
}

// An option that is given again and again, each text converted by one of the library's parsers.
template <class T, class Parse>
CLI::Option* add_parsed_list(CLI::App& app, const char* flag, std::vector<T>& into, Parse parse,
                             const std::string& help, const char* type) {
  return app
      .add_option_function<std::vector<std::string>>(
          flag,
          [&into, parse, flag](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) {
              auto value = parse(text);
              if (!value) throw CLI::ValidationError(flag, value.error().what);
              into.push_back(*std::move(value));
            }
          },
          help)
      ->option_text(type)
      ->allow_extra_args(false);
}

template <class T>
void add_profile(CLI::App& app, T& into, const char* help) {
  add_parsed(app, "--pdq-profile", into, parse_pdq_profile, help, "full|cli512");
}

inline void add_expiry(CLI::App& app, std::optional<UnixSeconds>& into) {
  add_parsed(app, "--expires", into, parse_date,
             "UTC date from which the entries match nothing [never]", "DATE");
}

inline void add_limits(CLI::App& app, Limits& limits) {
  constexpr const char* kGroup = "Limits of one file";
  add_number(app, "--max-bytes", limits.max_bytes, {.least = 1, .kilo = 1024},
             "Largest file that is read; K, M, G of 1024 [16G]", "BYTES")
      ->group(kGroup);
  add_number(app, "--max-pixels", limits.max_pixels, {.least = 1, .kilo = 1000},
             "Largest picture that is decoded; K, M, G of 1000 [268435456]", "N")
      ->group(kGroup);
  add_number(app, "--max-seconds", limits.max_seconds, {.least = 1, .most = 86'400},
             "Longest that decoding a picture may take [60]", "N")
      ->group(kGroup);
  add_number(app, "--max-video-pixels", limits.max_video_pixels, {.least = 1, .kilo = 1000},
             "Largest frame of a video that is decoded; K, M, G of 1000 [33554432]", "N")
      ->group(kGroup);
  add_number(app, "--max-video-seconds", limits.max_video_seconds, {.least = 1, .most = 86'400},
             "Longest that decoding a video may take; its frames up to there count [1800]", "N")
      ->group(kGroup);
}

}  // namespace semblance::tool
