// SPDX-License-Identifier: Apache-2.0
#include "extract/wire.h"

#include <algorithm>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/luma_blocks.h"

namespace semblance::extract {
namespace {

constexpr std::size_t kHeaderBytes = 1 + 4;
constexpr std::size_t kSignalBytes = 3 + kTransforms * Hash256::kBytes;

// The last precision that one extraction can have.
constexpr auto kMaxPrecision = static_cast<std::uint8_t>(Precision::kAuto);

// Position in the variant is the number on the wire.
template <class T, std::size_t I = 0>
constexpr std::uint8_t type_of() {
  if constexpr (std::is_same_v<std::variant_alternative_t<I, Message>, T>) {
    return I;
  } else {
    return type_of<T, I + 1>();
  }
}

class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  template <std::unsigned_integral T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  void text(std::string_view value) {
    value = value.substr(0, kMaxTextBytes);
    number(static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void bytes(std::span<const std::uint8_t> value) {
    out_.insert(out_.end(), value.begin(), value.end());
  }

 private:
  std::vector<std::uint8_t>& out_;
};

// After the first failure every read gives zeros, and nothing is taken any more.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> in) : in_(in) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return in_.empty(); }
  std::size_t left() const noexcept { return in_.size(); }
  void fail() noexcept {
    failed_ = true;
    in_ = {};
  }

  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > in_.size()) {
      fail();
      return {};
    }
    const auto taken = in_.first(count);
    in_ = in_.subspan(count);
    return taken;
  }
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const auto raw = take(sizeof value);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<T>(value | (T{raw[i]} << (8 * i)));
    }
    return value;
  }
  /// A byte of at most `max`.
  std::uint8_t small(std::uint8_t max) {
    const auto value = number<std::uint8_t>();
    if (value > max) fail();
    return failed_ ? std::uint8_t{0} : value;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    if (size > kMaxTextBytes) fail();
    const auto raw = take(failed_ ? 0 : size);
    return {raw.begin(), raw.end()};
  }
  PdqProfile profile() {
    const auto value = number<std::uint8_t>();
    for (const PdqProfile known : kPdqProfiles) {
      if (value == static_cast<std::uint8_t>(known)) return known;
    }
    fail();
    return PdqProfile::kFull;
  }

 private:
  std::span<const std::uint8_t> in_;
  bool failed_ = false;
};

void write(Writer& out, const Hello& hello) {
  out.number(hello.protocol);
  out.text(hello.version);
  out.text(hello.build);
  out.text(hello.decoders);
}
void write(Writer& out, const StartWorker& start) {
  out.number(static_cast<std::uint8_t>(start.caged));
}
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
void write(Writer& out, const Request& request) {
  out.number(request.item);
  out.number(request.bytes);
  out.number(static_cast<std::uint8_t>(request.profiles.size()));
  for (const PdqProfile profile : request.profiles) out.number(static_cast<std::uint8_t>(profile));
  out.number(static_cast<std::uint8_t>(request.precision));
  out.number(request.limits.max_bytes);
  out.number(request.limits.max_pixels);
  out.number(request.limits.max_ratio);
  out.number(request.limits.max_picture_bytes);
  out.number(request.limits.max_seconds);
}
void write(Writer& out, const Facts& facts) {
  out.number(static_cast<std::uint8_t>(facts.kind));
  out.text(facts.format);
  out.number(facts.width);
  out.number(facts.height);
  out.number(facts.orientation);
  out.number(static_cast<std::uint8_t>(facts.animated));
  out.text(facts.decoder);
}
void write(Writer& out, const PdqBatch& batch) {
  out.number(static_cast<std::uint32_t>(batch.signals.size()));
  for (const PdqSignal& signal : batch.signals) {
    out.number(static_cast<std::uint8_t>(signal.profile));
    out.number(static_cast<std::uint8_t>(signal.quality));
    out.number(signal.orders);
    for (const Hash256& hash : signal.hashes) out.bytes(hash.bytes);
  }
}
void write(Writer& out, const End& end) {
  out.number(end.item);
  out.number(static_cast<std::uint8_t>(end.retiring));
  out.number(static_cast<std::uint8_t>(end.ending.reason));
  out.number(static_cast<std::uint8_t>(end.ending.partial));
  out.text(end.ending.detail);
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
}
void read(Reader& in, StartWorker& start) { start.caged = in.small(1) != 0; }
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
void read(Reader& in, Request& request) {
  request.item = in.number<std::uint64_t>();
  request.bytes = in.number<std::uint64_t>();
  request.profiles.resize(in.small(kMaxProfiles));
  for (PdqProfile& profile : request.profiles) profile = in.profile();
  request.precision = static_cast<Precision>(in.small(kMaxPrecision));
  request.limits.max_bytes = in.number<std::uint64_t>();
  request.limits.max_pixels = in.number<std::uint64_t>();
  request.limits.max_ratio = in.number<std::uint64_t>();
  request.limits.max_picture_bytes = in.number<std::uint64_t>();
  request.limits.max_seconds = in.number<std::uint32_t>();
}
void read(Reader& in, Facts& facts) {
  facts.kind = static_cast<MediaKind>(in.small(static_cast<std::uint8_t>(MediaKind::kContainer)));
  facts.format = in.text();
  facts.width = in.number<std::uint32_t>();
  facts.height = in.number<std::uint32_t>();
  facts.orientation = in.small(8);
  facts.animated = in.small(1) != 0;
  facts.decoder = in.text();
}
void read(Reader& in, PdqBatch& batch) {
  const auto count = in.number<std::uint32_t>();
  if (count > kMaxBatchSignals || in.left() != count * kSignalBytes) return in.fail();
  batch.signals.resize(count);
  for (PdqSignal& signal : batch.signals) {
    signal.profile = in.profile();
    signal.quality = in.small(100);
    signal.orders = in.small(LumaBlocks::kMaxOrders);
    for (Hash256& hash : signal.hashes) {
      const auto raw = in.take(Hash256::kBytes);
      std::copy(raw.begin(), raw.end(), hash.bytes.begin());
    }
  }
}
void read(Reader& in, End& end) {
  end.item = in.number<std::uint64_t>();
  end.retiring = in.small(1) != 0;
  end.ending.reason = static_cast<Reason>(in.small(kReasons - 1));
  end.ending.partial = in.small(1) != 0;
  end.ending.detail = in.text();
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
              type_of<WorkerReady>() == 10);

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
