// SPDX-License-Identifier: Apache-2.0
#include "extract/embedder_ids.h"

#include <gtest/gtest.h>

#include <vector>

namespace semblance::extract {
namespace {

TEST(EmbedderIds, AModelIsALineAndWhatIsBuiltInIsNone) {
  EXPECT_EQ(model_lines({}), "");
  const std::vector<EmbedderId> ids = {
      {"gist", "gist-1", 512}, {"sscd", "sha256:12ab", 512}, {"lab", "sha256:34", 64}};
  EXPECT_EQ(model_lines(ids), "embedding:sscd sha256:12ab\nembedding:lab sha256:34\n");
}

}  // namespace
}  // namespace semblance::extract
