// SPDX-License-Identifier: Apache-2.0
#include "option_checks.h"

namespace semblance::tool {

std::string flag_without_value(int argc, const char* const* argv) {
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with("--") && word.find('=') == word.size() - 1) {
      return std::string(word.substr(0, word.size() - 1));
    }
  }
  return {};
}

std::string settle(HashOptions& options, const GivenFrames& given) {
  const bool fast = options.precision == Precision::kFast;
  if (fast && options.profile != PdqProfile::kFull) {
    return "--precision fast: of profile full alone; cli512 is always exact";
  }
  if (options.format == HashFormat::kJson && !options.out.empty()) {
    return "--out: of --format vpdq and tmk; JSON lines go to standard output";
  }
  const bool vpdq = options.format == HashFormat::kVpdq;
  if (vpdq && given.sampling.value_or(Sampling::kVpdq) != Sampling::kVpdq) {
    return "--format vpdq: its frames are those of --sampling vpdq";
  }
  FramePlan& frames = options.frames;
  frames.sampling = fast ? Sampling::kKeyframes : Sampling::kDense;
  if (vpdq) frames.sampling = Sampling::kVpdq;
  frames.sampling = given.sampling.value_or(frames.sampling);
  if (frames.sampling != Sampling::kVpdq && (given.seconds_per_hash || given.downsample)) {
    return "--seconds-per-hash and --downsample: of --sampling vpdq alone";
  }
  frames.seconds_per_hash = given.seconds_per_hash.value_or(frames.seconds_per_hash);
  frames.width = given.downsample.value_or(PixelSize{}).width;
  frames.height = given.downsample.value_or(PixelSize{}).height;
  return {};
}

std::string fault_of(const MatchOptions& options, bool given_for_video) {
  if (!options.video) {
    return given_for_video ? "--quality-floor and --tmk: of two videos alone, with --video" : "";
  }
  if (options.hashes.size() != 2) return "--video: name two files to compare";
  if (!options.banks.empty() || options.profile) {
    return "--video: compares two files with each other; --bank and --pdq-profile have no part in "
           "it";
  }
  return {};
}

Result<HashFormat> parse_hash_format(std::string_view word) {
  if (word == "json") return HashFormat::kJson;
  if (word == "vpdq") return HashFormat::kVpdq;
  if (word == "tmk") return HashFormat::kTmk;
  return Error{Errc::kBadArgument,
               "format '" + std::string(word) + "': is not one of json, vpdq, tmk"};
}

Result<Precision> parse_hash_precision(std::string_view word) {
  auto precision = parse_precision(word);
  if (!precision || *precision != Precision::kAuto) return precision;
  return Error{Errc::kBadArgument,
               "precision 'auto': needs banks to decide by, and is of scan; exact or fast"};
}

}  // namespace semblance::tool
