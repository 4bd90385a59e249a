// SPDX-License-Identifier: Apache-2.0
// What a store says of itself when any byte of its files was cut off or changed: what stood after
// one of its transactions, or an error. Never anything else.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "bank/bank_fixture.h"
#include "bank/database.h"
#include "bank/page_check.h"
#include "bank/picture_parts.h"
#include "bank/picture_signals.h"

namespace semblance::bank {
namespace {

using testing::HasSubstr;

constexpr UnixSeconds kNow = 1'767'225'600;
constexpr std::size_t kPage = 512;  // the smallest: a whole store is a few thousand bytes
constexpr std::size_t kLogHeader = 32;
constexpr std::size_t kFrameHeader = 24;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
  return bytes;
}

// The bytes of headers one by one, those between at a stride that meets each place of a word in
// turn.
std::size_t next_in_log(std::size_t at) {
  return at + (at < kLogHeader || (at - kLogHeader) % (kPage + kFrameHeader) < 32 ? 1 : 21);
}
std::size_t next_in_file(std::size_t at) { return at + (at < 100 || at % kPage < 9 ? 1 : 13); }

void tell_entry(std::ostream& out, const Entry& entry) {
  out << "entry " << entry.id << ' ' << entry.bank << ' ' << entry.item.source << ' '
      << entry.item.source_id << ' ' << entry.added_at << ' ' << entry.updated_at << ' '
      << entry.item.expires_at.value_or(-1) << ' ' << entry.withdrawn_at.value_or(-1) << ' '
      << static_cast<int>(entry.withdrawn_by.value_or(WithdrawnBy{})) << ' '
      << entry.withdrawn_reason << '\n';
  for (const std::string& label : entry.item.labels) out << " label " << label << '\n';
  for (const BankSignal& signal : entry.item.signals) {
    out << ' ' << name(signal.value.kind) << ' ' << to_hex(signal.value.bytes) << ' '
        << signal.quality.value_or(-1) << ' ' << signal.profile.has_value() << ' ' << signal.version
        << ' ' << (signal.part ? packed(*signal.part) : 0) << ' ' << signal.model << '\n';
  }
}

// Digits whose repetition is a digest that the store may hold.
constexpr std::string_view kDigits = "0123456789abcdef";

// All that a store tells, by each way of asking it; or its first error.
Result<std::string> told(Store& store) {
  std::ostringstream out;
  auto banks = store.list_banks();
  if (!banks) return std::move(banks).error();
  for (const BankInfo& bank : *banks) {
    auto digest = store.content_digest(bank.name);
    if (!digest) return std::move(digest).error();
    out << bank.name << ' ' << bank.policy.purpose << ' ' << bank.policy.quality_floor << ' '
        << bank.revision << ' ' << bank.active << ' ' << bank.withdrawn << ' ' << *digest << '\n';
    for (const auto& [kind, bits] : bank.policy.max_distance) out << name(kind) << bits << '\n';
    for (const auto& [kind, bits] : bank.policy.probes) out << name(kind) << bits << '\n';
    for (const auto& [model, least] : bank.policy.embeddings) out << model << least << '\n';
    out << bank.policy.entry_windows << bank.policy.features << bank.parts << '\n';
    auto visited = store.for_each_entry(bank.id, 0, [&](const Entry& entry) {
      tell_entry(out, entry);
      return true;
    });
    if (!visited) return std::move(visited).error();
  }
  auto indexed = store.for_each_pdq(0, [&](const IndexedSignal& signal) {
    out << signal.entry << ' ' << signal.bank << ' ' << to_hex(signal.hash.bytes) << ' '
        << (signal.part ? packed(*signal.part) : 0) << '\n';
    return true;
  });
  if (!indexed) return std::move(indexed).error();
  for (const char digit : kDigits) {
    auto found = store.find_digest(value_of(SignalKind::kMd5, hex_of(digit, 32)));
    if (!found) return std::move(found).error();
    for (const std::int64_t id : *found) out << digit << " is " << id << '\n';
  }
  return out.str();
}

BankSignal md5_signal(char digit) {
  BankSignal signal;
  signal.value = value_of(SignalKind::kMd5, hex_of(digit, 32));
  return signal;
}

// A store's files as a kill leaves them: the first transactions in the file, the others in the
// log; and what it told after each.
struct StoreDamageTest : testing::Test {
  // In memory where the system has such a place: thousands of stores are opened and flushed.
  TempFolder folder{::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ""};
  const std::string path = folder / "s.db";
  std::string main;
  std::string log;
  std::string index;
  std::vector<std::string> states;
  std::map<std::string, int> errors;  // by their words

