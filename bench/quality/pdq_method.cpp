// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "hamming/hamming.h"
#include "hash/probes/probe_hasher.h"
#include "hash/probes/probe_plane.h"
#include "quality/method.h"
#include "semblance/hash256.h"
#include "semblance/probe.h"

namespace semblance::bench {
namespace {

// The channels, in order.
enum : std::size_t {
  kWholeChannel,             // picture against picture
  kTrimmedChannel,           // the same, of either what its borders enclose
  kPanelChannel,             // a panel of the query against the entry
  kWindowChannel,            // a window of the query against the entry
  kEntryWindowChannel,       // the query against a window of the entry
  kPanelEntryWindowChannel,  // a panel of the query against a window of the entry
  kChannels,
};

// Far enough above any distance that a policy may choose to draw the curve.
constexpr float kLimit = 48.0F;

struct PdqDescription final : Description {
  std::array<std::vector<PdqSignal>, kProbeKinds.size()> signals;  // by kind
};

// Hashes of many entries in a row, and whose they are.
struct Codes {
  std::vector<Hash256> hashes;
  std::vector<std::uint32_t> owners;

  void add(const std::vector<PdqSignal>& signals, std::uint32_t owner) {
    for (const PdqSignal& signal : signals) {
      hashes.push_back(signal.hash());
      owners.push_back(owner);
    }
  }
};

void keep(PdqDescription& into, const ProbeSignal& probe) {
  if (probe.pdq.quality < kDefaultQualityFloor) return;
  into.signals[static_cast<std::size_t>(probe.probe.kind)].push_back(probe.pdq);
}

class PdqMethod final : public Method {
 public:
  PdqMethod() {
    for (const char* name :
         {"whole", "trimmed", "panel", "window", "entry-window", "panel-entry-window"}) {
      channels_.push_back({name, kLimit, false});
    }
  }

  std::string name() const override { return "probes"; }
  const std::vector<Channel>& channels() const override { return channels_; }

  std::unique_ptr<Description> describe_entry(const Seen& picture) const override {
    auto made = std::make_unique<PdqDescription>();
    keep(*made, {{}, picture.pdq});
    const hash::ProbePlane plane(picture.raster);
    for (const ProbeSignal& probe : hash::hash_entry_probes(plane)) keep(*made, probe);
    return made;
  }

  std::unique_ptr<Description> describe_query(const Seen& picture) const override {
    auto made = std::make_unique<PdqDescription>();
    keep(*made, {{}, picture.pdq});
    const hash::ProbePlane plane(picture.raster);
    for (const ProbeSignal& probe : hash::hash_probes(plane, kProbeKinds)) keep(*made, probe);
    return made;
  }

  void set_entries(std::vector<std::unique_ptr<Description>> entries) override {
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      const auto& entry = static_cast<const PdqDescription&>(*entries[i]);
      for (std::size_t kind = 0; kind < codes_.size(); ++kind) {
        codes_[kind].add(entry.signals[kind], i);
      }
    }
  }

  void score(const Description& query, std::span<const std::uint8_t> /*wanted*/,
             std::span<float> out) const override {
    const auto& asked = static_cast<const PdqDescription&>(query);
    const auto pair = [&](ProbeKind of_query, ProbeKind of_entry, std::size_t channel) {
      compare(asked.signals[static_cast<std::size_t>(of_query)],
              codes_[static_cast<std::size_t>(of_entry)], channel, out);
    };
    pair(ProbeKind::kWhole, ProbeKind::kWhole, kWholeChannel);
    pair(ProbeKind::kTrimmed, ProbeKind::kWhole, kTrimmedChannel);
    pair(ProbeKind::kWhole, ProbeKind::kTrimmed, kTrimmedChannel);
    pair(ProbeKind::kTrimmed, ProbeKind::kTrimmed, kTrimmedChannel);
    for (const ProbeKind entry : {ProbeKind::kWhole, ProbeKind::kTrimmed}) {
      pair(ProbeKind::kPanel, entry, kPanelChannel);
      pair(ProbeKind::kWindow, entry, kWindowChannel);
    }
    pair(ProbeKind::kWhole, ProbeKind::kWindow, kEntryWindowChannel);
    pair(ProbeKind::kTrimmed, ProbeKind::kWindow, kEntryWindowChannel);
    pair(ProbeKind::kPanel, ProbeKind::kWindow, kPanelEntryWindowChannel);
  }

 private:
  static void compare(const std::vector<PdqSignal>& queries, const Codes& codes,
                      std::size_t channel, std::span<float> out) {
    if (codes.hashes.empty()) return;
    thread_local std::vector<std::uint16_t> distances;
    distances.resize(codes.hashes.size());
    for (const PdqSignal& query : queries) {
      for (const Hash256& hash : query.hashes) {
        kernels::hamming_scan(hash.bytes.data(), codes.hashes.front().bytes.data(),
                              codes.hashes.size(), distances.data());
        for (std::size_t i = 0; i < distances.size(); ++i) {
          if (distances[i] > kLimit) continue;
          float& best = out[codes.owners[i] * kChannels + channel];
          best = std::min(best, static_cast<float>(distances[i]));
        }
      }
    }
  }

  std::vector<Channel> channels_;
  std::array<Codes, kProbeKinds.size()> codes_;
};

}  // namespace

std::unique_ptr<Method> make_pdq_method() { return std::make_unique<PdqMethod>(); }

}  // namespace semblance::bench
