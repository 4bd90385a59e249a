// SPDX-License-Identifier: Apache-2.0
#include "semblance/pdq.h"

#include <algorithm>
#include <string>

#include "hash/pdq_hasher.h"
#include "semblance/limits.h"

namespace semblance {

Result<PdqSignal> pdq_hash(const PictureView& picture, PdqProfile profile) {
  if (picture.data == nullptr || picture.width == 0 || picture.height == 0) {
    return Error{Errc::kBadArgument, "hash picture: it has no pixels"};
  }
  if (picture.channels != 1 && picture.channels != 3) {
    return Error{Errc::kBadArgument,
                 "hash picture: " + std::to_string(picture.channels) + " channels, not 1 or 3"};
  }
  if (std::max(picture.width, picture.height) > kMaxSide) {
    return Error{Errc::kLimit, "hash picture: a side of " +
                                   std::to_string(std::max(picture.width, picture.height)) +
                                   " pixels is over " + std::to_string(kMaxSide)};
  }
  hash::PdqHasher hasher(picture.width, picture.height, picture.channels, {&profile, 1});
  hasher.add_rows(picture.data, picture.stride, picture.height);
  return hasher.finish().front();
}

}  // namespace semblance
