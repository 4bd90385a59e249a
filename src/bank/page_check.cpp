// SPDX-License-Identifier: Apache-2.0
#include "bank/page_check.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <vector>

namespace semblance::bank {
namespace {

constexpr const char* kVfsName = "semblance-checked-pages";
constexpr int kHeaderBytes = 100;
constexpr std::size_t kPageSizeAt = 16;  // in the header: two bytes, big-endian; 1 is 65,536
constexpr std::size_t kReservedAt = 20;

// A main database. The system's own file follows it in memory that SQLite gave.
struct CheckedFile : sqlite3_file {
  bool checked = false;  // as the header says: from the first page of a file on
  int page_bytes = 0;
  std::vector<std::uint8_t> page;  // one that is being written: SQLite's own is not ours to change
};

CheckedFile& ours(sqlite3_file* file) { return *static_cast<CheckedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(static_cast<CheckedFile*>(file) + 1);
}
sqlite3_vfs* real(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | bytes[i];
  return word;
}

void store(std::uint64_t word, std::uint8_t* bytes) {
  for (int i = 0; i < 8; ++i, word >>= 8) bytes[i] = static_cast<std::uint8_t>(word);
}

// SQLite reads and writes a main database a page at a time, but for its header when it opens it
// and a few bytes of that when it asks whether the file has changed.
bool is_page(const CheckedFile& file, int bytes, sqlite3_int64 at) {
  return file.checked && bytes == file.page_bytes && at % bytes == 0;
}

void heed_header(CheckedFile& file, const void* bytes, int count, sqlite3_int64 at) {
  if (at != 0 || count < kHeaderBytes) return;
  const auto* header = static_cast<const std::uint8_t*>(bytes);
  const int page_bytes = header[kPageSizeAt] << 8 | header[kPageSizeAt + 1];
  file.page_bytes = page_bytes == 1 ? 65'536 : page_bytes;
  file.checked = header[kReservedAt] == kReservedBytes;
}

// Whether a page is as it was written, or has no checksum since another program brought it from the
// log into the file: what the log holds of a page has zeros in the checksum's place. A page whose
// end was lost looks the same, and healthy pages end in zeros too: no rule tells the two apart.
bool is_sound(std::span<const std::uint8_t> page, sqlite3_int64 at) {
  const auto body = page.first(page.size() - kReservedBytes);
  const std::uint64_t written = load(body.data() + body.size());
  return written == 0 || written == page_checksum(body, static_cast<std::uint64_t>(at));
}

int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 at) {
  const int rc = real(file)->pMethods->xRead(real(file), into, bytes, at);
  if (rc == SQLITE_OK) heed_header(ours(file), into, bytes, at);
  if (!is_page(ours(file), bytes, at)) return rc;
  // SQLite would take what is missing of a page for zeros.
  if (rc == SQLITE_IOERR_SHORT_READ) return SQLITE_IOERR_DATA;
  if (rc != SQLITE_OK) return rc;
  const std::span page(static_cast<std::uint8_t*>(into), static_cast<std::size_t>(bytes));
  if (!is_sound(page, at)) return SQLITE_IOERR_DATA;
  // Changed, the page would carry a checksum that is not its own into the log.
  std::ranges::fill(page.last(kReservedBytes), std::uint8_t{0});
  return SQLITE_OK;
}

int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  CheckedFile& here = ours(file);
  heed_header(here, from, bytes, at);
  if (!is_page(here, bytes, at)) {
    return real(file)->pMethods->xWrite(real(file), from, bytes, at);
  }
  try {
    const auto* page = static_cast<const std::uint8_t*>(from);
    here.page.assign(page, page + bytes);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  const auto body = std::span(here.page).first(here.page.size() - kReservedBytes);
  store(page_checksum(body, static_cast<std::uint64_t>(at)), body.data() + body.size());
  return real(file)->pMethods->xWrite(real(file), here.page.data(), bytes, at);
}

// Another connection may have given the file its reserved bytes since this one opened it.
int control(sqlite3_file* file, int operation, void* argument) {
  if (operation == SQLITE_FCNTL_CKPT_START) {
    std::array<std::uint8_t, kHeaderBytes> header{};
    const int rc = real(file)->pMethods->xRead(real(file), header.data(), kHeaderBytes, 0);
    if (rc == SQLITE_OK) heed_header(ours(file), header.data(), kHeaderBytes, 0);
  }
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

int close(sqlite3_file* file) {
  const int rc = real(file)->pMethods->xClose(real(file));
  std::destroy_at(&ours(file));
  return rc;
}

// Version 2: shared memory for the write-ahead log, but no mapping of the file, whose pages would
// then be read past us.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = [](sqlite3_file* f,
                    sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); },
    .xSync = [](sqlite3_file* f, int flags) { return real(f)->pMethods->xSync(real(f), flags); },
    .xFileSize = [](sqlite3_file* f,
                    sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    .xLock = [](sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); },
    .xUnlock = [](sqlite3_file* f,
                  int level) { return real(f)->pMethods->xUnlock(real(f), level); },
    .xCheckReservedLock =
        [](sqlite3_file* f, int* held) {
          return real(f)->pMethods->xCheckReservedLock(real(f), held);
        },
    .xFileControl = control,
    .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* f) {
          int found = real(f)->pMethods->xDeviceCharacteristics(real(f));
#ifdef SQLITE_IOCAP_SUBPAGE_READ
          found &= ~SQLITE_IOCAP_SUBPAGE_READ;  // a part of a page has no checksum
#endif
          return found;
        },
    .xShmMap =
        [](sqlite3_file* f, int region, int size, int extend, void volatile** at) {
          return real(f)->pMethods->xShmMap(real(f), region, size, extend, at);
        },
    .xShmLock = [](sqlite3_file* f, int first, int count,
                   int flags) { return real(f)->pMethods->xShmLock(real(f), first, count, flags); },
    .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    .xShmUnmap = [](sqlite3_file* f,
                    int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* opened) {
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) {
    return real(vfs)->xOpen(real(vfs), name, file, flags, opened);
  }
  CheckedFile* here = new (file) CheckedFile;
  real(file)->pMethods = nullptr;
  const int rc = real(vfs)->xOpen(real(vfs), name, real(file), flags, opened);
  // SQLite closes a file that has methods, also one that failed to open.
  if (real(file)->pMethods != nullptr) {
    here->pMethods = &kMethods;
  } else {
    std::destroy_at(here);
    file->pMethods = nullptr;
  }
  return rc;
}

