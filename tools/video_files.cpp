// SPDX-License-Identifier: Apache-2.0
#include "video_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "core/files.h"
#include "output_file.h"
#include "records.h"

namespace semblance::tool {
namespace {

namespace fs = std::filesystem;

// `clip` of `seized/clip.mp4`, as the reference names its files.
std::string stem_of(const std::string& path) {
  return path == "-" ? "stdin" : fs::path(path).stem().string();
}

bool exists(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

}  // namespace

Result<std::string> video_file(HashFormat format, const Extraction& found) {
  if (format == HashFormat::kTmk) {
    if (!found.tmk) return std::string();
    const auto bytes = to_bytes(*found.tmk);
    return std::string(bytes.begin(), bytes.end());
  }
  if (found.frames.empty()) return std::string();
  std::ostringstream text;
  const VideoSignal known = to_known(found.sampling, found.facts.duration_ms, found.frames);
  if (Status written = write_vpdq(text, known.frames); !written) return written.error();
  return std::move(text).str();
}

VideoFileWriter::VideoFileWriter(HashFormat format, std::string folder)
    : format_(format), folder_(std::move(folder)) {}

Status VideoFileWriter::take(const Item& item, const Extraction& found) {
  const Result<Fate> fate = write(item, found);
  if (!fate) return fate.error();
  return tell(item, found, *fate);
}

Result<VideoFileWriter::Fate> VideoFileWriter::write(const Item& item, const Extraction& found) {
  Fate fate;
  const Ending& ending = found.ending;
  fate.reason = name(ending.reason);
  fate.detail = ending.detail;
  const Result<std::string> bytes = video_file(format_, found);
  if (!bytes) return bytes.error();
  const bool moves = has_frames(found.facts);
  // A picture among videos is nothing that went wrong; one that was asked for by name is.
  incomplete_ |= ending.reason != Reason::kNone && ending.reason != Reason::kNotMedia;
  incomplete_ |= bytes->empty() && (moves || folder_.empty());
  if (bytes->empty()) {
    if (ending.reason == Reason::kNone) {
      fate.reason = name(moves ? Reason::kLowQuality : Reason::kUnsupported);
      fate.detail = moves ? "hash frames: none could be hashed" : "hash frames: it is no video";
    }
    return fate;
  }
  if (folder_.empty()) {
    Status status = write_all(STDOUT_FILENO, *bytes, kStandardOutput);
    if (!status) return status.error();
    fate.file = kStandardOutput;
    return fate;
  }
  const std::string path = (fs::path(folder_) / stem_of(item.path)).string() +
                           (format_ == HashFormat::kTmk ? ".tmk" : ".txt");
  if (Status placed = place(path, *bytes, fate); !placed) return placed.error();
  if (!fate.file.empty()) written_.emplace(path, item.path);
  return fate;
}

Status VideoFileWriter::place(const std::string& path, const std::string& bytes, Fate& fate) {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) return io_error("create folder", folder_, failed.value());
  if (exists(path)) {
    const auto before = written_.find(path);
    fate.reason = "name_taken";
    fate.detail = "write " + path + ": " +
                  (before == written_.end() ? "the file exists" : "it is of " + before->second);
    incomplete_ = true;
    return ok();
  }
  Status written = write_output(path, [&bytes](std::ostream& out) {
    out << bytes;
    return ok();
  });
  if (written) fate.file = path;
  return written;
}

Status VideoFileWriter::tell(const Item& item, const Extraction& found, const Fate& fate) {
  const std::string subject = "hash " + item.path + ": ";
  if (!fate.file.empty() && !fate.reason.empty()) {
    warn(subject + "only partly decoded (" + fate.reason + "): the hashes are of that part");
  } else if (fate.file.empty() && (folder_.empty() || fate.reason == "name_taken")) {
    warn(subject + "nothing written: " + fate.reason + "; " + fate.detail);
  }
  if (folder_.empty()) return ok();
  Json json;
  json["schema"] = kLineSchema;
  set_path(json, item.path);
  json["outcome"] = fate.file.empty() ? "not_written" : "written";
  if (!fate.file.empty()) {
    json["file"] = fate.file;
    json["frames"] = format_ == HashFormat::kTmk ? static_cast<std::uint64_t>(found.tmk->frames)
                                                 : std::uint64_t{found.frames.size()};
    if (!fate.reason.empty()) json["complete"] = false;
  }
  if (!fate.reason.empty()) json["reason"] = fate.reason;
  if (!fate.detail.empty()) json["detail"] = fate.detail;
  Status written = out_.line(to_line(json));
  return written ? out_.flush() : written;
}

std::optional<HashFormat> sniff_video_file(std::string_view head) {
  if (head.starts_with("TMK1FVEC")) return HashFormat::kTmk;
  constexpr std::string_view kBegins = "0123456789[";
  const bool text = std::all_of(head.begin(), head.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
  });
  if (!text || head.empty() || kBegins.find(head.front()) == std::string_view::npos) {
    return std::nullopt;
  }
  return HashFormat::kVpdq;
}

}  // namespace semblance::tool
