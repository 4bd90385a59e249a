// SPDX-License-Identifier: Apache-2.0
// PNG by libspng.
#include <spng.h>

#include <cstdlib>
#include <memory>

#include "datasets/encoders.h"

namespace semblance::datasets {

Result<std::string> encode_png(const Picture& picture) {
  const auto failure = [](int rc) {
    return Error{Errc::kUnsupported, std::string("encode PNG: ") + spng_strerror(rc), rc};
  };
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> codec(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                  &spng_ctx_free);
  if (!codec) return failure(SPNG_EMEM);
  spng_set_option(codec.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(codec.get(), SPNG_IMG_COMPRESSION_LEVEL, 2);  // speed counts here, size does not

  spng_ihdr header{};
  header.width = picture.width;
  header.height = picture.height;
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  if (int rc = spng_set_ihdr(codec.get(), &header); rc != 0) return failure(rc);
  int rc = spng_encode_image(codec.get(), picture.rgb.data(), picture.rgb.size(), SPNG_FMT_PNG,
                             SPNG_ENCODE_FINALIZE);
  if (rc != 0) return failure(rc);
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(
      spng_get_png_buffer(codec.get(), &size, &rc), &std::free);
  if (!bytes) return failure(rc);
  return std::string(static_cast<const char*>(bytes.get()), size);
}

}  // namespace semblance::datasets
