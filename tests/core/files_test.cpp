// SPDX-License-Identifier: Apache-2.0
#include "core/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <thread>

#include "core/temporary_folder.h"

namespace semblance {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

std::string read_all(const std::string& path) {
  auto text = read_file(path, std::size_t{1} << 30);
  EXPECT_TRUE(text) << text.error().what;
  return text ? *text : std::string();
}

TEST(FileDescriptorTest, ClosesWhatItOwnsOnceAndOnlyThen) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  {
    FileDescriptor outer;
    EXPECT_FALSE(outer);
    {
      FileDescriptor inner(fd);
      outer = std::move(inner);
    }
    EXPECT_TRUE(is_open(fd)) << "moved away from: not closed by the inner one";
    EXPECT_EQ(outer.get(), fd);
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(FileDescriptorTest, ReleaseGivesItUpAndResetReplacesIt) {
  FileDescriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int released = file.release();
  EXPECT_FALSE(file);
  EXPECT_TRUE(is_open(released));
  file.reset(released);
  file.reset();
  EXPECT_FALSE(is_open(released));
}

TEST(OpenForReadingTest, SaysWhatAndWhy) {
  const TemporaryFolder folder;
  auto file = open_for_reading(folder / "missing");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Errc::kIo);
  EXPECT_EQ(file.error().native, ENOENT);
  EXPECT_EQ(file.error().what, "open " + (folder / "missing") + ": No such file or directory");
}

TEST(OpenForReadingTest, IsCloseOnExec) {
  const TemporaryFolder folder;
  auto file = open_for_reading(folder.write("a", "x"));
  ASSERT_TRUE(file);
  EXPECT_NE(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(OpenForReadingTest, DoesNotWaitForTheWriterOfAPipe) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_TRUE(open_for_reading(pipe));  // a plain open would hang here
}

TEST(ReadAtTest, ReadsWhereAskedAndFewerOnlyAtTheEnd) {
  const TemporaryFolder folder;
  auto file = open_for_reading(folder.write("a", "0123456789"));
  ASSERT_TRUE(file);
  std::vector<std::uint8_t> block(4);
  auto got = read_at(file->get(), block, 3, "a");
  ASSERT_TRUE(got);
  EXPECT_EQ(*got, 4U);
  EXPECT_EQ(std::string(block.begin(), block.end()), "3456");
  EXPECT_EQ(*read_at(file->get(), block, 8, "a"), 2U);
  EXPECT_EQ(*read_at(file->get(), block, 10, "a"), 0U);
  EXPECT_EQ(*read_at(file->get(), block, 1'000, "a"), 0U);
}

TEST(ReadAtTest, AFolderCannotBeRead) {
  const TemporaryFolder folder;
  auto file = open_for_reading(folder / "");
  ASSERT_TRUE(file);
  std::vector<std::uint8_t> block(4);
  auto got = read_at(file->get(), block, 0, "the folder");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().native, EISDIR);
  EXPECT_EQ(got.error().what, "read the folder: Is a directory");
}

TEST(ReadFileTest, TheBoundIsInclusive) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", std::string(1'000, 'x'));
  EXPECT_EQ(read_all(path).size(), 1'000U);
  EXPECT_TRUE(read_file(path, 1'000));
  auto text = read_file(path, 999);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::kLimit);
  EXPECT_TRUE(read_file(folder.write("empty", ""), 0));
}

TEST(ReadFileTest, ReadsAllOfAFileOfManyBlocks) {
  const TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; bytes.size() < 300'000; ++i) bytes += std::to_string(i) + '\n';
  EXPECT_EQ(read_all(folder.write("a", bytes)), bytes);
}

TEST(ReadFileTest, DoesNotTrustTheSizeThatTheSystemStates) {
  EXPECT_NE(read_all("/proc/self/status").find("Name:"), std::string::npos);  // stated size: 0
}

TEST(WriteAllTest, WritesThroughAPipeThatTakesItInParts) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  FileDescriptor reader(ends[0]);
  const std::string sent(1'000'000, 'x');
  Status written = ok();
  std::jthread writer([&sent, &written, fd = ends[1]] {
    FileDescriptor end(fd);
    written = write_all(end.get(), sent, "pipe");
  });
  std::size_t received = 0;
  std::vector<char> block(4'096);
  for (ssize_t got = 1; got > 0;) {
    got = ::read(reader.get(), block.data(), block.size());
    ASSERT_GE(got, 0);
    received += static_cast<std::size_t>(got);
  }
  writer.join();
  EXPECT_TRUE(written);
  EXPECT_EQ(received, sent.size());
}

TEST(WriteAllTest, AFullDiskIsAnError) {
  FileDescriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  if (!full) GTEST_SKIP() << "no /dev/full";
  auto written = write_all(full.get(), "x", "results");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().native, ENOSPC);
  EXPECT_EQ(written.error().what, "write results: No space left on device");
}

TEST(ReplaceFileTest, CreatesAndReplacesAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  ASSERT_TRUE(replace_file(path, "a longer first text"));
  EXPECT_EQ(read_all(path), "a longer first text");
  ASSERT_TRUE(replace_file(path, "second"));
  EXPECT_EQ(read_all(path), "second");
  ASSERT_TRUE(replace_file(path, ""));
  EXPECT_EQ(read_all(path), "");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST(ReplaceFileTest, WhatAKilledWriterLeftIsOverwritten) {
  const TemporaryFolder folder;
  folder.write("a.new", "half of something much longer than the text");
  ASSERT_TRUE(replace_file(folder / "a", "whole"));
  EXPECT_EQ(read_all(folder / "a"), "whole");
}

TEST(ReplaceFileTest, AReaderSeesTheOldTextOrTheNewNeverAPart) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  const std::string texts[] = {std::string(50'000, 'a'), std::string(70'000, 'b')};
  ASSERT_TRUE(replace_file(path, texts[0]));
  std::jthread writer([&] {
    for (std::size_t i = 1; i < 40; ++i) EXPECT_TRUE(replace_file(path, texts[i % 2]));
  });
  for (int i = 0; i < 200; ++i) {
    const std::string seen = read_all(path);
    ASSERT_TRUE(seen == texts[0] || seen == texts[1]) << seen.size() << " bytes";
  }
}

TEST(ReplaceFileTest, OneWriterAtATime) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  ASSERT_TRUE(replace_file(path, [&](int fd) {
    const Status second = replace_file(path, "the second");
    EXPECT_FALSE(second);
    if (!second) {
      EXPECT_EQ(second.error().code, Errc::kIo);
      EXPECT_NE(second.error().what.find("another program is writing"), std::string::npos);
    }
    return write_all(fd, "the first", path);
  }));
  EXPECT_EQ(*read_file(path, 100), "the first");
  EXPECT_TRUE(replace_file(path, "the second"));
  EXPECT_EQ(*read_file(path, 100), "the second");
}

TEST(ReplaceFileTest, AFailureKeepsTheOldText) {
  const TemporaryFolder folder;
  EXPECT_EQ(replace_file(folder / "none/a", "x").error().native, ENOENT);
  const std::string path = folder.write("a", "old");
  std::filesystem::create_directory(path + ".new");  // the new file cannot be made
  EXPECT_FALSE(replace_file(path, "new"));
  EXPECT_EQ(read_all(path), "old");
}

}  // namespace
}  // namespace semblance
