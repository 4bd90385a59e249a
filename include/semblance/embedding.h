// SPDX-License-Identifier: Apache-2.0
// Embeddings: vectors of a picture that are alike where pictures are, by a model or a rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance {

/// The most floats of an embedding.
inline constexpr std::size_t kMaxDimension = 4'096;

/// What makes an embedding: two embeddings are comparable where both agree.
struct EmbedderId {
  std::string model;  // its name, as is_model_name allows, as in the kind `embedding:<model>`
  std::string
      version;  // of the rule, or `sha256:` and digests of the weights and of the description
  std::size_t dimension = 0;

  friend bool operator==(const EmbedderId&, const EmbedderId&) = default;
};

/// The embedding of one picture.
struct EmbeddingSignal {
  EmbedderId id;
  std::vector<float> values;  // id.dimension of them, of length 1

  friend bool operator==(const EmbeddingSignal&, const EmbeddingSignal&) = default;
};

/// The bytes of a vector as a bank keeps them: 4 a float, IEEE 754, little-endian.
std::vector<std::uint8_t> to_bytes(std::span<const float> vector);

/// Reads what to_bytes wrote. Errc::kBadFormat unless they are 1..kMaxDimension finite floats of
/// length 1, to within 0.001.
Result<std::vector<float>> embedding_from_bytes(std::span<const std::uint8_t> bytes);

/// Returns whether a text is the name of a model: 1 to 64 of `a` to `z`, `0` to `9`, `.`, `_`, `-`.
bool is_model_name(std::string_view text) noexcept;

/// Scales a vector to length 1, to within the rounding of a float. Errc::kBadArgument if a float is
/// not finite or none is other than zero; the vector then stays as it is. The same bits on every
/// machine.
Status normalise(std::span<float> vector);

/// The inner product of two vectors of one length, summed in double in order of index: the cosine
/// of their angle where both are of length 1. The same bits on every machine. Vectors of two
/// lengths have none: 0.
float cosine(std::span<const float> a, std::span<const float> b);

/// The embedding of the picture turned or mirrored, where it follows from that of the picture: of
/// `gist`, to within 1e-6 a value. Empty for what any other embedder made, whose turned pictures
/// are embedded for themselves.
std::vector<float> turned(const EmbedderId& id, std::span<const float> vector, Transform transform);

}  // namespace semblance
