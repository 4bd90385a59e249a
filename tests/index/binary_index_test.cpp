// SPDX-License-Identifier: Apache-2.0
// Ours as FAISS's users see it, against FAISS's own flat index.
#include "index/binary_index.h"

#include <faiss/IndexBinaryFlat.h>
#include <faiss/MetaIndexes.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>
#include <faiss/index_io.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <tuple>
#include <vector>

#include "core/temporary_folder.h"
#include "index/known_codes.h"

namespace semblance::index {
namespace {

enum class Kind { kMih, kMihOf13Tables, kScan };

void PrintTo(Kind kind, std::ostream* out) {
  constexpr std::array kNames = {"Mih", "MihOf13Tables", "Scan"};
  *out << kNames.at(static_cast<std::size_t>(kind));
}

std::unique_ptr<BinaryIndex> made(Kind kind) {
  if (kind == Kind::kScan) return std::make_unique<ScanIndex>();
  if (kind == Kind::kMih) return std::make_unique<MihIndex>();
  return std::make_unique<MihIndex>(13);
}

const std::uint8_t* bytes_of(const std::vector<Hash256>& codes) {
  return codes.empty() ? nullptr : codes[0].bytes.data();
}

std::int64_t count_of(const std::vector<Hash256>& codes) {
  return static_cast<std::int64_t>(codes.size());
}

using Found = std::vector<std::tuple<std::int64_t, int, std::int64_t>>;  // query, distance, id

Found range(const faiss::IndexBinary& index, const std::vector<Hash256>& queries, int radius) {
  faiss::RangeSearchResult result(count_of(queries));
  index.range_search(count_of(queries), bytes_of(queries), radius, &result);
  Found found;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    for (std::size_t i = result.lims[q]; i < result.lims[q + 1]; ++i) {
      found.emplace_back(q, static_cast<int>(result.distances[i]), result.labels[i]);
    }
  }
  return found;
}

Found sorted(Found found) {
  std::sort(found.begin(), found.end());
  return found;
}

struct Nearest {
  std::vector<std::int32_t> distances;
  std::vector<std::int64_t> labels;
};

Nearest nearest(const faiss::IndexBinary& index, const std::vector<Hash256>& queries,
                std::int64_t k) {
  const std::size_t places = queries.size() * static_cast<std::size_t>(k);
  Nearest found{std::vector<std::int32_t>(places, -7), std::vector<std::int64_t>(places, -7)};
  index.search(count_of(queries), bytes_of(queries), k, found.distances.data(),
               found.labels.data());
  return found;
}

class BinaryIndexTest : public testing::TestWithParam<Kind> {
 protected:
  BinaryIndexTest() : known_(some_codes(20'000, 1)), queries_(some_queries(known_, 25, 2)) {
    flat_.add(count_of(known_.codes), bytes_of(known_.codes));
  }

  Known known_;
  std::vector<Hash256> queries_;
  faiss::IndexBinaryFlat flat_{256};
};
INSTANTIATE_TEST_SUITE_P(Kinds, BinaryIndexTest,
                         testing::Values(Kind::kMih, Kind::kMihOf13Tables, Kind::kScan));

TEST_P(BinaryIndexTest, RangeSearchIsThatOfTheFlatIndex) {
  const auto index = made(GetParam());
  index->add(count_of(known_.codes), bytes_of(known_.codes));
  EXPECT_EQ(index->ntotal, flat_.ntotal);
  EXPECT_GT(index->bytes(), known_.codes.size() * 32 / 3);
  for (const int radius : {0, 1, 2, 31, 32, 33, 64, 110, 256}) {
    const Found found = range(*index, queries_, radius);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end())) << "by query, distance, id";
    EXPECT_EQ(found, sorted(range(flat_, queries_, radius))) << "radius " << radius;
  }
  EXPECT_EQ(range(*index, queries_, 257).size(), queries_.size() * known_.codes.size());
  EXPECT_EQ(range(*index, queries_, 1 << 30).size(), queries_.size() * known_.codes.size());
  EXPECT_TRUE(range(*index, queries_, -1).empty());
  EXPECT_TRUE(range(*index, {}, 31).empty());
}

TEST_P(BinaryIndexTest, TheRadiusIsStrict) {
  const auto index = made(GetParam());
  std::vector<Hash256> codes(2);
  codes[1].bytes[0] = 0x01;
  index->add(2, bytes_of(codes));
  const std::vector<Hash256> zero(1);
  EXPECT_TRUE(range(*index, zero, 0).empty());
  EXPECT_EQ(range(*index, zero, 1), (Found{{0, 0, 0}}));
  EXPECT_EQ(range(*index, zero, 2), (Found{{0, 0, 0}, {0, 1, 1}}));
}

