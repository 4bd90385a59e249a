// SPDX-License-Identifier: Apache-2.0
#include "bank/content_digest.h"

#include <set>

#include "bank/bank_fixture.h"

namespace semblance::bank {
namespace {

class ContentDigestTest : public BankTest {};

TEST_F(ContentDigestTest, IsTheSameWhileWhatMatchesIsTheSame) {
  add(draft_of("1", {pdq_signal('a', 80)}, {"x"}));
  const std::string before = digest();
  EXPECT_EQ(before.size(), 64U);
  now += 1000;
  add(draft_of("1", {pdq_signal('a', 80)}, {"x"}));
  store = open(false);
  EXPECT_EQ(digest(), before);
  // An entry that is withdrawn contributes nothing; what comes and goes leaves no trace.
  add(draft_of("2", {pdq_signal('b')}));
  EXPECT_NE(digest(), before);
  tombstone("2");
  EXPECT_EQ(digest(), before);
}

TEST_F(ContentDigestTest, DiffersWithEveryPartThatAMatchShows) {
  BankSignal profile = pdq_signal('a', 80);
  profile.profile = PdqProfile::kCli512;
  BankSignal sha;
  sha.value = value_of(SignalKind::kSha256, hex_of('a'));
  std::set<std::string> seen = {digest()};
  const auto expect_new = [&](const EntryDraft& draft, const char* what) {
    add(draft);
    EXPECT_TRUE(seen.insert(digest()).second) << what;
  };
  expect_new(draft_of("1", {pdq_signal('a', 80)}, {"x"}), "an entry");
  expect_new(draft_of("1", {pdq_signal('a', 81)}, {"x"}), "a quality");
  expect_new(draft_of("1", {pdq_signal('a')}, {"x"}), "no quality");
  expect_new(draft_of("1", {profile}, {"x"}), "a profile");
  expect_new(draft_of("1", {pdq_signal('b', 80)}, {"x"}), "a value");
  expect_new(draft_of("1", {sha}, {"x"}), "a kind");
  expect_new(draft_of("1", {pdq_signal('a', 80)}, {"y"}), "a label");
  expect_new(draft_of("1", {pdq_signal('a', 80)}, {"y", "z"}), "two labels");
  expect_new(draft_of("1", {pdq_signal('a', 80)}, {"yz"}), "the same letters in one label");
}

TEST_F(ContentDigestTest, DiffersWithThePolicy) {
  std::set<std::string> seen = {digest()};
  BankPolicy policy;
  create("c", policy);
  EXPECT_TRUE(seen.insert(digest("c")).second) << "the name";
  policy.quality_floor = 49;
  create("d", policy);
  policy.purpose = "p";
  create("e", policy);
  policy.max_distance[SignalKind::kPdq] = 30;
  create("f", policy);
  for (const char* name : {"d", "e", "f"}) {
    EXPECT_TRUE(seen.insert(digest(name)).second) << name;
  }
  EXPECT_EQ(store->content_digest("nope").error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace semblance::bank
