// SPDX-License-Identifier: Apache-2.0
// Signals of an item against the banks of a store, and what to say of each match.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "semblance/embedding.h"
#include "semblance/extract.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/store.h"

namespace semblance {

/// A part of a video, in milliseconds from its start.
struct TimeSpan {
  std::uint32_t start_ms = 0;
  std::uint32_t end_ms = 0;

  friend auto operator<=>(const TimeSpan&, const TimeSpan&) = default;
};

/// How two videos lie on each other, where a part of one shows a part of the other.
struct Alignment {
  double speed = 1;            // of the query: 2 where it shows the entry in half the time
  double query_covered = 0;    // of the query's duration, the part that the interval is; 0..1
  double entry_covered = 0;    // of the entry's
  std::uint32_t frames = 0;    // different frames of the query that the entry shows then
  std::uint32_t compared = 0;  // that could have: usable ones within the interval
  double confidence = 0;       // frames / compared, less for few: 0..1; see src/match/README.md
  // The reference's own rule, whatever the times. Where there are so many pairs that the query was
  // thinned (src/match/README.md) they are of the frames kept, and crowded frames that were not
  // compared with the entry count as unlike it.
  VpdqPercents vpdq;

  friend bool operator==(const Alignment&, const Alignment&) = default;
};

/// What TMK says of two whole videos.
struct TmkScores {
  float level1 = 0;
  float level2 = 0;

  friend bool operator==(const TmkScores&, const TmkScores&) = default;
};

/// A point of a picture, in parts of its sides: 0, 0 is the upper left corner and 1, 1 the lower
/// right one.
struct Point {
  float x = 0;
  float y = 0;

  friend bool operator==(const Point&, const Point&) = default;
};

/// Which region of the query shows which region of the entry, by their local features.
struct Geometry {
  // Where the corners of the entry's region lie in the query: upper left, upper right, lower right,
  // lower left of the entry; may lie outside the query where it shows a part of the region.
  std::array<Point, 4> query_quad{};
  std::array<Point, 4> entry_quad{};  // the region of the entry that the query shows
  std::uint32_t inliers = 0;          // pairs of features that agree in one map of the plane
  std::uint32_t compared = 0;         // pairs that look alike
  bool mirrored = false;              // the query shows the entry mirrored

  friend bool operator==(const Geometry&, const Geometry&) = default;
};

/// An entry within max_distance of a query, with everything that explains why.
///
/// Two videos whose frames agree in their times are kVpdq, one for each interval. A frame that is
/// like a picture, whichever side it is on, or so few frames of a video that their times say
/// nothing, is kPdq, with the intervals that the frame is shown in. Of two pictures the nearest
/// pair of hashes is told, of the wholes or of parts of them.
struct Match {
  std::string bank;
  std::int64_t entry = 0;
  SignalKind kind = SignalKind::kPdq;
  int distance = 0;                        // bits, of several frames the median; 0 for others
  int max_distance = 0;                    // that allowed it
  Transform transform = Transform::kNone;  // what turns the query into the entry
  std::optional<PdqProfile> profile;       // both hashes were made in it; PDQ only
  std::optional<int> entry_quality;        // PDQ only, where the source said it
  std::vector<std::string> labels;
  std::string source;
  std::string source_id;
  std::optional<TimeSpan> query_interval{};  // of a query that is a video: where it shows the entry
  std::optional<TimeSpan> entry_interval{};  // of an entry that is one: what of it is shown
  std::optional<FrameForm> query_form{};     // of the best frame
  std::optional<Alignment> alignment{};      // kVpdq only
  std::optional<TmkScores> tmk{};            // kTmk only
  std::optional<Probe> query_probe{};        // PDQ: what part of the query it is; absent: the whole
  std::optional<Probe> entry_probe{};        // PDQ: what part of the entry
  std::optional<float> cosine{};             // kEmbedding only: to at least `least_cosine`
  std::optional<float> least_cosine{};
  std::string model{};                 // kEmbedding only
  std::optional<Geometry> geometry{};  // where both sides have features: which region shows which
};

/// The bank as a matcher found it: what a result depends on.
struct BankSnapshot {
  std::string name;
  std::uint64_t revision = 0;
  std::string content_digest;  // see Store::content_digest; empty where it was not asked for, or
                               // the bank has changed since
  std::uint64_t entries = 0;   // active
  std::uint64_t pdq_indexed = 0;
  std::uint64_t pdq_below_floor = 0;  // known, but under the bank's quality floor: never matched
  std::uint64_t videos = 0;
  std::uint64_t frames_indexed = 0;      // different ones of the videos
  std::uint64_t frames_below_floor = 0;  // as most videos have: black, or plain
  std::uint64_t tmk = 0;                 // videos that are known by their TMK
  std::uint64_t parts_indexed = 0;       // PDQ hashes of parts of pictures, among pdq_indexed
  std::uint64_t features = 0;            // pictures that are known by their local features
  std::map<std::string, std::uint64_t> embeddings{};  // pictures known so, by model
  std::uint64_t without_windows = 0;  // entries that no crop finds by its hash: see BankInfo
  BankPolicy policy;

