// SPDX-License-Identifier: Apache-2.0
#include "extract/wire.h"

#include <string_view>
#include <type_traits>
#include <utility>

#include "core/luma_blocks.h"
#include "extract/wire_bytes.h"

namespace semblance::extract {
namespace {

constexpr std::size_t kHeaderBytes = 1 + 4;
constexpr std::size_t kSignalBytes = 3 + kTransforms * Hash256::kBytes;
constexpr std::size_t kFrameBytes = 3 * 4 + 3 + kTransforms * Hash256::kBytes;
constexpr std::size_t kProbeBytes = 1 + 4 * 2 + 2 + kTransforms * Hash256::kBytes;
static_assert(kHeaderBytes + 4 + kMaxFrameBatch * kFrameBytes <= kMaxPacketBytes);
static_assert(kHeaderBytes + 4 + kMaxProbes * kProbeBytes <= kMaxPacketBytes);
static_assert(kHeaderBytes + 1 + 4 + kMaxDimension * 4 <= kMaxPacketBytes);

constexpr auto kLastFrameForm = FrameForm::kTrimmed;
constexpr auto kLastProbeKind = ProbeKind::kWindow;

// Position in the variant is the number on the wire.
template <class T, std::size_t I = 0>
constexpr std::uint8_t type_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Message>, T>) {
    return I;
  } else {
    return type_of<T, I + 1>();
  }
}

void write(Writer& out, const Hello& hello) {
  out.number(hello.protocol);
  out.text(hello.version);
  out.text(hello.build);
  out.text(hello.decoders);
  out.number(static_cast<std::uint8_t>(hello.embedders.size()));
  for (const EmbedderId& id : hello.embedders) {
    out.text(id.model);
    out.text(id.version);
    out.number(static_cast<std::uint32_t>(id.dimension));
  }
}
void write(Writer& out, const StartWorker& start) { out.flag(start.caged); }
void write(Writer& out, const StopWorker& stop) { out.number(stop.worker); }
void write(Writer& out, const WorkerStarted& started) { out.number(started.worker); }
void write(Writer& out, const WorkerStopped& stopped) {
  out.number(stopped.worker);
  out.number(static_cast<std::uint32_t>(stopped.wait_status));
}
void write(Writer& out, const Refused& refused) {
  out.number(static_cast<std::uint32_t>(refused.number));
  out.text(refused.what);
}
void write(Writer& out, const FramePlan& frames) {
  out.word(frames.sampling);
  out.real(frames.seconds_per_hash);
  out.number(frames.width);
  out.number(frames.height);
}
void write(Writer& out, const Limits& limits) {
  out.number(limits.max_bytes);
  out.number(limits.max_pixels);
  out.number(limits.max_ratio);
  out.number(limits.max_picture_bytes);
  out.number(limits.max_seconds);
  out.number(limits.max_video_seconds);
  out.number(limits.max_video_pixels);
}
void write(Writer& out, const Request& request) {
  out.number(request.item);
  out.number(request.bytes);
  out.number(static_cast<std::uint8_t>(request.profiles.size()));
  for (const PdqProfile profile : request.profiles) out.word(profile);
  out.word(request.precision);
  write(out, request.frames);
  out.flag(request.tmk);
  write(out, request.limits);
  out.number(static_cast<std::uint8_t>(request.probes.size()));
  for (const ProbeKind kind : request.probes) out.word(kind);
  out.flag(request.entry_windows);
  out.number(request.features);
  out.flag(request.mirrored_features);
  out.number(static_cast<std::uint8_t>(request.embedders.size()));
  for (const std::string& model : request.embedders) out.text(model);
  out.number(request.thumbnail_side);
}
void write(Writer& out, const Facts& facts) {
  out.word(facts.kind);
  out.text(facts.format);
  out.number(facts.width);
  out.number(facts.height);
  out.number(facts.orientation);
  out.flag(facts.animated);
  out.text(facts.decoder);
  out.text(facts.codec);
  out.number(facts.duration_ms);
  out.number(facts.frame_rate_num);
  out.number(facts.frame_rate_den);
  out.number(facts.rotation);
  out.number(facts.video_streams);
}
void write(Writer& out, const PdqBatch& batch) {
  out.number(static_cast<std::uint32_t>(batch.signals.size()));
  for (const PdqSignal& signal : batch.signals) {
    out.word(signal.profile);
    out.number(static_cast<std::uint8_t>(signal.quality));
    out.number(signal.orders);
    out.hashes(signal.hashes);
  }
}
void write(Writer& out, const End& end) {
  out.number(end.item);
  out.flag(end.retiring);
  out.word(end.ending.reason);
  out.flag(end.ending.partial);
  out.text(end.ending.detail);
  out.flag(end.ending.reached_ms.has_value());
  if (end.ending.reached_ms) out.number(*end.ending.reached_ms);
}
void write(Writer& out, const FrameBatch& batch) {
  out.number(static_cast<std::uint32_t>(batch.frames.size()));
  for (const FrameSignal& frame : batch.frames) {
    out.number(frame.at.number);
    out.number(frame.at.start_ms);
    out.number(frame.at.end_ms);
    out.number(frame.at.stream);
    out.word(frame.at.form);
    out.number(frame.at.quality);
    out.hashes(frame.hashes);
  }
}
void write(Writer& out, const TmkPart& part) {
  out.number(part.offset);
  out.number(static_cast<std::uint32_t>(part.bytes.size()));
  out.bytes(part.bytes);
}
void write(Writer& out, const ProbeBatch& batch) {
  out.number(static_cast<std::uint32_t>(batch.signals.size()));
  for (const ProbeSignal& signal : batch.signals) {
    out.word(signal.probe.kind);
    out.number(signal.probe.window.left);
    out.number(signal.probe.window.top);
    out.number(signal.probe.window.width);
    out.number(signal.probe.window.height);
    out.number(static_cast<std::uint8_t>(signal.pdq.quality));
    out.number(signal.pdq.orders);
    out.hashes(signal.pdq.hashes);
  }
}
void write(Writer& out, const FeaturePart& part) {
  out.number(part.size);
  out.number(part.offset);
  out.number(static_cast<std::uint32_t>(part.bytes.size()));
  out.bytes(part.bytes);
}
void write(Writer& out, const EmbeddingReply& reply) {
  const auto values = to_bytes(reply.values);
  out.number(reply.embedder);
  out.number(static_cast<std::uint32_t>(values.size()));
  out.bytes(values);
}
void write(Writer& out, const ThumbnailPart& part) {
  out.number(part.width);
  out.number(part.height);
  out.number(part.offset);
  out.number(static_cast<std::uint32_t>(part.bytes.size()));
  out.bytes(part.bytes);
}
void write(Writer& out, const WorkerReady& ready) {
  out.text(ready.active);
  out.text(ready.missing);
}

