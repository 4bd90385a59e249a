// SPDX-License-Identifier: Apache-2.0
#include "dates.h"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>

namespace semblance::tool {
namespace {

// `count` digits at `at`, or nothing.
std::optional<unsigned> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::optional<UnixSeconds> day_start(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch().count();
}

std::optional<UnixSeconds> second_of_day(std::string_view text) {
  const auto hour = digits(text, 1, 2);
  const auto minute = digits(text, 4, 2);
  const auto second = digits(text, 7, 2);
  if (!hour || !minute || !second || text[0] != 'T' || text[3] != ':' || text[6] != ':' ||
      text.substr(9) != "Z") {
    return std::nullopt;
  }
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return UnixSeconds{*hour} * 3600 + UnixSeconds{*minute} * 60 + UnixSeconds{*second};
}

}  // namespace

Result<UnixSeconds> parse_date(std::string_view text) {
  const std::string_view day_part = text.substr(0, 10);
  if (const auto day = day_start(day_part); day) {
    if (text.size() == day_part.size()) return *day;
    if (const auto time = second_of_day(text.substr(10)); time) return *day + *time;
  }
  return Error{Errc::kBadArgument, "parse date " + std::string(text) +
                                       ": write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, in UTC"};
}

std::string format_date(UnixSeconds when) {
  const std::chrono::sys_seconds instant{std::chrono::seconds(when)};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  char text[64];
  (void)std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ldZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<long>(time.hours().count()),
                      static_cast<long>(time.minutes().count()),
                      static_cast<long>(time.seconds().count()));
  return text;
}

}  // namespace semblance::tool
