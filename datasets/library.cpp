// SPDX-License-Identifier: Apache-2.0
#include "datasets/library.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "datasets/alterations.h"
#include "datasets/encode.h"
#include "datasets/output.h"
#include "datasets/random.h"
#include "datasets/scene.h"

namespace semblance::datasets {
namespace {

// Families of random numbers that must not meet.
enum Family : std::uint64_t { kNames = 1, kAlterationChance = 2 };
constexpr std::uint64_t kFirstUnrelated = std::uint64_t{1} << 32;  // scene numbers of strangers

std::string padded(std::uint32_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

// Originals come as libraries do: mostly JPEG, some of them PNG.
Encoding original_encoding(std::uint32_t number) {
  Encoding encoding;
  encoding.format = number % 4 == 3 ? FileFormat::kPng : FileFormat::kJpeg;
  encoding.quality = 92;
  return encoding;
}

// Writes one library, file by file.
class LibraryWriter {
 public:
  LibraryWriter(std::string folder, const LibraryOptions& options, const Progress& progress)
      : folder_(std::move(folder)),
        options_(options),
        progress_(progress),
        names_(Random::stream(options.seed, kNames)),
        copies_(options.copies == 0 ? static_cast<std::uint32_t>(alterations().size()) + 1
                                    : options.copies),
        total_(options.originals * (1 + copies_) + options.unrelated) {}

  Status run() {
    for (const char* part : {"", "/originals", "/copies", "/unrelated"}) {
      if (auto made = prepare_folder(folder_ + part, options_.force); !made) return made;
    }
    for (std::uint32_t i = 0; i < options_.originals; ++i) {
      if (auto written = write_original(i); !written) return written;
    }
    for (std::uint32_t i = 0; i < options_.unrelated; ++i) {
      if (auto written = write_unrelated(i); !written) return written;
    }
    return write_file(folder_ + "/truth.csv", truth_, options_.force);
  }

 private:
  Status write_original(std::uint32_t number) {
    const Picture picture = draw_scene(options_.seed, number, options_.width, options_.height);
    const Encoding encoding = original_encoding(number);
    auto bytes = encode(picture, encoding);
    if (!bytes) return bytes.error();
    const std::string name =
        "originals/" + padded(number, 4) + std::string(suffix(encoding.format));
    if (auto written = write(name, *bytes); !written) return written;
    for (std::uint32_t i = 0; i < copies_; ++i) {
      auto written = i == 0 ? write_copy(*bytes, suffix(encoding.format), name, "identical", true)
                            : write_altered(picture, name, number, i - 1);
      if (!written) return written;
    }
    return ok();
  }

  Status write_altered(const Picture& picture, const std::string& original, std::uint32_t number,
                       std::uint32_t turn) {
    const auto catalogue = alterations();
    const std::size_t taken = std::size_t{number} * (copies_ - 1) + turn;
    const Alteration& alteration = catalogue[taken % catalogue.size()];
    Random random = Random::stream(options_.seed + kAlterationChance, taken);
    auto bytes = altered_copy(picture, alteration, random);
    if (!bytes) return bytes.error();
    return write_copy(
        *bytes, suffix(alteration.encoding.format), original, alteration.name,
        alteration.within_reach && std::max(options_.width, options_.height) >= kMeasuredSide);
  }

  Status write_copy(const std::string& bytes, std::string_view ending, const std::string& original,
                    std::string_view alteration, bool within_reach) {
    const std::string name = "copies/" + meaningless_name().append(ending);
    truth_.append(name).append(",").append(original).append(",").append(alteration);
    truth_.append(within_reach ? ",true\n" : ",false\n");
    return write(name, bytes);
  }

  Status write_unrelated(std::uint32_t number) {
    const Picture picture =
        draw_scene(options_.seed, kFirstUnrelated + number, options_.width, options_.height);
    const Encoding encoding = original_encoding(number);
    auto bytes = encode(picture, encoding);
    if (!bytes) return bytes.error();
    return write("unrelated/" + meaningless_name().append(suffix(encoding.format)), *bytes);
  }

  Status write(const std::string& name, const std::string& bytes) {
    auto written = write_file(folder_ + "/" + name, bytes, options_.force);
    if (written && progress_) progress_(++done_, total_);
    return written;
  }

  std::string meaningless_name() {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string name;
    for (std::uint64_t bits = names_.bits(); name.size() < 12; bits >>= 4) {
      name.push_back(kDigits[bits & 15]);
    }
    return name;
  }

  std::string folder_;
  const LibraryOptions& options_;
  const Progress& progress_;
  Random names_;
  std::uint32_t copies_;
  std::uint32_t total_;
  std::uint32_t done_ = 0;
  std::string truth_ = "copy,original,alteration,within_reach\n";
};

}  // namespace

Status write_library(const std::string& folder, const LibraryOptions& options,
                     const Progress& progress) {
  return LibraryWriter(folder, options, progress).run();
}

Status write_pictures(const std::string& folder, const PicturesOptions& options,
                      const Progress& progress) {
  if (auto made = prepare_folder(folder, options.force); !made) return made;
  const double unit = std::sqrt(options.megapixels * 1e6 / 12.0);
  const auto width = std::max(16U, static_cast<std::uint32_t>(4.0 * unit + 0.5));
  const auto height = std::max(16U, static_cast<std::uint32_t>(3.0 * unit + 0.5));
  Encoding encoding;
  encoding.quality = options.quality;
  for (std::uint32_t i = 0; i < options.count; ++i) {
    auto bytes = encode(draw_scene(options.seed, i, width, height), encoding);
    if (!bytes) return bytes.error();
    auto written = write_file(folder + "/" + padded(i, 6) + ".jpg", *bytes, options.force);
    if (!written) return written;
    if (progress) progress(i + 1, options.count);
  }
  return ok();
}

}  // namespace semblance::datasets
