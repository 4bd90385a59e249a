// SPDX-License-Identifier: Apache-2.0
// From pictures to vectors of length 1: one interface for a rule without weights and for a model.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/raster.h"
#include "semblance/embedding.h"
#include "semblance/result.h"

namespace semblance::hash {

/// Makes embeddings. Not safe for concurrent calls; make one a thread.
class Embedder {
 public:
  virtual ~Embedder() = default;

  virtual const EmbedderId& id() const noexcept = 0;

  /// One vector of length 1 a picture, of id().dimension floats each, in their order. A picture
  /// without structure has none: an empty vector. Pictures are given in R, G, B or as luma, of any
  /// size, and go through a model together where it takes that: each vector is within 1e-4 a value
  /// of what its picture gives alone. Errc::kBadArgument if one is not a picture; kUnsupported,
  /// with the library's words, if the model fails on one or gives what has no direction; kBadFormat
  /// if what it gives is not what the description says.
  virtual Result<std::vector<std::vector<float>>> embed(std::span<const Raster> pictures) = 0;
};

/// The embedder without weights: a compact descriptor of gradients and of the layout of colours,
/// `gist`. The same bits on every CPU.
std::unique_ptr<Embedder> make_descriptor();

/// The embedder that a JSON file describes, with the ONNX model that lies beside it; what the file
/// holds is in README.md of this folder. The model runs three times, to see what it takes and
/// gives.
///
/// Calls run in their caller's thread alone: OpenCV's own threads, OpenCL and log are turned off
/// for the process. Each embedder holds its own copy of the weights.
///
/// Errc::kNotFound or kIo if a file cannot be read; kLimit if the description is above 1 MiB or the
/// model above 1 GiB; kBadFormat, naming the field, if the description is not one or the model is
/// not as it says; kMismatch if the SHA-256 of the model is not the one described: OpenCV then sees
/// none of it; kUnsupported, with OpenCV's words, if its dnn module cannot read or run the model.
Result<std::unique_ptr<Embedder>> open_model(const std::string& description);

}  // namespace semblance::hash