void read(Reader& in, Hello& hello) {
  hello.protocol = in.number<std::uint32_t>();
  if (hello.protocol != kProtocol) {
    in.take(in.left());  // only the number is known to mean the same in every protocol
    return;
  }
  hello.version = in.text();
  hello.build = in.text();
  hello.decoders = in.text();
  hello.embedders.resize(in.small(kMaxEmbedders));
  for (EmbedderId& id : hello.embedders) {
    id.model = in.model();
    id.version = in.text();
    id.dimension = in.number<std::uint32_t>();
    if (id.dimension == 0 || id.dimension > kMaxDimension) return in.fail();
  }
}
void read(Reader& in, StartWorker& start) { start.caged = in.flag(); }
void read(Reader& in, StopWorker& stop) { stop.worker = in.number<std::uint32_t>(); }
void read(Reader& in, WorkerStarted& started) { started.worker = in.number<std::uint32_t>(); }
void read(Reader& in, WorkerStopped& stopped) {
  stopped.worker = in.number<std::uint32_t>();
  stopped.wait_status = static_cast<std::int32_t>(in.number<std::uint32_t>());
}
void read(Reader& in, Refused& refused) {
  refused.number = static_cast<std::int32_t>(in.number<std::uint32_t>());
  refused.what = in.text();
}
void read(Reader& in, FramePlan& frames) {
  frames.sampling = in.word(Sampling::kVpdq);
  frames.seconds_per_hash = in.real();
  frames.width = in.number<std::uint32_t>();
  frames.height = in.number<std::uint32_t>();
  if (!check(frames)) in.fail();
}
void read(Reader& in, Limits& limits) {
  limits.max_bytes = in.number<std::uint64_t>();
  limits.max_pixels = in.number<std::uint64_t>();
  limits.max_ratio = in.number<std::uint64_t>();
  limits.max_picture_bytes = in.number<std::uint64_t>();
  limits.max_seconds = in.number<std::uint32_t>();
  limits.max_video_seconds = in.number<std::uint32_t>();
  limits.max_video_pixels = in.number<std::uint64_t>();
}
void read(Reader& in, Request& request) {
  request.item = in.number<std::uint64_t>();
  request.bytes = in.number<std::uint64_t>();
  request.profiles.resize(in.small(kMaxProfiles));
  for (PdqProfile& profile : request.profiles) profile = in.profile();
  request.precision = in.word(Precision::kAuto);
  read(in, request.frames);
  request.tmk = in.flag();
  read(in, request.limits);
  request.probes.resize(in.small(kMaxProbeKinds));
  for (ProbeKind& kind : request.probes) kind = in.word(kLastProbeKind);
  request.entry_windows = in.flag();
  request.features = in.number<std::uint16_t>();
  if (request.features > kMaxFeatures) return in.fail();
  request.mirrored_features = in.flag();
  request.embedders.resize(in.small(kMaxEmbedders));
  for (std::string& model : request.embedders) model = in.model();
  request.thumbnail_side = in.number<std::uint16_t>();
  if (request.thumbnail_side > kMaxThumbnailSide) return in.fail();
}
void read(Reader& in, Facts& facts) {
  facts.kind = in.word(MediaKind::kContainer);
  facts.format = in.text();
  facts.width = in.number<std::uint32_t>();
  facts.height = in.number<std::uint32_t>();
  facts.orientation = in.small(8);
  facts.animated = in.flag();
  facts.decoder = in.text();
  facts.codec = in.text();
  facts.duration_ms = in.number<std::uint32_t>();
  facts.frame_rate_num = in.number<std::uint32_t>();
  facts.frame_rate_den = in.number<std::uint32_t>();
  facts.rotation = in.number<std::uint16_t>();
  facts.video_streams = in.number<std::uint16_t>();
  if (facts.frame_rate_den == 0 || facts.rotation >= 360) in.fail();
}
void read(Reader& in, PdqBatch& batch) {
  const auto count = in.number<std::uint32_t>();
  if (count > kMaxBatchSignals || in.left() != count * kSignalBytes) return in.fail();
  batch.signals.resize(count);
  for (PdqSignal& signal : batch.signals) {
    signal.profile = in.profile();
    signal.quality = in.small(100);
    signal.orders = in.small(LumaBlocks::kMaxOrders);
    in.hashes(signal.hashes);
  }
}
void read(Reader& in, End& end) {
  end.item = in.number<std::uint64_t>();
  end.retiring = in.flag();
  end.ending.reason = static_cast<Reason>(in.small(kReasons - 1));
  end.ending.partial = in.flag();
  end.ending.detail = in.text();
  if (in.flag()) end.ending.reached_ms = in.number<std::uint32_t>();
}
void read(Reader& in, FrameBatch& batch) {
  const auto count = in.number<std::uint32_t>();
  if (count > kMaxFrameBatch || in.left() != count * kFrameBytes) return in.fail();
  batch.frames.resize(count);
  for (FrameSignal& frame : batch.frames) {
    frame.at.number = in.number<std::uint32_t>();
    frame.at.start_ms = in.number<std::uint32_t>();
    frame.at.end_ms = in.number<std::uint32_t>();
    frame.at.stream = in.number<std::uint8_t>();
    frame.at.form = in.word(kLastFrameForm);
    frame.at.quality = in.small(100);
    if (frame.at.end_ms < frame.at.start_ms) return in.fail();
    in.hashes(frame.hashes);
  }
}
void read(Reader& in, TmkPart& part) {
  part.offset = in.number<std::uint32_t>();
  const auto size = in.number<std::uint32_t>();
  if (size > kMaxTmkPartBytes || in.left() != size) return in.fail();
  const auto raw = in.take(size);
  part.bytes.assign(raw.begin(), raw.end());
}
// A part of a picture, which is never all of it.
bool is_inside(const Window& window) noexcept {
  return window.width > 0 && window.height > 0 && window != Window{} &&
         std::uint32_t{window.left} + window.width <= Window::kSide &&
         std::uint32_t{window.top} + window.height <= Window::kSide;
}
void read(Reader& in, ProbeBatch& batch) {
  const auto count = in.number<std::uint32_t>();
  if (count > kMaxProbes || in.left() != count * kProbeBytes) return in.fail();
  batch.signals.resize(count);
  for (ProbeSignal& signal : batch.signals) {
    signal.probe.kind = in.word(kLastProbeKind);
    signal.probe.window.left = in.number<std::uint16_t>();
    signal.probe.window.top = in.number<std::uint16_t>();
    signal.probe.window.width = in.number<std::uint16_t>();
    signal.probe.window.height = in.number<std::uint16_t>();
    signal.pdq.quality = in.small(100);
    signal.pdq.orders = in.small(LumaBlocks::kMaxOrders);
    if (signal.probe.kind == ProbeKind::kWhole || !is_inside(signal.probe.window)) return in.fail();
    in.hashes(signal.pdq.hashes);
  }
}
void read(Reader& in, FeaturePart& part) {
  part.size = in.number<std::uint32_t>();
  part.offset = in.number<std::uint32_t>();
  const auto size = in.number<std::uint32_t>();
  if (part.size > kMaxFeatureBytes || part.offset > part.size) return in.fail();
  if (size > kMaxFeaturePartBytes || size > part.size - part.offset || in.left() != size) {
    return in.fail();
  }
  const auto raw = in.take(size);
  part.bytes.assign(raw.begin(), raw.end());
}
void read(Reader& in, EmbeddingReply& reply) {
  reply.embedder = in.small(kMaxEmbedders - 1);
  const auto size = in.number<std::uint32_t>();
  if (size > kMaxDimension * 4 || in.left() != size) return in.fail();
  auto values = embedding_from_bytes(in.take(size));
  if (!values) return in.fail();
  reply.values = std::move(*values);
}
void read(Reader& in, ThumbnailPart& part) {
  part.width = in.number<std::uint16_t>();
  part.height = in.number<std::uint16_t>();
  part.offset = in.number<std::uint32_t>();
  const auto size = in.number<std::uint32_t>();
  for (const std::uint16_t side : {part.width, part.height}) {
    if (side == 0 || side > kMaxThumbnailSide) return in.fail();
  }
  if (part.offset > part.thumbnail_bytes() || size > part.thumbnail_bytes() - part.offset ||
      size > kMaxThumbnailPartBytes || in.left() != size) {
    return in.fail();
  }
  const auto raw = in.take(size);
  part.bytes.assign(raw.begin(), raw.end());
}
void read(Reader& in, WorkerReady& ready) {
  ready.active = in.text();
  ready.missing = in.text();
}

