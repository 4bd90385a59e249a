// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "semblance/video.h"

namespace semblance {
namespace {

const std::string kHex(64, 'a');
const std::string kOther = std::string(63, '0') + "1";

Hash256 hash(const std::string& hex) { return *parse_hash256(hex); }

KnownFrame frame(std::uint32_t number, std::uint8_t quality, const std::string& hex,
                 std::uint32_t ms) {
  return {{number, ms, ms, 0, FrameForm::kWhole, quality}, hash(hex)};
}

Result<VideoSignal> read(const std::string& text) {
  std::istringstream in(text);
  return read_vpdq(in);
}

std::string refusal(const std::string& text) {
  const auto signal = read(text);
  if (signal) return "read";
  EXPECT_EQ(signal.error().code, Errc::kBadFormat) << text;
  return signal.error().what;
}

TEST(WriteVpdqTest, ALineAFrameWithThreeDecimals) {
  std::ostringstream out;
  KnownFrame trimmed = frame(2, 9, kHex, 70);
  trimmed.at.form = FrameForm::kTrimmed;
  EXPECT_TRUE(write_vpdq(out, std::vector{frame(0, 100, kHex, 0), frame(1, 7, kOther, 33), trimmed,
                                          frame(30, 50, kHex, 61'500)}));
  EXPECT_EQ(out.str(),
            "0,100," + kHex + ",0.000\n1,7," + kOther + ",0.033\n30,50," + kHex + ",61.500\n");
}

TEST(WriteVpdqTest, AFailingStreamIsSeen) {
  std::ostream out(nullptr);
  const Status done = write_vpdq(out, std::vector{frame(0, 100, kHex, 0)});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kIo);
}

TEST(ReadVpdqTest, LinesOfFourFields) {
  const auto signal = read("0,100," + kHex + ",0.000\r\n15, 49 ," + kOther + ",0.501\n\n");
  ASSERT_TRUE(signal) << signal.error().what;
  EXPECT_EQ(signal->sampling, Sampling::kVpdq);
  EXPECT_EQ(signal->duration_ms, 501U);
  EXPECT_EQ(signal->frames, (std::vector{frame(0, 100, kHex, 0), frame(15, 49, kOther, 501)}));
  // The last line may lack its end; more fields than four do not matter, as in the reference.
  EXPECT_EQ(*read("3,1," + kHex + ",0.1,more"), *read("3,1," + kHex + ",1e-1\n"));
}

TEST(ReadVpdqTest, LinesOfThreeFieldsInBothOrders) {
  for (const std::string& text :
       {"5," + kHex + ",80\n6," + kOther + ",81\n", "5,80," + kHex + "\n6,81," + kOther + "\n"}) {
    const auto signal = read(text);
    ASSERT_TRUE(signal) << signal.error().what;
    EXPECT_EQ(signal->frames, (std::vector{frame(5, 80, kHex, 0), frame(6, 81, kOther, 0)}));
  }
}

TEST(ReadVpdqTest, AnArrayOfStrings) {
  const auto signal = read(" [ \"" + kHex + ",100,0.0\" ,\n\"" + kOther + ",3,1.23e+03\"]\n");
  ASSERT_TRUE(signal) << signal.error().what;
  EXPECT_EQ(signal->frames, (std::vector{frame(0, 100, kHex, 0), frame(1, 3, kOther, 1'230'000)}));
}

TEST(ReadVpdqTest, FramesAreSortedByTime) {
  const auto signal = read("9,1," + kHex + ",0.9\n3,1," + kHex + ",0.3\n4,1," + kOther + ",0.3\n");
  ASSERT_TRUE(signal);
  EXPECT_EQ(signal->frames, (std::vector{frame(3, 1, kHex, 300), frame(4, 1, kOther, 300),
                                         frame(9, 1, kHex, 900)}));
  EXPECT_EQ(signal->duration_ms, 900U);
}

TEST(ReadVpdqTest, WhatIsNoneIsRefusedWithItsLine) {
  EXPECT_EQ(refusal(""), "read vpdq: no frame");
  EXPECT_EQ(refusal("\n \n"), "read vpdq: no frame");
  EXPECT_EQ(refusal("[]"), "read vpdq: no frame");
  const std::string good = "0,100," + kHex + ",0.000\n";
  for (const std::string& bad : std::vector<std::string>{
           "hello", "1,2", "1," + kHex, "x,1," + kHex + ",0", "1,101," + kHex + ",0",
           "1,-1," + kHex + ",0", "-1,1," + kHex + ",0", "1,1," + kHex + "a,0",
           "1,1," + kHex.substr(1) + ",0", "1,1," + kHex + ",-0.5", "1,1," + kHex + ",nan",
           "1,1," + kHex + ",inf", "1,1," + kHex + ",1e300", "1,1," + kHex + ",",
           "1,1," + kHex + ",0x10", "1,1," + kHex + ",1 2", "99999999999,1," + kHex + ",0",
           std::string(5000, '1')}) {
    EXPECT_TRUE(refusal(good + bad + "\n").starts_with("read vpdq line 2: ")) << bad;
  }
}

TEST(ReadVpdqTest, AnArrayThatIsNoneIsRefused) {
  const std::string good = "\"" + kHex + ",100,0.0\"";
  ASSERT_TRUE(read("[" + good + "]"));
  for (const std::string& bad : std::vector<std::string>{
           "[" + good, "[" + good + ",]", "[" + good + " " + good + "]", "[" + good + "] x",
           "[," + good + "]", "[[" + good + "]]", "[1]", "[\"\"]", "[\"" + kHex + ",1\"]",
           "[\"" + kHex + ",1,0,0\"]", "[\"" + kHex + "\\u002c1,0\"]", "[\"" + kHex + ",1,0",
           "[\"" + kHex + ",1,\n0\"]", "[\"" + std::string(9999, 'a') + "\"]", "["}) {
    refusal(bad);
    EXPECT_FALSE(read(bad)) << bad;
  }
}

// Hashes whose distances from each other are known: of that many leading bits.
KnownFrame bits(int count, std::uint8_t quality = 100) {
  KnownFrame made = frame(0, quality, std::string(64, '0'), 0);
  for (int k = 0; k < count; ++k) {
    made.hash.bytes[static_cast<std::size_t>(k / 8)] |= static_cast<std::uint8_t>(1U << (k % 8));
  }
  return made;
}

constexpr VpdqRule kDeduped{};
constexpr VpdqRule kPlain{31, 50, false};

TEST(VpdqPercentsTest, BothSidesAreCountedOverTheirOwn) {
  const std::vector<KnownFrame> query = {bits(0), bits(100), bits(200)};
  const std::vector<KnownFrame> entry = {bits(31), bits(69)};  // the first two of the query
  EXPECT_EQ(vpdq_percents(query, std::vector{bits(31)}, kDeduped), (VpdqPercents{100.0 / 3, 100}));
  EXPECT_EQ(vpdq_percents(query, entry, kDeduped), (VpdqPercents{200.0 / 3, 100}));
  EXPECT_EQ(vpdq_percents(entry, query, kDeduped), (VpdqPercents{100, 200.0 / 3}));
}

TEST(VpdqPercentsTest, TheDistanceIsInclusive) {
  EXPECT_EQ(vpdq_percents(std::vector{bits(0)}, std::vector{bits(31)}, kPlain),
            (VpdqPercents{100, 100}));
  EXPECT_EQ(vpdq_percents(std::vector{bits(0)}, std::vector{bits(32)}, kPlain),
            (VpdqPercents{0, 0}));
}

TEST(VpdqPercentsTest, QualityFormAndDuplicates) {
  const std::vector<KnownFrame> query = {bits(0), bits(0), bits(100), bits(100, 49)};
  const std::vector<KnownFrame> entry = {bits(0)};
  EXPECT_EQ(vpdq_percents(query, entry, kPlain), (VpdqPercents{200.0 / 3, 100}));
  EXPECT_EQ(vpdq_percents(query, entry, kDeduped), (VpdqPercents{50, 100}));
  // The first of equal hashes counts, and its quality: python-threatexchange's order.
  const std::vector<KnownFrame> poor_first = {bits(0), bits(100, 49), bits(100)};
  EXPECT_EQ(vpdq_percents(poor_first, entry, kDeduped), (VpdqPercents{100, 100}));
  std::vector<KnownFrame> trimmed = query;
  for (KnownFrame& one : trimmed) one.at.form = FrameForm::kTrimmed;
  EXPECT_EQ(vpdq_percents(trimmed, entry, kPlain), (VpdqPercents{0, 0}));
}

TEST(VpdqPercentsTest, NothingOnASideIsNothing) {
  const std::vector<KnownFrame> some = {bits(0)};
  EXPECT_EQ(vpdq_percents({}, {}, kDeduped), VpdqPercents{});
  EXPECT_EQ(vpdq_percents(some, {}, kDeduped), VpdqPercents{});
  EXPECT_EQ(vpdq_percents({}, some, kDeduped), VpdqPercents{});
  EXPECT_EQ(vpdq_percents(some, std::vector{bits(0, 49)}, kDeduped), VpdqPercents{});
}

// Beyond some thousands of pairs tables are used: with the same answer.
TEST(VpdqPercentsTest, ManyFramesAreCountedAsFewAre) {
  std::uint64_t state = 1;
  const auto random = [&state] {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state >> 33);
  };
  std::vector<KnownFrame> query;
  std::vector<KnownFrame> entry;
  for (int k = 0; k < 1200; ++k) {
    KnownFrame one = frame(0, 100, std::string(64, '0'), 0);
    for (std::uint8_t& byte : one.hash.bytes) byte = static_cast<std::uint8_t>(random());
    query.push_back(one);
    // Around the bound: of bits in any place, 20 to 43 turned, some twice and so not at all.
    for (std::uint32_t turned = 20 + random() % 24; turned > 0; --turned) {
      const std::uint32_t bit = random() % 256;
      one.hash.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    entry.push_back(one);
  }
  for (const int most : {0, 15, 16, 30, 31, 32, 40}) {
    const VpdqRule rule{most, 50, false};
    const VpdqPercents all = vpdq_percents(query, entry, rule);
    double met_query = 0;
    for (const KnownFrame& one : query) {
      met_query += vpdq_percents(std::span(&one, 1), entry, rule).query;
    }
    double met_entry = 0;
    for (const KnownFrame& one : entry) {
      met_entry += vpdq_percents(query, std::span(&one, 1), rule).entry;
    }
    EXPECT_DOUBLE_EQ(all.query, met_query / 1200) << most;
    EXPECT_DOUBLE_EQ(all.entry, met_entry / 1200) << most;
  }
}

}  // namespace
}  // namespace semblance
