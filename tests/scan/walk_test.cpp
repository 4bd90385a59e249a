// SPDX-License-Identifier: Apache-2.0
#include "scan/walk.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "scan/fakes.h"

namespace semblance::scanner {
namespace {

using scan_test::TempFolder;

std::vector<WalkedItem> walk_all(Walk& walk) {
  std::vector<WalkedItem> items;
  for (;;) {
    auto next = walk.next();
    EXPECT_TRUE(next) << next.error().what;
    if (!next || !next->has_value()) return items;
    items.push_back(std::move(**next));
  }
}

std::vector<std::string> paths_below(const std::string& root,
                                     const std::vector<WalkedItem>& items) {
  std::vector<std::string> paths;
  for (const WalkedItem& walked : items) {
    EXPECT_EQ(walked.item.path.substr(0, root.size() + 1), root + "/");
    paths.push_back(walked.item.path.substr(root.size() + 1));
  }
  return paths;
}

std::size_t open_descriptors() {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++n;
  return n;
}

TEST(WalkTest, GoesByTheBytesOfNamesWithAFoldersContentAtItsPlace) {
  const TempFolder folder;
  for (const char* file : {"b/2", "b/1/z", "b-", "b.txt", "a", "B", "c\xC3\xA9", "c\xFF", "\x01"}) {
    folder.put(file, "x");
  }
  Walk walk({folder.path()}, -1);
  const auto items = walk_all(walk);
  // Names are compared one by one: "b" comes before "b-", so b's content does as well.
  const std::vector<std::string> expected = {"\x01", "B",     "a",         "b/1/z", "b/2",
                                             "b-",   "b.txt", "c\xC3\xA9", "c\xFF"};
  EXPECT_EQ(paths_below(folder.path(), items), expected);
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].item.sequence, i);
    EXPECT_EQ(items[i].item.bytes, 1u);
    EXPECT_GT(items[i].modified_ns, 0);
    EXPECT_TRUE(open_item(items[i]));
  }
}

TEST(WalkTest, TakesArgumentsInOrderAndDoublesNoSlash) {
  const TempFolder folder;
  folder.put("z/1", "x");
  folder.put("a", "x");
  Walk walk({folder.at("z/"), folder.at("a"), folder.at("z"), folder.at("a")}, -1);
  std::vector<std::string> paths;
  for (const auto& walked : walk_all(walk)) paths.push_back(walked.item.path);
  EXPECT_EQ(paths, (std::vector<std::string>{folder.at("z/1"), folder.at("a"), folder.at("z/1"),
                                             folder.at("a")}));
}

TEST(WalkTest, TakesAnyByteInNames) {
  const TempFolder folder;
  std::vector<std::string> expected;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/' || byte == '.') continue;
    expected.emplace_back(1, static_cast<char>(byte));
    folder.put(expected.back(), "x");
  }
  expected.emplace(expected.begin() + ('n' - 2), "new\nline \\ \"");
  folder.put(expected['n' - 2], "x");
  std::sort(expected.begin(), expected.end());
  Walk walk({folder.path()}, -1);
  const auto items = walk_all(walk);
  EXPECT_EQ(paths_below(folder.path(), items), expected);
  for (const auto& walked : items) EXPECT_TRUE(open_item(walked)) << walked.item.path;
}

TEST(WalkTest, FollowsLinksThatAreArgumentsAndCountsThoseItMeets) {
  const TempFolder folder;
  folder.put("real/file", "x");
  std::filesystem::create_directory_symlink("..", folder.at("real/up"));  // a loop, if followed
  std::filesystem::create_symlink("file", folder.at("real/link"));
  std::filesystem::create_symlink("nowhere", folder.at("real/dangling"));
  std::filesystem::create_directory_symlink("real", folder.at("linked"));
  std::filesystem::create_symlink("real/file", folder.at("linked-file"));
  Walk walk({folder.at("linked"), folder.at("linked-file")}, -1);
  const auto items = walk_all(walk);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].item.path, folder.at("linked/file"));
  EXPECT_EQ(items[1].item.path, folder.at("linked-file"));
  EXPECT_TRUE(open_item(items[1]));
  EXPECT_EQ(walk.skipped_symlinks(), 3u);
}

