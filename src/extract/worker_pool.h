// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: the extractor whose decoders run in worker processes.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "extract/channel.h"
#include "extract/reply.h"
#include "extract/supervisor_keeper.h"
#include "extract/turns.h"
#include "extract/wire.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// The most items that one worker serves, counted here: whatever a file has left behind in it, by
/// accident or on purpose, does not outlive them.
inline constexpr std::uint64_t kItemsPerWorker = 500;

/// Hands items to a fixed number of workers, each to one at a time; callers wait for a free one.
///
/// What a worker says is not believed further than its form: it is checked against the plan, and
/// digests are not asked of it. A worker that dies, is late or breaks the protocol is stopped, and
/// its place filled by a fresh one when the next item comes to it; so is one that has served
/// kItemsPerWorker items. What it had given of a video's frames by then counts. An item whose
/// worker died is asked again, once, alone; one whose worker went with the whole program is asked
/// again as often as that is run again.
class WorkerPool final : public Extractor {
 public:
  static Result<std::unique_ptr<Extractor>> start(const WorkerOptions& options);

  void extract(int descriptor, const Plan& plan, const Limits& limits, ExtractSink& sink) override;
  std::string decoders() const override { return supervisors_->decoders(); }
  std::vector<EmbedderId> embedders() const override { return supervisors_->embedders(); }
  Protections protections() const override { return supervisors_->protections(); }
  Status health() const override;

 private:
  struct Place {
    WorkerHandle worker;                     // without a channel: none lives here now
    std::shared_ptr<SupervisorLink> parent;  // of the worker, whose number means nothing to others
    std::uint64_t served = 0;                // items, by the worker that lives here
    bool died = false;                       // the last worker here, in the midst of an item
    bool orphaned = false;                   // the last worker here went with its program
    std::vector<std::uint8_t> buffer;
    PacketWriter packet;
  };
  class Lease;
  class Alone;

  WorkerPool(std::unique_ptr<SupervisorKeeper> supervisors, int workers);
  Ending evaluate(int descriptor, std::uint64_t bytes, const Plan& plan, const Limits& limits,
                  ExtractSink& sink);
  Status send_request(Place& place, int descriptor, const Request& request);
  Status fill(Place& place);
  Ending ask(Place& place, int descriptor, const Request& request, Reply& reply);
  Ending ask_until_answered(Place& place, int descriptor, const Request& request, Reply& reply);
  Ending converse(Place& place, int descriptor, const Request& request, Reply& reply);
  Ending disbelieve(Place& place, Reply& reply);
  Ending give_up(Place& place, Reason reason, std::string_view why);
  void note_exhaustion(const Error& error);

  std::unique_ptr<SupervisorKeeper> supervisors_;
  std::vector<Place> places_;
  Turns turns_;  // by place
  mutable std::mutex mutex_;
  std::optional<Error> exhausted_;  // descriptors, memory or disk: no item's fault
};

}  // namespace semblance::extract
