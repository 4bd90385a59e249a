// SPDX-License-Identifier: Apache-2.0
// Private to datasets: one function a format. Sizes have been checked.
#pragma once

#include <string>

#include "datasets/encode.h"

namespace semblance::datasets {

Result<std::string> encode_jpeg(const Picture& picture, const Encoding& encoding);
Result<std::string> encode_png(const Picture& picture);
Result<std::string> encode_webp(const Picture& picture, const Encoding& encoding);
Result<std::string> encode_tiff(const Picture& picture);
Result<std::string> encode_gif(const Picture& picture);
std::string encode_bmp(const Picture& picture);

}  // namespace semblance::datasets
