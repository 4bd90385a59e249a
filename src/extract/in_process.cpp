// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "decode/decode.h"
#include "extract/detail.h"
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
  void extract(int descriptor, const Plan& plan, const Limits& limits, ExtractSink& sink) override {
    auto snapshot = take_in(descriptor, plan, limits, sink);
    if (!snapshot) return sink.on_end(ending_of(snapshot.error()));
    sink.on_end(
        extract_item(snapshot->descriptor(descriptor), snapshot->bytes, plan, limits, sink));
  }

  std::string decoders() const override { return decode::decoder_versions(); }
};

}  // namespace
}  // namespace extract

std::unique_ptr<Extractor> make_in_process_extractor() {
  return std::make_unique<extract::InProcessExtractor>();
}

}  // namespace semblance
