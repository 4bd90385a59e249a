// SPDX-License-Identifier: Apache-2.0
// The seam of the engine: an open file goes in; facts and signals, or a reason, come out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/embedding.h"
#include "semblance/features.h"
#include "semblance/limits.h"
#include "semblance/probe.h"
#include "semblance/result.h"
#include "semblance/signal.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance {

/// What a file is, from its bytes. The numbers are sent between processes: append only.
enum class MediaKind : std::uint8_t {
  kUnknown = 0,  // nothing we know: not media
  kImage = 1,
  kVideo = 2,
  kAudio = 3,
  kContainer = 4,  // an archive or document, which may hold media
};

/// Returns `unknown image video audio container`.
std::string_view name(MediaKind kind) noexcept;

/// Why an item was not, or not wholly, evaluated. A closed list; numbers are sent: append only.
enum class Reason : std::uint8_t {
  kNone = 0,
  kOpenFailed = 1,
  kNotMedia = 2,
  kUnsupported = 3,
  kDecodeFailed = 4,
  kTruncated = 5,
  kLowQuality = 6,
  kOverLimit = 7,
  kTimedOut = 8,
  kDecoderCrashed = 9,
};
inline constexpr std::size_t kReasons = 10;

/// Returns the reason's word, such as `decode_failed`; empty for kNone.
std::string_view name(Reason reason) noexcept;

/// The largest size, in pixels a side, to which a plan may have frames brought, and the longest
/// time in seconds between those it hashes.
inline constexpr std::uint32_t kMaxPlannedSide = 8'192;
inline constexpr double kMaxPlannedSeconds = 86'400;

/// The longer side, in pixels, that the thumbnail of a plan may have.
inline constexpr std::uint16_t kMaxThumbnailSide = 512;

/// Which frames of a video are hashed, and how.
struct FramePlan {
  Sampling sampling = Sampling::kDense;
  // Of kVpdq alone: seconds between hashed frames, 0 for every frame; and the size in pixels to
  // which a frame is brought before it is hashed, 0 for its own.
  double seconds_per_hash = 1;
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  friend bool operator==(const FramePlan&, const FramePlan&) = default;
};

/// Errc::kBadArgument, naming the figure, if one is out of its range.
Status check(const FramePlan& plan);

/// What to extract: the union of what the banks' policies need. Extraction never sees a bank.
struct Plan {
  std::vector<SignalKind> digests = {SignalKind::kSha256};  // digests only; order is kept
  std::vector<PdqProfile> pdq_profiles = {PdqProfile::kFull};
  // kFast: of a JPEG only as much is looked at as its hash within the margins of signal.h takes.
  // That is for the profile `full` alone, and not for every JPEG: signals say what they are. kAuto:
  // the same, but only of a file whose damage would be seen wherever it is, which leaves
  // progressive files to be decoded.
  Precision precision = Precision::kExact;
  // Of a video, and of a picture that moves: its frames are hashed where a profile is asked for, in
  // `full` whatever the profile.
  FramePlan frames{};
  bool tmk = false;  // of a video: its TMK as well, which takes every frame of it
  // Of a picture, and of the first of one that moves; of what a video or a sound carries, nothing.
  // Each kind of probe and each embedder once. Parts are of profile `full`, and are hashed where a
  // profile is asked for. A fast plan's panels take more of a JPEG's frequencies than its whole
  // does, and of a small one every pixel. Entry windows, features, embeddings and thumbnails take
  // every pixel: a plan that asks for any of them is exact.
  std::vector<ProbeKind> probes{};       // parts by which a picture is looked up; kWhole gives none
  bool entry_windows = false;            // parts by which a known picture is kept, in their place
  std::uint16_t features = 0;            // most local features; 0: none
  bool mirrored_features = false;        // and those of the picture mirrored
  std::vector<std::string> embedders{};  // by name, of Extractor::embedders
  std::uint16_t thumbnail_side = 0;      // the longer side of a thumbnail, in pixels; 0: none

  friend bool operator==(const Plan&, const Plan&) = default;
};

/// How the frames of an item are sampled by that plan: as it says, but dense where it says key
/// frames and asks for TMK, since that has every frame decoded anyway.
Sampling sampling_of(const Plan& plan) noexcept;

