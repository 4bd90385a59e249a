// SPDX-License-Identifier: Apache-2.0
// Files of FAISS: what we write FAISS reads, in C++ and in Python, and the other way round; and
// what lies about itself is refused.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryHNSW.h>
#include <faiss/IndexBinaryHash.h>
#include <faiss/MetaIndexes.h>
#include <faiss/index_io.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/temporary_folder.h"
#include "index/known_codes.h"

namespace semblance {
namespace {

using testing::HasSubstr;

constexpr LiveIndexOptions kOptions = {.merge_in_background = false, .tables = {}};

std::string bytes_of(const std::string& path) {
  auto bytes = read_file(path, std::size_t{1} << 30);
  EXPECT_TRUE(bytes) << bytes.error().what;
  return bytes ? *bytes : std::string();
}

std::unique_ptr<LiveIndex> read_from(const std::string& path) {
  auto index = read_faiss_index(path, kOptions);
  EXPECT_TRUE(index) << index.error().what;
  return index ? *std::move(index) : make_live_index();
}

Errc refusal(const std::string& path) {
  auto index = read_faiss_index(path, kOptions);
  EXPECT_FALSE(index) << path;
  if (index) return Errc::kExists;
  EXPECT_THAT(index.error().what, HasSubstr(path));
  EXPECT_EQ(index.error().what.find('\n'), std::string::npos) << "one line";
  return index.error().code;
}

TEST(FaissFileTest, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  for (const std::size_t count : {0U, 1U, 3U, 20'000U}) {
    Known known = some_codes(count, 1);
    const auto queries = some_queries(known, 20, 2);
    const auto index = index_with(known, kOptions);
    if (count > 3) {
      ASSERT_TRUE(index->withdraw({known.labels.data(), 1}));
      known.withdraw(known.labels[0]);
    }
    ASSERT_TRUE(write_faiss_index(*index, folder / "file"));
    const auto again = read_from(folder / "file");
    EXPECT_EQ(again->size(), known.codes.size());
    for (const int radius : {0, 31, 256}) expect_same(*again, known, queries, radius);
  }
}

TEST(FaissFileTest, IsAnIdMapOverAFlatIndexToFaiss) {
  const TemporaryFolder folder;
  const Known known = some_codes(500, 3);
  ASSERT_TRUE(write_faiss_index(*index_with(known, kOptions), folder / "file"));
  const std::unique_ptr<faiss::IndexBinary> read(
      faiss::read_index_binary((folder / "file").c_str()));
  const auto* const named = dynamic_cast<faiss::IndexBinaryIDMap*>(read.get());
  ASSERT_NE(named, nullptr);
  const auto* const flat = dynamic_cast<faiss::IndexBinaryFlat*>(named->index);
  ASSERT_NE(flat, nullptr);
  EXPECT_EQ(flat->d, 256);
  EXPECT_EQ(named->code_size, 32) << "Python's FAISS holds queries to it";
  std::vector<std::pair<std::int64_t, Hash256>> is;
  std::vector<std::pair<std::int64_t, Hash256>> was;
  for (std::size_t i = 0; i < 500; ++i) {
    Hash256 code;
    std::memcpy(code.bytes.data(), &flat->xb[32 * i], 32);
    is.emplace_back(named->id_map[i], code);
    was.emplace_back(known.labels[i], known.codes[i]);
  }
  std::sort(is.begin(), is.end());
  std::sort(was.begin(), was.end());
  EXPECT_EQ(is, was);
}

TEST(FaissFileTest, ReadsWhatFaissWrites) {
  const TemporaryFolder folder;
  Known known = some_codes(700, 4);
  const auto queries = some_queries(known, 20, 5);
  faiss::IndexBinaryFlat flat(256);
  faiss::IndexBinaryIDMap named(&flat);
  faiss::IndexBinaryFlat flat_again(256);
  faiss::IndexBinaryIDMap2 named_twice(&flat_again);
  named.add_with_ids(700, known.codes[0].bytes.data(), known.labels.data());
  named_twice.add_with_ids(700, known.codes[0].bytes.data(), known.labels.data());
  faiss::write_index_binary(&named, (folder / "named").c_str());
  faiss::write_index_binary(&named_twice, (folder / "named2").c_str());
  faiss::write_index_binary(&flat, (folder / "flat").c_str());
  expect_same(*read_from(folder / "named"), known, queries, 31);
  expect_same(*read_from(folder / "named2"), known, queries, 31);
  for (std::size_t i = 0; i < known.labels.size(); ++i) {
    known.labels[i] = static_cast<std::int64_t>(i);
  }
  expect_same(*read_from(folder / "flat"), known, queries, 31);
}

TEST(FaissFileTest, OtherKindsOfIndexAreRefused) {
  const TemporaryFolder folder;
  const Known known = some_codes(100, 6);
  faiss::IndexBinaryFlat narrow(128);
  narrow.add(200, known.codes[0].bytes.data());
  faiss::write_index_binary(&narrow, (folder / "narrow").c_str());
  EXPECT_EQ(refusal(folder / "narrow"), Errc::kBadFormat);
  faiss::IndexBinaryHNSW graph(256, 8);
  graph.add(100, known.codes[0].bytes.data());
  faiss::write_index_binary(&graph, (folder / "graph").c_str());
  EXPECT_EQ(refusal(folder / "graph"), Errc::kBadFormat);
  faiss::IndexBinaryMultiHash hashes(256, 4, 16);
  hashes.add(100, known.codes[0].bytes.data());
  faiss::write_index_binary(&hashes, (folder / "hashes").c_str());
  EXPECT_EQ(refusal(folder / "hashes"), Errc::kBadFormat);
  graph.reset();
  faiss::IndexBinaryIDMap over_graph(&graph);  // an IDMap, but over something else
  faiss::write_index_binary(&over_graph, (folder / "over").c_str());
  EXPECT_EQ(refusal(folder / "over"), Errc::kBadFormat);
}

TEST(FaissFileTest, LabelsThatAreNoLabelsOfOursAreRefused) {
  const TemporaryFolder folder;
  const Known known = some_codes(3, 7);
  for (const std::int64_t label : {std::int64_t{-1}, std::int64_t{1} << 57, INT64_MIN, INT64_MAX}) {
    faiss::IndexBinaryFlat flat(256);
    faiss::IndexBinaryIDMap named(&flat);
    const std::vector<std::int64_t> labels{0, label, 2};
    named.add_with_ids(3, known.codes[0].bytes.data(), labels.data());
    faiss::write_index_binary(&named, (folder / "file").c_str());
    EXPECT_EQ(refusal(folder / "file"), Errc::kBadFormat) << label;
  }
}

TEST(FaissFileTest, SizesThatLieAreRefused) {
  const TemporaryFolder folder;
  const Known known = some_codes(10, 8);
  ASSERT_TRUE(write_faiss_index(*index_with(known, kOptions), folder / "file"));
  const std::string right = bytes_of(folder / "file");
  // Letters, then at 4 dimensions, 8 bytes a code, 12 codes; the same of the flat index from 25 on;
  // at 50 the bytes of the codes, behind them the number of labels.
  ASSERT_EQ(right.size(), 58 + 320 + 8 + 80U);
  for (const std::size_t at : {4U, 8U, 12U, 16U, 29U, 33U, 37U, 41U, 50U, 54U, 378U, 382U}) {
    for (const std::uint32_t value : {0U, 1U, 9U, 11U, 128U, 0x7fffffffU, 0xffffffffU}) {
      std::string lie = right;
      std::memcpy(&lie[at], &value, 4);
      if (lie == right || (at == 8 && value == 0)) continue;  // FAISS 1.7 writes 0 there itself
      EXPECT_EQ(refusal(folder.write("lie", lie)), Errc::kBadFormat) << at << ": " << value;
    }
  }
  // A file of one count throughout, which is not that of its bytes.
  for (const std::uint64_t codes : {std::uint64_t{9}, std::uint64_t{11}, std::uint64_t{1} << 31,
                                    std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    std::string lie = right;
    const std::uint64_t bytes = 32 * codes;
    for (const std::size_t at : {12U, 37U, 378U}) std::memcpy(&lie[at], &codes, 8);
    std::memcpy(&lie[50], &bytes, 8);
    EXPECT_EQ(refusal(folder.write("lie", lie)), Errc::kBadFormat) << codes;
  }
  for (const std::size_t at : {0U, 25U}) {
    for (const char* letters : {"IBwF", "IBHf", "IBHh", "IBHm", "IBFf", "IwFl", "IxF2", "IBMp"}) {
      std::string lie = right;
      std::memcpy(&lie[at], letters, 4);
      if (lie == right) continue;
      EXPECT_EQ(refusal(folder.write("lie", lie)), Errc::kBadFormat) << letters << " at " << at;
    }
  }
}

TEST(FaissFileTest, AFileCutShortOrGrownIsRefused) {
  const TemporaryFolder folder;
  const Known known = some_codes(10, 9);
  ASSERT_TRUE(write_faiss_index(*index_with(known, kOptions), folder / "file"));
  const std::string right = bytes_of(folder / "file");
  for (std::size_t size = 0; size < right.size(); ++size) {
    EXPECT_EQ(refusal(folder.write("cut", right.substr(0, size))), Errc::kBadFormat) << size;
  }
  EXPECT_EQ(refusal(folder.write("grown", right + "x")), Errc::kBadFormat);
}

TEST(FaissFileTest, WhatIsNoFileIsRefused) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "folder");
  EXPECT_EQ(refusal(folder / "folder"), Errc::kIo);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder / "pipe"), Errc::kIo) << "and did not wait for a writer";
  EXPECT_EQ(refusal(folder / "absent"), Errc::kIo);
}