  friend bool operator==(const BankSnapshot& a, const BankSnapshot& b) {
    return a.name == b.name && a.content_digest == b.content_digest;
  }
};

struct MatcherOptions {
  std::vector<std::string> banks;   // by name; empty: all of the store
  std::optional<int> max_distance;  // overrides every bank's, in bits, 0..256
  // Path of the store, where an index saved for it is to be used; see semblance/saved_index.h.
  // Empty, or none saved: the index is built in memory.
  std::string saved_beside{};
  // Whether snapshots carry content digests: each is a pass over the bank, unless a saved index
  // has it.
  bool content_digests = true;
};

/// The most entries that one frame of a video, or one picture, is compared with: the nearest to it.
/// Of a TMK: those of the highest level 1.
inline constexpr std::size_t kMaxEntriesOfFrame = 1'000;

/// How many bits beyond a bank's distance a frame of a sparsely sampled video is looked for before
/// the video is ruled out. A bank's dense signal holds the very frame that a copy shows, but where
/// the copy is of another frame rate: there it shows pictures from between two. And of the few
/// frames of a sparse sampling none may be as near as the nearest of all.
inline constexpr int kSparseFrameMargin = 8;

/// What looking an item up gave.
struct MatchResult {
  std::vector<Match> matches;  // by kind (digests first), distance, bank, entry; best transform
                               // each; features by how many agree, and embeddings by cosine
  // Banks that a PDQ signal of the item could not be looked up in, since its quality is under
  // their floor; of a video, the quality of its best frame. An item that has any, and no match, has
  // not been evaluated.
  std::vector<std::string> below_floor;
  // Frames of a video, and pictures with all their parts, embeddings and TMK, that are within reach
  // of more than kMaxEntriesOfFrame entries, and features of more than can be compared, where all
  // that were compared match: the nearest alone were looked at. Matches with others are not told,
  // nor are such a frame's among what speaks for an interval.
  std::uint64_t crowded_frames = 0;
};

/// Looks items up in the banks of a store. Thread-safe.
///
/// Candidates come from an index of the store as it was when the matcher was made or last
/// refreshed; each is checked against the store before it is reported, so that an entry withdrawn
/// or expired since matches nothing, at once. An entry added since is found by no kind of signal
/// until `refresh`: without it, two runs over one state of the banks agree.
class Matcher {
 public:
  virtual ~Matcher() = default;

  /// The extraction that the banks need: digests of every kind they hold (SHA-256 always), PDQ
  /// in every profile they hold (`full` if they hold none, and for the frames of videos), the parts
  /// of pictures that the policies of those that hold `full` name, and TMK, local features (also
  /// of the picture mirrored) and embeddings if they hold any, of the models that their policies
  /// name.
  virtual Plan plan() const = 0;

  /// The banks searched, by name, as they were when the matcher was made or last refreshed.
  virtual std::vector<BankSnapshot> banks() const = 0;

  /// What made the embeddings that are searched, by model, version and dimension, each with how
  /// many vectors are of it (of what was replaced since, too). A picture's are compared with those
  /// of its own model, version and dimension alone.
  virtual std::vector<std::pair<EmbedderId, std::uint64_t>> embeddings() const = 0;

  /// Brings in what the store gained and lost since: entries added, changed, withdrawn and expired,
  /// and new banks where all are searched. Costs a look at the store where nothing changed, else
  /// as much as what changed. Whoever matches meanwhile does not wait, and misses no entry that
  /// could match before and after.
  ///
  /// After an error the matcher is what it was, or knows a part of what is new: it may be used.
  virtual Status refresh() = 0;

