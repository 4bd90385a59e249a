// SPDX-License-Identifier: Apache-2.0
#include "scan/folder_names.h"

#include <fcntl.h>

#include <cerrno>
#include <random>

#include "core/files.h"
#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using scan_test::TempFolder;

FileDescriptor open_folder(const std::string& path) {
  return FileDescriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// Names of one to 40 bytes of any kind, no two the same, in no order, sorted.
std::vector<std::string> make_files(const TempFolder& folder, int count) {
  std::mt19937 random(7);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    std::string name = std::to_string((i * 7919) % 10'007);
    for (auto more = random() % 36; more > 0; --more) {
      const char byte = static_cast<char>(1 + random() % 255);
      name.push_back(byte == '/' ? '.' : byte);
    }
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::string> shuffled = names;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  for (const std::string& name : shuffled) folder.put(name, "");
  return names;
}

TEST(FolderNamesTest, GivesTheSameNamesWhateverTheBound) {
  const TempFolder folder;
  const auto expected = make_files(folder, 1'000);
  std::size_t all_bytes = 0;
  for (const std::string& name : expected) all_bytes += name.size() + 1 + sizeof(std::uint32_t);
  const auto opened = open_folder(folder.path());
  for (const std::size_t bound : {std::size_t{1}, std::size_t{100}, std::size_t{3'000},
                                  std::size_t{10'000}, FolderNames::kBoundBytes}) {
    FolderNames names(bound);
    std::vector<std::string> taken;
    int reads = 0;
    std::size_t most = 0;
    do {
      ASSERT_EQ(names.read(opened.get()), 0);
      ++reads;
      most = std::max(most, names.held_bytes());
      ASSERT_TRUE(names.has_next());
      while (names.has_next()) {
        taken.emplace_back(names.take());
        ASSERT_EQ(names.last(), taken.back());
      }
    } while (names.has_more());
    EXPECT_EQ(taken, expected) << bound;
    // A bound far below what the folder holds is raised to a part of it, so that the folder is not
    // listed once a name.
    EXPECT_LE(reads, 3 + 2 * static_cast<int>(FolderNames::kMostOf)) << bound;
    EXPECT_LE(most, std::max(bound, all_bytes / FolderNames::kMostOf)) << bound;
  }
}

TEST(FolderNamesTest, GivesWhatStaysOnceHoweverTheFolderChanges) {
  const TempFolder folder;
  const auto expected = make_files(folder, 300);
  const auto opened = open_folder(folder.path());
  FolderNames names(1'000);
  std::vector<std::string> taken;
  int changes = 0;
  do {
    ASSERT_EQ(names.read(opened.get()), 0);
    while (names.has_next()) {
      const std::string name = names.take();
      if (!name.starts_with("new ")) taken.push_back(name);
    }
    folder.put("new " + std::to_string(changes++), "");  // before all others: ' ' is below '0'
    std::filesystem::remove(folder.at("new " + std::to_string(changes - 2)));
  } while (names.has_more());
  EXPECT_EQ(taken, expected);
  EXPECT_GT(changes, 3);
}

TEST(FolderNamesTest, TellsWhyAFolderIsNotListed) {
  FolderNames names;
  EXPECT_EQ(names.read(-1), EBADF);
  EXPECT_FALSE(names.has_next());
  EXPECT_FALSE(names.has_more());
  const TempFolder folder;
  const auto opened = open_folder(folder.path());
  EXPECT_EQ(names.read(opened.get()), 0);
  EXPECT_FALSE(names.has_next());
  EXPECT_FALSE(names.has_more());
}

}  // namespace
}  // namespace semblance::scanner
