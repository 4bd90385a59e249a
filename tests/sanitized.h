// SPDX-License-Identifier: Apache-2.0
// Which sanitizer a test runs under: g++ says it by a macro, clang++ by a feature.
#pragma once

namespace semblance::test {

#if defined(__has_feature)
#define SEMBLANCE_HAS_FEATURE(name) __has_feature(name)
#else
#define SEMBLANCE_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || SEMBLANCE_HAS_FEATURE(address_sanitizer)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || SEMBLANCE_HAS_FEATURE(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

/// Whether tests are to leave out what takes minutes under a sanitizer and shows it nothing new:
/// whole sets of files whose every kind of path other tests take, for the sake of their bits.
inline constexpr bool kSanitized = kAddressSanitizer || kThreadSanitizer;
inline constexpr const char* kSlowWhenSanitized = "of bits, which no sanitizer changes, and slow";

#undef SEMBLANCE_HAS_FEATURE

}  // namespace semblance::test
