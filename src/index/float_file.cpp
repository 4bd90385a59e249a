// SPDX-License-Identifier: Apache-2.0
#include "index/float_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/digest.h"
#include "index/float_format.h"

namespace semblance::index {
namespace {

constexpr std::size_t kPortion = std::size_t{1} << 20;  // that is read at once

using Digest = std::array<std::uint8_t, 32>;

// The SHA-256 of what comes in parts.
class BodyDigest {
 public:
  void update(std::span<const std::uint8_t> bytes) { digester_.update(bytes); }
  Digest finish() {
    Digest digest{};
    const auto values = digester_.finish();
    std::copy_n(values[0].bytes.begin(), digest.size(), digest.begin());
    return digest;
  }

 private:
  static constexpr SignalKind kKinds[] = {SignalKind::kSha256};
  Digester digester_{kKinds};
};

template <class T>
std::span<const std::uint8_t> bytes_of(const T* first, std::uint64_t bytes) {
  return {reinterpret_cast<const std::uint8_t*>(first), bytes};
}

// Writes the parts one behind the other.
class BodyWriter {
 public:
  BodyWriter(int fd, const std::string& path) : fd_(fd), path_(path) {}

  Status write(const FloatSection& section, std::span<const std::uint8_t> bytes) {
    if (auto filled = fill_to(section.at); !filled) return filled;
    return append(bytes.first(section.bytes));
  }

  // Zeros up to there.
  Status fill_to(std::uint64_t at) {
    static constexpr std::uint8_t kZeros[64] = {};
    return append(std::span(kZeros).first(at - at_));
  }

  Digest digest() { return digest_.finish(); }

 private:
  Status append(std::span<const std::uint8_t> bytes) {
    digest_.update(bytes);
    at_ += bytes.size();
    return write_all(fd_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path_);
  }

  const int fd_;
  const std::string& path_;
  std::uint64_t at_ = kFloatHeaderBytes;
  BodyDigest digest_;
};

FloatFileHeader header_of(const FloatSegment& segment, std::string_view note) {
  FloatFileHeader header;
  header.dimension = static_cast<std::uint32_t>(segment.rows.dimension);
  header.rows = segment.rows.count;
  header.note_bytes = note.size();
  header.lists = static_cast<std::uint32_t>(segment.lists.count());
  header.code_bytes = static_cast<std::uint32_t>(segment.lists.codes.bytes);
  header.lost = segment.lists.codes.lost;
  if (segment.graph != nullptr) {
    const GraphParts graph = segment.graph->parts();
    header.links = static_cast<std::uint32_t>(graph.links);
    header.entry = graph.entry;
    header.neighbours = graph.neighbours.size();
  }
  header.file_bytes = plan_of(header).file_bytes;
  return header;
}

Status seek_to(int fd, std::uint64_t at, const std::string& path) {
  if (::lseek(fd, static_cast<off_t>(at), SEEK_SET) < 0) return io_error("seek", path, errno);
  return ok();
}

Status write_file(const FloatSegment& segment, std::string_view note, int fd,
                  const std::string& path) {
  FloatFileHeader header = header_of(segment, note);
  const FloatFilePlan plan = plan_of(header);
  const ListsView& lists = segment.lists;
  const GraphParts graph = segment.graph == nullptr ? GraphParts() : segment.graph->parts();
  const std::pair<const FloatSection&, const void*> parts[] = {
      {plan.note, note.data()},
      {plan.vectors, segment.rows.vectors},
      {plan.labels, segment.rows.labels},
      {plan.starts, lists.starts.data()},
      {plan.centres, lists.centres},
      {plan.words, lists.codes.words},
      {plan.codes, lists.codes.codes},
      {plan.levels, graph.levels.data()},
      {plan.neighbours, graph.neighbours.data()},
  };
  BodyWriter body(fd, path);
  auto done = seek_to(fd, kFloatHeaderBytes, path);
  for (const auto& [section, bytes] : parts) {
    if (done) done = body.write(section, bytes_of(static_cast<const char*>(bytes), section.bytes));
  }
  if (done) done = body.fill_to(plan.file_bytes);
  if (done) done = seek_to(fd, 0, path);
  if (!done) return done;
  header.body = body.digest();
  std::array<std::uint8_t, kFloatHeaderBytes> page{};
  std::memcpy(page.data(), &header, sizeof header);
  const Digest seal = sha256(std::span(page).first(kFloatSealAt));
  std::copy(seal.begin(), seal.end(), page.begin() + kFloatSealAt);
  return write_all(fd, {reinterpret_cast<const char*>(page.data()), page.size()}, path);
}

// What the views of an opened segment show: the mapped file, and copies of all that would lead a
// search astray if the file were changed beneath it.
struct MappedParts {
  MappedParts() = default;
  MappedParts(const MappedParts&) = delete;
  MappedParts& operator=(const MappedParts&) = delete;
  ~MappedParts() {
    if (map != nullptr) ::munmap(map, bytes);
  }

