// SPDX-License-Identifier: Apache-2.0
#include "extract/embedders.h"

#include <algorithm>
#include <span>
#include <utility>

#include "decode/decode.h"
#include "extract/embedder_ids.h"
#include "extract/wire.h"
#include "hash/embedding/embedder.h"
#include "hash/features/opencv_version.h"

namespace semblance::extract {

/// For one thread at a time.
struct Embedders::Model {
  std::mutex mutex;
  std::unique_ptr<hash::Embedder> embedder;
};

Embedders::Embedders() { ids_.push_back(hash::make_descriptor()->id()); }

Embedders::~Embedders() = default;

Result<std::unique_ptr<Embedders>> Embedders::open(const std::vector<std::string>& models) {
  if (models.size() >= kMaxEmbedders) {
    return Error{Errc::kBadArgument, "open models: more than " + std::to_string(kMaxEmbedders - 1)};
  }
  auto embedders = std::make_unique<Embedders>();
  for (const std::string& description : models) {
    auto opened = hash::open_model(description);
    if (!opened) return std::move(opened).error();
    const EmbedderId& id = (*opened)->id();
    const auto same = [&](const EmbedderId& known) { return known.model == id.model; };
    if (std::any_of(embedders->ids_.begin(), embedders->ids_.end(), same)) {
      return Error{Errc::kBadArgument,
                   "open model " + description + ": there is one of the name " + id.model};
    }
    embedders->ids_.push_back(id);
    embedders->models_.push_back(std::make_unique<Model>());
    embedders->models_.back()->embedder = std::move(*opened);
  }
  return embedders;
}

Result<std::optional<EmbeddingSignal>> Embedders::embed(std::string_view model,
                                                        const Raster& picture) {
  const auto found = std::find_if(ids_.begin(), ids_.end(),
                                  [&](const EmbedderId& id) { return id.model == model; });
  if (found == ids_.end()) {
    return Error{Errc::kUnsupported, "embed: no model " + std::string(model) + " is loaded"};
  }
  auto values = embed_by(static_cast<std::size_t>(found - ids_.begin()), picture);
  if (!values) return std::move(values).error();
  if (values->empty()) return std::optional<EmbeddingSignal>();
  return std::optional(EmbeddingSignal{*found, std::move(*values)});
}

Result<std::vector<float>> Embedders::embed_by(std::size_t place, const Raster& picture) {
  const auto first = [](Result<std::vector<std::vector<float>>> vectors) {
    if (!vectors) return Result<std::vector<float>>(std::move(vectors).error());
    return Result<std::vector<float>>(vectors->empty() ? std::vector<float>()
                                                       : std::move(vectors->front()));
  };
  // It has nothing to load: a new one is cheaper than a turn.
  if (place == 0) return first(hash::make_descriptor()->embed({&picture, 1}));
  Model& model = *models_[place - 1];
  const std::scoped_lock lock(model.mutex);
  return first(model.embedder->embed({&picture, 1}));
}

std::string library_lines() { return decode::decoder_versions() + hash::opencv_version() + '\n'; }

}  // namespace semblance::extract
