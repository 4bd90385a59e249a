// SPDX-License-Identifier: Apache-2.0
// Private to src/match: the embeddings of a store's pictures, by what made them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "match/bank_selection.h"
#include "match/near_entries.h"
#include "match/signal_feed.h"
#include "semblance/embedding.h"
#include "semblance/live_float_index.h"
#include "semblance/match.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::match {

/// The entries that may hold an embedding like a query's.
struct NearEmbeddings {
  std::vector<std::int64_t> entries;   // ascending
  std::vector<std::int64_t> foremost;  // of them, the kMaxVerified most like it; ascending
  bool crowded = false;                // there were more than kMaxEntriesOfFrame
};

/// The embeddings of a selection's banks, of the models that their policies name: an index for each
/// model, version and dimension. May be searched while another is made of it.
class EmbeddingIndex final : public SignalHolder {
 public:
  /// All of what the banks hold.
  static Result<std::shared_ptr<const EmbeddingIndex>> of(Store& store, const BankSelection& banks);

  /// The same, brought from what the store held at `then` to banks.state, where `changed` are the
  /// entries that may differ since. Null if building anew costs less.
  Result<std::shared_ptr<const EmbeddingIndex>> caught_up(
      Store& store, const BankSelection& banks, const StoreState& then,
      std::span<const std::int64_t> changed) const;

  /// The entries of the banks that hold an embedding of the same model and version whose cosine
  /// with the query's, in any of its turns, is about their bank's least or more.
  Result<NearEmbeddings> near(const BankSelection& banks, const EmbeddingSignal& query) const;

  /// See Matcher::embeddings.
  std::vector<std::pair<EmbedderId, std::uint64_t>> held() const;

  Status add(std::size_t bank, std::int64_t label, const BankSignal& signal) override;
  Status flush() override;
  Status withdraw(const std::vector<std::int64_t>& labels) override;

 private:
  using Key = std::tuple<std::string, std::string, std::size_t>;  // model, version, dimension
  struct OfModel {
    std::shared_ptr<LiveFloatIndex> index;
    std::vector<float> vectors{};  // on their way in
    std::vector<std::int64_t> labels{};
  };

  Status flush(OfModel& model);

  const BankSelection* banks_ = nullptr;  // while it is fed
  std::map<Key, OfModel> models_;
  std::size_t read_again_ = 0;  // entries whose embeddings may be there twice
};

/// The least cosine of a match with the bank by that model; above 1 if its policy does not name it.
float least_cosine(const BankPolicy& policy, const std::string& model);

/// The embedding as it is and, where they follow from it (semblance/embedding.h), of the picture in
/// its other turns: [t] of the picture turned by Transform t.
std::vector<std::vector<float>> turns_of(const EmbeddingSignal& query);

/// The best match of each query's embedding, in any of its turns, with one of `signals` of the same
/// model and version: kEmbedding, without bank, entry, labels and sources, in the order of the
/// queries. Best is the largest cosine, then the lowest transform. Errc::kBadFormat if a signal
/// cannot be read.
Result<std::vector<Match>> compare_embeddings(std::span<const EmbeddingSignal> queries,
                                              std::span<const BankSignal> signals,
                                              const std::map<std::string, float>& least);

}  // namespace semblance::match
