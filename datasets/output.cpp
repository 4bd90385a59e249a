// SPDX-License-Identifier: Apache-2.0
#include "datasets/output.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/files.h"

namespace semblance::datasets {

Status prepare_folder(const std::string& folder, bool force) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return io_error("create folder", folder, failed.value());
  const bool empty = std::filesystem::is_empty(folder, failed);
  if (failed) return io_error("read folder", folder, failed.value());
  if (!empty && !force) {
    return Error{Errc::kExists, "write into " + folder + ": the folder is not empty"};
  }
  return ok();
}

Status write_file(const std::string& path, std::string_view bytes, bool force) {
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL);
  const FileDescriptor file(::open(path.c_str(), flags, 0644));
  if (!file) {
    if (errno == EEXIST) return Error{Errc::kExists, "write " + path + ": the file exists", errno};
    return io_error("write", path, errno);
  }
  return write_all(file.get(), bytes, path);
}

}  // namespace semblance::datasets
