// SPDX-License-Identifier: Apache-2.0
// Standard input: as a stream that can be looked into, as lines that come, as one file in memory.
#pragma once

#include <functional>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"
#include "semblance/result.h"
#include "semblance/scan.h"
#include "session.h"

namespace semblance::tool {

/// A stream buffer over a descriptor, which it does not own. The first bytes can be looked at
/// before they are read: a pipe cannot be rewound.
///
/// A stop or a read that fails is not the end of the input: reading on throws, so that a stream
/// over this is bad() and what was being read is known to be unfinished.
class DescriptorBuffer final : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor, const StopFlag* stop = nullptr);

  /// Up to 64 KiB from the start. Only before anything has been read.
  std::string_view head();

  /// The error number of a read that failed, or 0. A stream only knows that it is bad.
  int failure() const noexcept { return failure_; }

 protected:
  int_type underflow() override;

 private:
  std::size_t fill(std::span<char> into);

  int descriptor_;
  const StopFlag* stop_;
  int failure_ = 0;
  bool stopped_ = false;
  std::vector<char> buffer_;
};

/// One line of input, without its end.
struct InputLine {
  std::string text;
  bool too_long = false;  // `text` is only its beginning
};

/// Reads lines from a descriptor and gives them in batches: as many as one read brought, so that
/// a person who types gets an answer to each line and a pipe is served in bulk.
///
/// Lines above 64 KiB are cut and marked. Ends at the end of input, at `stop`, or at the first
/// error of `consume`.
Status for_each_line_batch(int descriptor, const StopFlag& stop,
                           const std::function<Status(std::span<const InputLine>)>& consume);

/// Opens a file that is named for its contents. Fails as opening does; Errc::kBadArgument for what
/// is no regular file.
Result<FileDescriptor> open_regular(const std::string& path);

/// Standard input as a file in memory if `paths` name it by `-`; else no descriptor.
/// Errc::kLimit above 1 GiB.
Result<FileDescriptor> spool_if_named(const Session& session,
                                      const std::vector<std::string>& paths);

}  // namespace semblance::tool
