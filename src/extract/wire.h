// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the messages between the engine, the supervisor and its workers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "semblance/extract.h"

namespace semblance::extract {

/// The number of this protocol; both sides must have the same.
inline constexpr std::uint32_t kProtocol = 5;

/// The most bytes a packet may have. A sender splits what is larger; a receiver refuses it.
inline constexpr std::size_t kMaxPacketBytes = std::size_t{32} << 10;

/// The most bytes a text in a message may have; a sender cuts what is longer.
inline constexpr std::size_t kMaxTextBytes = 1024;

/// The most signals one message may carry.
inline constexpr std::size_t kMaxBatchSignals = 64;

/// The most bytes of a `.tmk` value that one message may carry.
inline constexpr std::size_t kMaxTmkPartBytes = std::size_t{24} << 10;

/// The most profiles one request may ask for: some more than there are.
inline constexpr std::size_t kMaxProfiles = 8;

/// The most kinds of probes one request may ask for: some more than there are.
inline constexpr std::size_t kMaxProbeKinds = 8;

/// The most embedders that a program has, the one that needs no model among them.
inline constexpr std::size_t kMaxEmbedders = 8;

/// The most bytes of a set of features, and how many of them one message may carry.
inline constexpr std::size_t kMaxFeatureBytes = std::size_t{48} << 10;
inline constexpr std::size_t kMaxFeaturePartBytes = std::size_t{24} << 10;

/// The most bytes of a thumbnail that one message may carry.
inline constexpr std::size_t kMaxThumbnailPartBytes = std::size_t{24} << 10;

/// The most pictures that are hashed of those that a video or sound carries.
inline constexpr std::size_t kMostAttached = 8;

/// How much longer than Limits::max_video_seconds a worker may take, which keeps that bound itself
/// and then tells what it has: seconds.
inline constexpr std::uint32_t kVideoGraceSeconds = 5;

/// Supervisor to engine, first and once: who is speaking.
struct Hello {
  std::uint32_t protocol = kProtocol;
  std::string version;  // empty where the protocol is not ours
  std::string build;
  std::string decoders;  // libraries and versions, one a line
  std::vector<EmbedderId> embedders{};

  friend bool operator==(const Hello&, const Hello&) = default;
};

/// Engine to supervisor: fork a worker. Answered by WorkerStarted, with its channel, or Refused.
struct StartWorker {
  bool caged = true;

  friend bool operator==(const StartWorker&, const StartWorker&) = default;
};

/// Engine to supervisor: kill the worker, if it lives, and reap it. Answered by WorkerStopped.
struct StopWorker {
  std::uint32_t worker = 0;

  friend bool operator==(const StopWorker&, const StopWorker&) = default;
};

struct WorkerStarted {
  std::uint32_t worker = 0;

  friend bool operator==(const WorkerStarted&, const WorkerStarted&) = default;
};

struct WorkerStopped {
  std::uint32_t worker = 0;
  std::int32_t wait_status = 0;  // as waitpid gives it

  friend bool operator==(const WorkerStopped&, const WorkerStopped&) = default;
};

/// Supervisor to engine: what was asked could not be done.
struct Refused {
  std::int32_t number = 0;  // errno
  std::string what;

  friend bool operator==(const Refused&, const Refused&) = default;
};

/// Worker to engine, first and once: it has seen no item yet, and takes them from now on.
struct WorkerReady {
  std::string active;   // protections in force, one a line
  std::string missing;  // those that could not be had and why, one a line

  friend bool operator==(const WorkerReady&, const WorkerReady&) = default;
};

/// Engine to worker: extract the item whose descriptor comes with this packet.
struct Request {
  std::uint64_t item = 0;
  std::uint64_t bytes = 0;  // of the file, all of which are to be looked at
  std::vector<PdqProfile> profiles;
  Precision precision = Precision::kExact;
  FramePlan frames;
  bool tmk = false;
  Limits limits;
  // Of a picture: as in Plan.
  std::vector<ProbeKind> probes{};
  bool entry_windows = false;
  std::uint16_t features = 0;
  bool mirrored_features = false;
  std::vector<std::string> embedders{};
  std::uint16_t thumbnail_side = 0;

  friend bool operator==(const Request&, const Request&) = default;
};

/// Worker to engine: some signals of the item.
struct PdqBatch {
  std::vector<PdqSignal> signals;

  friend bool operator==(const PdqBatch&, const PdqBatch&) = default;
};

/// Worker to engine: some frames of the item, kMaxFrameBatch at most.
struct FrameBatch {
  std::vector<FrameSignal> frames;

  friend bool operator==(const FrameBatch&, const FrameBatch&) = default;
};

/// Worker to engine: the bytes of the item's `.tmk` value from `offset` on. The parts come in
/// order.
struct TmkPart {
  std::uint32_t offset = 0;
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const TmkPart&, const TmkPart&) = default;
};

/// Worker to engine: all parts of the picture, kMaxProbes at most.
struct ProbeBatch {
  std::vector<ProbeSignal> signals;

  friend bool operator==(const ProbeBatch&, const ProbeBatch&) = default;
};

/// Worker to engine: of a set of features, as to_bytes gives it, the bytes from `offset` on. The
/// parts come in order.
struct FeaturePart {
  std::uint32_t size = 0;  // of the whole set, bytes
  std::uint32_t offset = 0;
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const FeaturePart&, const FeaturePart&) = default;
};

/// Worker to engine: the picture's embedding by one of the request's embedders.
struct EmbeddingReply {
  std::uint8_t embedder = 0;  // its place in the request
  std::vector<float> values;  // 1..kMaxDimension, of length 1

  friend bool operator==(const EmbeddingReply&, const EmbeddingReply&) = default;
};

/// Worker to engine: of the picture's thumbnail, of that many pixels a side, the samples from
/// `offset` on. The parts come in order.
struct ThumbnailPart {
  std::uint16_t width = 1;  // 1..kMaxThumbnailSide
  std::uint16_t height = 1;
  std::uint32_t offset = 0;
  std::vector<std::uint8_t> bytes;

  std::size_t thumbnail_bytes() const noexcept { return std::size_t{3} * width * height; }

  friend bool operator==(const ThumbnailPart&, const ThumbnailPart&) = default;
};

/// Worker to engine: the item is done. A worker that is retiring exits after this.
struct End {
  std::uint64_t item = 0;
  bool retiring = false;
  Ending ending;

  friend bool operator==(const End&, const End&) = default;
};

using Message = std::variant<Hello, StartWorker, StopWorker, WorkerStarted, WorkerStopped, Refused,
                             Request, Facts, PdqBatch, End, WorkerReady, FrameBatch, TmkPart,
                             ProbeBatch, FeaturePart, EmbeddingReply, ThumbnailPart>;

/// Collects messages into one packet: type (1 byte), payload size (4 bytes), payload, again and
/// again; all numbers little-endian. Keeps its memory when cleared.
class PacketWriter {
 public:
  void add(const Message& message);
  void append(const PacketWriter& other);
  void clear() noexcept { bytes_.clear(); }
  bool empty() const noexcept { return bytes_.empty(); }
  std::span<const std::uint8_t> bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Takes the first message off `packet`, whose sender may be hostile.
///
/// Every length is checked against the bytes that are there and against its cap before anything is
/// allocated, and every enumerator and figure against its range. Errc::kBadFormat otherwise;
/// `packet` is then of no further use.
Result<Message> take_message(std::span<const std::uint8_t>& packet);

}  // namespace semblance::extract
