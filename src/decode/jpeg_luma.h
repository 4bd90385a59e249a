// SPDX-License-Identifier: Apache-2.0
// The low luma frequencies of a JPEG file, without decoding the rest of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/luma_blocks.h"
#include "decode/decode.h"
#include "semblance/limits.h"

namespace semblance::decode {

/// A JPEG file of the usual kind whose low luma frequencies can be read from its entropy code.
///
/// "Usual": Huffman-coded, 8 bits, sequential or progressive, gray or YCbCr with luma at full
/// resolution. Whatever else it is, or is suspected to be, is left to decode_picture, which alone
/// judges a file: nothing here reports an error, and what is given here is only given for a file
/// that decode_picture would accept, whole and undamaged, under the same limits. Of a progressive
/// file that is known of the scans that are read; the codes of the others may be damaged, while
/// their headers, their order, their restarts and the end of the file are looked at.
class JpegLuma {
 public:
  /// Looks at the headers. Nothing where the file is not of the usual kind, or decode_picture
  /// would refuse it. `bytes` must outlive the result.
  static std::optional<JpegLuma> open(std::span<const std::uint8_t> bytes, const Limits& limits);

  JpegLuma(JpegLuma&&) noexcept;
  JpegLuma& operator=(JpegLuma&&) noexcept;
  ~JpegLuma();

  /// What decode_picture would say of the picture, but for the name of the decoder, which is ours.
  const PictureInfo& info() const noexcept;

  /// Whether read() looks at all of the entropy code, and so sees damage wherever it is. Of a
  /// progressive file it reads the scans that carry what is asked for, and no others.
  bool reads_whole_code() const noexcept;

  /// Reads the coefficients of the first `orders` (1..LumaBlocks::kMaxOrders) orders. Nothing where
  /// the entropy code is damaged, cut short, or anything but plainly right.
  ///
  /// The values are libjpeg-turbo's, to the bit; of a progressive file, as they stand after the
  /// scans that were read: all that carry the mean, and those that carry the others first.
  std::optional<LumaBlocks> read(int orders) const;

 private:
  struct State;
  explicit JpegLuma(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace semblance::decode
