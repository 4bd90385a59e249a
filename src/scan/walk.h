// SPDX-License-Identifier: Apache-2.0
// Private to src/scan: the files under the arguments, one by one, in an order that never varies.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/files.h"
#include "scan/folder_names.h"
#include "semblance/result.h"
#include "semblance/scan.h"

namespace semblance::scanner {

/// A file that the walk met, and how to open it.
struct WalkedItem {
  Item item;
  std::int64_t modified_ns = 0;                  // since 1970; 0: not told, or of no meaning
  Ending problem;                                // reason kNone, or why there is nothing to open
  std::shared_ptr<const FileDescriptor> folder;  // holds the name; null: the working directory
  std::size_t name_at = 0;                       // where in item.path the name begins
  bool argument = false;                         // named by the user: a link is followed
  int given = -1;                                // a descriptor to read instead of a name
};

/// Opens a walked file for reading: a regular file, never through a link that the user did not
/// name. Errors read "open: <the system's words>".
Result<FileDescriptor> open_item(const WalkedItem& walked);

/// Walks the paths: the arguments in their order, a folder by the bytes of its names, its
/// folders' content at their place.
///
/// Symbolic links that are met and special files are counted, not followed or opened. What cannot
/// be read is an item with a problem. Holds a stretch of the listing of each folder of the current
/// branch (see FolderNames) and at most kOpenFolders descriptors, however deep it goes; a folder
/// further up is reached again by "..", or else from the argument down, and taken only if it is
/// the same one as before.
class Walk {
 public:
  static constexpr std::size_t kOpenFolders = 16;

  /// `dash_descriptor`, `exclude`: see RunOptions.
  Walk(std::vector<std::string> paths, int dash_descriptor,
       const std::vector<std::string>& exclude = {});

  /// The next file, or nothing at the end. An error ends the run: see is_exhaustion.
  Result<std::optional<WalkedItem>> next();

  std::uint64_t skipped_symlinks() const noexcept { return skipped_symlinks_; }
  std::uint64_t skipped_special() const noexcept { return skipped_special_; }
  std::uint64_t skipped_store() const noexcept { return skipped_store_; }

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct Level {
    std::shared_ptr<const FileDescriptor> folder;  // null: given up for the bound, or lost
    Identity identity;
    FolderNames names;
    bool told = false;            // that its listing failed
    std::size_t name_at = 0;      // where in path_ the folder's own name begins
    std::size_t path_length = 0;  // of path_ up to the folder's name, as given
    std::size_t prefix = 0;       // and with the '/' after it
  };
  struct Excluded {
    std::string path;
    std::string name;   // the last part of path
    Identity identity;  // when the walk began; {0, 0}: not there
  };
  using Step = Result<std::optional<WalkedItem>>;

  Step start_argument();
  Step list(Level& level);
  Step visit(Level& level);
  Step descend(int parent, const char* name, bool argument);
  Status ascend();
  Result<FileDescriptor> open_again(std::size_t depth) const;
  WalkedItem make_item(std::size_t name_at);
  Step problem(std::size_t name_at, const Error& error);
  bool is_excluded(std::string_view name, const Identity& identity) const;

  std::vector<std::string> paths_;
  int dash_descriptor_;
  std::vector<Excluded> excluded_;
  std::size_t next_argument_ = 0;
  std::string path_;  // of what is visited now
  std::vector<Level> levels_;
  std::set<Identity> branch_;  // identities of levels_: a folder inside itself ends there
  std::uint64_t sequence_ = 0;
  std::uint64_t skipped_symlinks_ = 0;
  std::uint64_t skipped_special_ = 0;
  std::uint64_t skipped_store_ = 0;
};

}  // namespace semblance::scanner
