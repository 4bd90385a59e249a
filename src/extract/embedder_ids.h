// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the embedders of a program, as both sides speak of them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "semblance/embedding.h"

namespace semblance::extract {

/// The embedder that needs no model: always the first.
inline constexpr std::string_view kBuiltInEmbedder = "gist";

/// A line for each that is a model's, such as `embedding:sscd sha256:...`: what results depend on,
/// beside the decoders.
std::string model_lines(std::span<const EmbedderId> embedders);

}  // namespace semblance::extract
