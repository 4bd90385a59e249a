// SPDX-License-Identifier: Apache-2.0
// Private to src/index: a segment as a file that is mapped, and checked as it is read.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "index/segment.h"
#include "semblance/result.h"

namespace semblance::index {

/// A segment whose codes, sketches and labels lie in a mapped file.
class MappedSegment : public Segment {
 public:
  /// What the writer noted.
  virtual const std::string& note() const noexcept = 0;

  /// Reads all of the file and checks it, whatever was checked before.
  virtual Status verify() const = 0;
};

/// Writes the segment to `path` in one step, or leaves what is there. The format is described in
/// README.md; it is little-endian, and its bytes depend on the rows and the note alone. `like`: see
/// replace_file.
Status write_segment(const Segment& segment, std::string_view note, const std::string& path,
                     const std::string& like = {});

/// Maps what write_segment wrote. See open_index in semblance/live_index.h for what is checked
/// when, and for the errors.
Result<std::unique_ptr<MappedSegment>> map_segment(const std::string& path);

}  // namespace semblance::index
