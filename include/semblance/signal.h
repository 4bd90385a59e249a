// SPDX-License-Identifier: Apache-2.0
// The kinds of signal, and what a signal says about how it was made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/hash256.h"
#include "semblance/result.h"

namespace semblance {

/// One kind of hash. The numbers are stored and sent: never reused, only appended to.
enum class SignalKind : std::uint8_t {
  kPdq = 1,
  kVpdq = 2,  // the frames of a video: see video.h
  kTmk = 3,   // a whole video: see tmk.h
  kMd5 = 4,
  kSha1 = 5,
  kSha256 = 6,
  kSha512 = 7,
  kEmbedding = 8,  // a vector of a picture, of some model: see embedding.h
  kOrb = 9,        // local features of a picture: see features.h
};
inline constexpr std::array kSignalKinds = {
    SignalKind::kPdq,    SignalKind::kVpdq,      SignalKind::kTmk,
    SignalKind::kMd5,    SignalKind::kSha1,      SignalKind::kSha256,
    SignalKind::kSha512, SignalKind::kEmbedding, SignalKind::kOrb};

/// Returns the kind's word: `pdq`, `vpdq`, `tmk`, `md5`, `sha1`, `sha256`, `sha512`, `embedding`
/// (to which the model's name is added wherever it is shown), `orb`.
std::string_view name(SignalKind kind) noexcept;

/// Parses a kind's word, lower case; any other text is Errc::kBadArgument.
Result<SignalKind> parse_signal_kind(std::string_view word);

/// Returns the size of the kind's value in bytes: 32 for PDQ, 16/20/32/64 for the digests,
/// kTmkBytes for TMK; 0 for vPDQ, embeddings and ORB, whose values are of any size.
std::size_t value_bytes(SignalKind kind) noexcept;

/// Returns whether the kind is a cryptographic digest of the file's bytes: equal or nothing.
bool is_digest(SignalKind kind) noexcept;

/// Returns whether the kind is of a few bytes, that a line of a list or of a command can hold.
bool is_short(SignalKind kind) noexcept;

/// The bytes of one signal's value, of any kind: value_bytes(kind); of vPDQ, embeddings and ORB
/// what to_bytes of video.h, embedding.h and features.h wrote.
struct SignalValue {
  SignalKind kind = SignalKind::kPdq;
  std::vector<std::uint8_t> bytes;

  friend bool operator==(const SignalValue&, const SignalValue&) = default;
};

/// Parses hex of exactly the kind's length, either case; else, as of a vPDQ, Errc::kBadHash.
Result<SignalValue> parse_signal_value(SignalKind kind, std::string_view hex);

/// Returns lower-case hex of any bytes.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// What happens before PDQ's filter; hashes of different profiles are 2-10 bits apart.
enum class PdqProfile : std::uint8_t {
  kFull = 1,    // no resize: pdqhash wheel, python-threatexchange, HMA, Java, vPDQ
  kCli512 = 2,  // nearest neighbour to 512x512 when a side exceeds 512: Meta's C++ command line
};
inline constexpr std::array kPdqProfiles = {PdqProfile::kFull, PdqProfile::kCli512};

/// Returns `full` or `cli512`.
std::string_view name(PdqProfile profile) noexcept;

/// Parses `full` or `cli512`; any other text is Errc::kBadArgument.
Result<PdqProfile> parse_pdq_profile(std::string_view word);

/// One of the eight symmetries of the rectangle's square. Value = index into PdqSignal::hashes.
enum class Transform : std::uint8_t {
  kNone = 0,
  kRot90 = 1,  // counter-clockwise
  kRot180 = 2,
  kRot270 = 3,      // clockwise
  kFlipX = 4,       // top and bottom exchanged
  kFlipY = 5,       // left and right exchanged
  kFlipPlus1 = 6,   // transposed
  kFlipMinus1 = 7,  // anti-transposed
};
inline constexpr std::size_t kTransforms = 8;

/// Returns `none rot90 rot180 rot270 flipx flipy flipplus1 flipminus1`.
std::string_view name(Transform transform) noexcept;

/// The version of our PDQ arithmetic; changes whenever a bit of any exact hash could.
inline constexpr std::string_view kPdqVersion = "pdq-1";

/// The version of the matched path: of its arithmetic, and of the rule that chooses how much of a
/// picture it looks at. Changes whenever a bit of any fast hash could.
inline constexpr std::string_view kPdqFastVersion = "pdq-fast-1";

/// How much of a picture is looked at to hash it. The numbers are sent: append only.
enum class Precision : std::uint8_t {
  kExact = 0,  // every pixel: the reference's bits
  kFast = 1,   // where the file allows it, its low frequencies alone: within some bits of exact
  kAuto = 2,   // of a run, never of a signal: fast, and exact wherever it could change the outcome
};
inline constexpr std::array kPrecisions = {Precision::kExact, Precision::kFast, Precision::kAuto};

/// Returns `exact fast auto`.
std::string_view name(Precision precision) noexcept;

/// Parses `exact`, `fast` or `auto`; any other text is Errc::kBadArgument.
Result<Precision> parse_precision(std::string_view word);

/// A PDQ quality below this is not looked up unless a bank's policy says otherwise.
inline constexpr int kDefaultQualityFloor = 50;

/// How far a fast hash may be from the exact one of the same file: bits, and points of quality.
///
/// At least twice the largest error measured (src/hash/README.md). What a fast signal puts further
/// than this from everything that is searched, and from every floor, an exact one cannot match.
inline constexpr int kFastDistanceMargin = 24;
inline constexpr int kFastQualityMargin = 15;

/// The same of a part of a picture, in bits: how far the hash of a part of it is from that of the
/// same part in the exact extraction. The parts themselves may differ, where an edge is too weak to
/// be seen in both.
inline constexpr int kFastPartMargin = 16;

/// PDQ's own bound for a confident match, in bits, inclusive.
inline constexpr int kDefaultMaxDistance = 31;

/// The PDQ hash of one picture, with the hashes of its eight transforms.
struct PdqSignal {
  PdqProfile profile = PdqProfile::kFull;
  int quality = 0;                            // 0..100
  std::array<Hash256, kTransforms> hashes{};  // [0] is the hash; [t] of the picture turned by t
  // Fast: of each 8 x 8 block of a JPEG the coefficients (u, v) with u + v < orders were looked at.
  // 0: exact, every pixel was.
  std::uint8_t orders = 0;

  const Hash256& hash() const noexcept { return hashes[0]; }
  Precision precision() const noexcept {
    return orders == 0 ? Precision::kExact : Precision::kFast;
  }

  friend bool operator==(const PdqSignal&, const PdqSignal&) = default;
};

/// The version of the signal: kPdqVersion, or kPdqFastVersion with what of a block was looked at,
/// such as `pdq-fast-1/dct3` for three coefficients.
std::string version_of(const PdqSignal& signal);

}  // namespace semblance