TEST(WalkTest, OpensNoLinkThatTookAFilesPlace) {
  const TempFolder folder;
  folder.put("a", "x");
  Walk walk({folder.path()}, -1);
  const auto items = walk_all(walk);
  ASSERT_EQ(items.size(), 1u);
  std::filesystem::remove(folder.at("a"));
  std::filesystem::create_symlink("/etc/hostname", folder.at("a"));
  auto opened = open_item(items[0]);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().native, ELOOP);
}

TEST(WalkTest, CountsSpecialFilesAndRecordsThoseThatAreArguments) {
  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.at("pipe").c_str(), 0600), 0);
  folder.put("file", "x");
  Walk walk({folder.path(), folder.at("pipe"), "/dev/null"}, -1);
  const auto items = walk_all(walk);
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(walk.skipped_special(), 1u);
  for (const std::size_t i : {1u, 2u}) {
    EXPECT_EQ(items[i].problem.reason, Reason::kOpenFailed);
    EXPECT_EQ(items[i].problem.detail, "open: not a regular file or folder");
  }
  // A file that has become a pipe meanwhile is not waited for.
  std::filesystem::remove(folder.at("file"));
  ASSERT_EQ(::mkfifo(folder.at("file").c_str(), 0600), 0);
  EXPECT_FALSE(open_item(items[0]));
}

TEST(WalkTest, RecordsWhatIsNotThere) {
  const TempFolder folder;
  folder.put("a", "x");
  folder.put("b/1", "x");
  folder.put("c", "x");
  Walk walk({folder.at("missing"), "", std::string("a\0b", 3), folder.at("a/below"), folder.path()},
            -1);
  for (const std::string& path :
       {folder.at("missing"), std::string(), std::string("a\0b", 3), folder.at("a/below")}) {
    auto next = walk.next();
    ASSERT_TRUE(next && next->has_value());
    EXPECT_EQ((*next)->item.path, path);
    EXPECT_EQ((*next)->problem.reason, Reason::kOpenFailed);
  }
  auto first = walk.next();
  ASSERT_TRUE(first && first->has_value());
  EXPECT_EQ((*first)->item.path, folder.at("a"));
  std::filesystem::remove_all(folder.at("b"));  // listed already
  std::filesystem::remove(folder.at("c"));
  const auto rest = walk_all(walk);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].item.path, folder.at("b"));
  EXPECT_EQ(rest[0].problem.reason, Reason::kOpenFailed);
  EXPECT_EQ(rest[0].problem.detail, "open: No such file or directory");
  EXPECT_EQ(rest[1].item.path, folder.at("c"));
}

TEST(WalkTest, RecordsAFolderThatCannotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every folder";
  const TempFolder folder;
  folder.put("closed/1", "x");
  folder.put("open", "x");
  std::filesystem::permissions(folder.at("closed"), std::filesystem::perms::none);
  Walk walk({folder.path()}, -1);
  const auto items = walk_all(walk);
  std::filesystem::permissions(folder.at("closed"), std::filesystem::perms::owner_all);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].item.path, folder.at("closed"));
  EXPECT_EQ(items[0].problem.detail, "open: Permission denied");
  EXPECT_EQ(items[1].item.path, folder.at("open"));
}

TEST(WalkTest, ReadsTheGivenDescriptorForADash) {
  const TempFolder folder;
  folder.put("spool", "12345");
  const auto spool = open_for_reading(folder.at("spool"));
  ASSERT_TRUE(spool);
  Walk walk({"-"}, spool->get());
  const auto items = walk_all(walk);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].item.path, "-");
  EXPECT_EQ(items[0].item.bytes, 5u);
  EXPECT_TRUE(open_item(items[0]));
}

