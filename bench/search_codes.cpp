// SPDX-License-Identifier: Apache-2.0
#include "search_codes.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "datasets/graphic.h"
#include "datasets/random.h"
#include "index/bit_order.h"
#include "semblance/pdq.h"

namespace semblance::bench {
namespace {

using datasets::Random;
namespace fs = std::filesystem;

constexpr std::uint32_t kSide = 64;         // of a graphic: PDQ reduces every picture to it
constexpr std::size_t kChunk = 1024;        // graphics that one thread draws at a time
constexpr std::size_t kChunksInAWave = 64;  // chunks between two looks at what is there

Codes hashes_of_chunk(std::uint64_t seed, std::size_t chunk) {
  Codes hashes;
  for (std::size_t i = 0; i < kChunk; ++i) {
    const auto luma = datasets::draw_graphic(seed, chunk * kChunk + i, kSide);
    const auto signal = pdq_hash({luma.data(), kSide, kSide, kSide, 1});
    if (signal && signal->quality >= kDefaultQualityFloor) hashes.push_back(signal->hash());
  }
  return hashes;
}

// In order of graphic, whatever the number of threads.
Codes draw_codes(std::uint64_t seed, std::size_t count) {
  Codes codes;
  codes.reserve(count);
  for (std::size_t first = 0; codes.size() < count; first += kChunksInAWave) {
    std::vector<Codes> wave(kChunksInAWave);
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads(std::max(1U, std::thread::hardware_concurrency()));
    for (std::thread& thread : threads) {
      thread = std::thread([&] {
        for (std::size_t i = next++; i < wave.size(); i = next++) {
          wave[i] = hashes_of_chunk(seed, first + i);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const Codes& chunk : wave) {
      const std::size_t wanted = std::min(chunk.size(), count - codes.size());
      codes.insert(codes.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(wanted));
    }
  }
  return codes;
}

// Nothing if the file is not there, too short, or of another generator.
Codes read_cache(const std::string& path, std::uint64_t seed, std::size_t count) {
  std::error_code failed;
  const auto bytes = fs::file_size(path, failed);
  if (failed || bytes < count * Hash256::kBytes) return {};
  Codes codes(count);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(codes.data()),
            static_cast<std::streamsize>(count * Hash256::kBytes));
  const Codes start = hashes_of_chunk(seed, 0);
  const std::size_t compared = std::min(start.size(), count);
  const bool same = std::equal(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(compared),
                               start.begin());
  return file && same ? codes : Codes{};
}

Status write_cache(const std::string& path, const Codes& codes) {
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary);
  file.write(reinterpret_cast<const char*>(codes.data()),
             static_cast<std::streamsize>(codes.size() * Hash256::kBytes));
  file.close();
  std::error_code failed;
  if (file) fs::rename(part, path, failed);
  if (!file || failed) return Error{Errc::kIo, "write " + path + ": refused"};
  return ok();
}

void flip(Hash256& code, std::uint32_t bit) {
  code.bytes[bit / 8] = static_cast<std::uint8_t>(code.bytes[bit / 8] ^ (1U << (bit % 8)));
}

// Every bit that may be flipped, in random order.
std::vector<std::uint32_t> shuffled_bits(Random& random) {
  std::vector<std::uint32_t> bits(Hash256::kBits);
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    bits[i] = i;
    std::swap(bits[i], bits[random.below(i + 1)]);
  }
  return bits;
}

// `code` with `count` of `bits` flipped.
Hash256 altered(Hash256 code, std::span<const std::uint32_t> bits, std::size_t count,
                Random& random) {
  std::vector<std::uint32_t> left(bits.begin(), bits.end());
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(left[i], left[i + random.below(static_cast<std::uint32_t>(left.size() - i))]);
    flip(code, left[i]);
  }
  return code;
}

Hash256 random_code(Random& random) {
  std::uint64_t words[4];
  for (std::uint64_t& word : words) word = random.bits();
  Hash256 code;
  std::memcpy(code.bytes.data(), words, sizeof words);
  return code;
}

// `base` with each of `free` bits a fair coin.
Hash256 varied(Hash256 code, std::span<const std::uint32_t> free, Random& random) {
  std::uint64_t coins = 0;
  for (std::size_t i = 0; i < free.size(); ++i) {
    if (i % 64 == 0) coins = random.bits();
    if ((coins >> (i % 64) & 1) != 0) flip(code, free[i]);
  }
  return code;
}

// Bits first..end-1 in the order of a code, or where the index has moved them: those of one table
// lie together there.
std::vector<std::uint32_t> ordered_bits(std::uint32_t first, std::uint32_t end, bool of_index) {
  std::vector<std::uint32_t> bits;
  for (std::uint32_t i = first; i < end; ++i) {
    Hash256 one;
    flip(one, i);
    if (of_index) one = index::BitOrder::get().restore(one);
    std::uint32_t bit = 0;
    while ((one.bytes[bit / 8] >> (bit % 8) & 1) == 0) ++bit;
    bits.push_back(bit);
  }
  return bits;
}

constexpr std::size_t kAttackQueries = 256;
constexpr std::size_t kJustBeyond = 32;  // bits

// Queries at `base`, which find every code; or with `flips` of `bits` flipped, which find next to
// none although each code agrees with them in whole tables.
void ask_around(Attack& attack, const Hash256& base, std::span<const std::uint32_t> bits,
                std::size_t flips, Random& random) {
  constexpr std::size_t kHits = 20'000'000;  // of all queries together: 240 MB of results
  attack.queries_name = flips == 0 ? "at them: every code is a hit" : "just beyond reach";
  const std::size_t queries =
      flips == 0 ? std::clamp<std::size_t>(kHits / attack.codes.size(), 2, 64) : kAttackQueries;
  for (std::size_t i = 0; i < queries; ++i) {
    attack.queries.push_back(altered(base, bits, flips, random));
  }
}

// Codes and queries that are `base` but for `free` bits, too many for a hit.
void fill_alike(Attack& attack, const Hash256& base, std::span<const std::uint32_t> free,
                Random& random) {
  attack.queries_name = "of the same kind: no hit";
  for (Hash256& code : attack.codes) code = varied(base, free, random);
  attack.queries.resize(kAttackQueries);
  for (Hash256& query : attack.queries) query = varied(base, free, random);
}

}  // namespace

