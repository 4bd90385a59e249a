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
  const bool more = options.features || !options.embeddings.empty();
  if (fast && more) {
    return "--features and --embedding: take every pixel; --precision fast does not";
  }
  if (options.format != HashFormat::kJson && (more || !options.probes.empty())) {
    return "--probe, --features and --embedding: of pictures, in --format json";
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

namespace {

// What is wrong with options that say how two files are compared.
std::string fault_of_pair(const MatchOptions& options, const GivenForMatch& given) {
  const bool for_pictures = !given.embeddings.empty() || !options.explain.empty();
  if (!options.video && !options.picture) {
    const bool for_files = given.quality_floor || options.tmk || for_pictures;
    return for_files ? "--quality-floor, --tmk, --embedding and --explain: of two files alone, "
                       "with --video or --picture"
                     : "";
  }
  if (options.video && options.picture) return "--video, --picture: one of the two";
  const std::string flag = options.video ? "--video" : "--picture";
  if (options.hashes.size() != 2) return flag + ": name two files to compare";
  if (!options.banks.empty() || options.profile) {
    return flag +
           ": compares two files with each other; --bank and --pdq-profile have no part in it";
  }
  if (options.video && for_pictures) {
    return "--embedding and --explain: of two pictures alone, with --picture";
  }
  if (options.picture && options.tmk) return "--tmk: of two videos alone, with --video";
  if (options.explain == "-") return "--explain: name a file; standard output has the JSON line";
  return {};
}

}  // namespace

std::string settle(MatchOptions& options, const GivenForMatch& given) {
  if (std::string fault = fault_of_pair(options, given); !fault.empty()) return fault;
  if (!options.picture) return {};
  for (const LeastCosine& least : given.embeddings) {
    if (!options.embeddings.emplace(least.model, least.cosine).second) {
      return "--embedding " + least.model + ": given twice";
    }
  }
  if (given.embeddings.empty()) options.embeddings = {{"gist", kGistCosine}};
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
