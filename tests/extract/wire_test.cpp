// SPDX-License-Identifier: Apache-2.0
#include "extract/wire.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace semblance::extract {
namespace {

PdqSignal some_signal(unsigned seed) {
  PdqSignal signal;
  std::mt19937 rng(seed);
  signal.profile = seed % 2 == 0 ? PdqProfile::kFull : PdqProfile::kCli512;
  signal.quality = static_cast<int>(seed % 101);
  signal.orders = static_cast<std::uint8_t>(seed % 5);
  for (Hash256& hash : signal.hashes) {
    for (auto& byte : hash.bytes) byte = static_cast<std::uint8_t>(rng());
  }
  return signal;
}

FrameSignal some_frame(unsigned seed) {
  FrameSignal frame;
  frame.at = {seed,
              40 * seed,
              40 * seed + seed % 7,
              static_cast<std::uint8_t>(seed % 256),
              seed % 2 == 0 ? FrameForm::kWhole : FrameForm::kTrimmed,
              static_cast<std::uint8_t>(seed % 101)};
  frame.hashes = some_signal(seed).hashes;
  return frame;
}

ProbeSignal some_part(unsigned seed) {
  ProbeSignal part;
  part.probe.kind = static_cast<ProbeKind>(1 + seed % 3);
  part.probe.window = {static_cast<std::uint16_t>(seed), 20, 5000, 9980};
  part.pdq = some_signal(seed);
  part.pdq.profile = PdqProfile::kFull;
  return part;
}

EmbeddingReply some_embedding(std::size_t dimension) {
  EmbeddingReply reply{3, std::vector<float>(dimension)};
  for (std::size_t i = 0; i < dimension; ++i) {
    reply.values[i] = static_cast<float>(i % 7) - 2.5F;
  }
  EXPECT_TRUE(normalise(reply.values));
  return reply;
}

Request some_request() {
  Request request{0x0123456789abcdef,
                  1 << 20,
                  {PdqProfile::kCli512, PdqProfile::kFull},
                  Precision::kFast,
                  {Sampling::kVpdq, 0.4, 320, 240},
                  true,
                  {}};
  request.limits.max_pixels = 77;
  request.limits.max_ratio = 78;
  request.limits.max_seconds = 0xfffffffe;
  request.limits.max_video_seconds = 79;
  request.limits.max_video_pixels = 80;
  request.probes = {ProbeKind::kPanel, ProbeKind::kTrimmed};
  request.entry_windows = true;
  request.features = kMaxFeatures;
  request.mirrored_features = true;
  request.embedders = {"gist", "some-model.2"};
  request.thumbnail_side = kMaxThumbnailSide;
  return request;
}

Facts some_video() {
  Facts facts{MediaKind::kVideo, "mp4", 1600, 1200, 0, false, "libavcodec 59.37.100"};
  facts.codec = "h264";
  facts.duration_ms = 61'500;
  facts.frame_rate_num = 30'000;
  facts.frame_rate_den = 1'001;
  facts.rotation = 359;
  facts.video_streams = 2;
  return facts;
}

std::vector<Message> one_of_each() {
  return {Hello{kProtocol,
                "0.1.0",
                "0.1.0 (GNU 12.2.0 Release)",
                "a 1.0\nb 2.0\n",
                {{"gist", "gist-1", 512}, {"some-model.2", "sha256:00ff", kMaxDimension}}},
          StartWorker{false},
          StopWorker{7},
          WorkerStarted{0xffffffff},
          WorkerStopped{7, -11},
          Refused{12, "fork worker: Cannot allocate memory"},
          some_request(),
          some_video(),
          PdqBatch{{some_signal(1), some_signal(2), some_signal(100)}},
          End{9, true, {Reason::kTruncated, true, "decode: premature end", 1234}},
          WorkerReady{"seccomp\n", "landlock: Function not implemented\n"},
          FrameBatch{{some_frame(3), some_frame(4)}},
          TmkPart{24 << 10, {1, 2, 3}},
          ProbeBatch{{some_part(1), some_part(2), some_part(3)}},
          FeaturePart{40'009, 24 << 10, {1, 2, 3}},
          some_embedding(12),
          ThumbnailPart{2, kMaxThumbnailSide, 77, {1, 2, 3}}};
}

std::vector<std::uint8_t> packed(const std::vector<Message>& messages) {
  PacketWriter writer;
  for (const Message& message : messages) writer.add(message);
  return {writer.bytes().begin(), writer.bytes().end()};
}

// Reads to the end or the first error, as every receiver does.
void read_all(std::span<const std::uint8_t> packet) {
  while (!packet.empty()) {
    const auto before = packet.size();
    if (!take_message(packet)) return;
    ASSERT_LT(packet.size(), before) << "no progress";
  }
}

TEST(Wire, EveryMessageComesBackAsItWas) {
  const auto messages = one_of_each();
  ASSERT_EQ(messages.size(), std::variant_size_v<Message>);
  const auto bytes = packed(messages);
  std::span<const std::uint8_t> rest = bytes;
  for (const Message& expected : messages) {
    auto message = take_message(rest);
    ASSERT_TRUE(message) << message.error().what;
    EXPECT_TRUE(*message == expected) << "type " << expected.index();
  }
  EXPECT_TRUE(rest.empty());
}

TEST(Wire, EveryCutIsRefused) {
  auto messages = one_of_each();
  messages.push_back(Facts{MediaKind::kImage, "jpeg", 1600, 1200, 6, true, "libjpeg-turbo 2.1.5"});
  messages.push_back(End{9, false, {}});
  for (const Message& message : messages) {
    const auto whole = packed({message});
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy of the very size, so that a read beyond it is seen by the sanitizers.
      const std::vector<std::uint8_t> cut(whole.begin(),
                                          whole.begin() + static_cast<std::ptrdiff_t>(size));
      std::span<const std::uint8_t> rest = cut;
      auto taken = take_message(rest);
      ASSERT_FALSE(taken) << "type " << message.index() << " of " << size << " bytes";
      EXPECT_EQ(taken.error().code, Errc::kBadFormat);
    }
  }
}

TEST(Wire, EveryFlippedBitIsReadOrRefused) {
  for (const Message& message : one_of_each()) {
    const auto whole = packed({message});
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto bent = whole;
      bent[bit / 8] = static_cast<std::uint8_t>(bent[bit / 8] ^ (1U << (bit % 8)));
      read_all(bent);
    }
  }
}