// The system's file system, asked for everything but the opening of files.
sqlite3_vfs make_vfs(sqlite3_vfs* system) {
  sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = static_cast<int>(sizeof(CheckedFile)) + system->szOsFile;
  vfs.mxPathname = system->mxPathname;
  vfs.zName = kVfsName;
  vfs.pAppData = system;
  vfs.xOpen = open;
  vfs.xDelete = [](sqlite3_vfs* v, const char* name, int sync) {
    return real(v)->xDelete(real(v), name, sync);
  };
  vfs.xAccess = [](sqlite3_vfs* v, const char* name, int flags, int* out) {
    return real(v)->xAccess(real(v), name, flags, out);
  };
  vfs.xFullPathname = [](sqlite3_vfs* v, const char* name, int size, char* out) {
    return real(v)->xFullPathname(real(v), name, size, out);
  };
  vfs.xRandomness = [](sqlite3_vfs* v, int size, char* out) {
    return real(v)->xRandomness(real(v), size, out);
  };
  vfs.xSleep = [](sqlite3_vfs* v, int microseconds) {
    return real(v)->xSleep(real(v), microseconds);
  };
  vfs.xCurrentTime = [](sqlite3_vfs* v, double* out) {
    return real(v)->xCurrentTime(real(v), out);
  };
  vfs.xGetLastError = [](sqlite3_vfs* v, int size, char* out) {
    return real(v)->xGetLastError(real(v), size, out);
  };
  vfs.xCurrentTimeInt64 = [](sqlite3_vfs* v, sqlite3_int64* out) {
    return real(v)->xCurrentTimeInt64(real(v), out);
  };
  return vfs;
}

}  // namespace

// Each step maps the state one to one for a given word, so that two pages that differ in one word
// alone never meet again.
std::uint64_t page_checksum(std::span<const std::uint8_t> body, std::uint64_t offset) noexcept {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t state = (offset + 1) * kOdd;
  for (std::size_t i = 0; i + 8 <= body.size(); i += 8) {
    state = (state ^ load(body.data() + i)) * kOdd;
    state ^= state >> 32;
  }
  return state;
}

const char* checked_pages_vfs() {
  static const int registered = [] {
    sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
    if (system == nullptr || system->iVersion < 2) return SQLITE_ERROR;
    static sqlite3_vfs vfs = make_vfs(system);
    return sqlite3_vfs_register(&vfs, 0);
  }();
  return registered == SQLITE_OK ? kVfsName : nullptr;
}

}  // namespace semblance::bank
