// SPDX-License-Identifier: Apache-2.0
// What is believed of the parts of a picture, message by message.
#include "extract/picture_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "extract/reply.h"

namespace semblance::extract {
namespace {

constexpr std::uint64_t kItem = 78;

const std::vector<EmbedderId> kKnown = {{"gist", "gist-1", 4}, {"lab", "sha256:12", 2}};

Request asked() {
  Request request{kItem, 1000, {PdqProfile::kFull}, Precision::kExact, {}, false, {}};
  request.probes = {ProbeKind::kTrimmed, ProbeKind::kPanel};
  request.features = 3;
  request.mirrored_features = true;
  request.embedders = {"lab", "gist"};
  return request;
}

Facts picture() {
  Facts facts;
  facts.kind = MediaKind::kImage;
  return facts;
}

const PdqBatch kHash{{PdqSignal{}}};

ProbeSignal part_of(ProbeKind kind, std::uint16_t left = 100) {
  ProbeSignal part;
  part.probe = {kind, {left, 100, 5000, 5000}};
  return part;
}

FeatureSet set_of(std::size_t count, bool mirrored = false) {
  FeatureSet set{64, 64, mirrored, {}};
  for (std::size_t i = 0; i < count; ++i) {
    set.features.push_back({static_cast<std::uint16_t>(32 * i), 32, 32, 0, {}});
  }
  return set;
}

Message whole(const FeatureSet& set) {
  const auto bytes = to_bytes(set);
  return FeaturePart{static_cast<std::uint32_t>(bytes.size()), 0, bytes};
}

// The bytes from `at` on, as if the set were of `size` bytes.
Message part_of(const FeatureSet& set, std::uint32_t at, std::size_t count, std::uint32_t size) {
  const auto bytes = to_bytes(set);
  const auto from = bytes.begin() + at;
  return FeaturePart{size, at, {from, from + static_cast<std::ptrdiff_t>(count)}};
}

EmbeddingReply vector_of(std::uint8_t embedder, std::size_t dimension) {
  EmbeddingReply reply{embedder, std::vector<float>(dimension)};
  reply.values[0] = 1;
  return reply;
}

End end() { return {kItem, false, {}}; }

bool believed(const Request& request, std::vector<Message> messages) {
  Reply reply(request, kKnown);
  for (Message& message : messages) {
    if (!reply.accept(std::move(message))) return false;
  }
  return true;
}

TEST(PictureReply, AllThatWasAskedForIsToldInItsOrder) {
  const Request request = asked();
  const ProbeBatch parts{
      {part_of(ProbeKind::kTrimmed), part_of(ProbeKind::kPanel), part_of(ProbeKind::kPanel, 200)}};
  Reply reply(request, kKnown);
  for (const Message& message :
       std::vector<Message>{picture(), kHash, parts, whole(set_of(3)), whole(set_of(2, true)),
                            vector_of(0, 2), vector_of(1, 4), end()}) {
    ASSERT_TRUE(reply.accept(Message(message))) << message.index();
  }
  Extraction found;
  CollectingSink sink(found);
  reply.tell(sink);
  EXPECT_EQ(found.probes, parts.signals);
  ASSERT_EQ(found.features.size(), 2U);
  EXPECT_EQ(found.features[0], set_of(3));
  EXPECT_EQ(found.features[1], set_of(2, true));
  ASSERT_EQ(found.embeddings.size(), 2U);
  EXPECT_EQ(found.embeddings[0].id, kKnown[1]);
  EXPECT_EQ(found.embeddings[1].id, kKnown[0]);
  EXPECT_EQ(found.embeddings[1].values.size(), 4U);

  reply.begin_again();
  Extraction nothing;
  CollectingSink empty(nothing);
  reply.tell(empty);
  EXPECT_TRUE(nothing.probes.empty() && nothing.features.empty() && nothing.embeddings.empty());
}

TEST(PictureReply, WhatAPictureDoesNotHaveMayBeLeftOut) {
  EXPECT_TRUE(believed(asked(), {picture(), kHash, end()}));
  EXPECT_TRUE(believed(asked(), {picture(), kHash, whole(set_of(1, true)), end()}));
  EXPECT_TRUE(believed(asked(), {picture(), kHash, vector_of(1, 4), end()}));
  EXPECT_FALSE(believed(asked(), {picture(), end()})) << "its hash may not";
}

TEST(PictureReply, OnlyPicturesHaveParts) {
  for (const MediaKind kind : {MediaKind::kVideo, MediaKind::kAudio, MediaKind::kUnknown}) {
    Facts facts = picture();
    facts.kind = kind;
    for (const Message& message : std::vector<Message>{ProbeBatch{{part_of(ProbeKind::kTrimmed)}},
                                                       whole(set_of(1)), vector_of(0, 2)}) {
      EXPECT_FALSE(believed(asked(), {facts, kHash, message})) << name(kind);
    }
  }
}

TEST(PictureReply, PartsComeBehindTheHashAndBeforeFrames) {
  const std::vector<Message> all = {ProbeBatch{{part_of(ProbeKind::kTrimmed)}}, whole(set_of(1)),
                                    vector_of(0, 2)};
  Facts moving = picture();
  moving.animated = true;
  for (const Message& message : all) {
    EXPECT_FALSE(believed(asked(), {message})) << "before the facts";
    EXPECT_FALSE(believed(asked(), {picture(), message})) << "before the hash";
    EXPECT_FALSE(believed(asked(), {picture(), kHash, end(), message})) << "after the end";
    EXPECT_TRUE(believed(asked(), {moving, kHash, message, FrameBatch{{FrameSignal{}}}, end()}));
    EXPECT_FALSE(believed(asked(), {moving, kHash, FrameBatch{{FrameSignal{}}}, message}));
  }
  EXPECT_FALSE(believed(asked(), {picture(), kHash, all[1], all[0]})) << "features before parts";
  EXPECT_FALSE(believed(asked(), {picture(), kHash, all[2], all[0]}));
  EXPECT_FALSE(believed(asked(), {picture(), kHash, all[2], all[1]}));
}

TEST(PictureReply, PartsAreOfTheKindsThatWereAskedForEachOnceAndInTheirOrder) {
  const auto parts = [](std::vector<ProbeSignal> signals) {
    return std::vector<Message>{picture(), kHash, ProbeBatch{std::move(signals)}};
  };
  const auto trimmed = part_of(ProbeKind::kTrimmed);
  const auto panel = part_of(ProbeKind::kPanel);
  EXPECT_TRUE(believed(asked(), parts({trimmed, panel})));
  EXPECT_FALSE(believed(asked(), parts({})));
  EXPECT_FALSE(believed(asked(), parts({panel, trimmed})));
  EXPECT_FALSE(believed(asked(), parts({panel, panel})));
  EXPECT_FALSE(believed(asked(), parts({part_of(ProbeKind::kWindow)}))) << "not asked for";
  auto twice = parts({trimmed});
  twice.push_back(ProbeBatch{{panel}});
  EXPECT_FALSE(believed(asked(), twice));
  Request none = asked();
  none.probes.clear();
  EXPECT_FALSE(believed(none, parts({trimmed})));
  Request entry = none;
  entry.entry_windows = true;
  EXPECT_TRUE(believed(entry, parts({trimmed, part_of(ProbeKind::kWindow)})));
  EXPECT_FALSE(believed(entry, parts({panel})));
  Request unhashed = asked();
  unhashed.profiles.clear();
  EXPECT_FALSE(believed(unhashed, {picture(), ProbeBatch{{trimmed}}})) << "parts without the whole";
}

TEST(PictureReply, PartsAreAsPreciseAsTheWhole) {
  PdqBatch fast = kHash;
  fast.signals[0].orders = 1;
  ProbeSignal part = part_of(ProbeKind::kTrimmed);
  Request request = asked();
  request.precision = Precision::kFast;
  EXPECT_FALSE(believed(request, {picture(), fast})) << "features take every pixel";
  request.features = 0;
  EXPECT_FALSE(believed(request, {picture(), fast})) << "so do embeddings";
  request.embedders.clear();
  EXPECT_TRUE(believed(request, {picture(), fast, end()}));
  EXPECT_FALSE(believed(request, {picture(), fast, ProbeBatch{{part}}}));
  EXPECT_TRUE(believed(request, {picture(), kHash, ProbeBatch{{part}}}));
  part.pdq.orders = 4;
  EXPECT_TRUE(believed(request, {picture(), fast, ProbeBatch{{part}}}));
  EXPECT_FALSE(believed(request, {picture(), kHash, ProbeBatch{{part}}}));
  request.entry_windows = true;
  EXPECT_FALSE(believed(request, {picture(), fast})) << "and entry windows";
}

TEST(PictureReply, FeaturesAreAsManyAsWereAskedForOfBothSidesOnce) {
  const auto after = [](std::vector<Message> more) {
    more.insert(more.begin(), {picture(), kHash});
    return more;
  };
  EXPECT_TRUE(believed(asked(), after({whole(set_of(3)), whole(set_of(3, true))})));
  EXPECT_FALSE(believed(asked(), after({whole(set_of(4))})));
  EXPECT_FALSE(believed(asked(), after({whole(set_of(0))}))) << "none are not sent";
  EXPECT_FALSE(believed(asked(), after({whole(set_of(1)), whole(set_of(1))})));
  EXPECT_FALSE(believed(asked(), after({whole(set_of(1, true)), whole(set_of(1))})));
  EXPECT_FALSE(believed(asked(), after({whole(set_of(1, true)), whole(set_of(1, true))})));
  Request one = asked();
  one.mirrored_features = false;
  EXPECT_FALSE(believed(one, after({whole(set_of(1, true))})));
  EXPECT_FALSE(believed(one, after({whole(set_of(1)), whole(set_of(1, true))})));
  Request none = asked();
  none.features = 0;
  EXPECT_FALSE(believed(none, after({whole(set_of(1))})));
  Request unhashed = asked();
  unhashed.profiles.clear();
  EXPECT_TRUE(believed(unhashed, {picture(), whole(set_of(1)), end()}));
}

TEST(PictureReply, ASetComesInPartsThatFollowEachOther) {
  const FeatureSet set = set_of(3);
  const auto size = static_cast<std::uint32_t>(to_bytes(set).size());
  const auto part = [&](std::uint32_t at, std::size_t count) {
    return part_of(set, at, count, size);
  };
  const std::vector<Message> begun = {picture(), kHash, part(0, 50)};
  const auto then = [&](std::vector<Message> more) {
    more.insert(more.begin(), begun.begin(), begun.end());
    return more;
  };
  EXPECT_TRUE(believed(asked(), then({part(50, size - 50), end()})));
  EXPECT_FALSE(believed(asked(), then({end()}))) << "half a set";
  EXPECT_TRUE(believed(asked(), then({End{kItem, false, {Reason::kTimedOut, true, "so"}}})));
  EXPECT_FALSE(believed(asked(), then({part(0, 50)}))) << "twice";
  EXPECT_FALSE(believed(asked(), then({part(51, 5)}))) << "a gap";
  EXPECT_FALSE(believed(asked(), then({part(50, 0)}))) << "nothing";
  EXPECT_FALSE(believed(asked(), then({part_of(set, 50, 10, size - 1)}))) << "of another size";
  EXPECT_FALSE(believed(asked(), then({part_of(set, 50, 10, 60)}))) << "cut short";
  EXPECT_FALSE(believed(asked(), then({vector_of(0, 2)})));
  EXPECT_FALSE(believed(asked(), then({ProbeBatch{{part_of(ProbeKind::kTrimmed)}}})));
  auto bent = to_bytes(set);
  bent[0] ^= 1;
  EXPECT_FALSE(believed(asked(), {picture(), kHash, FeaturePart{size, 0, bent}}));
}

TEST(PictureReply, EmbeddingsAreByTheEmbeddersThatWereAskedForEachOnce) {
  const auto after = [](std::vector<Message> more) {
    more.insert(more.begin(), {picture(), kHash});
    return more;
  };
  EXPECT_TRUE(believed(asked(), after({vector_of(0, 2), vector_of(1, 4), end()})));
  EXPECT_FALSE(believed(asked(), after({vector_of(1, 4), vector_of(0, 2)})));
  EXPECT_FALSE(believed(asked(), after({vector_of(0, 2), vector_of(0, 2)})));
  EXPECT_FALSE(believed(asked(), after({vector_of(2, 4)}))) << "one more than asked for";
  EXPECT_FALSE(believed(asked(), after({vector_of(0, 4)}))) << "of another dimension";
  Request none = asked();
  none.embedders.clear();
  EXPECT_FALSE(believed(none, after({vector_of(0, 2)})));
  Request unknown = asked();
  unknown.embedders = {"other"};
  EXPECT_FALSE(believed(unknown, after({vector_of(0, 2)})));
}

// So many samples from `at` on of a thumbnail of that size.
ThumbnailPart samples(std::uint16_t width, std::uint16_t height, std::uint32_t at,
                      std::size_t count) {
  return {width, height, at, std::vector<std::uint8_t>(count, 7)};
}

TEST(PictureReply, AThumbnailComesInPartsThatFollowEachOtherAndIsTheLast) {
  Request request = asked();
  request.thumbnail_side = 4;
  const auto after = [&](std::vector<Message> more) {
    more.insert(more.begin(), {picture(), kHash});
    return believed(request, std::move(more));
  };
  EXPECT_TRUE(after({end()})) << "of what could not be described there is none";
  EXPECT_TRUE(after({whole(set_of(1)), vector_of(0, 2), samples(4, 3, 0, 36), end()}));
  EXPECT_TRUE(after({samples(4, 3, 0, 30), samples(4, 3, 30, 6), end()}));
  EXPECT_TRUE(after({samples(2, 1, 0, 6), end()})) << "a small picture";
  EXPECT_FALSE(after({samples(4, 3, 0, 30), end()})) << "not all of it";
  EXPECT_TRUE(after({samples(4, 3, 0, 30), End{kItem, false, {Reason::kTimedOut, true, "so"}}}));
  EXPECT_FALSE(after({samples(5, 3, 0, 45)})) << "larger than asked for";
  EXPECT_FALSE(after({samples(3, 5, 0, 45)}));
  EXPECT_FALSE(after({samples(4, 3, 0, 0)})) << "nothing";
  EXPECT_FALSE(after({samples(4, 3, 3, 3)})) << "a gap";
  EXPECT_FALSE(after({samples(4, 3, 0, 30), samples(4, 3, 0, 30)})) << "twice";
  EXPECT_FALSE(after({samples(4, 3, 0, 30), samples(4, 4, 30, 6)})) << "of another size";
  EXPECT_FALSE(after({samples(4, 3, 0, 30), samples(4, 3, 30, 7)})) << "more than all";
  EXPECT_FALSE(after({samples(4, 3, 0, 36), samples(4, 3, 0, 36)})) << "two of them";
  EXPECT_FALSE(after({samples(4, 3, 0, 36), vector_of(0, 2)})) << "before what comes first";
  EXPECT_FALSE(after({samples(4, 3, 0, 36), whole(set_of(1))}));
  EXPECT_FALSE(after({samples(4, 3, 0, 36), ProbeBatch{{part_of(ProbeKind::kTrimmed)}}}));
  EXPECT_FALSE(believed(asked(), {picture(), kHash, samples(1, 1, 0, 3)})) << "not asked for";
}

TEST(PictureReply, OnlyAWholeThumbnailIsTold) {
  Request request = asked();
  request.thumbnail_side = 4;
  for (const std::uint32_t count : {30U, 36U}) {
    Reply reply(request, kKnown);
    for (const Message& message :
         std::vector<Message>{picture(), kHash, samples(4, 3, 0, count),
                              End{kItem, false, {Reason::kTimedOut, true, "so"}}}) {
      ASSERT_TRUE(reply.accept(Message(message)));
    }
    Extraction found;
    CollectingSink sink(found);
    reply.tell(sink);
    ASSERT_EQ(found.thumbnail.has_value(), count == 36);
    if (found.thumbnail) {
      EXPECT_EQ(*found.thumbnail, (Thumbnail{4, 3, std::vector<std::uint8_t>(36, 7)}));
    }
  }
}

TEST(PictureReply, AThumbnailTakesEveryPixel) {
  PdqBatch fast = kHash;
  fast.signals[0].orders = 1;
  Request request{kItem, 1000, {PdqProfile::kFull}, Precision::kFast, {}, false, {}};
  EXPECT_TRUE(believed(request, {picture(), fast, end()}));
  request.thumbnail_side = 4;
  EXPECT_FALSE(believed(request, {picture(), fast}));
}

}  // namespace
}  // namespace semblance::extract
