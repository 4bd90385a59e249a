// SPDX-License-Identifier: Apache-2.0
// Private to src/extract: a video or animation from its file to the signals of its frames.
#pragma once

#include <cstdint>
#include <vector>

#include "decode/sniff.h"
#include "extract/picture_item.h"
#include "semblance/extract.h"

namespace semblance::extract {

/// What is known of an animation before its frames are read: its first picture.
struct FirstPicture {
  Facts facts;
  PictureSignals signals;
};

/// Extracts a video, or a sound that may carry a picture, by the plan's frames and TMK, and the
/// pictures it carries by the profiles. `facts` are the kind and the format. TMK is of the first
/// video stream that has a frame.
///
/// Gives facts to `sink` before the first frame, frames as their scenes end, and holds no more than
/// a batch of them. A video that was decoded in part ends partial, with what had been found; so
/// does one that carries a picture which cannot be decoded whole, or more than kMostAttached of
/// them. A sound, which states no video stream, is told by its pictures; without any it is
/// unsupported.
Ending extract_video(const ItemFile& file, const Plan& plan, const Limits& limits, Facts facts,
                     ExtractSink& sink);

/// The same of a picture that moves, whose first one has been hashed; no TMK is made of it.
Ending extract_animation(const ItemFile& file, const Plan& plan, const Limits& limits,
                         FirstPicture first, ExtractSink& sink);

}  // namespace semblance::extract
