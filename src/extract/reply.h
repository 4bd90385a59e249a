// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: what a worker says of one item, as far as it is believed.
#pragma once

#include <optional>
#include <vector>

#include "extract/wire.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// One item's messages, as far as an honest worker could have sent them. Kept until its end: what a
/// worker said that then died is not told, a fresh one may say otherwise.
class Reply {
 public:
  explicit Reply(const Request& request) : request_(request) {}

  const std::optional<End>& end() const noexcept { return end_; }

  /// Expects everything from another worker, from the start.
  void begin_again() noexcept;

  /// Returns false if no honest worker sends this now.
  bool accept(const Message& message);

  /// Gives facts and signals to the sink of the item.
  void tell(ExtractSink& sink) const;

 private:
  bool accept(const Facts& facts);
  bool accept(const PdqBatch& batch);
  bool accept(const End& end);
  bool may_be_fast() const noexcept;

  const Request& request_;
  std::optional<Facts> facts_;
  std::vector<PdqSignal> signals_;
  std::optional<End> end_;
};

}  // namespace semblance::extract
