// SPDX-License-Identifier: Apache-2.0
#include "hash/features/opencv_version.h"

#include <opencv2/core/utility.hpp>

namespace semblance::hash {

std::string opencv_version() { return "opencv " + cv::getVersionString(); }

}  // namespace semblance::hash
