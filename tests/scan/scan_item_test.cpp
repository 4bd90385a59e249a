// SPDX-License-Identifier: Apache-2.0
// The two looks at an item: by each precision, what is extracted, matched and said of it.
#include "scan/scan_item.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "match/memory_store.h"
#include "scan/fakes.h"
#include "scan/walk.h"

namespace semblance::scanner {
namespace {

using nlohmann::json;
using scan_test::TempFolder;

const Hash256 kKnown = *parse_hash256(std::string(64, 'a'));

/// `hash` with that many bits flipped, taken by chance.
Hash256 off_by(Hash256 hash, int bits, std::mt19937& rng) {
  std::vector<int> all(Hash256::kBits);
  for (int i = 0; i < Hash256::kBits; ++i) all[static_cast<std::size_t>(i)] = i;
  std::shuffle(all.begin(), all.end(), rng);
  for (int i = 0; i < bits; ++i) {
    const auto at = static_cast<unsigned>(all[static_cast<std::size_t>(i)]);
    hash.bytes[at / 8] ^= static_cast<std::uint8_t>(1U << (at % 8));
  }
  return hash;
}

BankSignal digest(SignalKind kind, const std::string& hex) {
  return {*parse_signal_value(kind, hex), std::nullopt, std::nullopt, ""};
}

/// A file of four words is a picture: its exact hash and quality, and its fast ones. The hash of
/// each turn but the first is that of nothing.
class TwoWayExtractor final : public Extractor {
 public:
  std::vector<Plan> plans;           // that it was called with
  std::function<void()> on_extract;  // may be empty
  Ending fast_ending;                // of a fast extraction
  std::vector<ProbeSignal> parts;    // that a fast extraction finds

  void extract(int descriptor, const Plan& plan, const Limits&, ExtractSink& sink) override {
    {
      const std::lock_guard lock(mutex_);
      plans.push_back(plan);
    }
    std::array<std::uint8_t, 4096> block{};
    const auto got = read_at(descriptor, block, 0, "");
    std::istringstream words(std::string(block.begin(), block.begin() + std::ptrdiff_t(*got)));
    if (on_extract) on_extract();
    Digester digester(plan.digests);
    digester.update(words.str());
    sink.on_digests(digester.finish());
    std::array<std::string, 2> hash;
    std::array<int, 2> quality{};
    words >> hash[0] >> quality[0] >> hash[1] >> quality[1];
    if (!words) return sink.on_end({Reason::kNotMedia, false, "sniff: no known format of media"});
    const bool fast = plan.precision != Precision::kExact;
    sink.on_facts({MediaKind::kImage, "fake", 640, 480, 0, false, fast ? "quick 1" : "slow 1"});
    PdqSignal signal;
    signal.hashes.fill(*parse_hash256(std::string(64, '0')));
    signal.hashes[0] = *parse_hash256(hash[fast ? 1 : 0]);
    signal.quality = quality[fast ? 1 : 0];
    signal.orders = fast ? 2 : 0;
    sink.on_pdq({&signal, 1});
    if (fast && !plan.probes.empty()) sink.on_probes(parts);
    sink.on_end(fast ? fast_ending : Ending{});
  }

 private:
  std::mutex mutex_;
};

struct ScanItemTest : testing::Test {
  TempFolder folder;
  MemoryStore store;
  TwoWayExtractor extractor;
  std::unique_ptr<Matcher> matcher;
  RunOptions options{{folder.path()}, 1};
  std::mt19937 rng{20261124};

  void SetUp() override {
    BankPolicy policy;
    policy.quality_floor = 50;
    auto bank = store.create_bank("demo", policy);
    ASSERT_TRUE(bank);
    add(bank->id, {{SignalKind::kPdq, {kKnown.bytes.begin(), kKnown.bytes.end()}},
                   100,
                   PdqProfile::kFull,
                   ""});
    remake();
  }
  void add(std::int64_t bank, BankSignal signal) {
    EntryDraft draft;
    draft.source = "list";
    draft.source_id = std::to_string(++added_);
    draft.signals = {std::move(signal)};
    ASSERT_TRUE(store.add_entry(bank, draft, Merge::kReplace));
  }
  void remake() {
    auto made = make_matcher(store, {});
    ASSERT_TRUE(made);
    matcher = std::move(*made);
  }
  Hash256 far(const Hash256& from, int bits) { return off_by(from, bits, rng); }
  void put(const std::string& name, const Hash256& exact, int exact_quality, const Hash256& fast,
           int fast_quality) {
    folder.put(name, to_hex(exact.bytes) + ' ' + std::to_string(exact_quality) + ' ' +
                         to_hex(fast.bytes) + ' ' + std::to_string(fast_quality));
  }
  std::vector<std::string> lines(Precision precision, ScanReport* report = nullptr) {
    options.precision = precision;
    std::vector<std::string> all;
    const auto write = [&](std::string_view line) {
      all.emplace_back(line);
      return ok();
    };
    auto done = scan(options, *matcher, extractor, write, nullptr, nullptr);
    EXPECT_TRUE(done) << done.error().what;
    if (done && report != nullptr) *report = *done;
    return all;
  }
  json only(Precision precision) {
    const auto all = lines(precision);
    EXPECT_EQ(all.size(), 1U);
    return json::parse(all.at(0));
  }

