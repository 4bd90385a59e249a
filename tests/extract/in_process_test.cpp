// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/snapshot.h"
#include "extract/media.h"
#include "semblance/extract.h"
#include "semblance/pdq.h"

namespace semblance {
namespace {

using test::extract_all;
using test::file_of;
using test::make_picture;

class InProcessTest : public ::testing::Test {
 protected:
  std::unique_ptr<Extractor> extractor_ = make_in_process_extractor();
};

TEST_F(InProcessTest, APngGivesItsDigestsItsFactsAndTheHashOfItsPixels) {
  const auto picture = make_picture(301, 222, 1);
  const std::string bytes = test::to_png(picture);
  const Extraction found = extract_all(*extractor_, bytes);

  ASSERT_EQ(found.digests.size(), 1U);
  EXPECT_EQ(found.digests[0].kind, SignalKind::kSha256);
  EXPECT_EQ(to_hex(found.digests[0].bytes), sha256_hex(bytes));
  EXPECT_EQ(found.facts.kind, MediaKind::kImage);
  EXPECT_EQ(found.facts.format, "png");
  EXPECT_EQ(found.facts.width, 301U);
  EXPECT_EQ(found.facts.height, 222U);
  EXPECT_FALSE(found.facts.animated);
  EXPECT_FALSE(found.facts.decoder.empty());
  EXPECT_EQ(found.ending, Ending{});
  auto expected = pdq_hash({picture.rgb.data(), 301, 222, std::ptrdiff_t{3} * 301, 3});
  ASSERT_TRUE(expected);
  ASSERT_EQ(found.pdq.size(), 1U);
  EXPECT_EQ(found.pdq[0], *expected);
  EXPECT_GT(found.pdq[0].quality, 0);
}

TEST_F(InProcessTest, DigestsAndProfilesComeInTheOrderOfThePlan) {
  Plan plan;
  plan.digests = {SignalKind::kMd5, SignalKind::kSha512, SignalKind::kSha256};
  plan.pdq_profiles = {PdqProfile::kCli512, PdqProfile::kFull};
  const Extraction found = extract_all(*extractor_, test::to_jpeg(make_picture(700, 600, 2)), plan);
  ASSERT_EQ(found.digests.size(), 3U);
  EXPECT_EQ(found.digests[0].kind, SignalKind::kMd5);
  EXPECT_EQ(found.digests[1].kind, SignalKind::kSha512);
  EXPECT_EQ(found.digests[2].kind, SignalKind::kSha256);
  ASSERT_EQ(found.pdq.size(), 2U);
  EXPECT_EQ(found.pdq[0].profile, PdqProfile::kCli512);
  EXPECT_EQ(found.pdq[1].profile, PdqProfile::kFull);
}

TEST_F(InProcessTest, AFastPlanHashesAJpegByItsLowFrequenciesAndSaysSo) {
  Plan fast;
  fast.precision = Precision::kFast;
  const std::string jpeg = test::to_jpeg(make_picture(1600, 1200, 9));
  const Extraction exact = extract_all(*extractor_, jpeg);
  const Extraction found = extract_all(*extractor_, jpeg, fast);
  ASSERT_EQ(found.pdq.size(), 1U);
  EXPECT_EQ(found.pdq[0].precision(), Precision::kFast);
  EXPECT_LE(hamming_distance(found.pdq[0].hash(), exact.pdq.at(0).hash()), kFastDistanceMargin);
  EXPECT_LE(std::abs(found.pdq[0].quality - exact.pdq[0].quality), kFastQualityMargin);
  EXPECT_EQ(exact.pdq[0].precision(), Precision::kExact);
  EXPECT_EQ(found.digests, exact.digests);
  EXPECT_EQ(found.ending, exact.ending);
  EXPECT_NE(found.facts.decoder, exact.facts.decoder);
  Facts but_for_the_decoder = found.facts;
  but_for_the_decoder.decoder = exact.facts.decoder;
  EXPECT_EQ(but_for_the_decoder, exact.facts);
}

TEST_F(InProcessTest, WhereOnlyEveryPixelWillDoAFastPlanIsExact) {
  Plan fast;
  fast.precision = Precision::kFast;
  const auto picture = make_picture(1600, 1200, 10);
  const std::string jpeg = test::to_jpeg(picture);
  const std::string cut = jpeg.substr(0, jpeg.size() / 2);
  for (const std::string& bytes :
       {test::to_png(picture), cut, test::to_jpeg(make_picture(40, 40, 10)), std::string("text")}) {
    test::expect_same(extract_all(*extractor_, bytes, fast), extract_all(*extractor_, bytes),
                      bytes.substr(0, 4));
  }
  // Profile `cli512` has no fast form, alone or beside the other.
  for (const auto& profiles :
       {std::vector{PdqProfile::kCli512}, std::vector{PdqProfile::kFull, PdqProfile::kCli512}}) {
    Plan exact;
    fast.pdq_profiles = exact.pdq_profiles = profiles;
    test::expect_same(extract_all(*extractor_, jpeg, fast), extract_all(*extractor_, jpeg, exact),
                      "cli512");
  }
}

TEST_F(InProcessTest, OnlyWhereAllOfTheFileIsReadAnAutoPlanIsFast) {
  const auto picture = make_picture(1600, 1200, 11);
  Plan fast, sure;
  fast.precision = Precision::kFast;
  sure.precision = Precision::kAuto;
  const std::string baseline = test::to_jpeg(picture);
  test::expect_same(extract_all(*extractor_, baseline, sure),
                    extract_all(*extractor_, baseline, fast), "baseline");
  // Damage in a scan that a fast look does not read: decoding sees it.
  const std::string whole = test::to_jpeg(picture, true);
  std::string damaged = whole;
  for (std::size_t i = damaged.size() * 9 / 10; i < damaged.size() - 100; ++i) {
    if (damaged[i] != '\xff' && damaged[i - 1] != '\xff') damaged[i] = '\x7f';
  }
  for (const std::string& progressive : {whole, damaged}) {
    EXPECT_EQ(extract_all(*extractor_, progressive, fast).pdq.at(0).precision(), Precision::kFast);
    test::expect_same(extract_all(*extractor_, progressive, sure),
                      extract_all(*extractor_, progressive), "progressive");
  }
}

TEST_F(InProcessTest, APlanWithoutSignalsLooksAtTheKindAlone) {
  const Extraction found =
      extract_all(*extractor_, test::to_jpeg(make_picture(64, 64, 3)), Plan{{}, {}});
  EXPECT_TRUE(found.digests.empty());
  EXPECT_TRUE(found.pdq.empty());
  EXPECT_EQ(found.facts.format, "jpeg");
  EXPECT_EQ(found.facts.width, 0U);
  EXPECT_EQ(found.ending, Ending{});
}

TEST_F(InProcessTest, ACutPictureIsPartialAndHasTheSignalsOfItsPart) {
  const std::string whole = test::to_jpeg(make_picture(640, 480, 4));
  const Extraction found = extract_all(*extractor_, whole.substr(0, whole.size() / 2));
  EXPECT_EQ(found.ending.reason, Reason::kTruncated) << found.ending.detail;
  EXPECT_TRUE(found.ending.partial);
  EXPECT_FALSE(found.ending.detail.empty());
  EXPECT_EQ(found.pdq.size(), 1U);
  EXPECT_EQ(found.facts.width, 640U);
}

TEST_F(InProcessTest, WhatIsNoMediaIsSaidToBeNone) {
  for (const std::string bytes : {"", "x", "Just a text, and not a short one at that.\n"}) {
    const Extraction found = extract_all(*extractor_, bytes);
    EXPECT_EQ(found.ending.reason, Reason::kNotMedia) << bytes;
    EXPECT_EQ(found.facts, Facts{}) << bytes;
    ASSERT_EQ(found.digests.size(), 1U);
    EXPECT_EQ(to_hex(found.digests[0].bytes), sha256_hex(bytes));
  }
}

TEST_F(InProcessTest, WhatIsKnownAndNotDecodedIsUnsupportedWithItsFacts) {
  const std::string pdf = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n";
  const Extraction found = extract_all(*extractor_, pdf);
  EXPECT_EQ(found.ending.reason, Reason::kUnsupported);
  EXPECT_EQ(found.ending.detail, "decode: pdf containers are not opened");
  EXPECT_EQ(found.facts.kind, MediaKind::kContainer);
  EXPECT_EQ(found.facts.format, "pdf");
}

TEST_F(InProcessTest, LimitsEndTheItemAlone) {
  const std::string bytes = test::to_png(make_picture(100, 50, 5));
  Limits limits;
  limits.max_bytes = bytes.size() - 1;
  Extraction found = extract_all(*extractor_, bytes, {}, limits);
  EXPECT_EQ(found.ending.reason, Reason::kOverLimit);
  EXPECT_TRUE(found.digests.empty());

  limits = {};
  limits.max_pixels = 4999;
  found = extract_all(*extractor_, bytes, {}, limits);
  EXPECT_EQ(found.ending.reason, Reason::kOverLimit);
  EXPECT_EQ(found.facts.format, "png");
  EXPECT_EQ(found.facts.width, 100U);
  EXPECT_EQ(found.facts.height, 50U);
  EXPECT_EQ(found.digests.size(), 1U);
  EXPECT_TRUE(found.pdq.empty());

  limits.max_pixels = 5000;
  EXPECT_EQ(extract_all(*extractor_, bytes, {}, limits).ending, Ending{});
}

TEST_F(InProcessTest, WhatIsNoRegularFileCannotBeOpened) {
  const FileDescriptor folder(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const FileDescriptor device(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const FileDescriptor pipe(ends[0]);
  const FileDescriptor writing(ends[1]);
  for (const int descriptor : {folder.get(), device.get(), pipe.get(), -1}) {
    const Extraction found = extract_all(*extractor_, descriptor);
    EXPECT_EQ(found.ending.reason, Reason::kOpenFailed);
    EXPECT_FALSE(found.ending.detail.empty());
    EXPECT_TRUE(found.digests.empty());
  }
}

TEST_F(InProcessTest, TheDescriptorStaysOpenAndWhereItWas) {
  const FileDescriptor file = file_of(test::to_png(make_picture(40, 40, 6)));
  ASSERT_EQ(::lseek(file.get(), 11, SEEK_SET), 11);
  EXPECT_EQ(extract_all(*extractor_, file.get()).ending, Ending{});
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 11);
}

TEST_F(InProcessTest, AFileTooLargeToCopyIsReadInPlace) {
  const std::string jpeg = test::to_jpeg(make_picture(320, 240, 7));
  const FileDescriptor file = file_of(jpeg);
  ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(kSnapshotBytes + 1)), 0);
  const Extraction found = extract_all(*extractor_, file.get());
  EXPECT_EQ(found.ending.reason, Reason::kNone) << found.ending.detail;
  EXPECT_EQ(found.pdq, extract_all(*extractor_, jpeg).pdq);
}

// Writes down the calls.
class CallOrder final : public ExtractSink {
 public:
  void on_digests(std::span<const SignalValue>) override { calls_ += 'd'; }
  void on_facts(const Facts&) override { calls_ += 'f'; }
  void on_pdq(std::span<const PdqSignal>) override { calls_ += 'p'; }
  void on_frames(std::span<const FrameSignal>) override { calls_ += 'v'; }
  void on_tmk(const TmkSignal&) override { calls_ += 't'; }
  void on_end(const Ending&) override { calls_ += 'e'; }
  const std::string& calls() const { return calls_; }

 private:
  std::string calls_;
};

TEST_F(InProcessTest, TheSinkIsToldInOrderAndTheEndOnce) {
  const auto calls = [&](std::string_view bytes) {
    CallOrder order;
    const FileDescriptor file = file_of(bytes);
    extractor_->extract(file.get(), {}, {}, order);
    return order.calls();
  };
  EXPECT_EQ(calls(test::to_png(make_picture(40, 40, 8))), "dfpe");
  EXPECT_EQ(calls("not media"), "de");
  EXPECT_EQ(calls("%PDF-1.7\n"), "dfe");
  CallOrder order;
  extractor_->extract(-1, {}, {}, order);
  EXPECT_EQ(order.calls(), "e");
}

}  // namespace
}  // namespace semblance
