// SPDX-License-Identifier: Apache-2.0
// A saved index that is damaged, foreign or a lie: an error, never another answer.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "core/temporary_folder.h"
#include "index/block_scan.h"
#include "index/forged_index.h"
#include "index/known_codes.h"
#include "index/packed_integers.h"
#include "index/saved_file.h"

namespace semblance {
namespace {

using index::ForgedIndex;
using testing::HasSubstr;

// The code that a file of one sort of damage gives.
Errc open_error(const std::string& path) {
  auto index = open_index(path, kScan);
  EXPECT_FALSE(index) << path;
  if (index) return Errc::kExists;
  EXPECT_THAT(index.error().what, HasSubstr(path));
  return index.error().code;
}

// What was refused, and why; kExists if it was not.
template <class Answer>
Errc error_of(const Answer& answer) {
  EXPECT_FALSE(answer);
  return answer ? Errc::kExists : answer.error().code;
}

// All that may be asked of a file, whatever is in it: an error or an answer, and no end of the
// program. Returns whether everything was answered.
bool use_all_of(const std::string& path, const std::vector<Hash256>& queries) {
  auto index = open_index(path, kScan);
  if (!index) return false;
  bool all = true;
  for (const int radius : {0, 31, 45, 70, 256}) {
    all = static_cast<bool>((*index)->range_search(queries, radius)) && all;
  }
  all = static_cast<bool>((*index)->for_each([](const Hash256&, std::int64_t) {})) && all;
  const std::vector<std::int64_t> labels{3};
  all = static_cast<bool>((*index)->withdraw(labels)) && all;
  return static_cast<bool>((*index)->merge()) && all;
}

TEST(SegmentDamageTest, NoByteCanBeFlippedUnseen) {
  const TemporaryFolder folder;
  const Known known = some_codes(5, 10);
  ASSERT_TRUE(index_with(known, kScan)->save(folder / "index", "a note"));
  const std::string path = folder / "index";
  const std::string right = bytes_of(path);
  const auto hits = known.search(known.codes, 256);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  std::mt19937_64 rng(11);
  for (std::size_t at = 0; at < right.size(); ++at) {
    const char wrong = static_cast<char>(right[at] ^ (1 << rng() % 8));
    ASSERT_EQ(::pwrite(file.get(), &wrong, 1, static_cast<off_t>(at)), 1);
    auto index = open_index(path, kScan);
    if (!index) {
      ASSERT_EQ(index.error().code, Errc::kCorruptStore) << at;
    } else {
      auto found = (*index)->range_search(known.codes, 256);
      ASSERT_TRUE(!found || *found == hits) << "another answer for byte " << at;
      auto verified = (*index)->verify();
      ASSERT_FALSE(verified) << "unseen at byte " << at;
      ASSERT_EQ(verified.error().code, Errc::kCorruptStore);
      ASSERT_FALSE((*index)->save(folder / "copy", "")) << "copied the damage of byte " << at;
    }
    ASSERT_EQ(::pwrite(file.get(), &right[at], 1, static_cast<off_t>(at)), 1);
  }
  EXPECT_TRUE(opened(path)->verify());
}

TEST(SegmentDamageTest, DamageOfTablesIsSeen) {
  const TemporaryFolder folder;
  const Known known = some_codes(2000, 12);
  const auto queries = some_queries(known, 10, 13);
  const auto hits = known.search(queries, 10);
  ASSERT_TRUE(index_with(known, kTables)->save(folder / "index", ""));
  const std::string path = folder / "index";
  const std::string right = bytes_of(path);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  const std::size_t data = ForgedIndex(right).parts().value().data;
  int errors_of_searches = 0;
  for (std::size_t at = 0; at < right.size(); at += at < data ? 50'021 : 1'009) {
    const char wrong = static_cast<char>(right[at] ^ 0x10);
    ASSERT_EQ(::pwrite(file.get(), &wrong, 1, static_cast<off_t>(at)), 1);
    auto index = open_index(path, kScan);
    ASSERT_EQ(static_cast<bool>(index), at >= data) << at;
    if (index) {
      auto found = (*index)->range_search(queries, 10);
      ASSERT_TRUE(!found || *found == hits) << "another answer for byte " << at;
      if (!found) ++errors_of_searches;
      ASSERT_FALSE((*index)->verify()) << "unseen at byte " << at;
    }
    ASSERT_EQ(::pwrite(file.get(), &right[at], 1, static_cast<off_t>(at)), 1);
  }
  EXPECT_GT(errors_of_searches, 10);
}

TEST(SegmentDamageTest, ADamagedBlockHurtsOnlyWhatReadsIt) {
  const TemporaryFolder folder;
  const Known known = some_codes(3000, 14);
  ASSERT_TRUE(index_with(known, kTables)->save(folder / "index", ""));
  ForgedIndex forged(bytes_of(folder / "index"));
  forged.bytes.back() ^= 1;  // padding: no search reads it
  folder.write("index", forged.text());
  const auto index = opened(folder / "index");
  expect_same(*index, known, some_queries(known, 5, 15), 31);
  auto verified = index->verify();
  ASSERT_FALSE(verified);
  EXPECT_THAT(verified.error().what, HasSubstr("are damaged"));
  EXPECT_THAT(verified.error().what, HasSubstr(folder / "index"));
}

TEST(SegmentDamageTest, AFileCutShortOrGrownIsRefused) {
  const TemporaryFolder folder;
  for (const auto& [options, stride] : {std::pair{kScan, 97}, std::pair{kTables, 150'001}}) {
    const Known known = some_codes(options.tables == 0U ? 5 : 600, 16);
    ASSERT_TRUE(index_with(known, options)->save(folder / "index", "note"));
    const std::string right = bytes_of(folder / "index");
    for (std::size_t size = 0; size < right.size(); size += static_cast<std::size_t>(stride)) {
      EXPECT_EQ(open_error(folder.write("cut", right.substr(0, size))), Errc::kCorruptStore);
    }
    EXPECT_EQ(open_error(folder.write("cut", right.substr(0, right.size() - 1))),
              Errc::kCorruptStore);
    EXPECT_EQ(open_error(folder.write("grown", right + '\0')), Errc::kCorruptStore);
    EXPECT_EQ(open_error(folder.write("twice", right + right)), Errc::kCorruptStore);
  }
}

TEST(SegmentDamageTest, ForeignFilesAreRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(open_error(folder / "absent"), Errc::kNotFound);
  EXPECT_EQ(open_error(folder.write("empty", "")), Errc::kCorruptStore);
  EXPECT_EQ(open_error(folder.write("text", "A line of text.\n")), Errc::kCorruptStore);
  EXPECT_EQ(open_error(folder.write("long", std::string(50'000, 'x'))), Errc::kCorruptStore);
  EXPECT_EQ(open_error(folder.write("zeros", std::string(32'768, '\0'))), Errc::kCorruptStore);
  std::string sqlite = std::string("SQLite format 3\0", 16) + std::string(8176, '\1');
  EXPECT_EQ(open_error(folder.write("sqlite", sqlite)), Errc::kCorruptStore);
  const auto some = index_with(some_codes(500, 17), kScan);
  ASSERT_TRUE(write_faiss_index(*some, folder / "faiss"));
  EXPECT_EQ(open_error(folder / "faiss"), Errc::kCorruptStore);
  std::filesystem::create_directory(folder / "folder");
  EXPECT_EQ(open_error(folder / "folder"), Errc::kCorruptStore);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(open_error(folder / "pipe"), Errc::kCorruptStore) << "and did not wait for a writer";
  EXPECT_EQ(open_error("/dev/null"), Errc::kCorruptStore);
}

// A file whose every digest is right, and whose header says what is not so.
TEST(SegmentDamageTest, ASealedHeaderThatLiesIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(index_with(some_codes(5, 18), kScan)->save(folder / "index", "note"));
  const ForgedIndex right(bytes_of(folder / "index"));
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  const std::vector<std::pair<index::HeaderField, std::vector<std::uint64_t>>> lies = {
      {index::kFormatField, {0, 2, 0xffffffff}},
      {index::kBitOrderField, {0, 2, 0xffffffff}},
      {index::kFileBytesField, {0, 1, 32767, 32769, kHuge}},
      {index::kCodesField, {0, 4, 6, 1000, 0xffffffff, std::uint64_t{1} << 59, kHuge}},
      {index::kRowsField, {0, 4, 6, 0xffffffff, std::uint64_t{1} << 32, kHuge}},
      {index::kNoteBytesField, {12289, 1 << 20, (1 << 20) + 1, kHuge}},
      {index::kTablesField, {1, 9, 10, 13, 16, 17, 0xffffffff}},
      {index::kPrefixBytesField, {0, 1, 15, 17, 32, 0xffffffff}},
      {index::kLabelBitsField, {0, 58, 64, 0xffffffff}},
      {index::kFirstRowBitsField, {58, 64, 0xffffffff}},
      {index::kCodeBitsField, {0, 2, 4, 64, 0xffffffff}},
      {index::kBlockBytesField, {0, 4096, 32768, 0xffffffff}},
  };
  for (const auto& [field, values] : lies) {
    for (const std::uint64_t value : values) {
      ForgedIndex forged = right;
      forged.set(field, value);
      forged.seal();
      auto index = open_index(folder.write("lie", forged.text()), kScan);
      ASSERT_FALSE(index) << "field at " << field.at << ": " << value;
      EXPECT_EQ(index.error().code, Errc::kCorruptStore);
    }
  }
  ForgedIndex sealed = right;
  sealed.seal();
  EXPECT_EQ(sealed.bytes, right.bytes) << "the seal of these tests is the writer's";
}

// Lies in what the header does not hold: met when they are read.
class SealedLies : public testing::Test {
 protected:
  void SetUp() override {
    known_ = some_codes(2000, 19);
    queries_ = some_queries(known_, 10, 20);
    const auto index = index_with(known_, kTables);
    ASSERT_TRUE(index->save(folder_ / "index", ""));
    right_ = std::make_unique<ForgedIndex>(bytes_of(folder_ / "index"));
    const auto parts = right_->parts();
    ASSERT_TRUE(parts);
    starts_ = parts->starts;
    data_ = parts->data;
    const auto codes = right_->get(index::kCodesField);
    first_rows_bits_ = static_cast<unsigned>(right_->get(index::kFirstRowBitsField));
    ASSERT_GT(first_rows_bits_, 0U);
    const auto label_bits = static_cast<unsigned>(right_->get(index::kLabelBitsField));
    const auto next = [](std::size_t at, std::size_t bytes) { return (at + bytes + 63) / 64 * 64; };
    labels_ = next(next(data_, 32 * codes),
                   index::plane_bytes(codes, right_->get(index::kPrefixBytesField)));
    first_rows_ = next(labels_, index::packed_bytes(known_.codes.size(), label_bits));
    tables_ = next(first_rows_, index::packed_bytes(codes + 1, first_rows_bits_));
  }

  std::string written(const std::function<void(std::vector<std::uint8_t>&)>& lie) const {
    ForgedIndex forged = *right_;
    lie(forged.bytes);
    forged.seal();
    return folder_.write("lie", forged.text());
  }

  TemporaryFolder folder_;
  Known known_;
  std::vector<Hash256> queries_;
  std::unique_ptr<ForgedIndex> right_;
  std::size_t starts_ = 0;
  std::size_t data_ = 0;
  std::size_t labels_ = 0;
  std::size_t first_rows_ = 0;
  std::size_t tables_ = 0;
  unsigned first_rows_bits_ = 0;
};

TEST_F(SealedLies, PlacesOfBucketsThatDoNotAscendAreRefused) {
  for (const std::size_t key : {0U, 1U, 700U, 65'535U, 65'536U}) {
    for (const std::uint32_t value : {1U, 0xffffffffU, 0x7fffffffU}) {
      const auto path = written([&](std::vector<std::uint8_t>& bytes) {
        std::uint32_t before = 0;
        if (key > 0) std::memcpy(&before, &bytes[starts_ + 4 * key - 4], 4);
        const std::uint32_t wrong = value == 1 && key > 0 ? before - 1 : value;
        std::memcpy(&bytes[starts_ + 4 * key], &wrong, 4);
      });
      EXPECT_EQ(open_error(path), Errc::kCorruptStore) << "key " << key;
    }
  }
}

TEST_F(SealedLies, RowsThatAreNotThereAreRefused) {
  // All ones, all zeros: beyond the rows, or none at all.
  for (const std::uint8_t value : {std::uint8_t{0xff}, std::uint8_t{0}}) {
    const auto path = written([&](std::vector<std::uint8_t>& bytes) {
      std::fill(&bytes[first_rows_], &bytes[tables_], value);
    });
    const auto index = opened(path);
    EXPECT_TRUE(index->verify()) << "no digest tells";
    EXPECT_EQ(error_of(index->range_search(known_.codes, 0)), Errc::kCorruptStore);
    EXPECT_EQ(error_of(index->for_each([](const Hash256&, std::int64_t) {})), Errc::kCorruptStore);
  }
}

TEST_F(SealedLies, CodesThatShareRowsAreRefused) {
  // Every other code has all rows: far more hits than rows, unless somebody counts.
  const auto codes = right_->get(index::kCodesField);
  const auto path = written([&](std::vector<std::uint8_t>& bytes) {
    std::fill(&bytes[first_rows_], &bytes[tables_], std::uint8_t{0});
    for (std::size_t code = 1; code <= codes; code += 2) {
      index::pack(&bytes[first_rows_], first_rows_bits_, code, known_.codes.size());
    }
  });
  const auto index = opened(path);
  EXPECT_EQ(error_of(index->range_search(queries_, 256)), Errc::kCorruptStore);
  int refused = 0;
  for (const Hash256& code : known_.codes) {
    const auto found = index->range_search({&code, 1}, 60);
    if (!found) ++refused;
    ASSERT_TRUE(!found || found->size() <= known_.codes.size());
  }
  EXPECT_GT(refused, 100);
}

TEST_F(SealedLies, CodesThatAreNotThereAreRefused) {
  const auto path = written([&](std::vector<std::uint8_t>& bytes) {
    // All beyond the rows, sketches too: what passes them names no code.
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(tables_), bytes.end(), 0xff);
  });
  Hash256 ones;
  ones.bytes.fill(0xff);
  auto queries = known_.codes;
  queries.push_back(ones);
  auto found = opened(path)->range_search(queries, 10);
  // A search whose sketches let nothing pass finds less: only a digest could tell, and it was lied.
  if (!found) {
    EXPECT_EQ(found.error().code, Errc::kCorruptStore);
    EXPECT_THAT(found.error().what, HasSubstr("not there"));
  }
  use_all_of(path, queries_);
}

TEST_F(SealedLies, AnythingElseEndsNothing) {
  std::mt19937_64 rng(21);
  for (int i = 0; i < 60; ++i) {
    const auto path = written([&](std::vector<std::uint8_t>& bytes) {
      const std::size_t changes = 1 + rng() % 40;
      for (std::size_t change = 0; change < changes; ++change) {
        const std::size_t at = data_ + rng() % (bytes.size() - data_);
        bytes[at] = static_cast<std::uint8_t>(rng() % 3 == 0 ? 0xff : rng());
      }
    });
    use_all_of(path, queries_);
  }
}

TEST_F(SealedLies, OfAHeaderWithTablesAreRefused) {
  for (const auto& [field, values] :
       std::vector<std::pair<index::HeaderField, std::vector<std::uint64_t>>>{
           {index::kTablesField, {0, 9, 10, 15, 17}},
           {index::kFirstRowBitsField, {0, 58}},
           {index::kCodeBitsField, {10, 12, 32}},
           {index::kCodesField, {0, 1, 2000}}}) {
    for (const std::uint64_t value : values) {
      ForgedIndex forged = *right_;
      forged.set(field, value);
      forged.seal();
      EXPECT_EQ(open_error(folder_.write("lie", forged.text())), Errc::kCorruptStore)
          << "field at " << field.at << ": " << value;
    }
  }
}

TEST(SegmentDamageTest, VerifyReadsTheFileThatWasOpened) {
  // A sound file in the place of a damaged one must not make the damage look sound, nor be copied.
  const TemporaryFolder folder;
  const Known known = some_codes(600, 25);
  const auto index_of_known = index_with(known, kScan);
  ASSERT_TRUE(index_of_known->save(folder / "index", ""));
  ForgedIndex forged(bytes_of(folder / "index"));
  forged.bytes[forged.parts().value().data] ^= 1;
  folder.write("index", forged.text());
  const auto index = opened(folder / "index");
  ASSERT_TRUE(index_of_known->save(folder / "index", ""));
  EXPECT_FALSE(index->verify());
  EXPECT_FALSE(index->save(folder / "copy", ""));
  EXPECT_FALSE(std::filesystem::exists(folder / "copy"));
}

}  // namespace
}  // namespace semblance
