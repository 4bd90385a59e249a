// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what a worker says of the parts of a picture, as far as it is believed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "extract/wire.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// The parts, features, embeddings and thumbnail of one picture, as far as an honest worker could
/// have sent them: what was asked for, in the order in which it is asked for, each once. Holds no
/// more than the plan allows for, whatever comes.
class PictureReply {
 public:
  /// Embedders that the request names are described by `known`.
  PictureReply(const Request& request, std::span<const EmbedderId> known);

  /// Each returns false if no honest worker sends this now. `precision` is that of the picture's
  /// hash.
  bool accept(const ProbeBatch& batch, Precision precision);
  bool accept(const FeaturePart& part);
  bool accept(EmbeddingReply&& reply);
  bool accept(const ThumbnailPart& part);

  /// Whether nothing has begun that is not at its end.
  bool is_complete() const noexcept {
    return feature_bytes_.empty() && (thumbnail_.samples.empty() || has_thumbnail());
  }

  void clear() noexcept;
  void tell(ExtractSink& sink) const;

 private:
  bool is_asked(ProbeKind kind) const noexcept;
  bool accept_set();
  bool has_thumbnail() const noexcept;

  const Request* request_;
  std::vector<EmbedderId> asked_;  // in the order of the request
  std::vector<ProbeSignal> probes_;
  std::vector<FeatureSet> features_;
  std::vector<std::uint8_t> feature_bytes_;  // of a set that is still coming
  std::uint32_t feature_size_ = 0;           // what it will come to
  std::vector<EmbeddingSignal> embeddings_;
  std::size_t next_embedder_ = 0;
  Thumbnail thumbnail_;  // as much of its samples as has come
};

}  // namespace semblance::extract
