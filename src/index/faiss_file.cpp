// SPDX-License-Identifier: Apache-2.0
// Interchange with FAISS: its flat index, with labels by its IndexBinaryIDMap.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/MetaIndexes.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/files.h"
#include "semblance/live_index.h"

namespace semblance {
namespace {

// Writes through a descriptor, and keeps the system's reason where FAISS would only count items.
class DescriptorWriter final : public faiss::IOWriter {
 public:
  DescriptorWriter(int fd, const std::string& path) : fd_(fd), path_(path) {}
  std::size_t operator()(const void* bytes, std::size_t size, std::size_t items) override {
    if (!status_) return 0;
    status_ = write_all(fd_, {static_cast<const char*>(bytes), size * items}, path_);
    return status_ ? items : 0;
  }
  Status take() { return std::move(status_); }

 private:
  const int fd_;
  const std::string& path_;
  Status status_ = ok();
};

class DescriptorReader final : public faiss::IOReader {
 public:
  DescriptorReader(int fd, const std::string& path) : fd_(fd), path_(path) {}
  std::size_t operator()(void* bytes, std::size_t size, std::size_t items) override {
    auto read = read_at(fd_, {static_cast<std::uint8_t*>(bytes), size * items}, at_, path_);
    if (!read) return 0;
    at_ += *read;
    return size == 0 ? 0 : *read / size;
  }

 private:
  const int fd_;
  const std::string& path_;
  std::uint64_t at_ = 0;
};

Error refused(const std::string& path, std::string cause) {
  std::replace(cause.begin(), cause.end(), '\n', ' ');
  return {Errc::kBadFormat, "read FAISS index " + path + ": " + cause};
}

// A header: four letters, int32 dimensions, int32 bytes a code, int64 codes, a bool, an int32.
constexpr std::size_t kHeader = 25;
constexpr std::size_t kCount = 8;  // before the members of a vector

std::uint64_t number_at(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, size);
  return value;
}

bool named(std::span<const std::uint8_t> bytes, std::size_t at, const char* letters) {
  return std::memcmp(bytes.data() + at, letters, 4) == 0;
}

// FAISS takes sizes as they stand, and would set aside whatever a file asks for. So a file is held
// to the two forms that are read here, in which the number of codes tells every other number.
Status check_form(int fd, const std::string& path) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return io_error("look at", path, errno);
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  std::array<std::uint8_t, 2 * kHeader + kCount> head{};
  auto read = read_at(fd, head, 0, path);
  if (!read) return std::move(read).error();
  if (*read < kHeader + kCount) return refused(path, "too short");
  const bool mapped = named(head, 0, "IBMp") || named(head, 0, "IBM2");
  const std::size_t flat = mapped ? kHeader : 0;
  if (!named(head, flat, "IBxF")) {
    return refused(path, "not a flat binary index, nor one under an IDMap");
  }
  const std::uint64_t codes = number_at(head, flat + 12, 8);
  if (codes > 0xffffffff) return refused(path, "more than 2^32 - 1 codes");
  for (const std::size_t at : mapped ? std::vector<std::size_t>{0, flat} : std::vector{flat}) {
    const std::uint64_t bits = number_at(head, at + 4, 4);
    if (bits != Hash256::kBits) {
      return refused(path, "codes of " + std::to_string(bits) + " bits, not 256");
    }
    // FAISS 1.7 leaves the bytes of a code of an IDMap at zero.
    const std::uint64_t bytes = number_at(head, at + 8, 4);
    if (bytes != Hash256::kBytes && (bytes != 0 || at == flat)) {
      return refused(path, "it contradicts itself");
    }
    if (number_at(head, at + 12, 8) != codes) return refused(path, "it contradicts itself");
  }
  const std::uint64_t after_codes = flat + kHeader + kCount + Hash256::kBytes * codes;
  const std::uint64_t expected = after_codes + (mapped ? kCount + 8 * codes : 0);
  if (size != expected) {
    return refused(path, "has " + std::to_string(size) + " bytes, not " + std::to_string(expected));
  }
  if (number_at(head, flat + kHeader, 8) != Hash256::kBytes * codes) {
    return refused(path, "it contradicts itself");
  }
  if (!mapped) return ok();
  std::array<std::uint8_t, kCount> labels{};
  auto counted = read_at(fd, labels, after_codes, path);
  if (!counted) return std::move(counted).error();
  return number_at(labels, 0, 8) == codes ? ok() : Status(refused(path, "it contradicts itself"));
}

Result<std::unique_ptr<LiveIndex>> index_of(const faiss::IndexBinary& read, const std::string& path,
                                            const LiveIndexOptions& options) {
  const auto* const mapped = dynamic_cast<const faiss::IndexBinaryIDMap*>(&read);
  const auto* const flat =
      dynamic_cast<const faiss::IndexBinaryFlat*>(mapped == nullptr ? &read : mapped->index);
  if (flat == nullptr) return refused(path, "not a flat binary index, nor one under an IDMap");
  std::vector<Hash256> codes(static_cast<std::size_t>(flat->ntotal));
  if (!codes.empty()) std::memcpy(codes.data(), flat->xb.data(), sizeof(Hash256) * codes.size());
  std::vector<std::int64_t> labels(codes.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = mapped == nullptr ? static_cast<std::int64_t>(i) : mapped->id_map[i];
  }
  auto index = make_live_index(options);
  auto added = index->add(codes, labels);
  if (!added) return refused(path, added.error().what);
  return index;
}

}  // namespace

Status write_faiss_index(const LiveIndex& index, const std::string& path) {
  faiss::IndexBinaryFlat flat(Hash256::kBits);
  faiss::IndexBinaryIDMap named(&flat);
  named.code_size = flat.code_size;  // which FAISS 1.7 leaves at zero
  try {
    auto copied = index.for_each([&](const Hash256& code, std::int64_t label) {
      flat.xb.insert(flat.xb.end(), code.bytes.begin(), code.bytes.end());
      named.id_map.push_back(label);
    });
    if (!copied) return copied;
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, "write FAISS index " + path + ": out of memory"};
  }
  flat.ntotal = named.ntotal = static_cast<std::int64_t>(named.id_map.size());
  return replace_file(path, [&](int fd) -> Status {
    DescriptorWriter writer(fd, path);
    try {
      faiss::write_index_binary(&named, &writer);
    } catch (const faiss::FaissException& cause) {
      auto status = writer.take();
      if (!status) return status;
      return Error{Errc::kIo, "write FAISS index " + path + ": " + cause.what()};
    }
    return writer.take();
  });
}

Result<std::unique_ptr<LiveIndex>> read_faiss_index(const std::string& path,
                                                    const LiveIndexOptions& options) {
  auto file = open_for_reading(path);
  if (!file) return std::move(file).error();
  if (auto form = check_form(file->get(), path); !form) return std::move(form).error();
  DescriptorReader reader(file->get(), path);
  try {
    const std::unique_ptr<faiss::IndexBinary> read(faiss::read_index_binary(&reader));
    return index_of(*read, path, options);
  } catch (const faiss::FaissException& cause) {
    return refused(path, cause.what());
  } catch (const std::bad_alloc&) {
    return Error{Errc::kLimit, "read FAISS index " + path + ": out of memory"};
  }
}

}  // namespace semblance
