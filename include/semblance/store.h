// SPDX-License-Identifier: Apache-2.0
// The store: the database that holds banks, their policies, entries and signals.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/probe.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance {

/// Seconds since 1970-01-01T00:00:00Z.
using UnixSeconds = std::int64_t;

/// The probes of a bank whose policy does not say otherwise: the distances at which no more than
/// one pair of unrelated pictures in a million was a false match, all of them together
/// (bench/README.md).
inline std::map<ProbeKind, int> default_probes() {
  return {{ProbeKind::kTrimmed, 31}, {ProbeKind::kPanel, 31}};
}

/// What a bank is for, and what counts as a match with it.
struct BankPolicy {
  std::string purpose;                        // free text: why this bank may be searched
  int quality_floor = kDefaultQualityFloor;   // 0..100; below it a PDQ hash is not looked up
  std::map<SignalKind, int> max_distance = {  // bits, inclusive; digests are always exact
      {SignalKind::kPdq, kDefaultMaxDistance}};
  // Parts of a picture that may match beside the whole, on either side, and within how many bits:
  // never more than the whole may. A kind that is not here is not looked at.
  std::map<ProbeKind, int> probes = default_probes();
  // What is kept of a picture that is added, beside its hash. Each says more of the picture than a
  // hash does, and takes more room: none unless asked for.
  bool entry_windows = false;  // hashes of parts, by which a crop of the picture is found
  bool features = false;       // local features, by which any part of it is found
  std::map<std::string, float> embeddings{};  // by model: the least cosine of a match, 0..1
};

/// One bank as it stands.
struct BankInfo {
  std::int64_t id = 0;
  std::string name;
  BankPolicy policy;
  UnixSeconds created_at = 0;
  std::uint64_t revision = 0;  // grows with every change to the bank
  std::uint64_t active = 0;    // entries that can match
  std::uint64_t withdrawn = 0;
  std::uint64_t expired = 0;
  std::map<SignalKind, std::uint64_t> signals;        // of active entries, by kind
  std::uint64_t frames = 0;                           // different ones of their videos
  std::uint64_t parts = 0;                            // of signals: PDQ hashes of parts of pictures
  std::map<std::string, std::uint64_t> embeddings{};  // of signals: by model
  // Active entries that are known by PDQ and hold no window: a crop of such a picture is not found
  // by its hashes. Lists hold no windows, and a picture that was added before they were asked for
  // has none. 0 in a store of an early version, whose banks ask for none.
  std::uint64_t without_windows = 0;
};

/// One signal as a bank keeps it.
struct BankSignal {
  SignalValue value;                  // of a vPDQ with one frame at least
  std::optional<int> quality;         // PDQ only: 0..100; absent if the source did not say
  std::optional<PdqProfile> profile;  // PDQ only
  std::string version;                // algorithm version, or empty if the source did not say
  std::optional<Probe> part{};        // PDQ only: of what part of the picture; absent: the whole
  std::string model{};                // of an embedding: the name of its model

  friend bool operator==(const BankSignal&, const BankSignal&) = default;
};

/// One known item: what is needed to add it.
struct EntryDraft {
  std::string source;                     // where it comes from: an exchange, a list, a folder
  std::string source_id;                  // its id there; (source, source_id) is unique in a bank
  std::vector<std::string> labels;        // data, not code: `far-right`, `group:example`
  std::vector<BankSignal> signals;        // at least one
  std::optional<UnixSeconds> expires_at;  // from then on it matches nothing
};

/// Who took an entry back.
enum class WithdrawnBy : std::uint8_t { kPerson = 1, kSource = 2 };

/// Who took an entry back, when and why.
struct Withdrawal {
  WithdrawnBy by = WithdrawnBy::kSource;
  std::optional<UnixSeconds> at;  // absent: now
  std::string reason;
};

/// One known item of a bank, with its provenance.
struct Entry {
  std::int64_t id = 0;  // unique in the store, never reused
  std::string bank;
  EntryDraft item;
  UnixSeconds added_at = 0;
  UnixSeconds updated_at = 0;
  std::optional<UnixSeconds> withdrawn_at;
  std::optional<WithdrawnBy> withdrawn_by;
  std::string withdrawn_reason;

  /// Returns whether the entry can match at `now`.
  bool active(UnixSeconds now) const noexcept {
    return !withdrawn_at && (!item.expires_at || now < *item.expires_at);
  }
};

/// What became of one imported or added item.
enum class AddOutcome : std::uint8_t {
  kAdded,             // a new entry
  kUpdated,           // an entry of that source and id was there and differed
  kUnchanged,         // an entry of that source and id was there, the same
  kKeptWithdrawn,     // a person withdrew that entry: no source brings it back
  kWithdrawn,         // a tombstone took an active entry back, or an entry came withdrawn
  kTombstoneUnknown,  // a tombstone of an entry that is not here, or is withdrawn already
};

