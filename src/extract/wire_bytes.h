// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: how the numbers and texts of a message stand in its bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extract/wire.h"
#include "semblance/embedding.h"
#include "semblance/hash256.h"
#include "semblance/signal.h"

namespace semblance::extract {

/// Appends to a message; all numbers little-endian.
class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& out) : out_(out) {}

  template <std::unsigned_integral T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  void text(std::string_view value) {
    value = value.substr(0, kMaxTextBytes);
    number(static_cast<std::uint32_t>(value.size()));
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void real(double value) { number(std::bit_cast<std::uint64_t>(value)); }
  void flag(bool value) { number(static_cast<std::uint8_t>(value)); }
  template <class Enum>
  void word(Enum value) {
    number(static_cast<std::uint8_t>(value));
  }
  void hashes(std::span<const Hash256> values) {
    for (const Hash256& hash : values) bytes(hash.bytes);
  }
  void bytes(std::span<const std::uint8_t> value) {
    out_.insert(out_.end(), value.begin(), value.end());
  }

 private:
  std::vector<std::uint8_t>& out_;
};

/// Takes a message apart whose sender may be hostile. After the first failure every read gives
/// zeros, and nothing is taken any more.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> in) : in_(in) {}

  bool failed() const noexcept { return failed_; }
  bool at_end() const noexcept { return in_.empty(); }
  std::size_t left() const noexcept { return in_.size(); }
  void fail() noexcept {
    failed_ = true;
    in_ = {};
  }

  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > in_.size()) {
      fail();
      return {};
    }
    const auto taken = in_.first(count);
    in_ = in_.subspan(count);
    return taken;
  }
  template <std::unsigned_integral T>
  T number() {
    T value = 0;
    const auto raw = take(sizeof value);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<T>(value | (T{raw[i]} << (8 * i)));
    }
    return value;
  }
  /// A byte of at most `max`.
  std::uint8_t small(std::uint8_t max) {
    const auto value = number<std::uint8_t>();
    if (value > max) fail();
    return failed_ ? std::uint8_t{0} : value;
  }
  /// An enumerator of which `last` is the last; they are numbered from 0.
  template <class Enum>
  Enum word(Enum last) {
    return static_cast<Enum>(small(static_cast<std::uint8_t>(last)));
  }
  bool flag() { return small(1) != 0; }
  double real() { return std::bit_cast<double>(number<std::uint64_t>()); }
  void hashes(std::span<Hash256> values) {
    for (Hash256& hash : values) {
      const auto raw = take(Hash256::kBytes);
      std::copy(raw.begin(), raw.end(), hash.bytes.begin());
    }
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    if (size > kMaxTextBytes) fail();
    const auto raw = take(failed_ ? 0 : size);
    return {raw.begin(), raw.end()};
  }
  /// The name of an embedding's model.
  std::string model() {
    std::string value = text();
    if (!is_model_name(value)) fail();
    return value;
  }
  PdqProfile profile() {
    const auto value = number<std::uint8_t>();
    for (const PdqProfile known : kPdqProfiles) {
      if (value == static_cast<std::uint8_t>(known)) return known;
    }
    fail();
    return PdqProfile::kFull;
  }

 private:
  std::span<const std::uint8_t> in_;
  bool failed_ = false;
};

}  // namespace semblance::extract
