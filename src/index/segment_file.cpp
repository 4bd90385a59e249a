// SPDX-License-Identifier: Apache-2.0
#include "index/segment_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "core/digest.h"
#include "core/files.h"
#include "index/bit_order.h"
#include "index/block_scan.h"
#include "index/memory.h"
#include "index/segment_format.h"

namespace semblance::index {
namespace {

Status write_at(int fd, std::span<const std::uint8_t> bytes, std::uint64_t offset,
                const std::string& path) {
  if (::lseek(fd, static_cast<off_t>(offset), SEEK_SET) < 0) return io_error("seek", path, errno);
  return write_all(fd, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

// Gathers the parts of the data into blocks, and notes each block's digest as it goes out.
class BlockWriter {
 public:
  BlockWriter(int fd, std::uint64_t at, const std::string& path) : fd_(fd), at_(at), path_(path) {}

  // `offset` is that of the plan: what stands between is zero.
  Status write(std::uint64_t offset, const void* bytes, std::uint64_t size) {
    if (auto filled = fill_to(offset); !filled) return filled;
    const auto* from = static_cast<const std::uint8_t*>(bytes);
    while (size > 0) {
      const std::size_t part = std::min<std::uint64_t>(size, kBlock - used_);
      std::memcpy(&block_[used_], from, part);
      from += part;
      size -= part;
      if (auto grown = grow(part); !grown) return grown;
    }
    return ok();
  }

  Status finish(std::uint64_t blocks) { return fill_to(blocks * kBlock); }

  const std::vector<Digest>& digests() const noexcept { return digests_; }

 private:
  Status fill_to(std::uint64_t offset) {
    while (written_ < offset) {
      const std::size_t part = std::min<std::uint64_t>(offset - written_, kBlock - used_);
      std::memset(&block_[used_], 0, part);
      if (auto grown = grow(part); !grown) return grown;
    }
    return ok();
  }

  Status grow(std::size_t part) {
    used_ += part;
    written_ += part;
    if (used_ < kBlock) return ok();
    digests_.push_back(sha256(block_));
    used_ = 0;
    return write_at(fd_, block_, at_ + written_ - kBlock, path_);
  }

  const int fd_;
  const std::uint64_t at_;
  const std::string& path_;
  std::vector<std::uint8_t> block_ = std::vector<std::uint8_t>(kBlock);
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;
  std::vector<Digest> digests_;
};

Status write_data(const SegmentView& view, const FileHeader& header, const FilePlan& plan,
                  BlockWriter& out) {
  auto done = out.write(plan.codes, view.codes_at, Hash256::kBytes * view.codes);
  if (done) {
    done = out.write(plan.planes, view.planes, plane_bytes(view.codes, view.prefix_bytes));
  }
  if (done) {
    done = out.write(plan.labels, view.labels.bytes, packed_bytes(view.rows, header.label_bits));
  }
  if (done && header.first_row_bits > 0) {
    done = out.write(plan.first_rows, view.first_rows.bytes,
                     packed_bytes(view.codes + 1, header.first_row_bits));
  }
  for (std::size_t t = 0; done && t < plan.tables.size(); ++t) {
    done = out.write(plan.tables[t].sketches, view.tables[t].sketches, sketch_bytes(view.codes));
    if (done && t > 0) {
      done = out.write(plan.tables[t].codes, view.tables[t].codes.bytes,
                       packed_bytes(view.codes, header.code_bits));
    }
  }
  return done ? out.finish(plan.blocks) : std::move(done);
}

Status write_file(const SegmentView& view, std::string_view note, int fd, const std::string& path) {
  FileHeader header = header_of(view, note);
  const FilePlan plan = plan_of(header);
  BlockWriter data(fd, plan.data, path);
  if (auto written = write_data(view, header, plan, data); !written) return written;

  const TableLayout layout(std::max<std::size_t>(header.tables, kMinTables));
  Memory head(plan.data);
  std::copy(note.begin(), note.end(), head.data() + plan.note);
  std::memcpy(head.data() + plan.digests, data.digests().data(), plan.blocks * sizeof(Digest));
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    std::memcpy(head.data() + plan.tables[t].starts, view.tables[t].starts,
                starts_bytes(layout, t));
  }
  header.directory = sha256({head.data() + kHeaderBytes, plan.data - kHeaderBytes});
  std::memcpy(head.data(), &header, sizeof header);
  const Digest seal = sha256({head.data(), kSealAt});
  std::memcpy(head.data() + kSealAt, seal.data(), seal.size());
  return write_at(fd, {head.data(), head.size()}, 0, path);
}

class MappedFile final : public MappedSegment, public ReadCheck {
 public:
  explicit MappedFile(std::string path) : path_(std::move(path)) {}
  ~MappedFile() override {
    if (map_ != nullptr) ::munmap(map_, plan_.file_bytes);
  }

  Status open();
  Status open(FileDescriptor file);
  const std::string& note() const noexcept override { return note_; }
  Status verify() const override;
  Status check(const void* first, std::size_t bytes) const override;

 private:
  Error damaged(std::string_view cause) const {
    return {Errc::kCorruptStore, "open index " + path_ + ": " + std::string(cause)};
  }
  Status read_exactly(std::span<std::uint8_t> out, std::uint64_t offset) const;
  Status read_header(FileHeader& header);
  Status read_directory(const FileHeader& header);
  Status check_starts(const FileHeader& header) const;
  Status map_data(const FileHeader& header);
  Status check_block(std::uint64_t block) const;

  const std::string path_;
  FileDescriptor file_;
  std::string note_;
  FilePlan plan_;
  Memory head_;  // all before the data: read once, checked, and then not the file's any more
  void* map_ = nullptr;
  mutable std::vector<std::atomic<std::uint64_t>> checked_;  // a bit for each block
};

Status MappedFile::read_exactly(std::span<std::uint8_t> out, std::uint64_t offset) const {
  auto read = read_at(file_.get(), out, offset, path_);
  if (!read) return std::move(read).error();
  if (*read < out.size()) return damaged("the file has become shorter");
  return ok();
}

Status MappedFile::read_header(FileHeader& header) {
  struct stat facts {};
  if (::fstat(file_.get(), &facts) != 0) return io_error("look at", path_, errno);
  if (!S_ISREG(facts.st_mode)) return damaged("not a regular file");
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  std::array<std::uint8_t, kHeaderBytes> page{};
  if (size < kHeaderBytes) return damaged("too short for an index");
  if (auto read = read_exactly(page, 0); !read) return read;
  std::memcpy(&header, page.data(), sizeof header);
  if (header.magic != kMagic) return damaged("not an index of this program");
  if (header.format != kFormat || header.bit_order != kBitOrderNumber) {
    return damaged("format " + std::to_string(header.format) + ", bit order " +
                   std::to_string(header.bit_order) + ": written by another version");
  }
  const Digest seal = sha256({page.data(), kSealAt});
  if (!std::equal(seal.begin(), seal.end(), page.begin() + kSealAt)) {
    return damaged("the header is damaged");
  }
  // A seal is no signature: what follows may still be a lie, and is held to what can be true.
  const bool sane =
      header.codes <= header.rows && (header.codes > 0 || header.tables == 0) &&
      header.rows <= 0xffffffff &&
      (header.tables == 0 || (header.tables >= kMinTables && header.tables <= kMaxTables)) &&
      (header.prefix_bytes == kShortPrefix || header.prefix_bytes == kLongPrefix) &&
      header.label_bits >= 1 && header.label_bits <= kMaxPackedBits &&
      header.first_row_bits <= kMaxPackedBits &&
      (header.first_row_bits > 0 || header.codes == header.rows) &&
      header.code_bits == bits_for(header.codes) && header.block_bytes == kBlock &&
      header.note_bytes <= kMaxNote;
  if (!sane) return damaged("the header contradicts itself");
  plan_ = plan_of(header);
  if (plan_.file_bytes != header.file_bytes) return damaged("the header contradicts itself");
  if (size != header.file_bytes) {
    return damaged("has " + std::to_string(size) + " bytes, not " +
                   std::to_string(header.file_bytes) +
                   (size < header.file_bytes ? ": cut short" : ""));
  }
  return ok();
}

Status MappedFile::read_directory(const FileHeader& header) {
  head_ = Memory(plan_.data);
  if (auto read = read_exactly({head_.data(), head_.size()}, 0); !read) return read;
  if (sha256({head_.data() + kHeaderBytes, plan_.data - kHeaderBytes}) != header.directory) {
    return damaged("the directory is damaged");
  }
  note_.assign(reinterpret_cast<const char*>(head_.data() + plan_.note), header.note_bytes);
  return check_starts(header);
}

Status MappedFile::check_starts(const FileHeader& header) const {
  if (header.tables == 0) return ok();
  const TableLayout layout(header.tables);
  for (std::size_t t = 0; t < header.tables; ++t) {
    const auto* const starts =
        reinterpret_cast<const std::uint32_t*>(head_.data() + plan_.tables[t].starts);
    const std::size_t keys = std::size_t{1} << layout.fields[t].bits;
    if (starts[0] != 0 || starts[keys] != header.codes ||
        !std::is_sorted(starts, starts + keys + 1)) {
      return damaged("the directory contradicts itself");
    }
  }
  return ok();
}

Status MappedFile::map_data(const FileHeader& header) {
  // From the beginning: the data need not stand at a multiple of this machine's page.
  const std::uint64_t bytes = plan_.file_bytes;
  map_ = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (map_ == MAP_FAILED) {
    map_ = nullptr;
    return io_error("map", path_, errno);
  }
  ::madvise(map_, bytes, MADV_RANDOM);  // every block is read through check_block first
  checked_ = std::vector<std::atomic<std::uint64_t>>(plan_.blocks / 64 + 1);

  const auto* const data = static_cast<const std::uint8_t*>(map_) + plan_.data;
  SegmentView view;
  view.codes = header.codes;
  view.rows = header.rows;
  view.prefix_bytes = header.prefix_bytes;
  view.codes_at = data + plan_.codes;
  view.planes = data + plan_.planes;
  view.labels = {data + plan_.labels, header.label_bits};
  if (header.first_row_bits > 0) {
    view.first_rows = {data + plan_.first_rows, header.first_row_bits};
  }
  for (std::size_t t = 0; t < plan_.tables.size(); ++t) {
    TableView table;
    table.starts = reinterpret_cast<const std::uint32_t*>(head_.data() + plan_.tables[t].starts);
    table.sketches = reinterpret_cast<const std::uint16_t*>(data + plan_.tables[t].sketches);
    if (t > 0) table.codes = {data + plan_.tables[t].codes, header.code_bits};
    view.tables.push_back(table);
  }
  view.read_check = this;
  settle(std::move(view), plan_.file_bytes);
  return ok();
}

Status MappedFile::open() {
  auto file = open_for_reading(path_);
  if (!file) {
    Error error = std::move(file).error();
    if (error.native == ENOENT) error.code = Errc::kNotFound;
    return error;
  }
  return open(*std::move(file));
}

Status MappedFile::open(FileDescriptor file) {
  file_ = std::move(file);
  FileHeader header;
  if (auto read = read_header(header); !read) return read;
  if (auto read = read_directory(header); !read) return read;
  return map_data(header);
}

// Through read(2), not through the map: a sector that cannot be read is then an error, not a
// signal.
Status MappedFile::check_block(std::uint64_t block) const {
  std::array<std::uint8_t, kBlock> bytes;
  const std::uint64_t offset = plan_.data + block * kBlock;
  if (auto read = read_exactly(bytes, offset); !read) return read;
  const Digest digest = sha256(bytes);
  if (std::memcmp(digest.data(), head_.data() + plan_.digests + block * sizeof(Digest),
                  digest.size()) != 0) {
    return Error{Errc::kCorruptStore, "read index " + path_ + ": the " + std::to_string(kBlock) +
                                          " bytes at " + std::to_string(offset) + " are damaged"};
  }
  return ok();
}

Status MappedFile::check(const void* first, std::size_t bytes) const {
  if (bytes == 0) return ok();
  const auto offset = static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(first) -
                                                 static_cast<const std::uint8_t*>(map_)) -
                      plan_.data;
  for (std::uint64_t block = offset / kBlock; block <= (offset + bytes - 1) / kBlock; ++block) {
    auto& word = checked_[block / 64];
    const std::uint64_t bit = std::uint64_t{1} << (block % 64);
    if ((word.load(std::memory_order_relaxed) & bit) != 0) continue;
    if (auto checked = check_block(block); !checked) return checked;
    word.fetch_or(bit, std::memory_order_relaxed);
  }
  return ok();
}

Status MappedFile::verify() const {
  // The file that was opened: another may have its name by now.
  FileDescriptor file(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0));
  if (!file) return io_error("open", path_, errno);
  MappedFile again(path_);
  if (auto opened = again.open(std::move(file)); !opened) return opened;
  for (std::uint64_t block = 0; block < again.plan_.blocks; ++block) {
    if (auto checked = again.check_block(block); !checked) return checked;
  }
  return ok();
}

}  // namespace

Status write_segment(const Segment& segment, std::string_view note, const std::string& path,
                     const std::string& like) {
  if (note.size() > kMaxNote) {
    return Error{Errc::kBadArgument, "save index " + path + ": a note of over 1 MiB"};
  }
  const SegmentView& view = segment.view();
  if (view.read_check !=
      nullptr) {  // what is copied from a mapped file is checked like any reading
    if (auto checked = static_cast<const MappedSegment&>(segment).verify(); !checked) {
      return checked;
    }
  }
  const auto write = [&](int fd) -> Status {
    try {
      return write_file(view, note, fd, path);
    } catch (const std::bad_alloc&) {  // not through replace_file, which then removes the new file
      return Error{Errc::kLimit, "save index " + path + ": out of memory"};
    }
  };
  return replace_file(path, write, like);
}

Result<std::unique_ptr<MappedSegment>> map_segment(const std::string& path) {
  auto mapped = std::make_unique<MappedFile>(path);
  if (auto opened = mapped->open(); !opened) return std::move(opened).error();
  return std::unique_ptr<MappedSegment>(std::move(mapped));
}

}  // namespace semblance::index