/// What was learnt about an item before its signals.
struct Facts {
  MediaKind kind = MediaKind::kUnknown;
  std::string format;       // `jpeg png gif webp bmp tiff heic avif ...`; empty if unknown
  std::uint32_t width = 0;  // pixels as stored, before any EXIF orientation; 0 if unknown
  std::uint32_t height = 0;
  std::uint8_t orientation = 0;  // EXIF 1..8, reported and never applied; 0: none stated
  bool animated = false;         // more than one frame; `pdq` is of the first
  std::string decoder;           // library and version, such as `libjpeg-turbo 2.1.5`
  // Of a video, where it says so.
  std::string codec{};               // of the first video stream, such as `h264`
  std::uint32_t duration_ms = 0;     // stated; 0 if unknown
  std::uint32_t frame_rate_num = 0;  // average, frames a second; 0/1 if unknown
  std::uint32_t frame_rate_den = 1;
  std::uint16_t rotation = 0;  // degrees clockwise 0..359, reported and never applied
  // All are looked at, up to eight of them; by Sampling::kVpdq the first alone.
  std::uint16_t video_streams = 0;

  friend bool operator==(const Facts&, const Facts&) = default;
};

/// How the extraction of an item ended.
///
/// reason kNone: everything was read. Otherwise `detail` is one line, "operation: cause", that
/// keeps the library's own words. With `partial`, part of the picture or video was decoded and the
/// signals are of that part: such an item may be matched, and is never clean.
struct Ending {
  Reason reason = Reason::kNone;
  bool partial = false;
  std::string detail;
  std::optional<std::uint32_t> reached_ms{};  // of a video: up to where its frames were looked at

  friend bool operator==(const Ending&, const Ending&) = default;
};

/// A picture brought to a small size, for people to look at: the mean of what each sample covers.
/// One that is smaller than was asked for keeps its size; neither side is ever less than 1.
struct Thumbnail {
  std::uint32_t width = 0;  // pixels, of the picture as stored: before any EXIF orientation
  std::uint32_t height = 0;
  std::vector<std::uint8_t> samples;  // R, G, B interleaved, rows top to bottom: 3 * width * height

  friend bool operator==(const Thumbnail&, const Thumbnail&) = default;
};

/// The most frames that a sink is given at once.
inline constexpr std::size_t kMaxFrameBatch = 64;

/// Receives what one extraction finds: digests, facts, signals in bounded batches, the end.
///
/// Calls come from the thread that called extract, in that order; on_end comes exactly once and
/// last, whatever happened. Not every item has facts or signals. Frames of one stream and form come
/// in order of time, in batches of kMaxFrameBatch at most; TMK comes once, after them.
class ExtractSink {
 public:
  virtual ~ExtractSink() = default;
  virtual void on_digests(std::span<const SignalValue> digests) = 0;
  virtual void on_facts(const Facts& facts) = 0;
  virtual void on_pdq(std::span<const PdqSignal> signals) = 0;
  virtual void on_frames(std::span<const FrameSignal> frames) = 0;
  virtual void on_tmk(const TmkSignal& signal) = 0;
  // Of pictures, after on_pdq, in this order; whoever did not ask need not take them. Probes come
  // once, a set of features for the picture and one for it mirrored, a thumbnail once; what is
  // empty does not come.
  virtual void on_probes(std::span<const ProbeSignal> /*signals*/) {}
  virtual void on_features(const FeatureSet& /*set*/) {}
  virtual void on_embedding(const EmbeddingSignal& /*signal*/) {}
  virtual void on_thumbnail(const Thumbnail& /*thumbnail*/) {}
  virtual void on_end(const Ending& ending) = 0;
};

/// Everything that one extraction finds, collected.
struct Extraction {
  std::uint64_t bytes = 0;  // size of the item
  std::vector<SignalValue> digests;
  Facts facts;
  std::vector<PdqSignal> pdq;       // of a picture, or of each that a video or sound carries
  std::vector<FrameSignal> frames;  // of a video or animation: by stream, then time, then form
  std::optional<TmkSignal> tmk;
  std::vector<ProbeSignal> probes;          // of a picture: its parts, in order of kind
  std::vector<FeatureSet> features;         // of a picture, then of it mirrored if asked for
  std::vector<EmbeddingSignal> embeddings;  // of a picture, in the order they were asked for
  std::optional<Thumbnail> thumbnail;       // of a picture
  Ending ending;
  Sampling sampling =
      Sampling::kDense;      // of the frames, as sampling_of the plan; whoever asks sets it
  bool hashes_asked = true;  // whether the plan had profiles; whoever asks sets it
};

/// The version of frames so sampled, such as `frames-1/pdq-1`: what chose them, and what hashed
/// them.
std::string frames_version(Sampling sampling);

/// Returns whether the item has frames in time: a video, or a picture that moves.
bool has_frames(const Facts& facts) noexcept;