  void* map = nullptr;
  std::uint64_t bytes = 0;
  std::vector<std::uint64_t> starts;

  template <class T>
  const T* at(const FloatSection& section) const {
    return reinterpret_cast<const T*>(static_cast<const std::uint8_t*>(map) + section.at);
  }
};

class Reader {
 public:
  Reader(FileDescriptor file, const std::string& path) : file_(std::move(file)), path_(path) {}

  Result<SavedFloats> read();

 private:
  Error damaged(std::string_view cause) const {
    return {Errc::kCorruptStore, "open float index " + path_ + ": " + std::string(cause)};
  }
  Status read_exactly(std::span<std::uint8_t> out, std::uint64_t offset) const;
  Status read_header();
  Status check_size(std::uint64_t size) const;
  Status check_body() const;
  Status map_file();
  Status take_rows();
  Status take_lists();
  Status take_graph();

  FileDescriptor file_;
  const std::string& path_;
  FloatFileHeader header_;
  FloatFilePlan plan_;
  std::shared_ptr<MappedParts> parts_ = std::make_shared<MappedParts>();
  std::unique_ptr<FloatSegment> segment_ = std::make_unique<FloatSegment>();
};

Status Reader::read_exactly(std::span<std::uint8_t> out, std::uint64_t offset) const {
  auto read = read_at(file_.get(), out, offset, path_);
  if (!read) return std::move(read).error();
  if (*read < out.size()) return damaged("the file has become shorter");
  return ok();
}

Status Reader::read_header() {
  struct stat facts {};
  if (::fstat(file_.get(), &facts) != 0) return io_error("look at", path_, errno);
  if (!S_ISREG(facts.st_mode)) return damaged("not a regular file");
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  if (size < kFloatHeaderBytes) return damaged("too short for an index of vectors");
  std::array<std::uint8_t, kFloatHeaderBytes> page{};
  if (auto read = read_exactly(page, 0); !read) return read;
  std::memcpy(&header_, page.data(), sizeof header_);
  if (header_.magic != kFloatMagic) return damaged("not an index of vectors of this program");
  if (header_.format != kFloatFormat) {
    return damaged("format " + std::to_string(header_.format) + ": written by another version");
  }
  const Digest seal = sha256(std::span(page).first(kFloatSealAt));
  if (!std::equal(seal.begin(), seal.end(), page.begin() + kFloatSealAt)) {
    return damaged("the header is damaged");
  }
  // A seal is no signature: what follows may still be a lie, and is held to what can be true.
  if (!is_sane(header_)) return damaged("the header contradicts itself");
  return check_size(size);
}

Status Reader::check_size(std::uint64_t size) const {
  if (plan_of(header_).file_bytes != header_.file_bytes) {
    return damaged("the header contradicts itself");
  }
  if (size == header_.file_bytes) return ok();
  return damaged("has " + std::to_string(size) + " bytes, not " +
                 std::to_string(header_.file_bytes) +
                 (size < header_.file_bytes ? ": cut short" : ""));
}

// Through read(2), not through the map: a sector that cannot be read is then an error, not a
// signal.
Status Reader::check_body() const {
  BodyDigest digest;
  std::vector<std::uint8_t> portion(std::min<std::uint64_t>(kPortion, header_.file_bytes));
  for (std::uint64_t at = kFloatHeaderBytes; at < header_.file_bytes;) {
    const auto bytes =
        std::span(portion).first(std::min<std::uint64_t>(portion.size(), header_.file_bytes - at));
    if (auto read = read_exactly(bytes, at); !read) return read;
    digest.update(bytes);
    at += bytes.size();
  }
  if (digest.finish() != header_.body) return damaged("what is behind the header is damaged");
  return ok();
}

Status Reader::map_file() {
  parts_->map = ::mmap(nullptr, header_.file_bytes, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (parts_->map == MAP_FAILED) {
    parts_->map = nullptr;
    return io_error("map", path_, errno);
  }
  parts_->bytes = header_.file_bytes;
  return ok();
}

Status Reader::take_rows() {
  FloatRows& rows = segment_->rows;
  rows = {header_.rows, header_.dimension, parts_->at<float>(plan_.vectors),
          parts_->at<std::int64_t>(plan_.labels)};
  for (std::size_t row = 0; row < rows.count; ++row) {
    if (rows.labels[row] < 0) return damaged("a label is negative");
    if (!is_unit({rows.vector(row), rows.dimension})) return damaged("a vector is not of length 1");
  }
  return ok();
}

Status Reader::take_lists() {
  if (header_.lists == 0) return ok();
  auto& starts = parts_->starts;
  const auto* const first = parts_->at<std::uint64_t>(plan_.starts);
  starts.assign(first, first + header_.lists + 1);
  if (starts.front() != 0 || starts.back() != header_.rows || !std::ranges::is_sorted(starts)) {
    return damaged("the lists contradict themselves");
  }
  const auto finite = [this](const FloatSection& section) {
    const auto* const values = parts_->at<float>(section);
    return std::all_of(values, values + section.bytes / sizeof(float),
                       [](float value) { return std::abs(value) <= 4; });
  };
  if (!finite(plan_.centres) || !finite(plan_.words))
    return damaged("a centre is beyond all vectors");
  ListsView& lists = segment_->lists;
  lists.starts = starts;
  lists.centres = parts_->at<float>(plan_.centres);
  lists.codes = {header_.code_bytes, parts_->at<float>(plan_.words),
                 parts_->at<std::uint8_t>(plan_.codes), header_.lost};
  return ok();
}

Status Reader::take_graph() {
  if (header_.links == 0) return ok();
  GraphParts graph;
  graph.links = header_.links;
  graph.levels = {parts_->at<int>(plan_.levels), header_.rows};
  graph.neighbours = {parts_->at<int>(plan_.neighbours), header_.neighbours};
  graph.entry = header_.entry;
  segment_->graph = FloatGraph::of(graph, header_.rows);
  if (segment_->graph == nullptr) return damaged("the graph contradicts itself");
  return ok();
}

Result<SavedFloats> Reader::read() {
  auto done = read_header();
  if (done) {
    plan_ = plan_of(header_);
    done = check_body();
  }
  if (done) done = map_file();
  if (done) done = take_rows();
  if (done) done = take_lists();
  if (done) done = take_graph();
  if (!done) return std::move(done).error();
  SavedFloats saved;
  saved.note.assign(parts_->at<char>(plan_.note), header_.note_bytes);
  segment_->bytes =
      header_.file_bytes + (segment_->graph != nullptr ? segment_->graph->bytes() : 0);
  segment_->owner = std::move(parts_);
  saved.segment = std::move(segment_);
  saved.file = std::move(file_);
  return saved;
}

}  // namespace

Status write_floats(const FloatSegment& segment, std::string_view note, const std::string& path,
                    const std::string& like) {
  if (note.size() > kMaxFloatNote) {
    return Error{Errc::kBadArgument, "save float index " + path + ": a note of over 1 MiB"};
  }
  return replace_file(
      path, [&](int fd) { return write_file(segment, note, fd, path); }, like);
}

Result<SavedFloats> read_floats(FileDescriptor file, const std::string& path) {
  return Reader(std::move(file), path).read();
}

Result<SavedFloats> read_floats(const std::string& path) {
  auto file = open_for_reading(path);
  if (!file) {
    Error error = std::move(file).error();
    if (error.native == ENOENT) error.code = Errc::kNotFound;
    return error;
  }
  return read_floats(*std::move(file), path);
}

}  // namespace semblance::index
