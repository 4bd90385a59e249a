// SPDX-License-Identifier: Apache-2.0
// Private to bench: a picture as every method sees it, and what it cost to get there.
#pragma once

#include <string>

#include "core/raster.h"
#include "datasets/picture.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance::bench {

/// A picture after one decode. Costs in microseconds of processor time.
struct Seen {
  PdqSignal pdq;  // of every pixel, profile `full`
  Raster raster;  // of bounded size, in colour where the picture is
  double decode_us = 0.0;
  double pdq_us = 0.0;
  double raster_us = 0.0;
  double megapixels = 0.0;
};

/// Decodes the bytes of a file; the rows as they are.
Result<datasets::Picture> decode_bytes(const std::string& bytes);

/// A picture that is in memory.
Seen look_at(const datasets::Picture& picture);

/// A picture in the bytes of a file.
Result<Seen> look_at(const std::string& bytes);

}  // namespace semblance::bench
