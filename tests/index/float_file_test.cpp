// SPDX-License-Identifier: Apache-2.0
#include "index/float_file.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/files.h"
#include "index/forged_float_index.h"
#include "index/unit_vectors.h"
#include "semblance/live_float_index.h"

namespace semblance {
namespace {

constexpr std::size_t kDimension = 16;

LiveFloatIndexOptions of_kind(FloatIndexKind kind, std::size_t code_bytes = 0) {
  LiveFloatIndexOptions options;
  options.kind = kind;
  options.code_bytes = code_bytes;
  options.merge_in_background = false;
  return options;
}

struct Vectors {
  std::vector<float> values;
  std::vector<std::int64_t> labels;
};

Vectors some_vectors(std::size_t count) {
  Vectors vectors;
  vectors.values = UnitVectors(kDimension, 1).clustered(count, 20, 0.7);
  for (std::size_t i = 0; i < count; ++i) {
    vectors.labels.push_back(static_cast<std::int64_t>(i * 11 % count));
  }
  return vectors;
}

std::unique_ptr<LiveFloatIndex> index_of(const Vectors& vectors,
                                         const LiveFloatIndexOptions& options) {
  auto index = std::move(*make_live_float_index(kDimension, options));
  EXPECT_TRUE(index->add(vectors.values, vectors.labels));
  return index;
}

class FloatFile : public testing::TestWithParam<LiveFloatIndexOptions> {
 protected:
  FloatFile() { std::filesystem::create_directories(folder_); }
  ~FloatFile() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "index") const { return folder_ + "/" + name; }
  std::string saved(std::size_t count, const std::string& name = "index") const {
    EXPECT_TRUE(index_of(some_vectors(count), GetParam())->save(path(name), "a note"));
    auto bytes = read_file(path(name), std::size_t{1} << 30);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : std::string();
  }
  Result<std::unique_ptr<LiveFloatIndex>> opened(const std::string& bytes) const {
    EXPECT_TRUE(replace_file(path("forged"), bytes));
    return open_float_index(path("forged"), GetParam());
  }
  void expect_refused(const std::string& bytes, const std::string& why) const {
    const auto index = opened(bytes);
    ASSERT_FALSE(index) << why;
    EXPECT_EQ(index.error().code, Errc::kCorruptStore);
    EXPECT_NE(index.error().what.find(why), std::string::npos) << index.error().what;
    EXPECT_NE(index.error().what.find(path("forged")), std::string::npos) << index.error().what;
  }

 private:
  // Of this process: tests of one kind run beside each other.
  const std::string folder_ =
      testing::TempDir() + "semblance-float-file-" + std::to_string(::getpid());
};

std::string kind_name(const testing::TestParamInfo<LiveFloatIndexOptions>& each) {
  if (each.param.kind == FloatIndexKind::kFlat) return "flat";
  if (each.param.kind == FloatIndexKind::kHnsw) return "hnsw";
  return each.param.code_bytes > 0 ? "ivf_codes" : "ivf";
}

INSTANTIATE_TEST_SUITE_P(Kinds, FloatFile,
                         testing::Values(of_kind(FloatIndexKind::kFlat),
                                         of_kind(FloatIndexKind::kIvf),
                                         of_kind(FloatIndexKind::kIvf, 4),
                                         of_kind(FloatIndexKind::kHnsw)),
                         kind_name);

TEST_P(FloatFile, IsReadAsItWasSaved) {
  const Vectors vectors = some_vectors(700);
  const auto index = index_of(vectors, GetParam());
  ASSERT_TRUE(index->save(path(), "a note"));
  const auto again = open_float_index(path(), GetParam());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ((*again)->note(), "a note");
  EXPECT_EQ((*again)->size(), 700U);
  EXPECT_EQ((*again)->dimension(), kDimension);
  EXPECT_EQ((*again)->facts().kind, GetParam().kind);
  EXPECT_EQ((*again)->facts().code_bytes, GetParam().code_bytes);
  EXPECT_TRUE((*again)->verify());
  const std::span queries = std::span(vectors.values).first(40 * kDimension);
  for (const double least : {-1.0, 0.5, 0.9}) {
    EXPECT_EQ(*(*again)->search(queries, least), *index->search(queries, least));
  }
  // It lives on as any other.
  const std::int64_t gone = vectors.labels[3];
  EXPECT_EQ(*(*again)->withdraw({&gone, 1}), 1U);
  ASSERT_TRUE((*again)->add(queries.first(kDimension), {&gone, 1}));
  ASSERT_TRUE((*again)->merge());
  EXPECT_EQ((*again)->size(), 700U);
  ASSERT_TRUE((*again)->save(path(), ""));
  EXPECT_EQ((*open_float_index(path()))->size(), 700U);
}

TEST_P(FloatFile, DependsOnWhatIsHeldAlone) {
  const std::string whole = saved(900, "whole");
  // In another order, in parts, with what is gone again, and with what OpenMP would take.
  const Vectors vectors = some_vectors(900);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(4);
  const auto parts = std::move(*make_live_float_index(kDimension, GetParam()));
  const auto other = UnitVectors(kDimension, 9).any();
  const std::int64_t gone = 5'000;
  ASSERT_TRUE(parts->add(other, {&gone, 1}));
  for (std::size_t end = 900; end > 0; end -= 100) {
    ASSERT_TRUE(
        parts->add(std::span(vectors.values).subspan((end - 100) * kDimension, 100 * kDimension),
                   std::span(vectors.labels).subspan(end - 100, 100)));
  }
  ASSERT_TRUE(parts->withdraw({&gone, 1}));
  ASSERT_TRUE(parts->save(path("parts"), "a note"));
  ASSERT_TRUE(parts->merge());
  ASSERT_TRUE(parts->save(path("merged"), "a note"));
  omp_set_num_threads(threads);
  EXPECT_EQ(*read_file(path("parts"), whole.size()), whole);
  EXPECT_EQ(*read_file(path("merged"), whole.size()), whole);
}

TEST_P(FloatFile, OfNothingIsAnIndexOfNothing) {
  const auto index = std::move(*make_live_float_index(kDimension, GetParam()));
  ASSERT_TRUE(index->save(path(), ""));
  const auto again = open_float_index(path(), GetParam());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ((*again)->size(), 0U);
  EXPECT_EQ((*again)->dimension(), kDimension);
}

TEST_P(FloatFile, EveryDamagedByteIsSeen) {
  const std::string bytes = saved(60);
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 20) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    expect_refused(damaged, "");
  }
}

