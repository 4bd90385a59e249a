// SPDX-License-Identifier: Apache-2.0
// What a scan reports of photographs and altered copies of them: by `auto` the same as by `exact`.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "conformance/reference_data.h"
#include "core/temporary_folder.h"
#include "datasets/alterations.h"
#include "datasets/quality_alterations.h"
#include "datasets/scene.h"
#include "match/memory_store.h"
#include "sanitized.h"
#include "semblance/scan.h"

namespace semblance {
namespace {

using nlohmann::json;

constexpr std::size_t kCopies = 5;  // of each photograph
constexpr int kJobs = 2;

std::filesystem::path photo_folder() {
  return std::filesystem::path(SEMBLANCE_TEST_DATA) / "photos";
}

datasets::Picture coloured(const pictures::Picture& from) {
  datasets::Picture picture(from.width, from.height);
  const auto channels = static_cast<std::size_t>(from.channels);
  for (std::size_t i = 0; i < std::size_t{from.width} * from.height; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      picture.rgb[3 * i + c] = from.pixels[channels * i + (channels == 3 ? c : 0)];
    }
  }
  return picture;
}

/// Copies of the photographs, each altered in kCopies ways of the catalogue, in turns.
void write_copies(const std::vector<std::string>& photos, const TemporaryFolder& folder) {
  const auto all = datasets::alterations();
  const auto write = [&](std::size_t first) {
    for (std::size_t i = first; i < photos.size(); i += kJobs) {
      const datasets::Picture original = coloured(conformance::decode_file(photos[i]));
      for (std::size_t k = 0; k < kCopies; ++k) {
        const datasets::Alteration& alteration = all[(kCopies * i + k) % all.size()];
        datasets::Random random(i);
        const auto bytes = datasets::altered_copy(original, alteration, random);
        ASSERT_TRUE(bytes) << photos[i] << ' ' << alteration.name;
        folder.write(std::to_string(i) + '-' + std::string(alteration.name), *bytes);
      }
    }
  };
  std::jthread other([&] { write(1); });
  write(0);
}

class PrecisionTest : public ::testing::Test {
 protected:
  // Every second picture is known, so that copies of the others are near none.
  void bank_every_second(const std::vector<std::string>& photos, int max_distance) {
    BankPolicy policy;
    policy.max_distance[SignalKind::kPdq] = max_distance;
    auto bank = store_.create_bank("within-" + std::to_string(max_distance), policy);
    ASSERT_TRUE(bank);
    std::vector<std::string> known;
    for (std::size_t i = 0; i < photos.size(); i += 2) known.push_back(photos[i]);
    auto added = for_each_extraction(
        {known, kJobs}, Plan{}, *extractor_,
        [&](const Item& item, const Extraction& found) -> Status {
          EntryDraft draft;
          draft.source = "photos";
          draft.source_id = item.path;
          const Hash256& hash = found.pdq.at(0).hash();
          draft.signals = {{{SignalKind::kPdq, {hash.bytes.begin(), hash.bytes.end()}},
                            found.pdq[0].quality,
                            PdqProfile::kFull,
                            ""}};
          auto entry = store_.add_entry(bank->id, draft, Merge::kReplace);
          return entry ? ok() : Status(std::move(entry).error());
        },
        nullptr, nullptr);
    ASSERT_TRUE(added) << added.error().what;
  }

  std::vector<std::string> lines(const std::vector<std::string>& paths, Precision precision,
                                 ScanReport& report) {
    std::vector<std::string> all;
    const auto matcher = make_matcher(store_, {});
    EXPECT_TRUE(matcher);
    RunOptions options{paths, kJobs};
    options.precision = precision;
    auto done = scan(
        options, **matcher, *extractor_,
        [&](std::string_view line) {
          all.emplace_back(line);
          return ok();
        },
        nullptr, nullptr);
    EXPECT_TRUE(done) << done.error().what;
    if (done) report = *done;
    return all;
  }