/// An ExtractSink that keeps all in an Extraction: of a video 300 bytes a scene.
class CollectingSink final : public ExtractSink {
 public:
  explicit CollectingSink(Extraction& into) : into_(into) {}
  void on_digests(std::span<const SignalValue> digests) override;
  void on_facts(const Facts& facts) override;
  void on_pdq(std::span<const PdqSignal> signals) override;
  void on_frames(std::span<const FrameSignal> frames) override;
  void on_tmk(const TmkSignal& signal) override;
  void on_probes(std::span<const ProbeSignal> signals) override;
  void on_features(const FeatureSet& set) override;
  void on_embedding(const EmbeddingSignal& signal) override;
  void on_thumbnail(const Thumbnail& thumbnail) override;
  void on_end(const Ending& ending) override;

 private:
  Extraction& into_;
};

/// How the processes that decode are kept from doing anything else. None of them changes a result.
enum class Isolation : std::uint8_t {
  kProcess = 0,  // a process of its own, in a cage of all that this kernel offers
  kRequire = 1,  // the same, and nothing runs where a part of the cage is missing
  kNone = 2,     // the same processes without their cage: for debugging, on trusted files
};

/// Returns `process require none`.
std::string_view name(Isolation isolation) noexcept;

/// Parses the word of an isolation; any other text is Errc::kBadArgument and lists them.
Result<Isolation> parse_isolation(std::string_view word);

/// What stands between a decoder that a file has taken over and the rest of the machine.
struct Protections {
  Isolation isolation = Isolation::kNone;
  std::vector<std::string> active;  // such as `seccomp` or `landlock 7`, in a fixed order
  std::vector<std::string>
      missing;  // with the reason, such as `landlock: Function not implemented`

  friend bool operator==(const Protections&, const Protections&) = default;
};

/// Extracts items, in this process or in workers.
///
/// Safe to call from several threads at once. Never fails as a call: whatever happens to an
/// item is told to its sink.
class Extractor {
 public:
  virtual ~Extractor() = default;

  /// Extracts from `descriptor`, an open, readable, seekable file; it stays open, its offset is
  /// not used. `limits` bound this item.
  virtual void extract(int descriptor, const Plan& plan, const Limits& limits,
                       ExtractSink& sink) = 0;

  /// The decoding libraries that results depend on, with their versions, one a line; empty if
  /// there are none.
  virtual std::string decoders() const { return {}; }

  /// The embedders that a plan may name; the same as long as the extractor lives.
  virtual std::vector<EmbedderId> embedders() const { return {}; }

  /// What confines the decoders; as it stood when the extractor was made, and stands since.
  virtual Protections protections() const { return {}; }

  /// Errc::kWorker once items can no longer be evaluated, whatever they are: the workers are gone
  /// and no others can be started. Items then end with kDecoderCrashed, which is not their doing;
  /// ask after such an ending, and stop. Any thread.
  virtual Status health() const { return ok(); }
};

/// Extracts in this process: what `semblance::extract` gives to a library user. Pictures for one
/// embedder take turns.
///
/// A decoder that crashes takes the process with it: for untrusted media prefer the workers.
std::unique_ptr<Extractor> make_in_process_extractor();

/// The same, with the models that these JSON files describe (src/hash/embedding/README.md) beside
/// the descriptor that needs none. Fails as reading such a file can: Errc::kNotFound, kIo,
/// kBadFormat, kMismatch for weights of another digest, kUnsupported; kBadArgument if two are of
/// one name.
Result<std::unique_ptr<Extractor>> make_in_process_extractor(
    const std::vector<std::string>& models);

/// Errc::kUnsupported, naming it and what there is, if the plan names an embedder that the
/// extractor does not have.
Status check_embedders(const Extractor& extractor, const Plan& plan);

/// How to start worker processes.
struct WorkerOptions {
  std::string program;  // path of the semblance-extract to run
  int workers = 1;      // processes that decode at the same time, at least 1
  Isolation isolation = Isolation::kProcess;
  std::vector<std::string> models{};  // paths of the JSON files of embedding models
};

/// Starts `semblance-extract` once, with `workers` processes that decode at the same time.
///
/// Digests are computed here, of the very bytes that the workers see; everything else there. A
/// crash, a time-out or a limit is the ending of that item alone. If the program itself is killed
/// it is run again, and the items in hand are tried once more; health() tells when that is no
/// longer possible. An item whose worker died is tried once more, alone in a fresh one, while no
/// other item is being decoded; only then it is recorded as the decoder's end.
///
/// Errc::kWorker if the program cannot be run, is of another version, cannot load a model, or, with
/// kRequire, if a protection is missing; the error names what it was.
Result<std::unique_ptr<Extractor>> make_worker_extractor(const WorkerOptions& options);

}  // namespace semblance