TEST_P(FloatFile, CutLongForeignAndOtherFormatsAreRefused) {
  const std::string bytes = saved(60);
  expect_refused("", "too short");
  expect_refused(bytes.substr(0, 4'095), "too short");
  expect_refused(bytes.substr(0, bytes.size() - 1), "cut short");
  expect_refused(bytes.substr(0, 4'096), "cut short");
  expect_refused(bytes + "x", "bytes, not");
  expect_refused(std::string(bytes.size(), 'x'), "not an index of vectors");
  ForgedFloatIndex other(bytes);
  other.set(&index::FloatFileHeader::format, 2U);
  expect_refused(other.sealed(), "format 2");
  EXPECT_EQ(open_float_index(path("absent")).error().code, Errc::kNotFound);
  EXPECT_FALSE(open_float_index(path("")));
}

TEST_P(FloatFile, AHeaderThatLiesUnderASealIsRefused) {
  using Header = index::FloatFileHeader;
  const std::string bytes = saved(60);
  const auto lies = [&](auto member, auto value) {
    ForgedFloatIndex forged(bytes);
    forged.set(member, value);
    expect_refused(forged.sealed(), "contradict");
  };
  for (const std::uint64_t count :
       {std::uint64_t{1}, std::uint64_t{59}, std::uint64_t{1} << 31, ~std::uint64_t{0}}) {
    lies(&Header::rows, count);
    lies(&Header::neighbours, count);
    lies(&Header::file_bytes, count);
  }
  for (const std::uint64_t count : {std::uint64_t{65}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    lies(&Header::note_bytes, count);
  }
  for (const std::uint32_t count : {0U, 15U, 5'000U, ~0U}) lies(&Header::dimension, count);
  for (const std::uint32_t count : {61U, ~0U}) lies(&Header::lists, count);
  for (const std::uint32_t count : {3U, 17U, ~0U}) lies(&Header::code_bytes, count);
  for (const std::uint32_t count : {1U, 65U, ~0U}) lies(&Header::links, count);
}

TEST_P(FloatFile, PartsThatLieUnderASealAreRefused) {
  const std::string bytes = saved(60);
  const auto lies = [&](auto where, auto value, const char* why) {
    ForgedFloatIndex forged(bytes);
    const index::FloatSection section = forged.plan().*where;
    if (section.bytes == 0) return;
    for (const std::size_t at : {std::size_t{0}, section.bytes - sizeof(value)}) {
      ForgedFloatIndex each(bytes);
      each.put(section.at + at, value);
      expect_refused(each.sealed(), why);
    }
  };
  using Plan = index::FloatFilePlan;
  lies(&Plan::labels, std::int64_t{-1}, "label");
  lies(&Plan::vectors, 2.0F, "length");
  lies(&Plan::vectors, std::numeric_limits<float>::quiet_NaN(), "length");
  lies(&Plan::starts, std::uint64_t{61}, "lists");
  lies(&Plan::centres, std::numeric_limits<float>::infinity(), "centre");
  lies(&Plan::words, std::numeric_limits<float>::quiet_NaN(), "centre");
  for (const int level : {0, -1, 30, 1'000'000}) lies(&Plan::levels, level, "graph");
  for (const int row : {-2, 60, 1'000'000'000}) lies(&Plan::neighbours, row, "graph");
  if (GetParam().kind != FloatIndexKind::kHnsw) return;
  for (const std::int32_t entry : {-1, 60, 1 << 30}) {
    ForgedFloatIndex forged(bytes);
    forged.set(&index::FloatFileHeader::entry, entry);
    expect_refused(forged.sealed(), "graph");
  }
}

TEST_P(FloatFile, AnOpenedFileIsVerifiedAgain) {
  const std::string bytes = saved(60);
  const auto index = open_float_index(path(), GetParam());
  ASSERT_TRUE(index);
  EXPECT_TRUE((*index)->verify());
  std::FILE* const file = std::fopen(path().c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(std::fseek(file, 4'200, SEEK_SET), 0);
  ASSERT_EQ(std::fputc(bytes[4'200] ^ 1, file), static_cast<unsigned char>(bytes[4'200] ^ 1));
  ASSERT_EQ(std::fclose(file), 0);
  const auto verified = (*index)->verify();
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().code, Errc::kCorruptStore);
}

TEST_P(FloatFile, ANoteThatIsTooLongIsRefusedAndWhatWasThereStays) {
  const std::string bytes = saved(60);
  const auto index = index_of(some_vectors(10), GetParam());
  EXPECT_EQ(index->save(path(), std::string((1 << 20) + 1, 'n')).error().code, Errc::kBadArgument);
  EXPECT_EQ(*read_file(path(), bytes.size()), bytes);
  EXPECT_FALSE(index->save(path("absent/index"), ""));
}

}  // namespace
}  // namespace semblance
