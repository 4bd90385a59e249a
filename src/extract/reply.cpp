// SPDX-License-Identifier: Apache-2.0
#include "extract/reply.h"

#include "extract/detail.h"

namespace semblance::extract {

void Reply::begin_again() noexcept {
  facts_.reset();
  signals_.clear();
  end_.reset();
}

bool Reply::accept(const Message& message) {
  if (end_) return false;
  if (const auto* facts = std::get_if<Facts>(&message)) return accept(*facts);
  if (const auto* batch = std::get_if<PdqBatch>(&message)) return accept(*batch);
  if (const auto* end = std::get_if<End>(&message)) return accept(*end);
  return false;
}

bool Reply::accept(const Facts& facts) {
  if (facts_) return false;
  facts_ = tidy(facts);
  return true;
}

bool Reply::accept(const PdqBatch& batch) {
  if (!facts_ || batch.signals.empty()) return false;
  if (signals_.size() + batch.signals.size() > request_.profiles.size()) return false;
  for (const PdqSignal& signal : batch.signals) {
    if (signal.profile != request_.profiles[signals_.size()]) return false;
    if (signal.precision() == Precision::kFast && !may_be_fast()) return false;
    signals_.push_back(signal);
  }
  return true;
}

// Asked for, and of the one profile that has a fast form.
bool Reply::may_be_fast() const noexcept {
  return request_.precision != Precision::kExact && request_.profiles.size() == 1 &&
         request_.profiles.front() == PdqProfile::kFull;
}

bool Reply::accept(const End& end) {
  // Whole and without a reason means that every signal asked for was given.
  const bool whole = end.ending.reason == Reason::kNone;
  if (whole && (end.ending.partial || signals_.size() != request_.profiles.size())) return false;
  if (end.item != request_.item) return false;
  end_ = end;
  return true;
}

void Reply::tell(ExtractSink& sink) const {
  if (facts_) sink.on_facts(*facts_);
  if (!signals_.empty()) sink.on_pdq(signals_);
}

}  // namespace semblance::extract
