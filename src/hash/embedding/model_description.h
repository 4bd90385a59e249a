// SPDX-License-Identifier: Apache-2.0
// Private to src/hash: the JSON file that says how a model wants its pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "semblance/result.h"

namespace semblance::hash {

/// The most bytes of a description and of the weights it names.
inline constexpr std::size_t kMaxDescriptionBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxWeightBytes = std::size_t{1} << 30;

/// The longest side of a model's input, in pixels.
inline constexpr std::uint32_t kMaxInputSide = 2'048;

/// How a picture is brought to the size of the input.
enum class Fit : std::uint8_t {
  kStretch,  // each side for itself
  kCrop,     // to cover it, and what sticks out of the middle is left off
  kPad,      // to lie within it, in the middle, with the mean around
};

/// In which order a model takes the channels.
enum class ChannelOrder : std::uint8_t { kRgb, kBgr, kGray };

/// Who brings the output to length 1.
enum class Normalisation : std::uint8_t {
  kL2,     // we do
  kModel,  // the model does: what is not of length 1 is refused
};

/// What a description says; README.md of this folder tells of each field.
struct ModelDescription {
  std::string name;
  std::string weights;  // the name of a file beside the description
  std::string sha256;   // of it: 64 lower-case hex digits
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Fit resize = Fit::kStretch;
  ChannelOrder channels = ChannelOrder::kRgb;
  std::vector<double> mean;  // one a channel, in the order of the channels, of samples of 0 to 1
  std::vector<double> std;
  std::string output;
  std::size_t dimensions = 0;
  Normalisation normalisation = Normalisation::kL2;

  std::size_t channel_count() const noexcept { return mean.size(); }
};

/// Reads a description. Every field is required, each once, and there is no other: all else is
/// Errc::kBadFormat, "read <subject>: " and the field. `subject` names the file in errors.
Result<ModelDescription> parse_model_description(std::string_view text, const std::string& subject);

/// The version that two embeddings of the model must share: the digest of the weights, and the
/// first 16 digits of the SHA-256 of how pictures are prepared and the output taken.
std::string version_of(const ModelDescription& description);

}  // namespace semblance::hash