/// What an item that a source sends again does to the labels and signals that stand.
enum class Merge : std::uint8_t {
  kReplace,  // the source's latest record is the whole truth: exchanges with record ids
  kUnite,    // labels and signals are added to those that stand: plain lists
};

/// One PDQ hash of an active entry, as the index needs it: of a picture, of a part of one, or of a
/// frame of a video.
struct IndexedSignal {
  Hash256 hash;
  std::int64_t entry = 0;
  std::int64_t bank = 0;
  std::optional<int> quality;
  PdqProfile profile = PdqProfile::kFull;
  std::optional<Probe> part{};  // of a picture; absent: the whole, or a frame
};

/// What an index needs of one TMK of an active entry.
struct IndexedTmk {
  std::int64_t entry = 0;
  std::int64_t bank = 0;
  std::array<float, kTmkDimension> mean{};
};

/// The PDQ hashes by which an entry that holds `signals` is searched, in their order: its own, and
/// of each video the different hashes of its frames, each once and with its best quality.
/// Errc::kBadFormat if a video cannot be read.
Result<std::vector<IndexedSignal>> indexed_signals(std::span<const BankSignal> signals,
                                                   std::int64_t entry, std::int64_t bank);

/// Returns whether the signal holds every frame that the video shows, as kDense makes it and as a
/// list does whose frames are at most kDenseStepMs apart, by times that it says and that never
/// fall: whatever of the video is shown elsewhere, it is near one of them.
bool is_dense(const VideoSignal& video);

/// How many signals of a bank's active entries agree in all that decides whether they are searched.
/// Of kVpdq: without a quality, the videos; with one, the frames of videos that are of it, as
/// indexed_signals has them.
struct SignalCount {
  SignalKind kind = SignalKind::kPdq;
  PdqProfile profile = PdqProfile::kFull;  // PDQ only
  std::optional<int> quality;
  std::uint64_t signals = 0;
  bool sparse = false;  // of videos: that are not is_dense
  bool part = false;    // of PDQ: that are of parts of a picture
  std::string model{};  // of embeddings
};

/// What a bank's active entries hold.
struct ActiveCounts {
  std::uint64_t entries = 0;
  std::uint64_t without_windows = 0;  // see BankInfo; 0 in a store of an early version
  std::vector<SignalCount> signals;
};

/// A moment in the life of a store, by which what it held then is known again.
struct StoreState {
  std::int64_t number = 0;         // grows with every transaction that changes a bank's entries
  std::string token;               // drawn at random with the number, so that a copy that went
                                   // another way has another; empty: the store keeps no history
  std::int64_t newest_entry = 0;   // the highest id of any entry
  std::int64_t newest_change = 0;  // the highest number of any change to an entry that was there
  UnixSeconds at = 0;              // when it was read, by the store's clock
  std::optional<UnixSeconds> next_expiry;  // when the next active entry will match nothing

  /// Returns whether no entry that was active has expired until `when`.
  bool lasts_until(UnixSeconds when) const noexcept {
    return at <= when && (!next_expiry || when < *next_expiry);
  }

  /// Returns whether the entries that are active at `later` are those of this state, unchanged.
  bool holds_at(const StoreState& later) const noexcept {
    return number == later.number && token == later.token && lasts_until(later.at);
  }
};

/// An open store. One object serves several threads; calls are serialised inside.
///
/// A store that may not be written, such as one on a read-only file system, can be read; every
/// call that would change it is then Errc::kIo and says so.
///
/// Errors: Errc::kIo and Errc::kCorruptStore keep SQLite's own words and number.
class Store {
 public:
  virtual ~Store() = default;

  /// Creates a bank. Errc::kExists if the name is taken; kBadArgument if it is not 1..100
  /// characters of [A-Za-z0-9._-], or the policy is out of range. A probe that the policy lets
  /// match further than the whole picture is kept with the distance of the whole.
  /// Errc::kUnsupported for a policy that differs from the default in probes or in what is kept of
  /// a picture, in a store of an early version, which has no room for one.
  virtual Result<BankInfo> create_bank(std::string_view name, const BankPolicy& policy) = 0;

  /// The bank of that name, or Errc::kNotFound with the names there are.
  virtual Result<BankInfo> find_bank(std::string_view name) = 0;

  /// As find_bank, but without the counts, which take a pass over the bank's entries: `active`,
  /// `withdrawn`, `expired` and `signals` are empty.
  virtual Result<BankInfo> describe_bank(std::string_view name) = 0;

  /// All banks, by name.
  virtual Result<std::vector<BankInfo>> list_banks() = 0;

  /// All banks, by name, as describe_bank gives them.
  virtual Result<std::vector<BankInfo>> describe_banks() = 0;

  /// Runs `work` in one transaction: all of it, or nothing if it returns an error. Not reentrant.
  /// `work` may call the store from its own thread only: other threads wait until it is done.
  virtual Status transaction(const std::function<Status()>& work) = 0;

