// SPDX-License-Identifier: Apache-2.0
// An index saved beside a store: whose it is, what it spares, and what happened to the store since.
#include "semblance/saved_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "bank/sqlite_store.h"
#include "core/temporary_folder.h"
#include "match/matcher_fixture.h"
#include "match/video/made_up_video.h"

namespace semblance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SavedIndexTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    demo_ = create("demo", policy(31, 60));
    for (std::uint64_t i = 1; i <= 50; ++i) add(demo_, i, {pdq(random_hash(i))});
  }

  void open() {
    store_.reset();
    auto opened = bank::open_store_with_clock(path_, true, [this] {
      if (auto once = std::exchange(meanwhile_, nullptr)) once();
      return now_;
    });
    ASSERT_TRUE(opened) << opened.error().what;
    store_ = *std::move(opened);
  }

  std::int64_t create(const std::string& name, const BankPolicy& policy) {
    auto bank = store_->create_bank(name, policy);
    EXPECT_TRUE(bank) << bank.error().what;
    return bank->id;
  }

  void add(std::int64_t bank, std::uint64_t item, std::vector<BankSignal> signals,
           std::optional<UnixSeconds> expires_at = std::nullopt) {
    EntryDraft draft;
    draft.source = "list";
    draft.source_id = std::to_string(item);
    draft.signals = std::move(signals);
    draft.expires_at = expires_at;
    auto added = store_->add_entry(bank, draft, Merge::kReplace);
    EXPECT_TRUE(added) << added.error().what;
  }

  std::vector<SavedIndex> save() {
    auto saved = save_index(*store_, path_, {});
    EXPECT_TRUE(saved) << saved.error().what;
    return saved ? *saved : std::vector<SavedIndex>{};
  }

  Result<std::unique_ptr<Matcher>> make(MatcherOptions options = {}) {
    options.saved_beside = path_;
    return make_matcher(*store_, options);
  }

  std::vector<std::string> look_up(const Hash256& hash, const MatcherOptions& options = {}) {
    auto matcher = make(options);
    EXPECT_TRUE(matcher) << matcher.error().what;
    if (!matcher) return {"no matcher"};
    const SignalValue value = pdq_value(hash);
    auto results = (*matcher)->match({&value, 1}, std::nullopt);
    EXPECT_TRUE(results) << results.error().what;
    return results ? where(results->front()) : std::vector<std::string>{"no answer"};
  }

  std::string full() const { return saved_index_path(path_, PdqProfile::kFull); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "banks.db";
  UnixSeconds now_ = 1'900'000'000;
  std::function<void()> meanwhile_;  // done when the store next asks what time it is
  std::unique_ptr<Store> store_;
  std::int64_t demo_ = 0;
};

TEST_F(SavedIndexTest, IsOneFileAProfileThatHoldsWhatMayMatch) {
  add(demo_, 51, {pdq(random_hash(51), 59)});  // under the floor
  add(demo_, 52, {pdq(random_hash(52), 60, PdqProfile::kCli512)});
  const auto saved = save();
  ASSERT_EQ(saved.size(), 2U);
  EXPECT_EQ(saved[0].path, path_ + ".pdq-full.index");
  EXPECT_EQ(saved[0].facts.codes, 50U);
  EXPECT_EQ(saved[1].path, path_ + ".pdq-cli512.index");
  EXPECT_EQ(saved[1].facts.codes, 1U);
  EXPECT_EQ(saved[0].bytes, std::filesystem::file_size(full()));
  EXPECT_THAT(look_up(flipped(random_hash(7), 31)), ElementsAre("demo/7"));
  EXPECT_THAT(look_up(random_hash(51)), IsEmpty());
  EXPECT_THAT(look_up(random_hash(52)), ElementsAre("demo/52"));
}

TEST_F(SavedIndexTest, ItAndTheBanksGiveTheSameAsWithoutIt) {
  save();
  auto with = make();
  auto without = make_matcher(*store_, {});
  ASSERT_TRUE(with && without);
  EXPECT_EQ((*with)->banks(), (*without)->banks());
  EXPECT_EQ((*with)->banks()[0].pdq_indexed, 50U);
  EXPECT_EQ((*with)->banks()[0].content_digest, *store_->content_digest("demo"));
  EXPECT_EQ((*with)->plan().pdq_profiles, (*without)->plan().pdq_profiles);
}