 private:
  int added_ = 0;
};

TEST_F(ScanItemTest, AutoReportsWhatExactReports) {
  for (int i = 0; i < 600; ++i) {
    const Hash256 exact = far(kKnown, static_cast<int>(rng() % 90));
    const int quality = static_cast<int>(rng() % 101);
    const int off = static_cast<int>(rng() % (2 * kFastQualityMargin + 1)) - kFastQualityMargin;
    put(std::to_string(i), exact, quality,
        far(exact, static_cast<int>(rng() % (kFastDistanceMargin + 1))),
        std::clamp(quality + off, 0, 100));
  }
  ScanReport of_exact;
  ScanReport of_auto;
  const auto exact = lines(Precision::kExact, &of_exact);
  const auto twice = lines(Precision::kAuto, &of_auto);
  ASSERT_EQ(exact.size(), twice.size());
  std::uint64_t fast = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i] == twice[i]) continue;
    json a = json::parse(exact[i]);
    json b = json::parse(twice[i]);
    EXPECT_EQ(a["outcome"], "clean") << exact[i];
    EXPECT_EQ(b["signals"][0]["precision"], "fast");
    EXPECT_EQ(b["signals"][0]["version"], "pdq-fast-1/dct3");
    a.erase("signals");
    b.erase("signals");
    EXPECT_EQ(a, b);
    ++fast;
  }
  EXPECT_GT(fast, 50U);
  EXPECT_GT(of_exact.counts.by_outcome[static_cast<std::size_t>(Outcome::kMatched)], 50U);
  EXPECT_EQ(of_exact.counts.extracted_twice, 0U);
  EXPECT_EQ(of_auto.counts.extracted_twice, exact.size() - fast);
  of_auto.counts.extracted_twice = 0;
  EXPECT_EQ(of_auto.counts, of_exact.counts);
  EXPECT_EQ(of_auto.matches_by_bank, of_exact.matches_by_bank);
}

TEST_F(ScanItemTest, EachPrecisionExtractsAsItSays) {
  put("a", far(kKnown, 30), 100, far(kKnown, 33), 100);
  EXPECT_EQ(only(Precision::kExact)["outcome"], "matched");
  ASSERT_EQ(extractor.plans.size(), 1U);
  EXPECT_EQ(extractor.plans[0].precision, Precision::kExact);
  extractor.plans.clear();

  const json fast = only(Precision::kFast);
  EXPECT_EQ(fast["outcome"], "clean") << "by the fast signal as it is";
  EXPECT_EQ(fast["signals"][0]["precision"], "fast");
  ASSERT_EQ(extractor.plans.size(), 1U);
  EXPECT_EQ(extractor.plans[0].precision, Precision::kFast);
  extractor.plans.clear();

  const json sure = only(Precision::kAuto);
  EXPECT_EQ(sure["outcome"], "matched");
  EXPECT_EQ(sure["signals"][0]["precision"], "exact");
  EXPECT_EQ(sure["signals"][0]["version"], kPdqVersion);
  EXPECT_EQ(sure["signals"][0]["decoder"], "slow 1");
  EXPECT_EQ(sure["matches"][0]["distance"], 30);
  ASSERT_EQ(extractor.plans.size(), 2U);
  EXPECT_EQ(extractor.plans[0].precision, Precision::kAuto);
  EXPECT_EQ(extractor.plans[1].precision, Precision::kExact);
}

TEST_F(ScanItemTest, AMatchOfADigestIsReportedWithExactSignals) {
  const Hash256 other = far(kKnown, 128);
  put("a", other, 100, other, 100);
  auto bank = store.find_bank("demo");
  ASSERT_TRUE(bank);
  add(bank->id, digest(SignalKind::kSha256, sha256_hex(scan_test::slurp(folder.at("a")))));
  remake();
  const json record = only(Precision::kAuto);
  EXPECT_EQ(record["matches"][0]["kind"], "sha256");
  EXPECT_EQ(record["signals"][0]["precision"], "exact");
}

TEST_F(ScanItemTest, TheSecondLookIsAtTheSameFile) {
  const Hash256 near = far(kKnown, 5);
  put("a", near, 100, near, 100);
  const TempFolder elsewhere;
  elsewhere.put("a", to_hex(far(kKnown, 128).bytes) + " 100 " + to_hex(near.bytes) + " 100");
  extractor.on_extract = [&] {  // another file takes the name between the two
    std::error_code gone;
    std::filesystem::rename(elsewhere.at("a"), folder.at("a"), gone);
  };
  const json record = only(Precision::kAuto);
  ASSERT_EQ(extractor.plans.size(), 2U);
  EXPECT_EQ(record["outcome"], "matched");
  EXPECT_EQ(record["matches"][0]["distance"], 5);
}

