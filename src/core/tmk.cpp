// SPDX-License-Identifier: Apache-2.0
// The `.tmk` file.
#include "semblance/tmk.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace semblance {

const std::array<float, kTmkCoefficients> kTmkFourier = {
    0.0708041893112F,   0.13937789309F,     0.132897260304F,    0.122765735552F,
    0.109878684888F,    0.09529606433F,     0.0800986647852F,   0.0652590650356F,
    0.0515478238322F,   0.0394851531195F,   0.0293374252025F,   0.0211492623679F,
    0.0147973073245F,   0.0100512818746F,   0.0066306408014F,   0.00424947117334F,
    0.0026467615764F,   0.00160270959695F,  0.000943882629639F, 0.000540841638603F,
    0.000301633183798F, 0.000163800158855F, 8.66454753015e-05F, 4.46626303151e-05F,
    2.24429442235e-05F, 1.09982139799e-05F, 5.25823487999e-06F, 2.45358229988e-06F,
    1.11781474895e-06F, 4.97406489221e-07F, 2.16265487234e-07F, 9.19087006565e-08F};

namespace {

// The file is its head (magic, then frames a second, numbers of periods, coefficients and
// dimensions, frames), the periods, the coefficients, and the vectors. All little-endian.
constexpr std::string_view kMagic = "TMK1FVECPDQF";
constexpr std::size_t kHeadBytes = kMagic.size() + 5 * 4;
static_assert(kTmkBytes == kHeadBytes + 4 * (kTmkPeriods + kTmkCoefficients + kTmkDimension) +
                               2 * 4 * kTmkWaves);

// Coefficients that were computed elsewhere may differ by so much of themselves.
constexpr float kSameCoefficient = 1e-6F;

// A wave vector has the length sqrt(kTmkFourier) or, where it sums nothing up, 0; but for rounding,
// of which this is the most. Longer ones would be like any video.
constexpr double kLengthMargin = 1e-3;

// No coefficient of 64 x 64 pixels of luma is larger.
constexpr float kLargestMean = 64 * 255;

class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& into) : into_(into) {}
  void number(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      into_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  }
  void integer(std::int32_t value) { number(static_cast<std::uint32_t>(value)); }
  void floats(std::span<const float> values) {
    for (const float value : values) number(std::bit_cast<std::uint32_t>(value));
  }

 private:
  std::vector<std::uint8_t>& into_;
};

// Reads on; the caller has seen that there are enough bytes.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t number() {
    const std::uint32_t value = std::uint32_t{bytes_[0]} | std::uint32_t{bytes_[1]} << 8 |
                                std::uint32_t{bytes_[2]} << 16 | std::uint32_t{bytes_[3]} << 24;
    bytes_ = bytes_.subspan(4);
    return value;
  }
  std::int32_t integer() { return static_cast<std::int32_t>(number()); }
  float real() { return std::bit_cast<float>(number()); }
  // Whether all were finite.
  bool floats(std::span<float> into) {
    bool finite = true;
    for (float& value : into) {
      value = real();
      finite = finite && std::isfinite(value);
    }
    return finite;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

Error bad(const std::string& why) { return {Errc::kBadFormat, "read tmk: " + why}; }

// An empty text, or what of the shape is not ours.
std::string other_shape(Reader& head) {
  const auto differs = [&head](std::string_view what, std::int32_t ours) {
    const std::int32_t stated = head.integer();
    return stated == ours
               ? std::string()
               : std::string(what) + " " + std::to_string(stated) + ", not " + std::to_string(ours);
  };
  for (const auto& [what, ours] :
       {std::pair<std::string_view, std::int32_t>{"frames per second", kTmkFramesPerSecond},
        {"periods", std::int32_t{kTmkPeriods}},
        {"coefficients", std::int32_t{kTmkCoefficients}},
        {"dimensions", std::int32_t{kTmkDimension}}}) {
    if (std::string why = differs(what, ours); !why.empty()) return why;
  }
  return {};
}

bool are_ours(Reader& coefficients) {
  bool same = true;
  for (const float ours : kTmkFourier) {
    // Not true of a NaN.
    same = std::abs(coefficients.real() - ours) <= kSameCoefficient * ours && same;
  }
  return same;
}

// Whether the waves, all finite, are no longer than those of a video.
bool have_lengths_of_waves(std::span<const float> waves) {
  for (std::size_t v = 0; v < waves.size() / kTmkDimension; ++v) {
    double squares = 0;
    for (const float value : waves.subspan(v * kTmkDimension, kTmkDimension)) {
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const double length = std::sqrt(static_cast<double>(kTmkFourier[v % kTmkCoefficients]));
    if (!(std::sqrt(squares) <= length * (1 + kLengthMargin))) return false;
  }
  return true;
}

bool are_means(std::span<const float> means) {
  return std::all_of(means.begin(), means.end(),
                     [](float value) { return std::abs(value) <= kLargestMean; });
}

}  // namespace

std::vector<std::uint8_t> to_bytes(const TmkSignal& signal) {
  std::vector<std::uint8_t> bytes(kMagic.begin(), kMagic.end());
  bytes.reserve(kTmkBytes);
  Writer out(bytes);
  out.integer(kTmkFramesPerSecond);
  out.integer(kTmkPeriods);
  out.integer(kTmkCoefficients);
  out.integer(kTmkDimension);
  out.integer(signal.frames);
  for (const std::int32_t period : kTmkPeriodFrames) out.integer(period);
  out.floats(kTmkFourier);
  out.floats(signal.mean);
  out.floats(signal.cosines);
  out.floats(signal.sines);
  return bytes;
}

Result<TmkSignal> parse_tmk(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeadBytes) return bad("cut short");
  if (!std::equal(kMagic.begin(), kMagic.end(), bytes.begin())) {
    return bad("it does not begin with " + std::string(kMagic));
  }
  Reader in(bytes.subspan(kMagic.size()));
  if (std::string why = other_shape(in); !why.empty()) return bad(why);
  if (bytes.size() != kTmkBytes) {
    return bad(std::to_string(bytes.size()) + " bytes, not " + std::to_string(kTmkBytes));
  }
  TmkSignal signal;
  signal.frames = in.integer();
  if (signal.frames < 0) return bad("a negative number of frames");
  for (const std::int32_t period : kTmkPeriodFrames) {
    const std::int32_t stated = in.integer();
    if (stated != period) {
      return bad("period " + std::to_string(stated) + ", not " + std::to_string(period));
    }
  }
  if (!are_ours(in)) return bad("other Fourier coefficients");
  signal.cosines.resize(kTmkWaves);
  signal.sines.resize(kTmkWaves);
  const bool mean = in.floats(signal.mean);
  const bool cosines = in.floats(signal.cosines);
  const bool sines = in.floats(signal.sines);
  if (!mean || !cosines || !sines) return bad("a figure that is not finite");
  if (!are_means(signal.mean)) return bad("a mean that no frames have");
  for (const std::vector<float>* waves : {&signal.cosines, &signal.sines}) {
    if (!have_lengths_of_waves(*waves)) return bad("a wave longer than any video's");
  }
  return signal;
}

}  // namespace semblance
