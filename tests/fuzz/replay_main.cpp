// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over files, where there is no libFuzzer to do it: every file named, and every
// file below every folder named, in order of name. Options, which begin with '-', are libFuzzer's.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) {
    std::fprintf(stderr, "replay: cannot read %s\n", path.c_str());
    return false;
  }
  // A block of exactly that size, so that a read beyond its end is one that a sanitizer sees.
  const auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  std::fprintf(stderr, "replay: %s\n", path.c_str());
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  try {
    for (int i = 1; i < argc; ++i) {
      if (std::string_view(argv[i]).starts_with('-')) continue;
      for (const fs::path& file : files_of(argv[i])) {
        if (!run(file)) return 1;
        ++count;
      }
    }
  } catch (const fs::filesystem_error& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "replay: %zu files\n", count);
  return count > 0 ? 0 : 1;
}
