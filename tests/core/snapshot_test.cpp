// SPDX-License-Identifier: Apache-2.0
#include "core/snapshot.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "core/digest.h"
#include "core/temporary_folder.h"

namespace semblance {
namespace {

constexpr std::array kSha256Only = {SignalKind::kSha256};
constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

FileDescriptor open_or_fail(const std::string& path) {
  auto file = open_for_reading(path);
  EXPECT_TRUE(file) << file.error().what;
  return file ? *std::move(file) : FileDescriptor();
}

std::string bytes_of(int fd) {
  struct stat info {};
  EXPECT_EQ(::fstat(fd, &info), 0);
  auto map = MappedBytes::map(fd, static_cast<std::uint64_t>(info.st_size));
  EXPECT_TRUE(map);
  if (!map) return {};
  return {map->bytes().begin(), map->bytes().end()};
}

TEST(SnapshotTest, DigestsAndCopyAreOfTheSameBytes) {
  const TemporaryFolder folder;
  std::string bytes;  // more than one block, and not a whole number of them
  for (int i = 0; bytes.size() < 700'001; ++i) bytes += std::to_string(i);
  const FileDescriptor file = open_or_fail(folder.write("a", bytes));
  constexpr std::array kKinds = {SignalKind::kSha256, SignalKind::kMd5};
  auto snapshot = take_snapshot(file.get(), kKinds, kNoLimit);
  ASSERT_TRUE(snapshot) << snapshot.error().what;
  EXPECT_EQ(snapshot->bytes, bytes.size());
  ASSERT_EQ(snapshot->digests.size(), 2U);
  EXPECT_EQ(to_hex(snapshot->digests[0].bytes), sha256_hex(bytes));
  EXPECT_EQ(snapshot->digests[1].kind, SignalKind::kMd5);
  ASSERT_TRUE(snapshot->memory);
  EXPECT_EQ(snapshot->descriptor(file.get()), snapshot->memory.get());
  EXPECT_EQ(bytes_of(snapshot->memory.get()), bytes);
}

TEST(SnapshotTest, TheCopyOutlivesAChangeOfTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "what was digested");
  const FileDescriptor file = open_or_fail(path);
  auto snapshot = take_snapshot(file.get(), kSha256Only, kNoLimit);
  ASSERT_TRUE(snapshot);
  folder.write("a", "something else");
  EXPECT_EQ(bytes_of(snapshot->memory.get()), "what was digested");
}

TEST(SnapshotTest, TheCopyIsSealed) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_or_fail(folder.write("a", "0123456789"));
  auto snapshot = take_snapshot(file.get(), kSha256Only, kNoLimit);
  ASSERT_TRUE(snapshot);
  const int memory = snapshot->memory.get();
  EXPECT_EQ(::pwrite(memory, "x", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_NE(::ftruncate(memory, 5), 0);
  EXPECT_NE(::ftruncate(memory, 50), 0);
  EXPECT_EQ(::mmap(nullptr, 10, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0), MAP_FAILED);
  EXPECT_NE(::fcntl(memory, F_GET_SEALS) & F_SEAL_SEAL, 0) << "no seal can be taken off";
  EXPECT_NE(::fcntl(memory, F_GETFD) & FD_CLOEXEC, 0);
}

TEST(SnapshotTest, ReadsFromTheStartWhateverTheOffsetAndLeavesItThere) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_or_fail(folder.write("a", "0123456789"));
  ASSERT_EQ(::lseek(file.get(), 7, SEEK_SET), 7);
  auto snapshot = take_snapshot(file.get(), kSha256Only, kNoLimit);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(to_hex(snapshot->digests[0].bytes), sha256_hex("0123456789"));
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 7);
}

TEST(SnapshotTest, AnEmptyFile) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_or_fail(folder.write("a", ""));
  auto snapshot = take_snapshot(file.get(), kSha256Only, 0);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->bytes, 0U);
  EXPECT_EQ(to_hex(snapshot->digests[0].bytes), sha256_hex(""));
  EXPECT_EQ(bytes_of(snapshot->descriptor(file.get())), "");
}

TEST(SnapshotTest, TheLimitIsInclusive) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_or_fail(folder.write("a", std::string(1'000, 'x')));
  EXPECT_TRUE(take_snapshot(file.get(), kSha256Only, 1'000));
  auto over = take_snapshot(file.get(), kSha256Only, 999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::kLimit);
  EXPECT_EQ(over.error().what, "read item: 1000 bytes, the limit is 999");
}

TEST(SnapshotTest, ALargeFileIsDigestedAndReadInPlace) {
  const TemporaryFolder folder;
  const std::string path = folder.write("sparse", "");
  ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(kSnapshotBytes + 1)), 0);
  const FileDescriptor file = open_or_fail(path);
  auto snapshot = take_snapshot(file.get(), kSha256Only, kNoLimit);
  ASSERT_TRUE(snapshot) << snapshot.error().what;
  EXPECT_EQ(snapshot->bytes, kSnapshotBytes + 1);
  EXPECT_FALSE(snapshot->memory);
  EXPECT_EQ(snapshot->descriptor(file.get()), file.get());
  EXPECT_EQ(to_hex(snapshot->digests[0].bytes), sha256_hex(std::string(kSnapshotBytes + 1, '\0')));
}

TEST(SnapshotTest, AFileShorterThanItsStatedSizeIsAnError) {
  // sysfs states a page for every file and gives fewer bytes: what a file cut meanwhile looks like.
  auto file = open_for_reading("/sys/kernel/mm/transparent_hugepage/enabled");
  struct stat info {};
  if (!file || ::fstat(file->get(), &info) != 0 || info.st_size < 1'000) {
    GTEST_SKIP() << "no sysfs here";
  }
  auto snapshot = take_snapshot(file->get(), kSha256Only, kNoLimit);
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, Errc::kIo);
  EXPECT_NE(snapshot.error().what.find("shorter"), std::string::npos);
}

TEST(SnapshotTest, WhatIsNoRegularFileIsRefused) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, folder / "", std::string("/dev/zero")}) {
    const FileDescriptor file = open_or_fail(path);
    auto snapshot = take_snapshot(file.get(), kSha256Only, kNoLimit);
    ASSERT_FALSE(snapshot) << path;
    EXPECT_EQ(snapshot.error().code, Errc::kIo);
  }
}

TEST(MappedBytesTest, MoreThanThereIsRoomForIsALimit) {
  const TemporaryFolder folder;
  const FileDescriptor file = open_or_fail(folder.write("a", "mapped"));
  const auto map = MappedBytes::map(file.get(), std::uint64_t{1} << 60);
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().code, Errc::kLimit);
}

TEST(MappedBytesTest, MovesAndOutlivesItsDescriptor) {
  const TemporaryFolder folder;
  auto first = [&] {
    const FileDescriptor file = open_or_fail(folder.write("a", "mapped"));
    return MappedBytes::map(file.get(), 6);
  }();
  ASSERT_TRUE(first);
  MappedBytes second(*std::move(first));
  const auto bytes = second.bytes();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "mapped");
}

}  // namespace
}  // namespace semblance
