// SPDX-License-Identifier: Apache-2.0
// Hashes a picture in memory, banks it, extracts the same picture from a file and matches it.
#include <semblance/extract.h>
#include <semblance/match.h>
#include <semblance/pdq.h>
#include <semblance/store.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr std::uint32_t kSide = 96;

// A scene with structure at several scales, so that its quality is high.
std::vector<std::uint8_t> scene() {
  std::vector<std::uint8_t> rgb;
  for (std::uint32_t y = 0; y < kSide; ++y) {
    for (std::uint32_t x = 0; x < kSide; ++x) {
      const bool disc = (x - 30) * (x - 30) + (y - 60) * (y - 60) < 400;
      const bool band = (x / 12 + y / 20) % 2 == 0;
      const auto shade = static_cast<std::uint8_t>((disc ? 220 : 30) ^ (band ? 90 : 0));
      rgb.insert(rgb.end(), {shade, static_cast<std::uint8_t>(x * 2), shade});
    }
  }
  return rgb;
}

// The same pixels as an uncompressed BMP: 24 bits, bottom row first, B G R.
std::string bmp(const std::vector<std::uint8_t>& rgb) {
  const auto le32 = [](std::uint32_t v) {
    std::string text;
    for (int i = 0; i < 4; ++i) text += static_cast<char>(v >> (8 * i) & 0xff);
    return text;
  };
  std::string file = "BM" + le32(54 + kSide * kSide * 3) + le32(0) + le32(54) + le32(40) +
                     le32(kSide) + le32(kSide) + std::string("\x01\0\x18\0", 4) + le32(0) +
                     le32(kSide * kSide * 3) + le32(2835) + le32(2835) + le32(0) + le32(0);
  for (std::uint32_t y = kSide; y-- > 0;) {
    for (std::uint32_t x = 0; x < kSide; ++x) {
      const std::uint8_t* pixel = &rgb[(y * kSide + x) * 3];
      for (const int channel : {2, 1, 0}) file += static_cast<char>(pixel[channel]);
    }
  }
  return file;
}

int fail(const semblance::Error& error) {
  std::printf("%s\n", error.what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  const std::vector<std::uint8_t> pixels = scene();
  const auto known = semblance::pdq_hash(
      {.data = pixels.data(), .width = kSide, .height = kSide, .stride = kSide * 3, .channels = 3});
  if (!known) return fail(known.error());

  auto store = semblance::open_store(argv[1], true);
  if (!store) return fail(store.error());
  const auto bank = (*store)->create_bank("demo", {});
  if (!bank) return fail(bank.error());
  semblance::EntryDraft draft;
  draft.source = "consumer";
  draft.source_id = "1";
  auto& signal = draft.signals.emplace_back();
  signal.value.bytes.assign(known->hash().bytes.begin(), known->hash().bytes.end());
  signal.quality = known->quality;
  signal.profile = known->profile;
  if (auto added = (*store)->add_entry(bank->id, draft, semblance::Merge::kReplace); !added) {
    return fail(added.error());
  }

  const auto matcher = semblance::make_matcher(**store, {});
  if (!matcher) return fail(matcher.error());
  const std::string file = bmp(pixels);
  const int descriptor = memfd_create("picture", 0);
  if (write(descriptor, file.data(), file.size()) != static_cast<ssize_t>(file.size())) return 1;
  semblance::Extraction found;
  semblance::CollectingSink sink(found);
  semblance::make_in_process_extractor()->extract(descriptor, (*matcher)->plan(), {}, sink);
  const auto result = (*matcher)->match(found);
  if (!result) return fail(result.error());
  std::printf("matched %zu of 1, distance %d\n", result->matches.size(),
              result->matches.empty() ? -1 : result->matches.front().distance);
  return 0;
}
