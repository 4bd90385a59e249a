// SPDX-License-Identifier: Apache-2.0
// Matching over the real store: what the unit tests do with a store in memory, end to end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "core/temporary_folder.h"
#include "semblance/match.h"

namespace semblance {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kKnown =
    "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";

BankSignal signal(SignalKind kind, std::string_view hex) {
  auto value = parse_signal_value(kind, hex);
  EXPECT_TRUE(value);
  BankSignal made;
  made.value = *std::move(value);
  if (kind == SignalKind::kPdq) {
    made.quality = 100;
    made.profile = PdqProfile::kFull;
    made.version = kPdqVersion;
  }
  return made;
}

class StoreMatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_store(folder_ / "banks.db", true);
    ASSERT_TRUE(opened) << opened.error().what;
    store_ = *std::move(opened);
    BankPolicy policy;
    policy.max_distance[SignalKind::kPdq] = 10;
    auto bank = store_->create_bank("demo", policy);
    ASSERT_TRUE(bank) << bank.error().what;
    bank_ = bank->id;
    EntryDraft draft;
    draft.source = "list";
    draft.source_id = "1";
    draft.labels = {"far-right"};
    draft.signals = {signal(SignalKind::kPdq, kKnown),
                     signal(SignalKind::kMd5, "900150983cd24fb0d6963f7d28e17f72")};
    ASSERT_TRUE(store_->add_entry(bank_, draft, Merge::kReplace));
  }

  // An item whose picture is `bits` away from the entry, turned by a half.
  static Extraction item(int bits) {
    Extraction item;
    PdqSignal pdq;
    pdq.quality = 100;
    for (std::size_t t = 0; t < kTransforms; ++t) pdq.hashes[t].bytes.fill(0x11);
    auto hash = parse_hash256(kKnown);
    EXPECT_TRUE(hash);
    for (int bit = 0; bit < bits; ++bit) {
      hash->bytes[static_cast<std::size_t>(bit)] ^= 1U;
    }
    pdq.hashes[static_cast<std::size_t>(Transform::kRot180)] = *hash;
    item.pdq = {pdq};
    return item;
  }

  std::vector<Match> look_up(const Matcher& matcher, const Extraction& item) {
    auto result = matcher.match(item);
    EXPECT_TRUE(result) << result.error().what;
    return result ? result->matches : std::vector<Match>{};
  }

  const TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  std::int64_t bank_ = 0;
};

TEST_F(StoreMatchTest, FindsByHashAndDigestAndExplains) {
  auto matcher = make_matcher(*store_, {});
  ASSERT_TRUE(matcher) << matcher.error().what;
  ASSERT_THAT((*matcher)->banks(), SizeIs(1));
  EXPECT_EQ((*matcher)->banks()[0].pdq_indexed, 1U);
  EXPECT_EQ((*matcher)->banks()[0].entries, 1U);
  EXPECT_THAT((*matcher)->banks()[0].content_digest, SizeIs(64));
  EXPECT_THAT((*matcher)->plan().digests,
              ::testing::ElementsAre(SignalKind::kSha256, SignalKind::kMd5));

  Extraction near = item(10);
  near.digests = {signal(SignalKind::kMd5, "900150983cd24fb0d6963f7d28e17f72").value};
  const std::vector<Match> matches = look_up(**matcher, near);
  ASSERT_THAT(matches, SizeIs(2));
  EXPECT_EQ(matches[0].kind, SignalKind::kMd5);
  EXPECT_EQ(matches[1].distance, 10);
  EXPECT_EQ(matches[1].max_distance, 10);
  EXPECT_EQ(matches[1].transform, Transform::kRot180);
  EXPECT_EQ(matches[1].profile, PdqProfile::kFull);
  EXPECT_EQ(matches[1].entry_quality, 100);
  EXPECT_EQ(matches[1].bank, "demo");
  EXPECT_EQ(matches[1].source, "list");
  EXPECT_EQ(matches[1].source_id, "1");
  EXPECT_THAT(matches[1].labels, ::testing::ElementsAre("far-right"));
  EXPECT_THAT(look_up(**matcher, item(11)), IsEmpty());
}

