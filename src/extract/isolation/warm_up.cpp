// SPDX-License-Identifier: Apache-2.0
#include "extract/isolation/warm_up.h"

#include <iconv.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <ctime>
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
  void on_frames(std::span<const FrameSignal>) override {}
  void on_tmk(const TmkSignal&) override {}
  void on_end(const Ending&) override {}
};

// By the very path that an item takes.
void extract_bytes(std::string_view bytes, const Plan& plan, Embedders& embedders) {
  const FileDescriptor file(::memfd_create("semblance-warm-up", MFD_CLOEXEC));
  if (!file || !write_all(file.get(), bytes, "sample")) return;
  Nowhere nowhere;
  extract_item(file.get(), bytes.size(), plan, Limits{}, embedders, nowhere);
}

void decode_samples(Warmed where, Embedders& embedders) {
  const Plan plan{{}, {PdqProfile::kFull, PdqProfile::kCli512}};
  for (const WarmUpSample& sample : warm_up_samples()) {
    if (sample.warmed != where) continue;
    std::string bytes(sample.bytes.begin(), sample.bytes.end());
    extract_bytes(bytes, plan, embedders);
    // Damaged, then cut short: decoders have words for both that they look up.
    for (std::size_t i = 0; i < 4; ++i) bytes[sample.coded + i] ^= '\x5a';
    extract_bytes(bytes, plan, embedders);
    bytes.resize(bytes.size() * 3 / 4);
    extract_bytes(bytes, plan, embedders);
  }
}

void put(std::string& bytes, std::uint32_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i));
}

/// A BMP file of 24 bits a pixel, in which there are corners to be found, and colours.
/// **Source:** BITMAPFILEHEADER and BITMAPINFOHEADER of Windows.
std::string picture_of_corners() {
  constexpr std::uint32_t kWidth = 128;  // rows need no padding
  constexpr std::uint32_t kHeight = 96;
  constexpr std::uint32_t kHeadBytes = 54;
  std::string bytes = "BM";
  put(bytes, kHeadBytes + 3 * kWidth * kHeight, 4);
  put(bytes, 0, 4);
  put(bytes, kHeadBytes, 4);
  put(bytes, 40, 4);  // of the second header
  put(bytes, kWidth, 4);
  put(bytes, kHeight, 4);
  put(bytes, 1, 2);   // planes
  put(bytes, 24, 2);  // bits a pixel
  for (int i = 0; i < 6; ++i) put(bytes, 0, 4);
  for (std::uint32_t y = 0; y < kHeight; ++y) {
    for (std::uint32_t x = 0; x < kWidth; ++x) {
      const std::uint32_t square = (x / 16 * 37 + y / 16 * 101) % 256;
      put(bytes, square | (x << 8) | ((255 - square) << 16), 3);
    }
  }
  return bytes;
}

// In which OpenCV asks how many processors there are, and what they can do; and a model lays out
// its memory.
void describe_a_picture(Embedders& embedders) {
  Plan plan{{}, {PdqProfile::kFull}};
  plan.probes.assign(kProbeKinds.begin(), kProbeKinds.end());
  plan.features = 50;
  plan.mirrored_features = true;
  for (const EmbedderId& id : embedders.ids()) plan.embedders.push_back(id.model);
  extract_bytes(picture_of_corners(), plan, embedders);
}

void throw_and_catch() {
  try {
    throw std::bad_alloc();  // the first one finds the tables for unwinding
  } catch (const std::bad_alloc&) {
    return;
  }
}

/// Loads what the C library has in files of its own, and what libavformat asks it for: the tables
/// of the texts in a transport stream, whose coding the stream names out of this list, and the time
/// zone, without which a date of creation is not put into words.
/// **Source:** ETSI EN 300 468, annex A; libavformat 59, mpegts.c (getstr8).
void load_tables_of_text() {
  constexpr std::array kCodings = {"ISO6937",     "ISO-8859-1",  "ISO-8859-2",  "ISO-8859-3",
                                   "ISO-8859-4",  "ISO-8859-5",  "ISO-8859-6",  "ISO-8859-7",
                                   "ISO-8859-8",  "ISO-8859-9",  "ISO-8859-10", "ISO-8859-11",
                                   "ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "UCS-2BE",
                                   "KSC_5601",    "GB2312",      "UTF-8",       ""};
  // Never closed: a table that nobody holds would be unloaded, and then looked for again.
  static std::array<iconv_t, kCodings.size()> held;
  for (std::size_t i = 0; i < kCodings.size(); ++i) held[i] = ::iconv_open("UTF-8", kCodings[i]);
  ::tzset();
}

}  // namespace

void warm_up_shared(Embedders& embedders) {
  load_tables_of_text();
  decode_samples(Warmed::kInSupervisor, embedders);
  describe_a_picture(embedders);
  throw_and_catch();
  const Error words = io_error("warm up", "nothing", ENOENT);  // as the system puts an error
  static_cast<void>(words);
}

void warm_up_own(Embedders& embedders) { decode_samples(Warmed::kInWorker, embedders); }

}  // namespace semblance::extract
