// SPDX-License-Identifier: Apache-2.0
// How every fallible call in this library reports failure.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace semblance {

enum class Errc : std::uint8_t {
  kBadArgument,   // the caller broke a documented precondition it could have checked
  kBadHash,       // text or bytes are not a hash of the stated kind
  kBadFormat,     // an import, journal or message does not follow its format
  kUnsupported,   // well-formed input of a kind this build does not handle
  kDecode,        // media is damaged or lies about itself
  kTruncated,     // media ends before it should
  kLimit,         // a configured bound was hit: pixels, frames, bytes, seconds
  kCorruptStore,  // the store or an index file is damaged or of an unknown version
  kNotFound,      // no bank, entry or file of that name
  kExists,        // what was to be created is already there
  kMismatch,      // what was recorded before and what is here now differ
  kWorker,        // an extraction worker crashed or broke its protocol
  kTimeout,       // an item took longer than its limit
  kIo,            // the operating system refused; `native` is errno
  kDevice,        // the GPU refused; `native` is a cudaError_t
};

/// What went wrong: a code to branch on, one line to show, the native number to look up.
struct Error {
  Errc code = Errc::kBadArgument;
  std::string what;  // "<operation> <subject>: <cause>", one line, no full stop
  int native = 0;    // errno, AVERROR, sqlite result or cudaError_t; 0 where there is none
};

/// A T, or the Error that prevented it. Stands in for C++23 std::expected.
template <class T>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, Error>);

 public:
  // Implicit on purpose: `return value;` and `return Error{...};` are the two ways out.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  explicit operator bool() const noexcept { return state_.index() == 0; }

  // Precondition: *this holds a value.
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  // Precondition: *this holds an error.
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or the Error that prevented it.
using Status = Result<std::monostate>;

/// The successful Status.
inline Status ok() { return std::monostate{}; }

}  // namespace semblance
