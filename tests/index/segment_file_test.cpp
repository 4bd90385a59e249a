// SPDX-License-Identifier: Apache-2.0
// A saved index: what comes back is what was saved, and a save that fails changes nothing.
#include "index/segment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/temporary_folder.h"
#include "index/known_codes.h"
#include "index/saved_file.h"

namespace semblance {
namespace {

using testing::HasSubstr;

Known contents_of(const LiveIndex& index) {
  Known known;
  EXPECT_TRUE(index.for_each([&](const Hash256& code, std::int64_t label) {
    known.codes.push_back(code);
    known.labels.push_back(label);
  }));
  return known;
}

class SegmentFileTables : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Tables, SegmentFileTables, testing::Values(0, 13, 16));

TEST_P(SegmentFileTables, OpensAsItWasSaved) {
  const TemporaryFolder folder;
  const Known known = some_codes(3000, 1);  // a third of them are equal to others
  const auto queries = some_queries(known, 20, 2);
  const auto index = index_with(known, {.merge_in_background = false, .tables = GetParam()});
  const std::string note = std::string("store 7, state 9\n\0behind a zero", 30);
  ASSERT_TRUE(index->save(folder / "index", note));
  const auto again = opened(folder / "index");
  EXPECT_EQ(again->note(), note);
  EXPECT_EQ(again->size(), known.codes.size());
  EXPECT_EQ(again->facts().tables, GetParam());
  EXPECT_EQ(again->facts().distinct, index->facts().distinct);
  EXPECT_TRUE(again->verify());
  for (const int radius : {0, 1, 31, 37, 64, 100, 256}) {
    expect_same(*again, known, queries, radius);
  }
  auto was = contents_of(*index);
  const auto is = contents_of(*again);
  EXPECT_EQ(is.codes, was.codes);
  EXPECT_EQ(is.labels, was.labels);
}

TEST_P(SegmentFileTables, WhatIsWithdrawnIsNotSaved) {
  const TemporaryFolder folder;
  Known known = some_codes(2000, 3);
  const auto queries = some_queries(known, 20, 4);
  const auto index = index_with(known, {.merge_in_background = false, .tables = GetParam()});
  const std::vector<std::int64_t> gone(known.labels.begin(), known.labels.begin() + 300);
  ASSERT_TRUE(index->withdraw(gone));
  for (const std::int64_t label : gone) known.withdraw(label);
  ASSERT_TRUE(index->save(folder / "index", ""));
  const auto again = opened(folder / "index");
  EXPECT_EQ(again->size(), known.codes.size());
  EXPECT_EQ(again->facts().withdrawn, 0U);
  expect_same(*again, known, queries, 64);
}

TEST(SegmentFileTest, AnOpenedIndexGoesOnLiving) {
  const TemporaryFolder folder;
  Known known = some_codes(2000, 5);
  ASSERT_TRUE(index_with(known, kTables)->save(folder / "index", "note"));
  const auto index = opened(folder / "index");
  const Known more = some_codes(700, 6);
  ASSERT_TRUE(index->add(more.codes, more.labels));
  known.codes.insert(known.codes.end(), more.codes.begin(), more.codes.end());
  known.labels.insert(known.labels.end(), more.labels.begin(), more.labels.end());
  const std::int64_t gone = known.labels[17];
  ASSERT_TRUE(index->withdraw({&gone, 1}));
  known.withdraw(gone);
  const auto queries = some_queries(known, 20, 7);
  expect_same(*index, known, queries, 31);
  ASSERT_TRUE(index->save(folder / "index", "another"));  // over the file that it reads
  expect_same(*index, known, queries, 31);
  EXPECT_EQ(index->note(), "note");
  ASSERT_TRUE(index->merge());
  expect_same(*index, known, queries, 31);
  const auto again = opened(folder / "index");
  EXPECT_EQ(again->note(), "another");
  expect_same(*again, known, queries, 31);
}

TEST(SegmentFileTest, AnEmptyIndexIsSaved) {
  const TemporaryFolder folder;
  ASSERT_TRUE(make_live_index(kTables)->save(folder / "index", "nothing yet"));
  const auto again = opened(folder / "index");
  EXPECT_EQ(again->size(), 0U);
  EXPECT_EQ(again->note(), "nothing yet");
  EXPECT_TRUE(again->verify());
  expect_same(*again, Known{}, some_queries(Known{}, 3, 8), 256);
}

TEST(SegmentFileTest, TheLargestLabelAndNoteAreKept) {
  const TemporaryFolder folder;
  Known known = some_codes(5, 9);
  known.labels.back() = (std::int64_t{1} << 57) - 1;
  const std::string note(std::size_t{1} << 20, 'n');
  const auto index = index_with(known, kScan);
  ASSERT_TRUE(index->save(folder / "index", note));
  EXPECT_EQ(opened(folder / "index")->note(), note);
  expect_same(*opened(folder / "index"), known, known.codes, 256);
  EXPECT_EQ(index->save(folder / "index", note + "n").error().code, Errc::kBadArgument);
}

TEST(SegmentFileTest, AFileThatIsReplacedGoesOnAnswering) {
  const TemporaryFolder folder;
  const Known first = some_codes(1000, 22);
  const Known second = some_codes(900, 23);
  const auto queries = some_queries(first, 10, 24);
  ASSERT_TRUE(index_with(first, kTables)->save(folder / "index", "first"));
  const auto index = opened(folder / "index");  // nothing but the directory is read yet
  ASSERT_TRUE(index_with(second, kTables)->save(folder / "index", "second"));
  expect_same(*index, first, queries, 31);
  EXPECT_TRUE(index->verify());
  std::filesystem::remove(folder / "index");
  EXPECT_TRUE(index->verify());
  expect_same(*index, first, queries, 100);
  ASSERT_TRUE(index->save(folder / "copy", ""));
  expect_same(*opened(folder / "copy"), first, queries, 31);
}

// Files may not grow beyond so many bytes while this lives: as on a disk that is full.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    was_handled_ = ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &was_), 0);
    const rlimit limit{bytes, was_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FullDisk() {
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &was_), 0);
    ::signal(SIGXFSZ, was_handled_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit was_{};
  void (*was_handled_)(int) = nullptr;
};

TEST(SegmentFileTest, AFullDiskLeavesTheOldFile) {
  const TemporaryFolder folder;
  const Known known = some_codes(500, 26);
  const auto index = index_with(known, kScan);
  for (const auto& save : std::vector<std::function<Status()>>{
           [&] { return index->save(folder / "index", "new"); },
           [&] { return write_faiss_index(*index, folder / "index"); }}) {
    const std::string old = "what was there";
    folder.write("index", old);
    for (const rlim_t bytes : {0U, 1U, 4000U, 16'000U}) {
      auto saved = ok();
      {
        const FullDisk full(bytes);
        saved = save();
      }
      ASSERT_FALSE(saved) << "of " << bytes << " bytes";
      EXPECT_EQ(saved.error().code, Errc::kIo);
      EXPECT_EQ(saved.error().native, EFBIG) << saved.error().what;
      EXPECT_EQ(bytes_of(folder / "index"), old);
      EXPECT_FALSE(std::filesystem::exists(folder / "index.new"));
    }
    EXPECT_TRUE(save());
  }
}

TEST(SegmentFileTest, SaysWhereItCannotWrite) {
  const TemporaryFolder folder;
  const auto index = index_with(some_codes(5, 27), kScan);
  auto saved = index->save(folder / "absent/index", "");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().native, ENOENT);
  EXPECT_THAT(saved.error().what, HasSubstr(folder / "absent/index"));
}

TEST(SegmentFileTest, TheSameIndexGivesTheSameBytes) {
  const TemporaryFolder folder;
  const Known known = some_codes(3000, 28);
  ASSERT_TRUE(index_with(known, kTables)->save(folder / "a", "note"));
  ASSERT_TRUE(index_with(known, kTables)->save(folder / "b", "note"));
  const std::string a = bytes_of(folder / "a");
  EXPECT_EQ(a, bytes_of(folder / "b"));
  ASSERT_TRUE(opened(folder / "a")->save(folder / "c", "note"));
  EXPECT_EQ(a, bytes_of(folder / "c")) << "and a copy is the same";
}

}  // namespace
}  // namespace semblance
