// SPDX-License-Identifier: Apache-2.0
// Files that a person names for the command to write: never the store, nor anything by accident.
#pragma once

#include <array>
#include <functional>
#include <iosfwd>
#include <span>
#include <streambuf>
#include <string>

#include "core/files.h"
#include "semblance/result.h"

namespace semblance::tool {

/// A stream buffer that writes to a descriptor, which it does not own.
class DescriptorOutput final : public std::streambuf {
 public:
  DescriptorOutput(int descriptor, std::string subject);

  /// Writes what has gathered; the first failure of any write.
  Status finish();

 protected:
  int_type overflow(int_type c) override;
  int sync() override;

 private:
  int descriptor_;
  std::string subject_;
  Status status_ = ok();
  std::array<char, std::size_t{64} << 10> buffer_;
};

/// Whether both paths lead to one file that exists, by whatever links.
bool same_file(const std::string& a, const std::string& b);

/// Errc::kBadArgument if `path` leads to one of the files of the store: writing there would
/// destroy every bank.
Status refuse_store(const std::string& path, std::span<const std::string> store_files);

/// Calls `write` with a stream into `path`, following links.
///
/// A regular file, or a new one, is written beside under a name that was free, flushed to disk,
/// and renamed over it when it is whole: a reader sees the old one or the new. Anything else, such
/// as a device or a pipe, is written to as it stands.
Status write_output(const std::string& path, const std::function<Status(std::ostream&)>& write);

}  // namespace semblance::tool
