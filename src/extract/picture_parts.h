// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what is found of a picture beside the hash of the whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/luma_blocks.h"
#include "extract/embedders.h"
#include "hash/raster_reducer.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// What is found of one picture. Of one that was decoded in part: of it as the decoder left it, as
/// its hash is.
struct PictureSignals {
  std::vector<PdqSignal> pdq;
  std::vector<ProbeSignal> probes;
  std::vector<FeatureSet> features;
  std::vector<EmbeddingSignal> embeddings;
  std::optional<Thumbnail> thumbnail{};

  bool empty() const noexcept {
    return pdq.empty() && probes.empty() && features.empty() && embeddings.empty() && !thumbnail;
  }
};

/// Gives them to the sink, in the order in which it takes them.
void tell(const PictureSignals& picture, ExtractSink& sink);

/// Whether the plan has parts of a picture hashed.
bool asks_for_probes(const Plan& plan) noexcept;

/// Whether those are panels, among others.
bool asks_for_panels(const Plan& plan) noexcept;

/// Whether the plan asks for anything that a picture has.
bool asks_for_picture(const Plan& plan) noexcept;

/// Whether the plan asks for what takes every pixel, whatever its precision.
bool takes_pixels(const Plan& plan) noexcept;

/// The parts that the plan asks for, of the low frequencies of a JPEG: of entry windows none.
std::vector<ProbeSignal> hash_parts(const LumaBlocks& blocks, const Plan& plan);

/// Keeps of the rows of a picture, while they pass, what its parts, features and embeddings are
/// made of: at most kRasterSide a side of luma, and of colour where an embedder or a thumbnail is
/// asked for.
class PictureParts {
 public:
  explicit PictureParts(const Plan& plan) : plan_(plan) {}

  /// Then exactly `height` rows, of `channels` (3 or 1) samples a pixel, then finish.
  void begin(std::uint32_t width, std::uint32_t height, int channels);
  void add_rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count);

  /// Adds what the plan asks for. An embedder that fails, or a library's exception, is an error;
  /// what was found before stays. Memory that does not suffice is Errc::kLimit.
  Status finish(Embedders& embedders, PictureSignals& found);

 private:
  Status describe(Embedders& embedders, PictureSignals& found);

  const Plan& plan_;
  std::optional<hash::RasterReducer> luma_;
  std::optional<hash::RasterReducer> colour_;  // of a gray picture none
};

}  // namespace semblance::extract