  /// Runs `work`, whose calls all see the store as it is at one moment, whatever other processes
  /// write meanwhile; it neither waits for them nor holds them off. `work` may only read: what
  /// would change the store is Errc::kBadArgument. Threads as for `transaction`.
  virtual Status read_snapshot(const std::function<Status()>& work) = 0;

  /// Adds an item, or brings up to date the entry of its source and source id. A PDQ that is of the
  /// whole picture and of a part of it is kept as one of the whole; of two embeddings of one model
  /// and version the later is kept. Errc::kUnsupported for a video, a part, features or an
  /// embedding in a store of an early version, which has no room for one.
  virtual Result<AddOutcome> add_entry(std::int64_t bank, const EntryDraft& draft, Merge merge) = 0;

  /// Takes back the entry of that source and id, as its source asks.
  virtual Result<AddOutcome> apply_tombstone(std::int64_t bank, std::string_view source,
                                             std::string_view source_id,
                                             std::string_view reason) = 0;

  /// Adds an item that was withdrawn where it comes from, as an entry that is here and withdrawn,
  /// or withdraws the entry of its source and id: kWithdrawn. A person's withdrawal also replaces
  /// a source's: kUpdated. Any other entry that is withdrawn already stays: kUnchanged.
  virtual Result<AddOutcome> add_withdrawn(std::int64_t bank, const EntryDraft& draft,
                                           const Withdrawal& withdrawal) = 0;

  /// Withdraws an entry of the bank: it matches nothing from now on. Errc::kNotFound if the bank
  /// has no such entry; withdrawing twice is not an error and changes nothing.
  virtual Status withdraw(std::int64_t bank, std::int64_t entry, std::string_view reason) = 0;

  /// The entry, whatever its state; Errc::kNotFound if there is none.
  virtual Result<Entry> entry(std::int64_t id) = 0;

  /// The highest id of any entry, or 0: entries added from now on have higher ones.
  virtual Result<std::int64_t> newest_entry() = 0;

  /// Calls `visit` for each entry of the bank in order of id, from the first id above `after`;
  /// stops when it returns false. Constant memory. Withdrawn and expired ones are included.
  virtual Status for_each_entry(std::int64_t bank, std::int64_t after,
                                const std::function<bool(const Entry&)>& visit) = 0;

  /// Calls `visit` for each PDQ hash of an active entry, of its videos' frames too, as
  /// indexed_signals has them; in order of entry id, from the first id above `after`; stops when it
  /// returns false. `visit` must not call the store.
  virtual Status for_each_pdq(std::int64_t after,
                              const std::function<bool(const IndexedSignal&)>& visit) = 0;

  /// Calls `visit` for each signal of that kind, kEmbedding or kOrb, of an active entry, in order
  /// of entry id, from the first id above `after`; stops when it returns false. `visit` must not
  /// call the store. Errc::kBadArgument for another kind.
  virtual Status for_each_signal(SignalKind kind, std::int64_t after,
                                 const std::function<bool(std::int64_t entry, std::int64_t bank,
                                                          const BankSignal& signal)>& visit) = 0;

  /// Calls `visit` for each TMK of an active entry, in order of entry id, from the first id above
  /// `after`; stops when it returns false. `visit` must not call the store.
  virtual Status for_each_tmk(std::int64_t after,
                              const std::function<bool(const IndexedTmk&)>& visit) = 0;

  /// What the active entries of each bank hold, by id of the bank; one that holds none is absent.
  /// Takes no pass over the entries, but for those that have expired, in a store that keeps a
  /// history.
  virtual Result<std::map<std::int64_t, ActiveCounts>> count_active() = 0;

  /// The state that the store is in. Within a transaction: the one that it began with.
  virtual Result<StoreState> state() = 0;

  /// Returns whether the store has been in that state: what stands now came of it by changes that
  /// changed_entries tells. False for one without a token.
  virtual Result<bool> has_been(const StoreState& then) = 0;

  /// Ids of the entries that were there at `then` and may differ since, ascending: updated,
  /// withdrawn, brought back, or expired between then and `now`, whichever is earlier.
  /// Precondition: has_been(then).
  virtual Result<std::vector<std::int64_t>> changed_entries(const StoreState& then,
                                                            const StoreState& now) = 0;

  /// Ids of the active entries that hold this digest, ascending, over all banks.
  virtual Result<std::vector<std::int64_t>> find_digest(const SignalValue& digest) = 0;

  /// A SHA-256 over all that matching depends on: banks, policies, active entries and their
  /// signals. Equal digests give equal matches. Lower-case hex.
  virtual Result<std::string> content_digest(std::string_view bank) = 0;
};

/// Opens the store at `path`, creating it if it is not there and `create` is set.
///
/// SQLite in WAL mode, with a `user_version`; an unknown one is Errc::kCorruptStore. One that may
/// not be written is opened for reading.
Result<std::unique_ptr<Store>> open_store(const std::string& path, bool create);

}  // namespace semblance
