// SPDX-License-Identifier: Apache-2.0
// What the reference gives for its own test videos, and where they are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "semblance/extract.h"
#include "semblance/tmk.h"
#include "semblance/video.h"

namespace semblance::conformance {

/// The folder of the video vectors; absent where the data is not there.
std::filesystem::path video_folder();

/// The files of a folder below it with that suffix, by name, sorted.
std::vector<std::string> names_in(const std::string& folder, const std::string& suffix);

/// All bytes of a file below it; none, and a failure of the calling test, if it cannot be read.
std::string bytes_of(const std::string& file);

/// A file of the reference's; a failure of the calling test, and an empty signal, if it is none.
VideoSignal vpdq_of(const std::string& file);
TmkSignal tmk_of(const std::string& file);

/// What this process extracts of a sample; a failure of the calling test if it is not all read.
Extraction extract_sample(const std::string& name, const Plan& plan);

/// The rows of a CSV file below it, without its head, as fields.
std::vector<std::vector<std::string>> rows_of(const std::string& file);

}  // namespace semblance::conformance
