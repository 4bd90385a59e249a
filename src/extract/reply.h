// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what a worker says of one item, as far as it is believed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "extract/picture_reply.h"
#include "extract/wire.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// One item's messages, as far as an honest worker could have sent them.
///
/// Kept until the item ends. Of a worker that died nothing is told while a fresh one may say
/// otherwise; only where no other one tells the whole do the frames of a video count that it had
/// given by then.
class Reply {
 public:
  /// Embedders that the request names are described by `known`.
  explicit Reply(const Request& request, std::span<const EmbedderId> known = {})
      : request_(&request), picture_(request, known) {}

  const std::optional<End>& end() const noexcept { return end_; }

  /// Whether the item has frames, and so the time that a video may take.
  bool runs_long() const noexcept { return facts_ && has_frames(*facts_); }

  /// Whether anything came that counts though its worker did not come to the end: frames, or the
  /// picture of what has frames.
  bool has_part() const noexcept { return frame_count_ != 0 || (runs_long() && !signals_.empty()); }

  /// Up to where the frames that came so far reach; nothing if none came.
  std::optional<std::uint32_t> reached_ms() const noexcept;

  /// Whether what came counts, and goes further than what came of the other.
  bool reaches_beyond(const Reply& other) const noexcept;

  /// Expects everything from another worker, from the start.
  void begin_again() noexcept;

  /// Returns false if no honest worker sends this now.
  bool accept(Message&& message);

  /// Gives facts and signals to the sink of the item; once. Each batch is freed when it was told.
  void tell(ExtractSink& sink);

 private:
  bool accept(const Facts& facts);
  bool accept(const PdqBatch& batch);
  bool accept(FrameBatch&& batch);
  bool accept(const TmkPart& part);
  bool accept(const ProbeBatch& batch);
  bool accept(const FeaturePart& part);
  bool accept(EmbeddingReply&& reply);
  bool accept(const ThumbnailPart& part);
  bool accept(const End& end);
  bool accept(const FramePlace& place);
  bool carries_pictures() const noexcept;
  bool has_its_pictures() const noexcept;
  bool is_whole() const noexcept;
  bool may_be_fast() const noexcept;
  bool may_have_parts() const noexcept;

  const Request* request_;
  std::optional<Facts> facts_;
  std::vector<PdqSignal> signals_;
  PictureReply picture_;
  std::vector<FrameBatch> frames_;
  std::size_t frame_count_ = 0;
  std::uint32_t reached_ms_ = 0;
  // Where the last scene ended, by stream and form.
  std::array<std::array<std::uint32_t, 2>, 256> ends_ms_{};
  std::vector<std::uint8_t> tmk_bytes_;
  std::optional<TmkSignal> tmk_;
  std::optional<End> end_;
};

}  // namespace semblance::extract
