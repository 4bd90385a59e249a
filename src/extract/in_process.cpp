// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "extract/detail.h"
#include "extract/embedder_ids.h"
#include "extract/embedders.h"
#include "extract/extract_item.h"
#include "extract/intake.h"
#include "semblance/extract.h"

namespace semblance {
namespace extract {
namespace {

/// Limits::max_seconds is not kept here: nothing can stop a decoder in one's own process. That of
/// a video is, from one packet of its file to the next.
class InProcessExtractor final : public Extractor {
 public:
  explicit InProcessExtractor(std::unique_ptr<Embedders> embedders)
      : embedders_(std::move(embedders)) {}

  void extract(int descriptor, const Plan& plan, const Limits& limits, ExtractSink& sink) override {
    auto snapshot = take_in(*this, descriptor, plan, limits, sink);
    if (!snapshot) return sink.on_end(ending_of(snapshot.error()));
    sink.on_end(extract_item(snapshot->descriptor(descriptor), snapshot->bytes, plan, limits,
                             *embedders_, sink));
  }

  std::string decoders() const override { return library_lines() + model_lines(embedders_->ids()); }

  std::vector<EmbedderId> embedders() const override { return embedders_->ids(); }

 private:
  std::unique_ptr<Embedders> embedders_;
};

}  // namespace
}  // namespace extract

std::unique_ptr<Extractor> make_in_process_extractor() {
  return std::make_unique<extract::InProcessExtractor>(std::make_unique<extract::Embedders>());
}

Result<std::unique_ptr<Extractor>> make_in_process_extractor(
    const std::vector<std::string>& models) {
  auto embedders = extract::Embedders::open(models);
  if (!embedders) return std::move(embedders).error();
  return std::unique_ptr<Extractor>(
      std::make_unique<extract::InProcessExtractor>(std::move(*embedders)));
}

}  // namespace semblance
