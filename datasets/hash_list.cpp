// SPDX-License-Identifier: Apache-2.0
#include "datasets/hash_list.h"

#include <fcntl.h>

#include <cerrno>

#include "core/files.h"
#include "datasets/output.h"

namespace semblance::datasets {

Hash256 random_hash(Random& random) {
  // Selection sampling: a place is taken with the chance that the places left need.
  Hash256 hash;
  std::uint32_t wanted = 128;
  for (std::uint32_t left = 256; wanted > 0; --left) {
    if (random.below(left) >= wanted) continue;
    const std::uint32_t bit = 256 - left;
    hash.bytes[bit / 8] = static_cast<std::uint8_t>(hash.bytes[bit / 8] | (1U << (bit % 8)));
    --wanted;
  }
  return hash;
}

Status write_hash_list(const std::string& path, const HashListOptions& options) {
  if (auto created = write_file(path, {}, options.force); !created) return created;
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return io_error("write", path, errno);

  constexpr std::size_t kPortionBytes = 1 << 20;
  Random random(options.seed);
  std::string lines;
  for (std::uint64_t i = 0; i < options.count; ++i) {
    const std::string hex = to_hex(random_hash(random));
    if (options.format == HashListFormat::kCsv) {
      lines.append("pdq,").append(hex).append(",synthetic\n");
    } else {
      lines.append(hex).append("\n");
    }
    if (lines.size() >= kPortionBytes) {
      if (auto written = write_all(file.get(), lines, path); !written) return written;
      lines.clear();
    }
  }
  return write_all(file.get(), lines, path);
}

}  // namespace semblance::datasets
