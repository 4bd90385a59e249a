// SPDX-License-Identifier: Apache-2.0
// A saved index of vectors in memory, to change, and to seal again as if it had been written so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "core/digest.h"
#include "index/float_format.h"

namespace semblance {

class ForgedFloatIndex {
 public:
  /// Shorter than a header, it is filled up with zeros.
  explicit ForgedFloatIndex(std::string bytes) : bytes_(std::move(bytes)) {
    bytes_.resize(std::max(bytes_.size(), index::kFloatHeaderBytes));
  }

  index::FloatFileHeader header() const {
    index::FloatFileHeader header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    return header;
  }
  index::FloatFilePlan plan() const { return index::plan_of(header()); }

  template <class Value>
  void set(Value index::FloatFileHeader::*member, Value value) {
    index::FloatFileHeader changed = header();
    changed.*member = value;
    put(0, changed);
  }

  /// Puts a value there, which must be within the bytes.
  template <class Value>
  void put(std::size_t at, const Value& value) {
    std::memcpy(&bytes_[at], &value, sizeof value);
  }

  /// Cuts what is beyond that many bytes, no fewer than a header, or adds zeros.
  void resize(std::size_t bytes) { bytes_.resize(std::max(bytes, index::kFloatHeaderBytes)); }

  /// The bytes with the digests of what stands there now: what is then wrong, no digest tells.
  const std::string& sealed() {
    const std::span all(reinterpret_cast<const std::uint8_t*>(bytes_.data()), bytes_.size());
    set(&index::FloatFileHeader::body, sha256(all.subspan(index::kFloatHeaderBytes)));
    put(index::kFloatSealAt, sha256(all.first(index::kFloatSealAt)));
    return bytes_;
  }

 private:
  std::string bytes_;
};

}  // namespace semblance
