// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <openssl/evp.h>

#include <new>

namespace semblance {
namespace {

const EVP_MD* algorithm(SignalKind kind) {
  switch (kind) {
    case SignalKind::kMd5:
      return EVP_md5();
    case SignalKind::kSha1:
      return EVP_sha1();
    case SignalKind::kSha512:
      return EVP_sha512();
    default:
      return EVP_sha256();
  }
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

struct Digester::Stream {
  SignalKind kind;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context;
};

Digester::Digester(std::span<const SignalKind> kinds) {
  streams_.reserve(kinds.size());
  for (const SignalKind kind : kinds) {
    Stream stream{kind, std::unique_ptr<EVP_MD_CTX, FreeContext>(EVP_MD_CTX_new())};
    // The built-in algorithms fail to start only where memory is out.
    if (!stream.context || EVP_DigestInit_ex(stream.context.get(), algorithm(kind), nullptr) != 1) {
      throw std::bad_alloc();
    }
    streams_.push_back(std::move(stream));
  }
}

Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;
Digester::~Digester() = default;

void Digester::update(std::span<const std::uint8_t> bytes) {
  for (Stream& stream : streams_) {
    EVP_DigestUpdate(stream.context.get(), bytes.data(), bytes.size());
  }
}

std::vector<SignalValue> Digester::finish() {
  std::vector<SignalValue> values;
  values.reserve(streams_.size());
  for (Stream& stream : streams_) {
    SignalValue value{stream.kind, std::vector<std::uint8_t>(value_bytes(stream.kind))};
    EVP_DigestFinal_ex(stream.context.get(), value.bytes.data(), nullptr);
    values.push_back(std::move(value));
  }
  return values;
}

std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> bytes) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::bad_alloc();
  }
  return digest;
}

std::string sha256_hex(std::string_view text) {
  constexpr SignalKind kKinds[] = {SignalKind::kSha256};
  Digester digester(kKinds);
  digester.update(text);
  return to_hex(digester.finish().front().bytes);
}

}  // namespace semblance