TEST_F(ScanItemTest, AFastExtractionThatDidNotEndWellIsNotBelieved) {
  put("a", kKnown, 100, far(kKnown, 128), 100);
  extractor.fast_ending = {Reason::kTruncated, true, "decode: ends too early"};
  const json record = only(Precision::kAuto);
  EXPECT_EQ(record["outcome"], "matched");
  EXPECT_FALSE(record.contains("reason"));
}

TEST_F(ScanItemTest, WhatHasNoFastSignalIsLookedAtOnce) {
  folder.put("a", "no picture");
  EXPECT_EQ(only(Precision::kAuto)["reason"], "not_media");
  EXPECT_EQ(extractor.plans.size(), 1U);
}

TEST_F(ScanItemTest, BanksThatComeToNeedMoreAreFollowedInBothLooks) {
  put("a", far(kKnown, 10), 100, far(kKnown, 12), 100);
  int asked = 0;
  options.before_match = [&] {  // the first entry with an MD5 comes while the item is extracted
    if (++asked == 1) {
      auto bank = store.find_bank("demo");
      add(bank->id, digest(SignalKind::kMd5, std::string(32, '1')));
    }
    return matcher->refresh();
  };
  const json record = only(Precision::kAuto);
  EXPECT_TRUE(record.contains("md5"));
  EXPECT_EQ(record["outcome"], "matched");
  ASSERT_EQ(extractor.plans.size(), 3U);
  EXPECT_EQ(extractor.plans[0].precision, Precision::kAuto);
  EXPECT_EQ(extractor.plans[1].precision, Precision::kAuto);
  EXPECT_EQ(extractor.plans[1].digests.size(), 2U);
  EXPECT_EQ(extractor.plans[2].precision, Precision::kExact);
  EXPECT_EQ(extractor.plans[2].digests.size(), 2U);
}

TEST_F(ScanItemTest, WhereFeaturesOrEmbeddingsAreAskedForPicturesAreExtractedExactlyAtOnce) {
  put("a", far(kKnown, 30), 100, far(kKnown, 33), 100);
  FeatureSet set;
  set.width = set.height = 100;
  auto bank = store.find_bank("demo");
  BankSignal features;
  features.value = {SignalKind::kOrb, to_bytes(set)};
  features.version = kFeaturesVersion;
  add(bank->id, features);
  remake();
  for (const Precision precision : {Precision::kAuto, Precision::kFast}) {
    extractor.plans.clear();
    const json record = only(precision);
    EXPECT_EQ(record["outcome"], "matched");
    EXPECT_EQ(record["signals"][0]["precision"], "exact");
    ASSERT_EQ(extractor.plans.size(), 1U);
    EXPECT_EQ(extractor.plans[0].precision, Precision::kExact);
    EXPECT_EQ(extractor.plans[0].features, kQueryFeatures);
    // A video is still looked at by its key frames first.
    EXPECT_EQ(extractor.plans[0].frames.sampling, Sampling::kKeyframes);
  }
}

TEST_F(ScanItemTest, AFastPartThatMayMatchIsExtractedAgain) {
  put("a", far(kKnown, 120), 100, far(kKnown, 120), 100);
  ProbeSignal part{{ProbeKind::kPanel, {0, 0, 5'000, 5'000}}, {}};
  part.pdq.quality = 100;
  const int farthest = default_probes().at(ProbeKind::kPanel) + kFastPartMargin;
  part.pdq.hashes.fill(far(kKnown, farthest));
  part.pdq.orders = 2;
  extractor.parts = {part};
  ASSERT_EQ(only(Precision::kAuto)["outcome"], "clean");
  EXPECT_EQ(extractor.plans.size(), 2U) << "within the margin of what a panel may be off";
  extractor.plans.clear();
  extractor.parts[0].pdq.hashes.fill(far(kKnown, farthest + 1));
  ASSERT_EQ(only(Precision::kAuto)["outcome"], "clean");
  EXPECT_EQ(extractor.plans.size(), 1U);
}

TEST_F(ScanItemTest, AnErrorOfTheFirstLookUpEndsTheRun) {
  put("a", kKnown, 100, kKnown, 100);
  auto bank = store.find_bank("demo");
  add(bank->id, digest(SignalKind::kSha256, sha256_hex(scan_test::slurp(folder.at("a")))));
  remake();
  store.entry_failure = Errc::kIo;
  options.precision = Precision::kAuto;
  auto done = scan(
      options, *matcher, extractor, [](std::string_view) { return ok(); }, nullptr, nullptr);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kIo);
  EXPECT_TRUE(done.error().what.starts_with("match " + folder.at("a"))) << done.error().what;
}

}  // namespace
}  // namespace semblance::scanner
