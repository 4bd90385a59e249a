// SPDX-License-Identifier: Apache-2.0
// Tables and CSV of what search_bench measured.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "search_measure.h"

namespace semblance::bench {

/// Every contestant on one bank.
struct Run {
  std::string set;  // "uniform", "skewed", or the name of an attack's codes
  std::string queries_name;
  std::size_t codes = 0;
  std::vector<Measured> results;

  /// The result of a role; null if it was not asked for, or skipped.
  const Measured* of(Role role) const;
};

/// 1234567 as "1,234,567".
std::string grouped(double value);

void print_run(const Run& run);

/// One line a bank: the ratios that the targets are about.
void print_summary(const std::vector<Run>& runs);

/// One line an attack, all of one number of codes.
void print_attacks(const std::vector<Run>& attacks);

void write_csv_head(std::FILE* file);

/// One line a contestant and batch size.
void write_csv(std::FILE* file, const Run& run);

}  // namespace semblance::bench
