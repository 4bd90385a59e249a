// SPDX-License-Identifier: Apache-2.0
#include "semblance/embedding.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace semblance {
namespace {

constexpr std::size_t kMaxNameLength = 64;

// In double the squares of floats neither overflow nor vanish.
double inner_product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

}  // namespace

bool is_model_name(std::string_view text) noexcept {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kMaxNameLength && std::ranges::all_of(text, allowed);
}

Status normalise(std::span<float> vector) {
  for (const float value : vector) {
    if (!std::isfinite(value)) {
      return Error{Errc::kBadArgument, "normalise embedding: a value is not a finite number"};
    }
  }
  const double length = std::sqrt(inner_product(vector, vector));
  if (!(length > 0)) return Error{Errc::kBadArgument, "normalise embedding: all values are zero"};
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / length);
  return ok();
}

float cosine(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 0;
  return static_cast<float>(inner_product(a, b));
}

std::vector<std::uint8_t> to_bytes(std::span<const float> vector) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(4 * vector.size());
  for (const float value : vector) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
  }
  return bytes;
}

Result<std::vector<float>> embedding_from_bytes(std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || bytes.size() % 4 != 0 || bytes.size() / 4 > kMaxDimension) {
    return Error{Errc::kBadFormat,
                 "read embedding: " + std::to_string(bytes.size()) + " bytes are no vector"};
  }
  std::vector<float> vector;
  vector.reserve(bytes.size() / 4);
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (std::size_t byte = 4; byte-- > 0;) bits = bits << 8 | bytes[at + byte];
    vector.push_back(std::bit_cast<float>(bits));
    if (!std::isfinite(vector.back())) {
      return Error{Errc::kBadFormat, "read embedding: a value is not a finite number"};
    }
  }
  constexpr double kSlack = 1e-3;
  if (std::abs(std::sqrt(inner_product(vector, vector)) - 1) > kSlack) {
    return Error{Errc::kBadFormat, "read embedding: the vector is not of length 1"};
  }
  return vector;
}

}  // namespace semblance