TEST_F(SavedIndexTest, WhatTheStoreGainedAndLostSinceIsAddedAtOpening) {
  save();
  add(demo_, 51, {pdq(random_hash(51))});
  add(demo_, 2, {pdq(random_hash(102))});  // entry 2 says otherwise
  ASSERT_TRUE(store_->withdraw(demo_, 3, ""));
  const auto other = create("other", policy(0));
  add(other, 1, {pdq(flipped(random_hash(4), 1))});
  EXPECT_THAT(look_up(random_hash(51)), ElementsAre("demo/51"));
  EXPECT_THAT(look_up(random_hash(102)), ElementsAre("demo/2"));
  EXPECT_THAT(look_up(random_hash(2)), IsEmpty());
  EXPECT_THAT(look_up(random_hash(3)), IsEmpty());
  EXPECT_THAT(look_up(flipped(random_hash(4), 1)), ElementsAre("other/52", "demo/4"));
  EXPECT_THAT(look_up(random_hash(4), {{"other"}, std::nullopt}), IsEmpty());
  auto matcher = make();
  ASSERT_TRUE(matcher);
  EXPECT_EQ((*matcher)->banks()[0].pdq_indexed, 50U);
  EXPECT_EQ((*matcher)->banks()[0].content_digest, *store_->content_digest("demo"));
}

TEST_F(SavedIndexTest, AnExpiryChangesWhatItSaysAndNotTheFile) {
  add(demo_, 51, {pdq(random_hash(51))}, now_ + 100);
  save();
  EXPECT_THAT(look_up(random_hash(51)), ElementsAre("demo/51"));
  const std::string before = *store_->content_digest("demo");
  now_ += 100;
  // What matches is judged by the matcher's own clock, the banks by the store's.
  auto matcher = make();
  ASSERT_TRUE(matcher) << matcher.error().what;
  EXPECT_EQ((*matcher)->banks()[0].pdq_indexed, 50U);
  EXPECT_EQ((*matcher)->banks()[0].content_digest, *store_->content_digest("demo"));
  EXPECT_NE((*matcher)->banks()[0].content_digest, before);
}

TEST_F(SavedIndexTest, AnEntryThatHadExpiredIsThereForAClockThatIsBehind) {
  const UnixSeconds far = UnixSeconds{1} << 40;
  add(demo_, 51, {pdq(random_hash(51))}, far);
  now_ = far + 5;
  save();
  now_ = far - 5;
  EXPECT_THAT(look_up(random_hash(51)), ElementsAre("demo/51"));
}

TEST_F(SavedIndexTest, AnotherStoresIsRefusedByName) {
  save();
  const std::string theirs = folder_ / "theirs.db";
  auto other = open_store(theirs, true);
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->create_bank("demo", {}));
  std::filesystem::copy_file(full(), saved_index_path(theirs, PdqProfile::kFull));
  auto made = make_matcher(**other, {.banks = {}, .max_distance = {}, .saved_beside = theirs});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kMismatch);
  EXPECT_THAT(made.error().what, HasSubstr(saved_index_path(theirs, PdqProfile::kFull)));
  EXPECT_THAT(made.error().what, HasSubstr("semblance bank index"));
  EXPECT_EQ(verify_index(**other, theirs).error().code, Errc::kMismatch);
}

