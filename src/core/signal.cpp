// SPDX-License-Identifier: Apache-2.0
#include "semblance/signal.h"

#include "semblance/tmk.h"

namespace semblance {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view name(SignalKind kind) noexcept {
  switch (kind) {
    case SignalKind::kPdq:
      return "pdq";
    case SignalKind::kVpdq:
      return "vpdq";
    case SignalKind::kTmk:
      return "tmk";
    case SignalKind::kMd5:
      return "md5";
    case SignalKind::kSha1:
      return "sha1";
    case SignalKind::kSha256:
      return "sha256";
    case SignalKind::kSha512:
      return "sha512";
    case SignalKind::kEmbedding:
      return "embedding";
    case SignalKind::kOrb:
      return "orb";
  }
  return "unknown";
}

Result<SignalKind> parse_signal_kind(std::string_view word) {
  for (const SignalKind kind : kSignalKinds) {
    if (name(kind) == word) return kind;
  }
  return Error{Errc::kBadArgument,
               "signal kind '" + std::string(word) +
                   "': not one of pdq, vpdq, tmk, md5, sha1, sha256, sha512, embedding, orb"};
}

std::size_t value_bytes(SignalKind kind) noexcept {
  switch (kind) {
    case SignalKind::kMd5:
      return 16;
    case SignalKind::kSha1:
      return 20;
    case SignalKind::kSha512:
      return 64;
    case SignalKind::kPdq:
    case SignalKind::kSha256:
      return 32;
    case SignalKind::kTmk:
      return kTmkBytes;
    case SignalKind::kVpdq:
    case SignalKind::kEmbedding:
    case SignalKind::kOrb:
      break;
  }
  return 0;
}

bool is_digest(SignalKind kind) noexcept {
  switch (kind) {
    case SignalKind::kMd5:
    case SignalKind::kSha1:
    case SignalKind::kSha256:
    case SignalKind::kSha512:
      return true;
    default:
      return false;
  }
}

bool is_short(SignalKind kind) noexcept { return kind == SignalKind::kPdq || is_digest(kind); }

Result<SignalValue> parse_signal_value(SignalKind kind, std::string_view hex) {
  const std::size_t bytes = value_bytes(kind);
  if (bytes == 0) {
    return Error{Errc::kBadHash, "parse " + std::string(name(kind)) + ": it has no hex form"};
  }
  if (hex.size() != 2 * bytes) {
    return Error{Errc::kBadHash, "parse " + std::string(name(kind)) + ": " +
                                     std::to_string(hex.size()) + " characters, not " +
                                     std::to_string(2 * bytes) + " hex digits"};
  }
  SignalValue value{kind, std::vector<std::uint8_t>(bytes)};
  for (std::size_t i = 0; i < bytes; ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return Error{Errc::kBadHash, "parse " + std::string(name(kind)) + ": not a hex digit at " +
                                       std::to_string(2 * i + (high < 0 ? 0U : 1U))};
    }
    value.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return value;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(2 * bytes.size(), '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    hex[2 * i] = kDigits[bytes[i] >> 4];
    hex[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return hex;
}

std::string_view name(PdqProfile profile) noexcept {
  return profile == PdqProfile::kCli512 ? "cli512" : "full";
}

Result<PdqProfile> parse_pdq_profile(std::string_view word) {
  for (const PdqProfile profile : kPdqProfiles) {
    if (name(profile) == word) return profile;
  }
  return Error{Errc::kBadArgument,
               "PDQ profile '" + std::string(word) + "': not one of full, cli512"};
}

std::string_view name(Transform transform) noexcept {
  constexpr std::array<std::string_view, kTransforms> kNames = {
      "none", "rot90", "rot180", "rot270", "flipx", "flipy", "flipplus1", "flipminus1"};
  return kNames[static_cast<std::size_t>(transform) % kTransforms];
}

std::string_view name(Precision precision) noexcept {
  constexpr std::array<std::string_view, kPrecisions.size()> kNames = {"exact", "fast", "auto"};
  return kNames[static_cast<std::size_t>(precision) % kNames.size()];
}

Result<Precision> parse_precision(std::string_view word) {
  for (const Precision precision : kPrecisions) {
    if (name(precision) == word) return precision;
  }
  return Error{Errc::kBadArgument,
               "precision '" + std::string(word) + "': not one of exact, fast, auto"};
}

std::string version_of(const PdqSignal& signal) {
  if (signal.precision() == Precision::kExact) return std::string(kPdqVersion);
  const int kept = signal.orders * (signal.orders + 1) / 2;
  return std::string(kPdqFastVersion) + "/dct" + std::to_string(kept);
}

}  // namespace semblance
