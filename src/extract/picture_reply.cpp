// SPDX-License-Identifier: Apache-2.0
#include "extract/picture_reply.h"

#include <algorithm>
#include <utility>

namespace semblance::extract {

PictureReply::PictureReply(const Request& request, std::span<const EmbedderId> known)
    : request_(&request) {
  for (const std::string& model : request.embedders) {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const EmbedderId& id) { return id.model == model; });
    // Of one that is not known, of no dimension, no answer fits.
    asked_.push_back(found != known.end() ? *found : EmbedderId{model, {}, 0});
  }
}

void PictureReply::clear() noexcept {
  probes_.clear();
  features_.clear();
  feature_bytes_.clear();
  embeddings_.clear();
  next_embedder_ = 0;
  thumbnail_ = {};
}

// Known pictures have windows, and what borders enclose; others what the plan names.
bool PictureReply::is_asked(ProbeKind kind) const noexcept {
  if (request_->entry_windows) return kind == ProbeKind::kTrimmed || kind == ProbeKind::kWindow;
  const auto& kinds = request_->probes;
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool PictureReply::accept(const ProbeBatch& batch, Precision precision) {
  const bool comes_late = !features_.empty() || !feature_bytes_.empty() || next_embedder_ > 0 ||
                          !thumbnail_.samples.empty();
  if (!probes_.empty() || batch.signals.empty() || comes_late) return false;
  for (auto signal = batch.signals.begin(); signal != batch.signals.end(); ++signal) {
    if (!is_asked(signal->probe.kind)) return false;
    if (signal->pdq.precision() != precision) return false;
    const auto is_before = [&](const ProbeSignal& before) {
      return before.probe.kind <= signal->probe.kind && before.probe != signal->probe;
    };
    if (!std::all_of(batch.signals.begin(), signal, is_before)) return false;
  }
  probes_ = batch.signals;
  return true;
}

bool PictureReply::accept(const FeaturePart& part) {
  const std::size_t sets = request_->mirrored_features ? 2 : 1;
  if (request_->features == 0 || features_.size() == sets || next_embedder_ > 0) return false;
  if (!thumbnail_.samples.empty()) return false;
  if (part.bytes.empty() || part.offset != feature_bytes_.size()) return false;
  if (part.offset != 0 && part.size != feature_size_) return false;
  feature_size_ = part.size;
  feature_bytes_.insert(feature_bytes_.end(), part.bytes.begin(), part.bytes.end());
  return feature_bytes_.size() < part.size || accept_set();
}

// The picture's own set, then that of it mirrored; an empty one is not sent.
bool PictureReply::accept_set() {
  auto set = features_from_bytes(std::exchange(feature_bytes_, {}));
  if (!set || set->features.empty() || set->features.size() > request_->features) return false;
  if (set->mirrored && !request_->mirrored_features) return false;
  if (!features_.empty() && (features_.front().mirrored || !set->mirrored)) return false;
  features_.push_back(std::move(*set));
  return true;
}

// A picture without structure has no embedding, so that some may be left out.
bool PictureReply::accept(EmbeddingReply&& reply) {
  if (!feature_bytes_.empty() || !thumbnail_.samples.empty()) return false;
  if (reply.embedder < next_embedder_ || reply.embedder >= asked_.size()) return false;
  const EmbedderId& id = asked_[reply.embedder];
  if (reply.values.size() != id.dimension) return false;
  embeddings_.push_back({id, std::move(reply.values)});
  next_embedder_ = reply.embedder + std::size_t{1};
  return true;
}

bool PictureReply::has_thumbnail() const noexcept {
  const std::size_t whole = std::size_t{3} * thumbnail_.width * thumbnail_.height;
  return whole > 0 && thumbnail_.samples.size() == whole;
}

// The last of all, once, and no larger than was asked for.
bool PictureReply::accept(const ThumbnailPart& part) {
  if (!feature_bytes_.empty() || part.bytes.empty()) return false;
  if (std::max(part.width, part.height) > request_->thumbnail_side) return false;
  std::vector<std::uint8_t>& samples = thumbnail_.samples;
  if (part.offset != samples.size()) return false;
  if (samples.empty()) {
    thumbnail_.width = part.width;
    thumbnail_.height = part.height;
  }
  if (part.width != thumbnail_.width || part.height != thumbnail_.height) return false;
  if (part.bytes.size() > part.thumbnail_bytes() - samples.size()) return false;
  samples.insert(samples.end(), part.bytes.begin(), part.bytes.end());
  return true;
}

void PictureReply::tell(ExtractSink& sink) const {
  if (!probes_.empty()) sink.on_probes(probes_);
  for (const FeatureSet& set : features_) sink.on_features(set);
  for (const EmbeddingSignal& signal : embeddings_) sink.on_embedding(signal);
  if (has_thumbnail()) sink.on_thumbnail(thumbnail_);
}

}  // namespace semblance::extract