TEST(Wire, NoiseIsReadOrRefused) {
  std::mt19937 rng(20260611);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::uint8_t> noise(rng() % 200);
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(rng());
    if (!noise.empty()) noise[0] = static_cast<std::uint8_t>(rng() % 17);
    if (noise.size() > 5) {
      noise[1] = static_cast<std::uint8_t>(noise.size() - 5);
      std::fill(noise.begin() + 2, noise.begin() + 5, std::uint8_t{0});
    }
    read_all(noise);
  }
}

TEST(Wire, HugeCountsAreRefusedBeforeAnythingIsAllocated) {
  auto bytes = packed({PdqBatch{{some_signal(1)}}});
  std::fill(bytes.begin() + 5, bytes.begin() + 9, std::uint8_t{0xff});
  std::span<const std::uint8_t> rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({FrameBatch{{some_frame(1)}}});
  std::fill(bytes.begin() + 5, bytes.begin() + 9, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({TmkPart{0, {1, 2, 3}}});
  std::fill(bytes.begin() + 9, bytes.begin() + 13, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({ProbeBatch{{some_part(1)}}});
  std::fill(bytes.begin() + 5, bytes.begin() + 9, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({FeaturePart{3, 0, {1, 2, 3}}});
  std::fill(bytes.begin() + 13, bytes.begin() + 17, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({some_embedding(3)});
  std::fill(bytes.begin() + 6, bytes.begin() + 10, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({ThumbnailPart{1, 1, 0, {1, 2, 3}}});
  std::fill(bytes.begin() + 13, bytes.begin() + 17, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));

  bytes = packed({Refused{1, "why"}});
  std::fill(bytes.begin() + 9, bytes.begin() + 13, std::uint8_t{0xff});
  rest = bytes;
  EXPECT_FALSE(take_message(rest));
}

TEST(Wire, ValuesOutOfRangeAreRefused) {
  const auto refuse = [](std::vector<std::uint8_t> bytes, std::size_t at, std::uint8_t value) {
    bytes[at] = value;
    std::span<const std::uint8_t> rest = bytes;
    EXPECT_FALSE(take_message(rest)) << "byte " << at << " = " << int{value};
  };
  const auto facts = packed({Facts{}});
  refuse(facts, 5, 5);                 // kind
  refuse(facts, 18, 9);                // orientation
  refuse(facts, 19, 2);                // animated
  refuse(facts, facts.size() - 8, 0);  // frame rate per 0 seconds
  refuse(facts, facts.size() - 3, 2);  // rotation of 512 degrees
  const auto end = packed({End{}});
  refuse(end, 13, 2);         // retiring
  refuse(end, 14, kReasons);  // reason
  refuse(end, 15, 2);         // partial
  refuse(end, 20, 2);         // whether it says how far it got
  const auto batch = packed({PdqBatch{{some_signal(1)}}});
  refuse(batch, 9, 0);     // profile
  refuse(batch, 9, 3);     // profile
  refuse(batch, 10, 101);  // quality
  refuse(batch, 11, 5);    // orders
  const auto frames = packed({FrameBatch{{some_frame(1)}}});
  refuse(frames, 22, 2);    // form
  refuse(frames, 23, 101);  // quality
  refuse(frames, 16, 1);    // an end before the start
  const auto request =
      packed({Request{1, 2, {PdqProfile::kFull}, Precision::kFast, {}, false, {}}});
  refuse(request, 21, 9);                  // profiles
  refuse(request, 22, 0);                  // profile
  refuse(request, 23, 3);                  // precision
  refuse(request, 24, 3);                  // sampling
  refuse(request, 32, 0xbf);               // seconds between frames: negative
  refuse(request, 32, 0x7f);               // or too many
  refuse(request, 36, 1);                  // width of 16 Mi
  refuse(request, 40, 1);                  // height
  refuse(request, 41, 2);                  // TMK
  refuse(packed({StartWorker{}}), 0, 10);  // type
  // Behind the limits: no kinds, no windows, no features, none mirrored, no embedders, no
  // thumbnail.
  const std::size_t end_of_request = request.size();
  refuse(request, end_of_request - 8, 9);  // kinds of probes
  refuse(request, end_of_request - 7, 2);  // entry windows
  refuse(request, end_of_request - 5, 4);  // features: 1024
  refuse(request, end_of_request - 4, 2);  // mirrored
  refuse(request, end_of_request - 3, 9);  // embedders
  refuse(request, end_of_request - 1, 3);  // a thumbnail of 768 pixels
  const auto full = packed({some_request()});
  refuse(full, full.size() - 3, ' ');  // no name of a model
  refuse(full, full.size() - 3, 'Z');
  const auto parts = packed({ProbeBatch{{some_part(2)}}});
  refuse(parts, 9, 0);      // kind: the whole
  refuse(parts, 9, 4);      // kind
  refuse(parts, 11, 0x30);  // left: beyond the side
  refuse(parts, 13, 1);     // top: 276 of 9980
  refuse(parts, 18, 101);   // quality
  refuse(parts, 19, 5);     // orders
  const auto set = packed({FeaturePart{3, 0, {1, 2, 3}}});
  refuse(set, 5, 2);  // a part larger than the whole
  refuse(set, 7, 1);  // a set of 65,539 bytes
  refuse(set, 9, 1);  // one byte further on
  const auto thumbnail = packed({ThumbnailPart{1, 2, 3, {1, 2, 3}}});
  refuse(thumbnail, 5, 0);   // of no width
  refuse(thumbnail, 6, 3);   // of 769 pixels
  refuse(thumbnail, 7, 0);   // of no height
  refuse(thumbnail, 7, 1);   // a part larger than the whole
  refuse(thumbnail, 8, 3);   // of 770 pixels
  refuse(thumbnail, 9, 4);   // one byte further on
  refuse(thumbnail, 12, 1);  // far beyond the end
  const auto vector = packed({some_embedding(3)});
  refuse(vector, 5, kMaxEmbedders);  // embedder
  refuse(vector, 13, 0x7f);          // a value that is no number, or huge
  refuse(vector, 13, 0);             // or no more of length 1
}

TEST(Wire, PartsAreInsideThePictureAndNeverAllOfIt) {
  const auto taken = [](const Window& window) {
    ProbeSignal part = some_part(2);
    part.probe.window = window;
    const auto bytes = packed({ProbeBatch{{part}}});
    std::span<const std::uint8_t> rest = bytes;
    return static_cast<bool>(take_message(rest));
  };
  EXPECT_TRUE(taken({0, 0, 10'000, 9'999}));
  EXPECT_TRUE(taken({9'999, 9'999, 1, 1}));
  EXPECT_FALSE(taken({0, 0, 10'000, 10'000}));
  EXPECT_FALSE(taken({0, 0, 0, 10}));
  EXPECT_FALSE(taken({0, 0, 10, 0}));
  EXPECT_FALSE(taken({1, 0, 10'000, 10}));
  EXPECT_FALSE(taken({0, 9'991, 10, 10}));
  EXPECT_FALSE(taken({60'000, 0, 10'000, 10})) << "a sum that wraps";
}

TEST(Wire, AGreetingNamesEmbeddersThatCanBe) {
  const auto taken = [](const EmbedderId& id) {
    const auto bytes = packed({Hello{kProtocol, "", "", "", {id}}});
    std::span<const std::uint8_t> rest = bytes;
    return static_cast<bool>(take_message(rest));
  };
  EXPECT_TRUE(taken({"gist", "1", 1}));
  EXPECT_TRUE(taken({"gist", "1", kMaxDimension}));
  EXPECT_FALSE(taken({"gist", "1", 0}));
  EXPECT_FALSE(taken({"gist", "1", kMaxDimension + 1}));
  EXPECT_FALSE(taken({"Gist", "1", 1}));
  EXPECT_FALSE(taken({"", "1", 1}));
}

TEST(Wire, BytesAfterAMessagesEndAreRefused) {
  auto bytes = packed({StopWorker{7}});
  bytes[1] = 5;
  bytes.push_back(0);
  std::span<const std::uint8_t> rest = bytes;
  EXPECT_FALSE(take_message(rest));
}

TEST(Wire, LongTextsAreCutByTheSender) {
  const auto bytes = packed({Refused{1, std::string(100'000, 'x')}});
  std::span<const std::uint8_t> rest = bytes;
  auto message = take_message(rest);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<Refused>(*message).what, std::string(kMaxTextBytes, 'x'));
}

TEST(Wire, AGreetingOfAnotherProtocolIsUnderstoodAsSuch) {
  auto bytes = packed({Hello{kProtocol + 1, "9.9.9", "something else", ""}});
  bytes[1] = static_cast<std::uint8_t>(bytes[1] + 3);  // a longer one, as another version may send
  bytes.insert(bytes.end(), {1, 2, 3});
  std::span<const std::uint8_t> rest = bytes;
  auto message = take_message(rest);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<Hello>(*message).protocol, kProtocol + 1);
}

TEST(Wire, TheLargestOfEachFitsAPacket) {
  FrameBatch batch;
  for (unsigned i = 0; i < kMaxFrameBatch; ++i) batch.frames.push_back(some_frame(i));
  const TmkPart part{0, std::vector<std::uint8_t>(kMaxTmkPartBytes, 7)};
  ProbeBatch parts;
  for (unsigned i = 0; i < kMaxProbes; ++i) parts.signals.push_back(some_part(i));
  const FeaturePart set{kMaxFeatureBytes, 5, std::vector<std::uint8_t>(kMaxFeaturePartBytes, 7)};
  const ThumbnailPart thumbnail{kMaxThumbnailSide, kMaxThumbnailSide, 5,
                                std::vector<std::uint8_t>(kMaxThumbnailPartBytes, 7)};
  for (const Message& message :
       std::vector<Message>{batch, part, parts, set, some_embedding(kMaxDimension), thumbnail}) {
    const auto bytes = packed({message});
    EXPECT_LE(bytes.size(), kMaxPacketBytes);
    std::span<const std::uint8_t> rest = bytes;
    auto taken = take_message(rest);
    ASSERT_TRUE(taken);
    EXPECT_TRUE(*taken == message);
  }
}

TEST(Wire, OneMoreThanTheLargestIsRefused) {
  FrameBatch batch;
  for (unsigned i = 0; i <= kMaxFrameBatch; ++i) batch.frames.push_back(some_frame(i));
  const TmkPart part{0, std::vector<std::uint8_t>(kMaxTmkPartBytes + 1, 7)};
  ProbeBatch parts;
  for (unsigned i = 0; i <= kMaxProbes; ++i) parts.signals.push_back(some_part(i));
  const FeaturePart set{kMaxFeatureBytes, 5,
                        std::vector<std::uint8_t>(kMaxFeaturePartBytes + 1, 7)};
  const ThumbnailPart thumbnail{kMaxThumbnailSide, kMaxThumbnailSide, 5,
                                std::vector<std::uint8_t>(kMaxThumbnailPartBytes + 1, 7)};
  for (const Message& message : std::vector<Message>{
           batch, part, parts, set, some_embedding(kMaxDimension + 1), thumbnail}) {
    const auto bytes = packed({message});
    std::span<const std::uint8_t> rest = bytes;
    EXPECT_FALSE(take_message(rest));
  }
}

TEST(Wire, TheLargestBatchFitsAPacket) {
  PdqBatch batch;
  for (unsigned i = 0; i < kMaxBatchSignals; ++i) batch.signals.push_back(some_signal(i));
  const auto bytes = packed({batch});
  EXPECT_LE(bytes.size(), kMaxPacketBytes);
  std::span<const std::uint8_t> rest = bytes;
  auto message = take_message(rest);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::get<PdqBatch>(*message), batch);
}

}  // namespace
}  // namespace semblance::extract
