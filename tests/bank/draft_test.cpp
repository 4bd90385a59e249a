// SPDX-License-Identifier: Apache-2.0
#include "bank/draft.h"

#include <gmock/gmock.h>

#include "bank/bank_fixture.h"

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

}  // namespace
}  // namespace semblance::bank