Codes uniform_codes(std::uint64_t seed, std::size_t count) {
  Random random(seed);
  Codes codes(count);
  for (Hash256& code : codes) code = random_code(random);
  return codes;
}

Result<Codes> graphic_codes(std::uint64_t seed, std::size_t count, const std::string& cache) {
  if (cache.empty()) return draw_codes(seed, count);
  const std::string path = cache + "/graphics-" + std::to_string(seed) + ".codes";
  Codes codes = read_cache(path, seed, count);
  if (!codes.empty()) return codes;
  codes = draw_codes(seed, count);
  std::error_code failed;
  fs::create_directories(cache, failed);
  if (auto written = write_cache(path, codes); !written) return written.error();
  return codes;
}

Codes mixed_queries(std::uint64_t seed, std::size_t count, CodesView codes, CodesView strangers) {
  constexpr std::uint32_t kFarthest = 40;
  Random random(seed);
  const std::vector<std::uint32_t> bits = shuffled_bits(random);
  Codes queries;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 2 == 1) {
      queries.push_back(strangers[i / 2 % strangers.size()]);
      continue;
    }
    const auto row = random.below(static_cast<std::uint32_t>(codes.size()));
    queries.push_back(altered(codes[row], bits, random.below(kFarthest + 1), random));
  }
  return queries;
}

CodeFacts facts_of(CodesView codes) {
  CodeFacts facts;
  std::vector<std::uint64_t> folded;
  folded.reserve(codes.size());
  for (const Hash256& code : codes) {
    std::uint64_t words[4];
    std::memcpy(words, code.bytes.data(), sizeof words);
    folded.push_back(words[0] ^ std::rotl(words[1] * 0x9e3779b97f4a7c15, 17) ^
                     std::rotl(words[2] * 0xbf58476d1ce4e5b9, 31) ^ words[3] * 0x94d049bb133111eb);
  }
  std::ranges::sort(folded);
  facts.distinct = codes.size() - std::ranges::unique(folded).size();

  const std::size_t sample = std::min<std::size_t>(codes.size(), 2000);
  double sum = 0.0;
  double squares = 0.0;
  double near = 0.0;
  double pairs = 0.0;
  for (std::size_t a = 0; a < sample; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      int distance = 0;
      for (std::size_t i = 0; i < Hash256::kBytes; i += 2) {
        const int low = std::popcount(static_cast<unsigned>(codes[a].bytes[i] ^ codes[b].bytes[i]));
        const int row = low + std::popcount(static_cast<unsigned>(codes[a].bytes[i + 1] ^
                                                                  codes[b].bytes[i + 1]));
        distance += row;
        near += row <= 1 ? 1.0 : 0.0;
      }
      sum += distance;
      squares += static_cast<double>(distance) * distance;
      pairs += 1.0;
    }
  }
  facts.mean_distance = sum / pairs;
  facts.deviation = std::sqrt(squares / pairs - facts.mean_distance * facts.mean_distance);
  facts.near_rows = near / pairs;
  return facts;
}

Attack make_attack(int number, std::uint64_t seed, std::size_t count) {
  Random random(seed);
  const Hash256 base = random_code(random);
  const std::vector<std::uint32_t> bits = shuffled_bits(random);
  const std::span<const std::uint32_t> all(bits);
  Attack attack;
  attack.codes.resize(count);
  switch (number) {
    case 0:
    case 1:
      attack.codes_name = "all codes equal";
      std::ranges::fill(attack.codes, base);
      ask_around(attack, base, all, number == 0 ? 0 : kJustBeyond, random);
      break;
    case 2:
    case 3:
      attack.codes_name = "equal but for 20 scattered bits";
      for (Hash256& code : attack.codes) code = varied(base, all.first(20), random);
      ask_around(attack, base, all.subspan(20), number == 2 ? 0 : kJustBeyond, random);
      break;
    case 4:
    case 5: {
      attack.codes_name = "equal but for the last 24 bits";
      const std::vector<std::uint32_t> in_order = ordered_bits(0, Hash256::kBits, false);
      const std::span<const std::uint32_t> places(in_order);
      for (Hash256& code : attack.codes) code = varied(base, places.last(24), random);
      ask_around(attack, base, places.first(232), number == 4 ? 0 : kJustBeyond, random);
      break;
    }
    case 6:
    case 7:
      attack.codes_name = "up to 20 bits from one code";
      for (Hash256& code : attack.codes) code = altered(base, all, random.below(21), random);
      ask_around(attack, base, all, number == 6 ? 0 : kJustBeyond + 4, random);
      break;
    case 8:
      attack.codes_name = "128 scattered bits equal";
      fill_alike(attack, base, all.first(128), random);
      break;
    case 9:
      attack.codes_name = "equal in the index's first 32 bits";
      fill_alike(attack, base, ordered_bits(32, Hash256::kBits, true), random);
      break;
    default:
      attack.codes_name = "equal in the index's first 128 bits";
      fill_alike(attack, base, ordered_bits(128, Hash256::kBits, true), random);
      break;
  }
  return attack;
}

}  // namespace semblance::bench
