// SPDX-License-Identifier: Apache-2.0
// What the reference gives for its own test pictures, and those pictures' pixels.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "hash/pictures.h"
#include "semblance/signal.h"

namespace semblance::conformance {

/// The folder of the PDQ vectors; absent where the data is not there.
std::filesystem::path pdq_folder();

/// What the reference gives for a file in one profile.
struct Vector {
  std::string file;  // below pdq_folder()
  PdqSignal signal;
};

/// The rows of pdq-all-modes.csv that are of a profile of ours (modes `full` and `cli`).
std::vector<Vector> read_vectors();

/// Decodes a file; an error fails the calling test, and gives a picture without pixels.
pictures::Picture decode_file(const std::string& file);

}  // namespace semblance::conformance
