// SPDX-License-Identifier: Apache-2.0
// What a bank's policy says of parts and embeddings, as words of the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/probe.h"
#include "semblance/result.h"
#include "semblance/store.h"

namespace semblance::tool {

/// A kind of part and how far it may match; without a kind: `none`.
struct ProbeBits {
  std::optional<ProbeKind> kind;
  int bits = 0;
};

/// A model and the least cosine of a match.
struct LeastCosine {
  std::string model;
  float cosine = 0;
};

/// Parses `trimmed`, `panel` or `window`. Anything else, `whole` too, is Errc::kBadArgument.
Result<ProbeKind> parse_part(std::string_view text);

/// Parses `KIND=BITS` with a kind of parse_part and 0..256 bits, or `none`; else
/// Errc::kBadArgument.
Result<ProbeBits> parse_probe_bits(std::string_view text);

/// Parses `MODEL=COSINE`, a cosine above 0 and up to 1 in at most four decimals; else
/// Errc::kBadArgument.
Result<LeastCosine> parse_least_cosine(std::string_view text);

/// Parses the name of a model; else Errc::kBadArgument.
Result<std::string> parse_model_name(std::string_view text);

/// How far windows match in a bank that keeps those of its entries and was given no probes
/// (bench/README.md).
inline constexpr int kWindowBits = 31;

/// The least cosine of two pictures that are compared by `gist` where none is given: above that of
/// any unrelated pair seen (src/hash/embedding/README.md).
inline constexpr float kGistCosine = 0.80F;

/// Puts what was given into the policy; probes, if any were, instead of those there. A policy that
/// keeps windows of its entries lets windows match. Returns what is wrong with them; else empty.
std::string settle(BankPolicy& policy, const std::vector<ProbeBits>& probes,
                   const std::vector<LeastCosine>& embeddings);

}  // namespace semblance::tool