Error malformed(std::string_view cause) {
  return {Errc::kBadFormat, "read message: " + std::string(cause)};
}

template <std::size_t I = 0>
Result<Message> read_as(std::uint8_t type, Reader& in) {
  if constexpr (I == std::variant_size_v<Message>) {
    return malformed("unknown type " + std::to_string(type));
  } else {
    if (type != I) return read_as<I + 1>(type, in);
    Message message(std::in_place_index<I>);
    read(in, *std::get_if<I>(&message));
    if (in.failed()) return malformed("wrong length or value in type " + std::to_string(type));
    if (!in.at_end()) return malformed("bytes after the end of type " + std::to_string(type));
    return message;
  }
}

// Their numbers are part of the protocol.
static_assert(type_of<Hello>() == 0 && type_of<Request>() == 6 && type_of<End>() == 9 &&
              type_of<WorkerReady>() == 10 && type_of<TmkPart>() == 12 &&
              type_of<EmbeddingReply>() == 15 && type_of<ThumbnailPart>() == 16);

}  // namespace

void PacketWriter::add(const Message& message) {
  Writer out(bytes_);
  out.number(static_cast<std::uint8_t>(message.index()));
  const std::size_t size_at = bytes_.size();
  out.number(std::uint32_t{0});
  std::visit([&](const auto& body) { write(out, body); }, message);
  const std::size_t size = bytes_.size() - size_at - 4;
  for (std::size_t i = 0; i < 4; ++i) {
    bytes_[size_at + i] = static_cast<std::uint8_t>(size >> (8 * i));
  }
}

void PacketWriter::append(const PacketWriter& other) {
  bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
}

Result<Message> take_message(std::span<const std::uint8_t>& packet) {
  Reader header(packet);
  const auto type = header.number<std::uint8_t>();
  const auto size = header.number<std::uint32_t>();
  if (header.failed() || size > packet.size() - kHeaderBytes) return malformed("cut short");
  Reader body(packet.subspan(kHeaderBytes, size));
  packet = packet.subspan(kHeaderBytes + size);
  return read_as(type, body);
}

}  // namespace semblance::extract
