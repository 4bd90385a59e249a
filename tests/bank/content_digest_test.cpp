// SPDX-License-Identifier: Apache-2.0
#include "bank/content_digest.h"

#include <set>

#include "bank/picture_signals.h"

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

TEST_F(ContentDigestTest, DiffersWithWhatIsKnownOfAPicture) {
  std::set<std::string> seen = {digest()};
  const auto expect_new = [&](std::vector<BankSignal> signals, const char* what) {
    add(draft_of("1", std::move(signals)));
    EXPECT_TRUE(seen.insert(digest()).second) << what;
  };
  expect_new({pdq_signal('a', 90)}, "the whole");
  expect_new({part_signal('a')}, "a part of the same hash and quality");
  expect_new({part_signal('a', kTrimmedPart)}, "another part");
  expect_new({part_signal('a', {ProbeKind::kTrimmed, kWindowPart.window})}, "another kind");
  expect_new({features_signal(1)}, "features");
  expect_new({features_signal(1, "orb-2")}, "their version, by which they match or not");
  expect_new({embedding_signal("gist", 1)}, "an embedding");
  expect_new({embedding_signal("gist", 2)}, "another");
  expect_new({embedding_signal("gist", 2, "v2")}, "its version");
  expect_new({embedding_signal("tsig", 2, "v2")}, "its model");
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
  policy.probes[ProbeKind::kTrimmed] = 20;
  create("g", policy);
  policy.probes = {{ProbeKind::kPanel, 20}};
  create("h", policy);
  policy.probes.clear();
  create("i", policy);
  policy.entry_windows = true;
  create("j", policy);
  policy.features = true;
  create("k", policy);
  policy.embeddings["gist"] = 0.5F;
  create("l", policy);
  policy.embeddings["gist"] = 0.6F;
  create("m", policy);
  policy.embeddings["lab"] = 0.6F;
  create("n", policy);
  for (const char* name : {"d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"}) {
    EXPECT_TRUE(seen.insert(digest(name)).second) << name;
  }
  EXPECT_EQ(store->content_digest("nope").error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace semblance::bank
