// SPDX-License-Identifier: Apache-2.0
// The reference's files of a video's hashes: written by `hash`, read by `match --video`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "console.h"
#include "options.h"
#include "semblance/extract.h"
#include "semblance/scan.h"

namespace semblance::tool {

/// The bytes of the file of that format; empty if the item has no such signal.
Result<std::string> video_file(HashFormat format, const Extraction& found);

/// Writes the file of each video: the only one to standard output, or all into a folder, which is
/// made if it is missing. No file is ever written over.
class VideoFileWriter {
 public:
  /// An empty `folder` is standard output.
  VideoFileWriter(HashFormat format, std::string folder);

  /// Writes the item's file. With a folder, prints a JSON line that says where, or why not.
  Status take(const Item& item, const Extraction& found);

  /// Whether a file is missing, or is not of the whole video.
  bool incomplete() const noexcept { return incomplete_; }

 private:
  struct Fate {
    std::string file;    // that was written; empty: none
    std::string reason;  // why none was, or why it is not whole
    std::string detail;
  };
  Result<Fate> write(const Item& item, const Extraction& found);
  Status place(const std::string& path, const std::string& bytes, Fate& fate);
  Status tell(const Item& item, const Extraction& found, const Fate& fate);

  HashFormat format_;
  std::string folder_;
  std::map<std::string, std::string> written_;  // by file, the video that it is of
  LineWriter out_;
  bool incomplete_ = false;
};

/// What a file of hashes is, from its first bytes: kVpdq, kTmk, or neither.
std::optional<HashFormat> sniff_video_file(std::string_view head);

}  // namespace semblance::tool