// A Python that has FAISS, or nothing.
std::string python_with_faiss() {
  for (const char* python : {"/usr/bin/python3", "python3"}) {
    const std::string asked = std::string(python) + " -c 'import faiss' >/dev/null 2>&1";
    if (std::system(asked.c_str()) == 0) return python;  // NOLINT(concurrency-mt-unsafe)
  }
  return {};
}

// Reads our file, searches it, and writes it again, with its labels and without them.
constexpr const char* kScript = R"(
import sys
import faiss
import numpy as np
ours, named_path, flat_path = sys.argv[1:]
named = faiss.read_index_binary(ours)
flat = faiss.downcast_IndexBinary(named.index)
codes = faiss.vector_to_array(flat.xb).reshape(-1, 32)
labels = faiss.vector_to_array(named.id_map)
assert named.d == 256 and named.ntotal == len(codes) == len(labels) == 900
lims, distances, found = named.range_search(codes[:50], 32)
for query in range(50):
    away = np.unpackbits(codes ^ codes[query], axis=1).sum(axis=1)
    right = sorted(zip(away[away < 32].tolist(), labels[away < 32].tolist()))
    mine = slice(lims[query], lims[query + 1])
    assert sorted(zip(distances[mine].astype(int).tolist(), found[mine].tolist())) == right
