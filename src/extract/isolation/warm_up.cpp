// SPDX-License-Identifier: Apache-2.0
#include "extract/isolation/warm_up.h"

#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <new>
#include <string>

#include "core/files.h"
#include "extract/extract_item.h"
#include "extract/isolation/warm_up_samples.h"

namespace semblance::extract {
namespace {

class Nowhere final : public ExtractSink {
 public:
  void on_digests(std::span<const SignalValue>) override {}
  void on_facts(const Facts&) override {}
  void on_pdq(std::span<const PdqSignal>) override {}
  void on_end(const Ending&) override {}
};

// By the very path that an item takes.
void extract_bytes(std::string_view bytes) {
  constexpr std::array kProfiles = {PdqProfile::kFull, PdqProfile::kCli512};
  const FileDescriptor file(::memfd_create("semblance-warm-up", MFD_CLOEXEC));
  if (!file || !write_all(file.get(), bytes, "sample")) return;
  Nowhere nowhere;
  extract_item(file.get(), bytes.size(), kProfiles, Precision::kExact, Limits{}, nowhere);
}

void decode_samples(Warmed where) {
  for (const WarmUpSample& sample : warm_up_samples()) {
    if (sample.warmed != where) continue;
    std::string bytes(sample.bytes.begin(), sample.bytes.end());
    extract_bytes(bytes);
    // Damaged, then cut short: decoders have words for both that they look up.
    for (std::size_t i = 0; i < 4; ++i) bytes[sample.coded + i] ^= '\x5a';
    extract_bytes(bytes);
    bytes.resize(bytes.size() * 3 / 4);
    extract_bytes(bytes);
  }
}

void throw_and_catch() {
  try {
    throw std::bad_alloc();  // the first one finds the tables for unwinding
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace

void warm_up_shared() {
  decode_samples(Warmed::kInSupervisor);
  throw_and_catch();
  const Error words = io_error("warm up", "nothing", ENOENT);  // as the system puts an error
  static_cast<void>(words);
}

void warm_up_own() { decode_samples(Warmed::kInWorker); }

}  // namespace semblance::extract