  void SetUp() override {
    {
      SQLite::Database small(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      small.exec("PRAGMA page_size=512; VACUUM");
    }
    { ASSERT_TRUE(open(true)->create_bank("b", {})); }
    auto store = open(false);
    const std::int64_t bank = store->find_bank("b")->id;
    const auto commit = [&](const std::function<void()>& change) {
      ASSERT_TRUE(store->transaction([&] { return change(), ok(); }));
      states.push_back(*told(*store));
    };
    const auto add = [&](int first, int last) {
      for (int i = first; i < last; ++i) {
        const char digit = kDigits[static_cast<std::size_t>(i)];
        EXPECT_TRUE(store->add_entry(
            bank,
            draft_of(std::to_string(i), {pdq_signal(digit, 80), md5_signal(digit)}, {"known"}),
            Merge::kReplace));
      }
      if (first != 4) return;
      // One that more is known of.
      EXPECT_TRUE(
          store->add_entry(bank, draft_of("more", {part_signal('e'), embedding_signal("gist", 1)}),
                           Merge::kReplace));
    };
    states.push_back(*told(*store));
    commit([&] { add(0, 4); });
    store.reset();  // the last to close a store brings the log into the file
    ASSERT_FALSE(std::filesystem::exists(path + "-wal"));
    store = open(false);
    commit([&] { add(4, 7); });
    commit([&] { EXPECT_TRUE(store->withdraw(bank, 2, "a person's word")); });
    commit([&] {
      EXPECT_TRUE(store->create_bank("c", {"another", 30, {}, {}, true, true, {{"gist", 0.5F}}}));
    });
    commit([&] { add(7, 10); });
    main = read(path);
    log = read(path + "-wal");
    index = read(path + "-shm");
    ASSERT_EQ(main[17] + main[16] * 256, static_cast<int>(kPage));
    ASSERT_EQ((log.size() - kLogHeader) % (kPage + kFrameHeader), 0U);
    store.reset();
  }

  std::unique_ptr<Store> open(bool create) {
    auto opened = open_store_with_clock(path, create, [] { return kNow; });
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().what);
    return opened ? *std::move(opened) : nullptr;
  }

  void put(std::string_view file, std::string_view wal, std::string_view shm = {}) {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
    write(path, file);
    if (!wal.empty()) write(path + "-wal", wal);
    if (!shm.empty()) write(path + "-shm", shm);
  }

  // Which state the store is in; nothing if it says that it is damaged.
  std::optional<std::size_t> state_of_store() {
    auto store = open_store_with_clock(path, false, [] { return kNow; });
    Result<std::string> said = store ? told(**store) : Result<std::string>(store.error());
    if (!said) {
      EXPECT_THAT(said.error().code, testing::AnyOf(Errc::kCorruptStore, Errc::kIo));
      EXPECT_THAT(said.error().what, testing::AnyOf(HasSubstr(path), HasSubstr("read entry")));
      ++errors[said.error().what];
      return std::nullopt;
    }
    const auto state = std::find(states.begin(), states.end(), *said);
    if (state == states.end()) ADD_FAILURE() << "a state that never was:\n" << *said;
    return static_cast<std::size_t>(state - states.begin());
  }

  std::size_t newest() const { return states.size() - 1; }
};

TEST_F(StoreDamageTest, ALogThatEndsAnywhereIsThatOfAnEarlierMoment) {
  std::size_t reached = 0;
  std::vector<bool> seen(states.size());
  for (std::size_t cut = 0; cut < log.size(); cut = next_in_log(cut)) {
    put(main, log.substr(0, cut));
    const auto state = state_of_store();
    ASSERT_TRUE(state) << cut << ": " << errors.begin()->first;
    ASSERT_GE(*state, reached) << cut;  // the longer the log, the later
    reached = *state;
    seen[reached] = true;
  }
  put(main, log);
  EXPECT_EQ(state_of_store(), newest());
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 4);  // what the file holds, and three more
}

TEST_F(StoreDamageTest, AChangedByteOfTheLogEndsWhatIsBelievedOfIt) {
  for (std::size_t at = 0; at < log.size(); at = next_in_log(at)) {
    put(main, flipped(log, at));
    const auto state = state_of_store();
    // The version of the log's form is the one thing that SQLite refuses instead.
    ASSERT_TRUE(state || at < kLogHeader) << at << ": " << errors.begin()->first;
    ASSERT_FALSE(state == newest() && at >= kLogHeader) << at;
  }
}

