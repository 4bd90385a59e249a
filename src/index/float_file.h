// SPDX-License-Identifier: Apache-2.0
// Private to src/index: a segment of vectors as a file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/files.h"
#include "index/float_segment.h"
#include "semblance/result.h"

namespace semblance::index {

/// A segment whose vectors, labels and codes lie in a mapped file.
struct SavedFloats {
  std::unique_ptr<FloatSegment> segment;
  std::string note;
  FileDescriptor file;  // that was opened
};

/// Writes the segment to `path` in one step, or leaves what is there. The format is described in
/// README.md; it is little-endian. `like`: see replace_file. Errc::kBadArgument for a note of more
/// than 1 MiB.
Status write_floats(const FloatSegment& segment, std::string_view note, const std::string& path,
                    const std::string& like);

/// Reads and checks all of what write_floats wrote, and maps it. See open_float_index in
/// semblance/live_float_index.h for the errors. Throws std::bad_alloc.
Result<SavedFloats> read_floats(const std::string& path);

/// The same from an open file, which is called `path` in errors.
Result<SavedFloats> read_floats(FileDescriptor file, const std::string& path);

}  // namespace semblance::index