// A chain of `depth` folders named "d", each with a file "e" beside the next folder, so that the
// file comes when the walk is back from below.
void make_chain(const std::string& root, int depth) {
  FileDescriptor at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int i = 0; i < depth; ++i) {
    FileDescriptor file(::openat(at.get(), "e", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_TRUE(file);
    ASSERT_EQ(::mkdirat(at.get(), "d", 0700), 0);
    at.reset(::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_TRUE(at);
  }
}

// Takes such a chain apart from below; paths are too long for remove_all.
void remove_chain(const std::string& root) {
  FileDescriptor at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int depth = 0;
  for (int next = 0; (next = ::openat(at.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;) {
    at.reset(next);
    ++depth;
  }
  for (; depth > 0; --depth) {
    at.reset(::openat(at.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::unlinkat(at.get(), "d", AT_REMOVEDIR);
    ::unlinkat(at.get(), "e", 0);
  }
}

TEST(WalkTest, GoesDeeperThanPathsAndDescriptorsReach) {
  constexpr int kDepth = 3'000;
  const TempFolder folder;
  make_chain(folder.path(), kDepth);
  const std::size_t before = open_descriptors();
  Walk walk({folder.path()}, -1);
  int files = 0;
  std::size_t most = 0;
  for (;;) {
    auto next = walk.next();
    ASSERT_TRUE(next);
    if (!next->has_value()) break;
    ASSERT_EQ((*next)->problem.reason, Reason::kNone) << (*next)->problem.detail;
    ASSERT_EQ((*next)->item.path.size(),
              folder.path().size() + 2 + 2 * static_cast<std::size_t>(kDepth - 1 - files));
    ASSERT_TRUE(open_item(**next));
    ++files;
    if (files % 100 == 1) most = std::max(most, open_descriptors());
  }
  remove_chain(folder.path());
  EXPECT_EQ(files, kDepth);
  EXPECT_LE(most, before + Walk::kOpenFolders + 2);
}

TEST(WalkTest, FindsTheWayBackWhenTheFolderItIsInIsMovedAway) {
  const TempFolder folder;
  const TempFolder elsewhere;
  std::string deep = "top";
  for (int i = 0; i < 40; ++i) deep += "/d";
  folder.put(deep + "/file", "x");
  folder.put("top/d/e", "x");  // met on the way back, 38 levels up
  folder.put("top/e", "x");
  Walk walk({folder.path()}, -1);
  auto first = walk.next();
  ASSERT_TRUE(first && first->has_value());
  EXPECT_EQ((*first)->item.path, folder.at(deep + "/file"));
  // From here ".." leads into another tree; the way down from the argument leads nowhere below
  // the third level.
  std::filesystem::rename(folder.at("top/d/d/d"), elsewhere.at("moved"));
  std::vector<std::string> rest;
  for (const auto& walked : walk_all(walk)) {
    EXPECT_EQ(walked.problem.reason, Reason::kNone);
    EXPECT_TRUE(open_item(walked));
    rest.push_back(walked.item.path);
  }
  EXPECT_EQ(rest, (std::vector<std::string>{folder.at("top/d/e"), folder.at("top/e")}));
}

TEST(WalkTest, RecordsTheNamesOfAFolderThatIsLost) {
  const TempFolder folder;
  const TempFolder elsewhere;
  std::string deep = "top";
  for (int i = 0; i < 40; ++i) deep += "/d";
  folder.put(deep + "/file", "x");
  folder.put("top/d/e", "x");
  folder.put("z", "x");
  Walk walk({folder.path()}, -1);
  auto first = walk.next();
  ASSERT_TRUE(first && first->has_value());
  std::filesystem::rename(folder.at("top/d/d"), elsewhere.at("moved"));
  std::filesystem::rename(folder.at("top"), elsewhere.at("top"));
  const auto rest = walk_all(walk);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].item.path, folder.at("top/d/e"));
  EXPECT_EQ(rest[0].problem.reason, Reason::kOpenFailed);
  EXPECT_EQ(rest[1].item.path, folder.at("z"));
  EXPECT_EQ(rest[1].problem.reason, Reason::kNone);
}

// Files with names so long that a folder of them takes several stretches.
std::vector<std::string> put_long_names(const TempFolder& folder, const std::string& prefix) {
  std::vector<std::string> names;
  for (std::size_t held = 0; held < 3 * FolderNames::kBoundBytes; held += names.back().size()) {
    const std::string number = std::to_string(10'000 + names.size());
    names.push_back(prefix + number + std::string(230, 'x'));
    folder.put(names.back(), "");
  }
  return names;
}

TEST(WalkTest, TakesAFolderOfMoreNamesThanItHolds) {
  const TempFolder folder;
  std::vector<std::string> expected = put_long_names(folder, "many/f");
  folder.put("many/f11000-below/file", "x");  // a folder on the way: its own names come between
  folder.put("z", "x");
  expected.emplace_back("many/f11000-below/file");
  std::sort(expected.begin(), expected.end());
  expected.emplace_back("z");
  Walk walk({folder.path()}, -1);
  const auto items = walk_all(walk);
  EXPECT_EQ(paths_below(folder.path(), items), expected);
  for (const auto& walked : items) EXPECT_EQ(walked.problem.reason, Reason::kNone);
}

TEST(WalkTest, RecordsAFolderThatIsLostWithNamesNotListedYet) {
  const TempFolder folder;
  const TempFolder elsewhere;
  std::string deep = "top";
  for (int i = 0; i < 40; ++i) deep += "/d";
  folder.put(deep + "/file", "x");
  const auto names = put_long_names(folder, "top/d/e");
  folder.put("z", "x");
  Walk walk({folder.path()}, -1);
  auto first = walk.next();
  ASSERT_TRUE(first && first->has_value());
  std::filesystem::rename(folder.at("top/d/d"), elsewhere.at("moved"));
  std::filesystem::rename(folder.at("top"), elsewhere.at("top"));
  const auto rest = walk_all(walk);
  ASSERT_GT(rest.size(), 3u);
  ASSERT_LT(rest.size(), names.size());
  EXPECT_EQ(rest.front().item.path, folder.at(names.front()));
  const WalkedItem& lost = rest[rest.size() - 2];
  EXPECT_EQ(lost.item.path, folder.at("top/d"));
  EXPECT_EQ(lost.problem.reason, Reason::kOpenFailed);
  EXPECT_EQ(lost.problem.detail, "list: Stale file handle");
  EXPECT_EQ(rest.back().item.path, folder.at("z"));
}

TEST(WalkTest, LeavesOutTheExcludedByWhatTheyAre) {
  const TempFolder folder;
  folder.put("a", "x");
  folder.put("below/store", "of the same name, another file");
  folder.put("store", "x");
  std::filesystem::create_hard_link(folder.at("store"), folder.at("linked"));
  std::filesystem::create_symlink("store", folder.at("a-link"));
  Walk walk({folder.path(), folder.at("store"), folder.at("a-link")}, -1,
            {folder.at("./store"), folder.at("late"), folder.at("a-gone")});
  folder.put("late", "made since the walk began");
  const std::vector<std::string> expected = {"a", "below/store"};
  EXPECT_EQ(paths_below(folder.path(), walk_all(walk)), expected);
  EXPECT_EQ(walk.skipped_store(), 5u);  // store, linked, late, and the two arguments
  EXPECT_EQ(walk.skipped_symlinks(), 1u);
}

TEST(WalkTest, AnExcludedFileThatIsGoneHidesNoOther) {
  const TempFolder folder;
  folder.put("store", "x");
  Walk walk({folder.path()}, -1, {folder.at("store")});
  std::filesystem::rename(folder.at("store"), folder.at("other"));  // the number is another's now
  const std::vector<std::string> expected = {"other"};
  EXPECT_EQ(paths_below(folder.path(), walk_all(walk)), expected);
}

}  // namespace
}  // namespace semblance::scanner