TEST_F(StoreDamageTest, AStoreThatLostTheEndOfItsLogGoesOn) {
  for (std::size_t cut = 0; cut < log.size(); cut += 397) {
    put(main, log.substr(0, cut));
    {
      auto store = open(false);
      const auto bank = store->find_bank("b");
      ASSERT_TRUE(bank) << cut;
      ASSERT_TRUE(store->add_entry(bank->id, draft_of("new", {pdq_signal('f')}), Merge::kReplace));
    }
    auto store = open(false);
    EXPECT_EQ(store->entry(*store->newest_entry())->item.source_id, "new") << cut;
    SQLite::Database database(path, SQLite::OPEN_READONLY, 0, checked_pages_vfs());
    EXPECT_EQ(database.execAndGet("PRAGMA integrity_check").getString(), "ok") << cut;
  }
}

TEST_F(StoreDamageTest, TheIndexOfTheLogIsMadeAnew) {
  ASSERT_FALSE(index.empty());
  for (std::size_t at = 0; at < index.size(); at += at < 136 ? 1 : 601) {
    put(main, log, flipped(index, at));
    ASSERT_EQ(state_of_store(), newest()) << at;
    put(main, log, index.substr(0, at + 1));
    ASSERT_EQ(state_of_store(), newest()) << at;
  }
}

TEST_F(StoreDamageTest, AChangedByteOfTheFileIsNoticed) {
  { ASSERT_TRUE(open(false)); }
  put(main, log);
  { EXPECT_EQ(state_of_store(), newest()); }  // and brings the log into the file
  const std::string whole = read(path);
  std::size_t tried = 0;
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < whole.size(); at = next_in_file(at)) {
    put(flipped(whole, at), {});
    const auto state = state_of_store();
    ASSERT_TRUE(!state || state == newest()) << at;
    ++tried;
    if (state) ++unnoticed;
  }
  // What was not read, because nothing asked for it: keys of entries, pages that are free.
  EXPECT_LT(unnoticed, tried / 3);
  bool named = false;
  for (const auto& [words, count] : errors) named |= words.find("checksum") != std::string::npos;
  EXPECT_TRUE(named);
}

TEST_F(StoreDamageTest, AnotherProgramMayBringTheLogIntoTheFileAndMayChangeNothing) {
  put(main, log);
  {
    SQLite::Database other(path, SQLite::OPEN_READWRITE);
    EXPECT_EQ(other.execAndGet("PRAGMA integrity_check").getString(), "ok");
  }
  ASSERT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_EQ(state_of_store(), newest());
  put(main, log);
  EXPECT_EQ(state_of_store(), newest());  // and brings the log into the file itself
  { SQLite::Database(path, SQLite::OPEN_READWRITE).exec("UPDATE labels SET label='unknown'"); }
  EXPECT_FALSE(state_of_store());
}

TEST_F(StoreDamageTest, ALostPageIsNoticedOrNotAskedFor) {
  put(main, log);
  EXPECT_EQ(state_of_store(), newest());
  const std::string whole = read(path);
  for (std::size_t page = kPage; page < whole.size(); page += kPage) {
    put(std::string(whole).replace(page, kPage, kPage, '\0'), {});
    const auto state = state_of_store();
    ASSERT_TRUE(!state || state == newest()) << page;
  }
}

TEST_F(StoreDamageTest, AFileThatEndsAnywhereIsNoticed) {
  put(main, log);
  EXPECT_EQ(state_of_store(), newest());
  const std::string whole = read(path);
  for (std::size_t cut = 0; cut < whole.size(); cut = next_in_file(cut)) {
    put(whole.substr(0, cut), {});
    const auto state = state_of_store();
    ASSERT_TRUE(!state || state == newest()) << cut;
  }
}

TEST_F(StoreDamageTest, PagesThatStandInEachOthersPlaceAreNoticed) {
  put(main, log);
  EXPECT_EQ(state_of_store(), newest());
  const std::string whole = read(path);
  int noticed = 0;
  for (std::size_t page = kPage; page + 2 * kPage <= whole.size(); page += kPage) {
    std::string swapped = whole;
    std::swap_ranges(swapped.begin() + static_cast<std::ptrdiff_t>(page),
                     swapped.begin() + static_cast<std::ptrdiff_t>(page + kPage),
                     swapped.begin() + static_cast<std::ptrdiff_t>(page + kPage));
    put(swapped, {});
    const auto state = state_of_store();
    ASSERT_TRUE(!state || state == newest()) << page;
    if (!state) ++noticed;
  }
  EXPECT_GT(noticed, 10);
}

}  // namespace
}  // namespace semblance::bank
