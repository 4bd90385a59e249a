// SPDX-License-Identifier: Apache-2.0
#include "conformance/video_data.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace semblance::conformance {

std::filesystem::path video_folder() {
  return std::filesystem::path(SEMBLANCE_TEST_DATA) / "conformance" / "video";
}

std::vector<std::string> names_in(const std::string& folder, const std::string& suffix) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(video_folder() / folder)) {
    const std::string name = file.path().filename().string();
    if (name.ends_with(suffix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(video_folder() / file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

VideoSignal vpdq_of(const std::string& file) {
  std::ifstream in(video_folder() / file, std::ios::binary);
  auto signal = read_vpdq(in);
  EXPECT_TRUE(signal) << file << ": " << signal.error().what;
  return signal ? *std::move(signal) : VideoSignal{};
}

TmkSignal tmk_of(const std::string& file) {
  const std::string bytes = bytes_of(file);
  auto signal = parse_tmk({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  EXPECT_TRUE(signal) << file << ": " << signal.error().what;
  if (signal) return *std::move(signal);
  TmkSignal none;
  none.cosines.resize(kTmkWaves);
  none.sines.resize(kTmkWaves);
  return none;
}

Extraction extract_sample(const std::string& name, const Plan& plan) {
  Extraction found;
  const std::string path = (video_folder() / "samples" / name).string();
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_GE(descriptor, 0) << path;
  if (descriptor < 0) return found;
  CollectingSink sink(found);
  make_in_process_extractor()->extract(descriptor, plan, Limits{}, sink);
  close(descriptor);
  EXPECT_EQ(found.ending.reason, Reason::kNone) << name << ": " << found.ending.detail;
  return found;
}

std::vector<std::vector<std::string>> rows_of(const std::string& file) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(bytes_of(file));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    if (line.ends_with('\r')) line.pop_back();
    std::istringstream fields(line);
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string field; std::getline(fields, field, ',');) row.push_back(field);
  }
  return rows;
}

}  // namespace semblance::conformance
