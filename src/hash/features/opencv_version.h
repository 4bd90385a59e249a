// SPDX-License-Identifier: Apache-2.0
// Which OpenCV features and models are made with.
#pragma once

#include <string>

namespace semblance::hash {

/// Name and version of the library that is linked, such as `opencv 4.6.0`.
std::string opencv_version();

}  // namespace semblance::hash