TEST_F(StoreMatchTest, WithdrawnByAnotherProcessMatchesNothingFromThatMoment) {
  auto matcher = make_matcher(*store_, {});
  ASSERT_TRUE(matcher);
  const std::vector<Match> before = look_up(**matcher, item(0));
  ASSERT_THAT(before, SizeIs(1));
  auto other = open_store(folder_ / "banks.db", false);
  ASSERT_TRUE(other) << other.error().what;
  ASSERT_TRUE((*other)->withdraw(bank_, before[0].entry, "listed by mistake"));
  EXPECT_THAT(look_up(**matcher, item(0)), IsEmpty());

  auto after = make_matcher(*store_, {});
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->banks()[0].pdq_indexed, 0U);
  EXPECT_NE((*after)->banks()[0].content_digest, (*matcher)->banks()[0].content_digest);
}

TEST_F(StoreMatchTest, IsMadeWhileABankIsBeingWritten) {
  auto other = open_store(folder_ / "banks.db", false);
  ASSERT_TRUE(other) << other.error().what;
  EXPECT_TRUE((*other)->transaction([&]() -> Status {
    EntryDraft draft;
    draft.source = "list";
    draft.source_id = "2";
    draft.signals = {signal(SignalKind::kPdq, kKnown)};
    EXPECT_TRUE((*other)->add_entry(bank_, draft, Merge::kReplace));
    auto matcher = make_matcher(*store_, {});
    EXPECT_TRUE(matcher) << matcher.error().what;
    if (matcher) {
      EXPECT_EQ((*matcher)->banks()[0].pdq_indexed, 1U);
    }
    return ok();
  }));
  auto after = make_matcher(*store_, {});
  ASSERT_TRUE(after);
  EXPECT_EQ((*after)->banks()[0].pdq_indexed, 2U);
}

// A change that a second process makes while the first reads the banks, again and again.
TEST_F(StoreMatchTest, IndexDigestAndCountsAreOfOneMoment) {
  auto other = open_store(folder_ / "banks.db", false);
  ASSERT_TRUE(other);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    EntryDraft draft;
    draft.source = "list";
    draft.signals = {signal(SignalKind::kPdq, kKnown)};
    for (int i = 2; i < 500 && !done; ++i) {
      draft.source_id = std::to_string(i);
      EXPECT_TRUE((*other)->add_entry(bank_, draft, Merge::kReplace));
    }
  });
  for (int i = 0; i < 20; ++i) {
    auto matcher = make_matcher(*store_, {});
    EXPECT_TRUE(matcher) << matcher.error().what;
    if (!matcher) break;
    const BankSnapshot bank = (*matcher)->banks()[0];
    EXPECT_EQ(bank.entries, bank.pdq_indexed);
    EXPECT_EQ(bank.revision, bank.entries + 1);
  }
  done = true;
  writer.join();
}

// What could match before a refresh and can after it matches all the while, also an entry that its
// source sends again with another hash beside the one that is asked for.
TEST_F(StoreMatchTest, NothingIsMissedWhileAMatcherKeepsUp) {
  auto matcher = make_matcher(*store_, {});
  ASSERT_TRUE(matcher);
  std::atomic<bool> done{false};
  std::atomic<int> missed{0};
  std::atomic<int> asked{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        auto result = (*matcher)->match(item(0));
        ++asked;
        if (!result || result->matches.empty() || result->matches[0].entry != 1) ++missed;
        if ((*matcher)->banks().size() != 1 || (*matcher)->plan().digests.empty()) ++missed;
      }
    });
  }
  auto other = open_store(folder_ / "banks.db", false);
  EXPECT_TRUE(other);
  EntryDraft draft;
  draft.source = "list";
  for (int i = 2; other && (i < 150 || asked < 500); ++i) {
    draft.source_id = std::to_string(i);
    std::string hex(kKnown);
    hex.replace(0, 8, std::to_string(10'000'000 + i));
    draft.signals = {signal(SignalKind::kPdq, hex)};
    EXPECT_TRUE((*other)->add_entry(bank_, draft, Merge::kReplace));
    draft.source_id = "1";
    draft.signals.push_back(signal(SignalKind::kPdq, kKnown));
    EXPECT_TRUE((*other)->add_entry(bank_, draft, Merge::kReplace));
    if (i % 3 == 0) {
      EXPECT_TRUE((*other)->withdraw(bank_, i, ""));
    }
    EXPECT_TRUE((*matcher)->refresh());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace
}  // namespace semblance
