// SPDX-License-Identifier: Apache-2.0
#include "extract/embedder_ids.h"

namespace semblance::extract {

std::string model_lines(std::span<const EmbedderId> embedders) {
  std::string lines;
  for (const EmbedderId& id : embedders) {
    if (id.model != kBuiltInEmbedder) lines += "embedding:" + id.model + ' ' + id.version + '\n';
  }
  return lines;
}

}  // namespace semblance::extract