again = faiss.IndexBinaryFlat(256)
again.add(codes)
faiss.write_index_binary(again, flat_path)
mapped = faiss.IndexBinaryIDMap(faiss.IndexBinaryFlat(256))
mapped.add_with_ids(codes, labels)
faiss.write_index_binary(mapped, named_path)
)";

TEST(FaissFileTest, GoesToPythonAndBack) {
  const std::string python = python_with_faiss();
  if (python.empty()) GTEST_SKIP() << "no Python here has the module faiss (python3-faiss)";
  const TemporaryFolder folder;
  const Known known = some_codes(900, 10);
  const auto queries = some_queries(known, 30, 11);
  const auto index = index_with(known, kOptions);
  ASSERT_TRUE(write_faiss_index(*index, folder / "ours"));
  const std::string script = folder.write("script.py", kScript);
  const std::string command = python + " " + script + " " + (folder / "ours") + " " +
                              (folder / "named") + " " + (folder / "flat");
  ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT(concurrency-mt-unsafe)
  expect_same(*read_from(folder / "named"), known, queries, 31);
  const auto flat = read_from(folder / "flat");
  EXPECT_EQ(flat->size(), known.codes.size());
  auto named_hits = index->range_search(queries, 31);
  auto flat_hits = flat->range_search(queries, 31);
  ASSERT_TRUE(named_hits && flat_hits);
  EXPECT_EQ(flat_hits->size(), named_hits->size());
}

}  // namespace
}  // namespace semblance
