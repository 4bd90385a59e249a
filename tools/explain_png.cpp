// SPDX-License-Identifier: Apache-2.0
#include "explain_png.h"

#include <spng.h>

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace semblance::tool {

Result<std::string> to_png(const Drawing& drawing) {
  const auto failure = [](int rc) {
    const Errc code = rc == SPNG_EMEM ? Errc::kLimit : Errc::kBadArgument;
    return Error{code, std::string("encode PNG: ") + spng_strerror(rc), rc};
  };
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> codec(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                  &spng_ctx_free);
  if (!codec) return failure(SPNG_EMEM);
  spng_set_option(codec.get(), SPNG_ENCODE_TO_BUFFER, 1);
  // The blurred picture is slopes, of which a row is nearly the one above.
  spng_set_option(codec.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
  spng_ihdr header{};
  header.width = drawing.width;
  header.height = drawing.height;
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  if (int rc = spng_set_ihdr(codec.get(), &header); rc != 0) return failure(rc);
  int rc = spng_encode_image(codec.get(), drawing.samples.data(), drawing.samples.size(),
                             SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  if (rc != 0) return failure(rc);
  std::size_t size = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(
      spng_get_png_buffer(codec.get(), &size, &rc), &std::free);
  if (!bytes) return failure(rc);
  return std::string(static_cast<const char*>(bytes.get()), size);
}

}  // namespace semblance::tool
