// SPDX-License-Identifier: Apache-2.0
// A packet from a worker that a file has taken over: bounded, in progress, and one spelling only.
#include "extract/wire.h"

#include <algorithm>
#include <variant>

#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace semblance;
  using namespace semblance::extract;
  std::span<const std::uint8_t> packet(data, size);
  while (!packet.empty()) {
    const auto before = packet;
    const auto message = take_message(packet);
    if (!message) break;
    SEMBLANCE_HOLDS(packet.size() < before.size());
    const auto taken = before.first(before.size() - packet.size());
    PacketWriter writer;
    writer.add(*message);
    std::span<const std::uint8_t> written = writer.bytes();
    // Of a greeting in another protocol nothing but its number is read.
    const auto* hello = std::get_if<Hello>(&*message);
    if (hello == nullptr || hello->protocol == kProtocol) {
      SEMBLANCE_HOLDS(std::equal(taken.begin(), taken.end(), written.begin(), written.end()));
    }
    const auto again = take_message(written);
    SEMBLANCE_HOLDS(again && *again == *message && written.empty());
  }
  return 0;
}
