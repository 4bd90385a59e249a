// SPDX-License-Identifier: Apache-2.0
// Cryptographic digests of byte streams.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/signal.h"

namespace semblance {

/// Several digests of one stream, computed together. The kinds must be digests.
class Digester {
 public:
  explicit Digester(std::span<const SignalKind> kinds);
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  ~Digester();

  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text) {
    update({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

  /// The values in the order of the kinds; the stream ends here.
  std::vector<SignalValue> finish();

 private:
  struct Stream;
  std::vector<Stream> streams_;
};

/// The SHA-256 of `bytes`.
std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> bytes);

/// The SHA-256 of `text` as 64 lower-case hex digits.
std::string sha256_hex(std::string_view text);

}  // namespace semblance