// Restored, a store counts on from where it was: by numbers alone its new entries would seem to be
// those that the index holds.
TEST_F(SavedIndexTest, ALaterMomentThanARestoredCopyIsRefused) {
  store_.reset();
  std::filesystem::copy_file(path_, folder_ / "backup.db");
  open();
  add(demo_, 51, {pdq(random_hash(51))});
  save();
  store_.reset();
  std::filesystem::copy_file(folder_ / "backup.db", path_,
                             std::filesystem::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(make().error().code, Errc::kMismatch);
  add(demo_, 99, {pdq(random_hash(99))});  // of the same number and id as what was lost
  EXPECT_EQ(make().error().code, Errc::kMismatch);
  save();
  EXPECT_THAT(look_up(random_hash(99)), ElementsAre("demo/51"));
}

TEST_F(SavedIndexTest, ACopyOfBothIsUsedAsItIs) {
  save();
  store_.reset();
  std::filesystem::copy_file(path_, folder_ / "copy.db");
  std::filesystem::copy_file(full(), saved_index_path(folder_ / "copy.db", PdqProfile::kFull));
  auto copy = bank::open_store_with_clock(folder_ / "copy.db", false, [this] { return now_; });
  ASSERT_TRUE(copy);
  auto saved = verify_index(**copy, folder_ / "copy.db");
  ASSERT_TRUE(saved) << saved.error().what;
  EXPECT_EQ(saved->size(), 1U);
  EXPECT_TRUE(saved->front().current);
  open();
}

TEST_F(SavedIndexTest, AnIndexThatIsSavedWhileAMatcherIsMadeIsNotTakenForAForeignOne) {
  save();
  const auto save_elsewhere = [&] {
    auto other = open_store(path_, false);
    ASSERT_TRUE(other);
    EntryDraft draft;
    draft.source = "other";
    draft.source_id = std::to_string(*(*other)->newest_entry());
    draft.signals = {pdq(random_hash(51))};
    ASSERT_TRUE((*other)->add_entry(demo_, draft, Merge::kReplace));
    ASSERT_TRUE(save_index(**other, path_, {}));
  };
  meanwhile_ = save_elsewhere;
  auto made = make();
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(meanwhile_, nullptr);
  EXPECT_EQ((*made)->banks()[0].pdq_indexed, 50U);
  meanwhile_ = save_elsewhere;
  auto verified = verify_index(*store_, path_);
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_THAT(look_up(random_hash(51)), ElementsAre("demo/51", "demo/52"));
}

// The label of the entry that was withdrawn stands in a block that nobody has read by then.
TEST_F(SavedIndexTest, DamageThatCatchingUpComesUponIsAnErrorThatSaysWhatToDo) {
  ASSERT_TRUE(store_->transaction([&] {
    for (std::uint64_t i = 100; i < 3'000; ++i) add(demo_, i, {pdq(random_hash(i))});
    return ok();
  }));
  save();
  ASSERT_TRUE(store_->withdraw(demo_, 1, ""));
  const auto bytes = std::filesystem::file_size(full());
  std::size_t found = 0;
  for (std::uint64_t at = 4096; at < bytes; at += 4096) {
    std::fstream file(full(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    const auto put = [&](int value) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(value));
      file.flush();
    };
    put(byte ^ 1);
    auto made = make();
    put(byte);
    if (made) continue;
    EXPECT_EQ(made.error().code, Errc::kCorruptStore) << at;
    EXPECT_THAT(made.error().what, HasSubstr(full()));
    EXPECT_THAT(made.error().what, HasSubstr("semblance bank index"));
    if (made.error().what.find("open index") == std::string::npos) ++found;
  }
  EXPECT_GT(found, 0U);
}

TEST_F(SavedIndexTest, WhoMayNotReadTheStoreMayNotReadItsIndex) {
  namespace fs = std::filesystem;
  for (const fs::perms allowed : {fs::perms(0600), fs::perms(0640), fs::perms(0664)}) {
    fs::permissions(path_, allowed);
    save();
    EXPECT_EQ(fs::status(full()).permissions(), allowed);
  }
}

TEST_F(SavedIndexTest, OfAnotherProfileItIsRefused) {
  save();
  std::filesystem::copy_file(full(), saved_index_path(path_, PdqProfile::kCli512),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(make().error().code, Errc::kMismatch);
}

TEST_F(SavedIndexTest, WhatIsNoIndexIsAnErrorThatNamesTheFile) {
  for (const char* text : {"", "nonsense", "semblance-pdq-index 1\n"}) {
    std::ofstream(full(), std::ios::binary) << text;
    auto made = make();
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().code, Errc::kCorruptStore) << text;
    EXPECT_THAT(made.error().what, HasSubstr(full()));
    EXPECT_THAT(made.error().what, HasSubstr("semblance bank index"));
    EXPECT_FALSE(verify_index(*store_, path_));
  }
  // An index that somebody else wrote, whole, and with a note of their own.
  ASSERT_TRUE(make_live_index()->save(full(), "theirs"));
  EXPECT_EQ(make().error().code, Errc::kCorruptStore);
  save();
  EXPECT_TRUE(make());
}

TEST_F(SavedIndexTest, VerifyingSaysWhetherItIsCurrentAndNotFoundIfThereIsNone) {
  EXPECT_EQ(verify_index(*store_, path_).error().code, Errc::kNotFound);
  save();
  auto saved = verify_index(*store_, path_);
  ASSERT_TRUE(saved) << saved.error().what;
  EXPECT_TRUE(saved->at(0).current);
  add(demo_, 51, {pdq(random_hash(51))});
  saved = verify_index(*store_, path_);
  ASSERT_TRUE(saved);
  EXPECT_FALSE(saved->at(0).current);
}

TEST_F(SavedIndexTest, AStoreWithoutHistoryHasNone) {
  MemoryStore early;
  early.keeps_history = false;
  EXPECT_EQ(save_index(early, path_, {}).error().code, Errc::kUnsupported);
  EXPECT_FALSE(std::filesystem::exists(full()));
}

TEST_F(SavedIndexTest, SavingStopsWhenToldAndLeavesTheOldOne) {
  ASSERT_TRUE(store_->transaction([&] {
    for (std::uint64_t i = 100; i < 10'000; ++i) add(demo_, i, {pdq(random_hash(i))});
    return ok();
  }));
  save();
  std::uint64_t told = 0;
  auto stopped = save_index(*store_, path_, [&](std::uint64_t read, std::uint64_t all) {
    told = read;
    EXPECT_EQ(all, 9'950U);
    return false;
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Errc::kIo);
  EXPECT_GT(told, 0U);
  EXPECT_TRUE(verify_index(*store_, path_));
}

TEST_F(SavedIndexTest, AMatcherThatOpenedItKeepsUp) {
  save();
  auto matcher = make();
  ASSERT_TRUE(matcher);
  add(demo_, 51, {pdq(random_hash(51))});
  ASSERT_TRUE(store_->withdraw(demo_, 1, ""));
  const Status fresh = (*matcher)->refresh();
  ASSERT_TRUE(fresh) << fresh.error().what;
  const std::vector<SignalValue> queries = {pdq_value(random_hash(51)), pdq_value(random_hash(1)),
                                            pdq_value(random_hash(2))};
  auto results = (*matcher)->match(queries, std::nullopt);
  ASSERT_TRUE(results);
  EXPECT_THAT(where((*results)[0]), ElementsAre("demo/51"));
  EXPECT_THAT((*results)[1], IsEmpty());
  EXPECT_THAT(where((*results)[2]), ElementsAre("demo/2"));
}

// Frames of videos are of the index of `full`, and nobody hashes or reads them again for it.
TEST_F(SavedIndexTest, HoldsThePartsOfPictures) {
  BankPolicy windows = policy(31, 60);
  windows.probes = {{ProbeKind::kWindow, 20}};
  BankSignal part = pdq(random_hash(71));
  part.part = Probe{ProbeKind::kWindow, {1'000, 0, 9'000, 9'000}};
  BankSignal plain = pdq(random_hash(72), 20);
  plain.part = Probe{ProbeKind::kWindow, {0, 0, 9'000, 9'000}};
  const auto crops = create("crops", windows);
  add(crops, 60, {pdq(random_hash(70)), part, plain});
  const auto saved = save();
  ASSERT_FALSE(saved.empty());
  EXPECT_EQ(saved[0].facts.codes, 52U);
  auto verified = verify_index(*store_, path_);
  ASSERT_TRUE(verified) << verified.error().what;
  EXPECT_TRUE(verified->at(0).current);
  EXPECT_THAT(look_up(flipped(random_hash(71), 20)), ElementsAre("crops/51"));
  EXPECT_THAT(look_up(flipped(random_hash(71), 21)), IsEmpty());
  EXPECT_THAT(look_up(random_hash(72)), IsEmpty());
}

TEST_F(SavedIndexTest, HoldsTheFramesOfVideos) {
  VideoSignal film = made_up_video(7, 300);
  film.frames[5].at.quality = 10;             // under the floor
  film.frames[6].hash = film.frames[7].hash;  // one code
  add(demo_, 51, {vpdq_signal(film)});
  const auto saved = save();
  EXPECT_EQ(saved[0].facts.codes, 50U + 298);
  EXPECT_TRUE(verify_index(*store_, path_));
  const auto query = made_up_query(8, 200, film, {{.at = 60, .from = 100, .frames = 80}});
  Extraction item;
  item.frames = query;
  const auto found_by = [&](const std::unique_ptr<Matcher>& matcher) {
    auto found = matcher->match(item);
    EXPECT_TRUE(found) << found.error().what;
    return where(found->matches);
  };
  auto matcher = make();
  ASSERT_TRUE(matcher) << matcher.error().what;
  EXPECT_THAT(found_by(*matcher), ElementsAre("demo/51"));
  // A second copy comes, and the first is sent again as another film.
  add(demo_, 52, {vpdq_signal(film)});
  add(demo_, 51, {vpdq_signal(made_up_video(9, 300))});
  ASSERT_TRUE((*matcher)->refresh());
  EXPECT_THAT(found_by(*matcher), ElementsAre("demo/52"));
  EXPECT_THAT(found_by(*make()), ElementsAre("demo/52"));
  save();
  EXPECT_TRUE(verify_index(*store_, path_));
  EXPECT_THAT(found_by(*make()), ElementsAre("demo/52"));
}

}  // namespace
}  // namespace semblance
