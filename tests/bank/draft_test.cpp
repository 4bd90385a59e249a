// SPDX-License-Identifier: Apache-2.0
#include "bank/draft.h"

#include <gmock/gmock.h>

#include "bank/picture_signals.h"
#include "bank/schema.h"

namespace semblance::bank {
namespace {

using testing::ElementsAre;

TEST(DraftTest, NormalisingSaysEverythingOnce) {
  EntryDraft draft =
      draft_of("1", {pdq_signal('b'), pdq_signal('a'), pdq_signal('b', 70)}, {"y", "x", "y"});
  normalise(draft);
  EXPECT_THAT(draft.labels, ElementsAre("y", "x"));
  EXPECT_THAT(draft.signals, ElementsAre(pdq_signal('a'), pdq_signal('b', 70)));
}

TEST(DraftTest, OneHashInTwoProfilesIsTwoSignals) {
  BankSignal cli = pdq_signal('a');
  cli.profile = PdqProfile::kCli512;
  EntryDraft draft = draft_of("1", {cli, pdq_signal('a')});
  normalise(draft);
  EXPECT_THAT(draft.signals, ElementsAre(pdq_signal('a'), cli));
}

TEST(DraftTest, UnitingKeepsWhatStandsAndTheNewerExpiry) {
  EntryDraft standing = draft_of("1", {pdq_signal('a', 60)}, {"x"});
  standing.expires_at = 100;
  EntryDraft said = draft_of("1", {pdq_signal('a', 90)}, {"y"});
  EntryDraft both = united(standing, said);
  EXPECT_THAT(both.signals, ElementsAre(pdq_signal('a', 60)));
  EXPECT_THAT(both.labels, ElementsAre("x", "y"));
  EXPECT_EQ(both.expires_at, 100);
  said.expires_at = 200;
  EXPECT_EQ(united(standing, said).expires_at, 200);
}

TEST(DraftTest, AHashOfTheWholeAndOfAPartIsOfTheWhole) {
  const BankSignal whole = pdq_signal('a');
  const BankSignal part = part_signal('a');
  EntryDraft draft = draft_of("1", {part, whole});
  normalise(draft);
  EXPECT_THAT(draft.signals, ElementsAre(whole)) << "and of the quality that the whole said";
  // Whichever was there before.
  EXPECT_THAT(united(draft, draft_of("1", {part})).signals, ElementsAre(whole));
  EXPECT_THAT(united(draft_of("1", {part}), draft_of("1", {whole})).signals, ElementsAre(whole));
  // Of two parts, the one of the first kind.
  draft = draft_of("1", {part, part_signal('a', kTrimmedPart, 10)});
  normalise(draft);
  EXPECT_THAT(draft.signals, ElementsAre(part_signal('a', kTrimmedPart, 10)));
  // In another profile it is another hash.
  BankSignal cli = whole;
  cli.profile = PdqProfile::kCli512;
  draft = draft_of("1", {cli, part});
  normalise(draft);
  EXPECT_THAT(draft.signals, ElementsAre(part, cli));
}

TEST(DraftTest, OfTwoEmbeddingsOfAModelTheLaterStands) {
  const BankSignal first = embedding_signal("gist", 1);
  const BankSignal second = embedding_signal("gist", 0);
  EXPECT_THAT(united(draft_of("1", {first}), draft_of("1", {second})).signals, ElementsAre(second));
  const BankSignal other_version = embedding_signal("gist", 1, "v2");
  const BankSignal other_model = embedding_signal("abc", 1);
  EntryDraft draft = draft_of("1", {other_version, second, first, other_model});
  normalise(draft);
  EXPECT_THAT(draft.signals, ElementsAre(other_model, first, other_version));
  // Features of two pictures are both kept.
  draft = draft_of("1", {features_signal(2), features_signal(1), features_signal(2)});
  normalise(draft);
  EXPECT_EQ(draft.signals.size(), 2U);
}

TEST(DraftTest, WhatOfAPictureCannotBeComparedIsRefused) {
  const auto refused = [](BankSignal signal) {
    const Status checked = check_draft(draft_of("1", {std::move(signal)}));
    return !checked && checked.error().code == Errc::kBadArgument;
  };
  for (const BankSignal& good :
       {part_signal('a'), part_signal('a', kTrimmedPart, std::nullopt), features_signal(0),
        features_signal(kMaxFeatures), embedding_signal("lab-2.1", 3, std::string(200, 'v'))}) {
    EXPECT_TRUE(check_draft(draft_of("1", {good})));
    BankSignal bad = good;
    bad.version = std::string(201, 'v');
    EXPECT_TRUE(refused(bad));
    bad = good;
    bad.version = "a\nb";
    EXPECT_TRUE(refused(bad));
    bad = good;
    bad.value.bytes.pop_back();
    EXPECT_TRUE(refused(bad));
    bad.value.bytes.clear();
    EXPECT_TRUE(refused(bad));
  }
  BankSignal part = part_signal('a');
  part.profile = PdqProfile::kCli512;
  EXPECT_TRUE(refused(part));
  part.profile.reset();
  EXPECT_TRUE(refused(part));
  EXPECT_TRUE(refused(part_signal('a', {ProbeKind::kWhole, {}})));
  EXPECT_TRUE(refused(part_signal('a', {ProbeKind::kWindow, {1, 0, 10'000, 1}})));
  EXPECT_TRUE(refused(part_signal('a', kWindowPart, 101)));
  for (BankSignal large : {features_signal(2), embedding_signal("gist", 1)}) {
    large.part = kWindowPart;
    EXPECT_TRUE(refused(large));
    large.part.reset();
    large.quality = 50;
    EXPECT_TRUE(refused(large));
    large.quality.reset();
    large.profile = PdqProfile::kFull;
    EXPECT_TRUE(refused(large));
    large.profile.reset();
    large.version.clear();
    EXPECT_TRUE(refused(large)) << "comparable with none";
  }
  BankSignal vector = embedding_signal("gist", 1);
  vector.value.bytes = to_bytes(std::vector<float>{1, 1});
  EXPECT_TRUE(refused(vector)) << "not of length 1";
  vector.value.bytes = to_bytes(std::vector<float>(kMaxDimension + 1));
  EXPECT_TRUE(refused(vector));
  for (const char* name : {"", "Gist", "a b", "../a"}) {
    EXPECT_TRUE(refused(embedding_signal(name, 1))) << name;
  }
  for (BankSignal other : {pdq_signal('a'), features_signal(1)}) {
    other.model = "gist";
    EXPECT_TRUE(refused(other));
  }
  BankSignal many = features_signal(kMaxFeatures + 1);
  EXPECT_TRUE(refused(many));
}

TEST(DraftTest, ASchemaIsNeededForWhatItBrought) {
  const auto needed = [](const std::vector<BankSignal>& all) { return schema_needed(all); };
  EXPECT_LT(needed({pdq_signal('a')}), kVideoSchema);
  EXPECT_EQ(needed({pdq_signal('a'), part_signal('b')}), kPartsSchema);
  EXPECT_EQ(needed({features_signal(1)}), kPartsSchema);
  EXPECT_EQ(needed({pdq_signal('a'), embedding_signal("gist", 1)}), kPartsSchema);
}

}  // namespace
}  // namespace semblance::bank