TEST_P(BinaryIndexTest, TheNearestAreThoseOfTheFlatIndex) {
  const auto index = made(GetParam());
  index->add(count_of(known_.codes), bytes_of(known_.codes));
  for (const std::int64_t k : {1, 2, 10, 100}) {
    const Nearest ours = nearest(*index, queries_, k);
    const Nearest theirs = nearest(flat_, queries_, k);
    ASSERT_EQ(ours.distances, theirs.distances) << "k = " << k;
    // Of codes at one distance FAISS keeps which it likes; ours are codes at that distance.
    for (std::size_t i = 0; i < ours.labels.size(); ++i) {
      const Hash256& query = queries_[i / static_cast<std::size_t>(k)];
      const Hash256& code = known_.codes.at(static_cast<std::size_t>(ours.labels[i]));
      ASSERT_EQ(hamming_distance(query, code), ours.distances[i]);
      if (i % static_cast<std::size_t>(k) != 0) {
        ASSERT_LT(std::tie(ours.distances[i - 1], ours.labels[i - 1]),
                  std::tie(ours.distances[i], ours.labels[i]))
            << "by distance, then id, none twice";
      }
    }
  }
}

TEST_P(BinaryIndexTest, FewerCodesThanAskedForAreFilledUp) {
  const auto index = made(GetParam());
  faiss::IndexBinaryFlat flat(256);
  const auto empty = nearest(*index, queries_, 3);
  EXPECT_EQ(empty.labels, std::vector<std::int64_t>(3 * queries_.size(), -1));
  index->add(5, bytes_of(known_.codes));
  flat.add(5, bytes_of(known_.codes));
  const Nearest ours = nearest(*index, queries_, 9);
  const Nearest theirs = nearest(flat, queries_, 9);
  EXPECT_EQ(ours.distances, theirs.distances);
  for (std::size_t i = 0; i < ours.labels.size(); ++i) {
    EXPECT_EQ(ours.labels[i] == -1, i % 9 >= 5);
    EXPECT_EQ(theirs.labels[i] == -1, i % 9 >= 5);
  }
}

TEST_P(BinaryIndexTest, CodesComeInPortionsAndGoAtOnce) {
  const auto index = made(GetParam());
  for (std::int64_t at = 0; at < count_of(known_.codes);) {
    const std::int64_t more = std::min<std::int64_t>(count_of(known_.codes) - at, 1 + at / 2);
    index->add(more, bytes_of(known_.codes) + 32 * at);
    at += more;
    ASSERT_EQ(index->ntotal, at);
  }
  EXPECT_EQ(range(*index, queries_, 32), sorted(range(flat_, queries_, 32)));
  index->add(0, nullptr);
  index->reset();
  EXPECT_EQ(index->ntotal, 0);
  EXPECT_TRUE(range(*index, queries_, 256).empty());
  index->add(1, bytes_of(queries_));
  EXPECT_EQ(range(*index, {queries_[0]}, 1), (Found{{0, 0, 0}}));
}

TEST_P(BinaryIndexTest, AnIdMapGivesOtherNames) {
  const auto index = made(GetParam());
  faiss::IndexBinaryIDMap ours(index.get());
  flat_.reset();
  faiss::IndexBinaryIDMap theirs(&flat_);
  const std::int64_t half = count_of(known_.codes) / 2;
  for (auto* map : {&ours, &theirs}) {
    map->add_with_ids(half, bytes_of(known_.codes), known_.labels.data());
    map->add_with_ids(half, bytes_of(known_.codes) + 32 * half, known_.labels.data() + half);
  }
  for (const int radius : {1, 32, 100}) {
    EXPECT_EQ(sorted(range(ours, queries_, radius)), sorted(range(theirs, queries_, radius)));
  }
  EXPECT_EQ(nearest(ours, queries_, 10).distances, nearest(theirs, queries_, 10).distances);
}

TEST_P(BinaryIndexTest, GoesIntoFlatFilesAndBack) {
  const TemporaryFolder folder;
  const auto index = made(GetParam());
  index->add(count_of(known_.codes), bytes_of(known_.codes));
  const auto flat = index->to_flat();
  EXPECT_EQ(flat->ntotal, flat_.ntotal);
  EXPECT_EQ(flat->xb, flat_.xb) << "in order of id";
  faiss::write_index_binary(flat.get(), (folder / "flat").c_str());
  const std::unique_ptr<faiss::IndexBinary> read(
      faiss::read_index_binary((folder / "flat").c_str()));
  const auto* const as_flat = dynamic_cast<faiss::IndexBinaryFlat*>(read.get());
  ASSERT_NE(as_flat, nullptr);
  const auto again = BinaryIndex::from_flat(*as_flat);
  EXPECT_EQ(again->ntotal, index->ntotal);
  EXPECT_EQ(range(*again, queries_, 32), range(*index, queries_, 32));
}

TEST(BinaryIndexErrors, AreExceptionsOfFaiss) {
  faiss::IndexBinaryFlat narrow(128);
  EXPECT_THROW((void)BinaryIndex::from_flat(narrow), faiss::FaissException);
  MihIndex wrong(9);
  const std::vector<Hash256> codes(1);
  EXPECT_THROW(wrong.add(1, bytes_of(codes)), faiss::FaissException);
  EXPECT_EQ(wrong.ntotal, 0);
  MihIndex index;
  faiss::RangeSearchResult result(1);
  const faiss::SearchParameters parameters;
  EXPECT_THROW(index.range_search(1, bytes_of(codes), 3, &result, &parameters),
               faiss::FaissException);
}

}  // namespace
}  // namespace semblance::index