  /// Looks an extracted item up: its digests, PDQ by its eight transforms in each profile, parts of
  /// it, the frames of a video by theirs, its TMK, features and embeddings.
  /// Errc::kCorruptStore if a part of a saved index that this needs is damaged.
  virtual Result<MatchResult> match(const Extraction& item) const = 0;

  /// Returns whether `match` of the exact extraction of the same bytes would give nothing at all:
  /// no match, and no bank whose floor the item is under.
  ///
  /// True only where its digests match nothing, and its fast signals are, by more than
  /// kFastDistanceMargin and kFastQualityMargin, too far from every entry and above every floor.
  /// That is as sure as the margins, which are measured on ordinary files: who makes a file on
  /// purpose may make one whose exact hash is elsewhere. A picture of fewer than two pixels for
  /// each hash searched is not ruled out by a fast signal: the search would take longer than
  /// decoding it.
  ///
  /// Parts of a picture are looked at with kFastPartMargin. Where the banks hold features or
  /// embeddings, a picture is ruled out only if the item has these, and they are near none.
  ///
  /// Of a video, the exact extraction is the dense one. True of another only where no frame is
  /// within kSparseFrameMargin of the reach of any entry, and the banks hold no video that was
  /// itself sampled sparsely (is_dense); and of any only where they hold no TMK, or the item has
  /// one. A copy of less than kMaxGapMs may lie between the frames of a sparse extraction.
  ///
  /// What is not ruled out has to be extracted exactly. Fails as match does.
  virtual Result<bool> rules_out(const Extraction& item) const = 0;

  /// Looks bare values up: PDQ as it stands, without quality, against `profile` or, if absent,
  /// every profile, and against pictures and parts of them; digests exactly; vPDQ by its frames as
  /// they stand; TMK; local features. One result a query, in their order. What is crowded is looked
  /// up as in an item, and not counted. Errc::kBadArgument for a value that is none of its kind,
  /// and for an embedding, which alone does not say what made it.
  virtual Result<std::vector<std::vector<Match>>> match(
      std::span<const SignalValue> queries, std::optional<PdqProfile> profile) const = 0;
};

/// Which frames of two videos are alike, where no bank says so.
struct FrameRule {
  int max_distance = kDefaultMaxDistance;    // bits, inclusive
  int quality_floor = kDefaultQualityFloor;  // of both frames
  // In how many turns the query is compared, 1..8: the first ones. A list of hashes has one: how
  // its frames look otherwise is not known.
  std::size_t turns = kTransforms;
};

/// Compares two videos without a store, as a matcher compares a video with an entry that is one.
///
/// `query` is as Extraction::frames has it, and `query_ms` the duration of that video in
/// milliseconds; 0: until its last frame. The matches are kVpdq by the start of their interval of
/// the query, or one kPdq where the times of what is alike say nothing, or none; bank, entry,
/// labels and sources are empty. Errc::kBadArgument for a distance that is not 0..256 or turns
/// that are not 1..8; kLimit if memory does not suffice.
Result<std::vector<Match>> match_videos(std::span<const FrameSignal> query, std::uint32_t query_ms,
                                        const VideoSignal& entry, const FrameRule& rule);

/// Which pictures are alike, where no bank says so.
struct PictureRule {
  int max_distance = kDefaultMaxDistance;              // bits, inclusive, of whole pictures
  int quality_floor = kDefaultQualityFloor;            // of both, and of their parts
  std::map<ProbeKind, int> probes = default_probes();  // as BankPolicy has them
  std::map<std::string, float> embeddings{};           // by model: the least cosine
};

/// Compares two pictures without a store, as a matcher compares a picture with an entry that keeps
/// all that was extracted of `entry`: as one that is added to a bank.
///
/// At most one match by their hashes, one by each model that `rule` names, and one by their
/// features, in the order that a matcher has; bank, entry, labels and sources are empty. Of frames,
/// digests and TMK nothing is said. Errc::kBadArgument if a figure of the rule is out of range.
Result<std::vector<Match>> match_pictures(const Extraction& query, const Extraction& entry,
                                          const PictureRule& rule);

/// Makes a matcher over the active entries of `store`, which must outlive it.
///
/// Errc::kNotFound if a named bank is not there; kCorruptStore or kMismatch, naming the file, if a
/// saved index is damaged or is not of this store.
Result<std::unique_ptr<Matcher>> make_matcher(Store& store, const MatcherOptions& options);

}  // namespace semblance
