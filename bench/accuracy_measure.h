// SPDX-License-Identifier: Apache-2.0
// Private to bench: one file's fast hash against its exact one, and many such errors together.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "datasets/picture.h"
#include "semblance/result.h"
#include "semblance/signal.h"

namespace semblance::bench {

/// Decodes a picture file to colour; nothing where it is none.
std::optional<datasets::Picture> load_picture(const std::string& path);

/// The picture at about that many megapixels, its shape kept.
datasets::Picture of_megapixels(const datasets::Picture& picture, double megapixels);

/// The bytes of a JPEG, 4:2:0.
Result<std::string> encode_jpeg(const datasets::Picture& picture, int quality, bool progressive);

/// PDQ in profile `full` from every pixel.
Result<PdqSignal> exact_signal(const std::string& file);

/// PDQ from `orders` orders of each block, or as many as the rule says where `orders` is 0; the
/// exact signal where the rule says so. Errc::kUnsupported if the file was not read.
Result<PdqSignal> fast_signal(const std::string& file, int orders);

/// The errors of many files.
class ErrorTable {
 public:
  void add(const PdqSignal& exact, const PdqSignal& fast);
  void add(const ErrorTable& other);

  /// The cells that accuracy_bench prints: fewest and most orders; files; of them hashed exactly;
  /// mean, 95th percentile and largest distance, in bits; mean and largest of the transform that
  /// errs most; largest error of the quality.
  std::string cells() const;

 private:
  std::vector<int> distances_;  // of the hash itself
  std::vector<int> worst_;      // of the transform that errs most
  int quality_error_ = 0;       // largest
  std::size_t exact_ = 0;       // files that the rule hashes exactly
  int fewest_orders_ = 9;
  int most_orders_ = 0;
};

}  // namespace semblance::bench
