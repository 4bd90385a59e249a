// SPDX-License-Identifier: Apache-2.0
// WebP by libwebp.
#include <webp/encode.h>

#include "datasets/encoders.h"

namespace semblance::datasets {

Result<std::string> encode_webp(const Picture& picture, const Encoding& encoding) {
  WebPConfig config;
  WebPPicture input;
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&input) == 0) {
    return Error{Errc::kUnsupported, "encode WebP: the library is of another version"};
  }
  if (encoding.lossless) {
    WebPConfigLosslessPreset(&config, 1);  // speed counts here, size does not
  } else {
    config.quality = static_cast<float>(encoding.quality);
    config.method = 2;
  }
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  input.use_argb = encoding.lossless ? 1 : 0;
  input.width = static_cast<int>(picture.width);
  input.height = static_cast<int>(picture.height);
  input.writer = WebPMemoryWrite;
  input.custom_ptr = &writer;
  const bool done = WebPPictureImportRGB(&input, picture.rgb.data(),
                                         static_cast<int>(picture.row_bytes())) != 0 &&
                    WebPEncode(&config, &input) != 0;
  std::string out;
  if (done) out.assign(reinterpret_cast<const char*>(writer.mem), writer.size);
  const int code = input.error_code;
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&input);
  if (!done) {
    return Error{Errc::kUnsupported, "encode WebP: error " + std::to_string(code), code};
  }
  return out;
}

}  // namespace semblance::datasets
