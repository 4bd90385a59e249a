// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what makes embeddings in this process.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/raster.h"
#include "semblance/embedding.h"
#include "semblance/result.h"

namespace semblance::hash {
class Embedder;
}

namespace semblance::extract {

/// The embedder that needs no model, and those that files describe.
///
/// Thread-safe; pictures for one model take turns. A process that is forked from one that
/// has them shares their weights with it.
class Embedders {
 public:
  /// The one that needs no model.
  Embedders();

  /// And the models that these JSON files describe; fails as hash::open_model does, and with
  /// Errc::kBadArgument if two are of one name, or there are kMaxEmbedders of them or more.
  static Result<std::unique_ptr<Embedders>> open(const std::vector<std::string>& models);

  Embedders(const Embedders&) = delete;
  Embedders& operator=(const Embedders&) = delete;
  ~Embedders();

  /// In the order of being opened, the one without a model first.
  const std::vector<EmbedderId>& ids() const noexcept { return ids_; }

  /// The embedding of a picture by the embedder of that name; nothing if the picture has no
  /// structure. Errc::kUnsupported, with the library's words, if it is not known or fails. May
  /// throw std::bad_alloc.
  Result<std::optional<EmbeddingSignal>> embed(std::string_view model, const Raster& picture);

 private:
  struct Model;

  Result<std::vector<float>> embed_by(std::size_t place, const Raster& picture);

  std::vector<EmbedderId> ids_;
  std::vector<std::unique_ptr<Model>> models_;  // by place in ids_, behind the one without a model
};

/// What the results of this process depend on: its decoding libraries and OpenCV, with their
/// versions, one a line.
std::string library_lines();

}  // namespace semblance::extract
