// SPDX-License-Identifier: Apache-2.0
// Scans a folder into a case with the fakes, slowly and with many checkpoints: what the test of
// kills kills. Arguments: evidence, case. Status 0: finished, 1: an error, told on stderr.
#include "scan/case.h"
#include "scan/fakes.h"

int main(int argc, char** argv) {
  using namespace semblance;
  if (argc != 3) return 2;
  scan_test::FakeExtractor extractor(400);
  const scan_test::FakeMatcher matcher;
  const RunOptions options{{argv[1]}, 2};
  const CaseOptions where{argv[2], true};
  const scanner::CheckpointPolicy policy{std::chrono::milliseconds(1'000), 3};
  const auto report =
      scanner::run_case(options, where, matcher, extractor, nullptr, nullptr, policy);
  if (report) return 0;
  std::fprintf(stderr, "%s\n", report.error().what.c_str());
  return 1;
}