  MemoryStore store_;
  const std::unique_ptr<Extractor> extractor_ = make_in_process_extractor();
};

TEST_F(PrecisionTest, AutoReportsWhatExactReportsOfPhotographsAndTheirCopies) {
  if (test::kSanitized) GTEST_SKIP() << test::kSlowWhenSanitized;
  if (!std::filesystem::is_directory(photo_folder())) GTEST_SKIP() << "no " << photo_folder();
  std::vector<std::string> photos;
  for (const auto& entry : std::filesystem::directory_iterator(photo_folder())) {
    if (entry.path().extension() == ".jpg") photos.push_back(entry.path());
  }
  std::sort(photos.begin(), photos.end());
  const TemporaryFolder folder;
  write_copies(photos, folder);
  for (const int max_distance : {10, kDefaultMaxDistance}) bank_every_second(photos, max_distance);

  const std::vector<std::string> paths = {folder / "", photo_folder()};
  ScanReport of_exact;
  ScanReport of_auto;
  const auto exact = lines(paths, Precision::kExact, of_exact);
  const auto twice = lines(paths, Precision::kAuto, of_auto);
  ASSERT_EQ(exact.size(), twice.size());
  ASSERT_GT(exact.size(), (kCopies + 1) * photos.size() - 1);
  std::size_t fast = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (exact[i] == twice[i]) continue;
    ++fast;
    json a = json::parse(exact[i]);
    json b = json::parse(twice[i]);
    EXPECT_EQ(a["outcome"], "clean") << exact[i];
    for (json* record : {&a, &b}) record->erase("signals");
    EXPECT_EQ(a, b);
  }
  EXPECT_GT(fast, photos.size()) << "hardly any was clean by its low frequencies";
  EXPECT_GT(of_exact.matches_by_bank["within-31"], of_exact.matches_by_bank["within-10"]);
  EXPECT_GT(of_exact.matches_by_bank["within-10"], photos.size() / 2);
  EXPECT_EQ(of_auto.matches_by_bank, of_exact.matches_by_bank);
  RecordProperty("scanned", static_cast<int>(exact.size()));
  RecordProperty("extracted_once", static_cast<int>(fast));
  RecordProperty("extracted_twice", static_cast<int>(of_auto.counts.extracted_twice));
}

/// Drawn scenes as `original-*`, and collages and screenshots of each of them as JPEGs.
void write_compositions(std::uint64_t seed, std::uint32_t count, const TemporaryFolder& folder,
                        std::vector<std::string>& originals) {
  std::vector<datasets::Picture> scenes;
  for (std::uint32_t i = 0; i < count; ++i) {
    scenes.push_back(datasets::draw_scene(seed, i, 640, 480));
    const auto bytes = datasets::encode(scenes.back(), {.quality = 95});
    ASSERT_TRUE(bytes);
    originals.push_back(folder.write("original-" + std::to_string(i), *bytes));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    std::vector<const datasets::Picture*> others;
    for (std::uint32_t k = 1; k <= datasets::kOthers; ++k) {
      // Of those that are not known, so that what is known is found once.
      others.push_back(&scenes[((i | 1U) + 2 * k) % count]);
    }
    datasets::Random random(seed + i);
    for (datasets::QualityAlteration alteration : datasets::quality_alterations()) {
      if (alteration.family != "collage" && alteration.family != "screenshot") continue;
      alteration.encoding.format = datasets::FileFormat::kJpeg;
      const auto bytes = datasets::quality_copy(scenes[i], others, alteration, random);
      ASSERT_TRUE(bytes) << i << ' ' << alteration.name;
      folder.write(std::to_string(i) + '-' + std::string(alteration.name), *bytes);
    }
  }
}

// No margin covers an edge that is seen in one look alone: src/match/README.md has the figures. Of
// these very pictures hardly any is missed.
TEST_F(PrecisionTest, AutoReportsWhatExactReportsOfCollagesAndScreenshots) {
  if (test::kSanitized) GTEST_SKIP() << test::kSlowWhenSanitized;
  constexpr std::size_t kFewestFound = 80;
  const TemporaryFolder folder;
  std::vector<std::string> originals;
  write_compositions(1, 20, folder, originals);
  bank_every_second(originals, kDefaultMaxDistance);
  ScanReport of_exact;
  ScanReport of_auto;
  const auto exact = lines({folder / ""}, Precision::kExact, of_exact);
  const auto twice = lines({folder / ""}, Precision::kAuto, of_auto);
  ASSERT_EQ(exact.size(), twice.size());
  std::size_t found = 0;
  std::size_t missed = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (json::parse(exact[i])["outcome"] == "clean") continue;
    ++found;
    if (exact[i] == twice[i]) continue;
    ++missed;
    EXPECT_EQ(json::parse(twice[i])["outcome"], "clean") << twice[i];
  }
  EXPECT_GE(found, kFewestFound);
  EXPECT_LE(50 * missed, found);
  EXPECT_LT(of_auto.counts.extracted_twice, exact.size()) << "all were looked at twice";
  RecordProperty("found", static_cast<int>(found));
  RecordProperty("missed", static_cast<int>(missed));
  RecordProperty("extracted_twice", static_cast<int>(of_auto.counts.extracted_twice));
}

}  // namespace
}  // namespace semblance
