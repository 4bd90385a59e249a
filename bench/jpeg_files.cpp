// SPDX-License-Identifier: Apache-2.0
#include "jpeg_files.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/files.h"
#include "datasets/encode.h"
#include "datasets/scene.h"
#include "decode/decode.h"
#include "decode/jpeg_luma.h"
#include "decode/jpeg_luma_oracle.h"
#include "hash/block_hasher.h"
#include "hash/block_reducer.h"
#include "hash/pdq_hasher.h"

namespace semblance::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

/// Hashes the rows that decode_picture gives.
class HashingSink final : public decode::RowSink {
 public:
  void begin(const decode::PictureInfo& info) override {
    constexpr PdqProfile kProfiles[] = {PdqProfile::kFull};
    hasher_.emplace(info.width, info.height, info.channels, kProfiles);
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    hasher_->add_rows(first, stride, count);
  }
  PdqSignal finish() { return hasher_->finish().front(); }

 private:
  std::optional<hash::PdqHasher> hasher_;
};

Status check(JpegFile& file, int max_distance) {
  const decode::LumaVerdict verdict = decode::judge_luma(file.bytes);
  if (!verdict.wrong.empty()) {
    return Error{Errc::kMismatch, "check " + file.path + ": " + verdict.wrong};
  }
  const auto fast = fast_signal(file.bytes);
  if (!fast) return ok();  // it is left out
  const auto exact = exact_signal(file.bytes);
  if (!exact) return exact.error();
  file.distance = hamming_distance(fast->hash(), exact->hash());
  if (file.distance > max_distance) {
    return Error{Errc::kMismatch, "check " + file.path + ": the fast hash is " +
                                      std::to_string(file.distance) + " bits from the exact one"};
  }
  const auto luma = decode::JpegLuma::open(file.bytes, Limits{});
  const decode::PictureInfo& info = luma->info();
  file.megapixels = 1e-6 * info.width * info.height;
  file.orders = fast->orders;
  file.blocks = *luma->read(file.orders);
  hash::reduce_blocks(file.blocks, file.luma);
  return ok();
}

}  // namespace

Result<JpegFiles> make_jpeg_files(const std::string& folder, const JpegMake& make) {
  JpegFiles made;
  char name[64];
  (void)std::snprintf(name, sizeof name, "%g MP%s", make.megapixels,
                      make.progressive ? ", progressive" : "");
  made.name = name;
  made.class_megapixels = make.megapixels;
  made.progressive = make.progressive;
  const double unit = std::sqrt(make.megapixels * 1e6 / 12.0);
  const auto width = std::max(16u, static_cast<std::uint32_t>(4.0 * unit + 0.5));
  const auto height = std::max(16u, static_cast<std::uint32_t>(3.0 * unit + 0.5));
  datasets::Encoding encoding;
  encoding.quality = make.quality;
  encoding.progressive = make.progressive;
  const std::string below = folder + "/" + made.name;
  std::error_code failed;
  fs::create_directory(below, failed);
  for (int i = 0; i < make.count; ++i) {
    auto bytes = datasets::encode(
        datasets::draw_scene(1, static_cast<std::uint64_t>(i), width, height), encoding);
    if (!bytes) return bytes.error();
    const std::string path = below + "/" + std::to_string(i) + ".jpg";
    if (auto written = replace_file(path, *bytes); !written) return written.error();
    made.files.emplace_back().path = path;
  }
  return made;
}

Result<JpegFiles> list_jpeg_files(const std::string& folder) {
  JpegFiles found;
  found.name = folder;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const std::string suffix = entry.path().extension();
    if (suffix == ".jpg" || suffix == ".jpeg") found.files.emplace_back().path = entry.path();
  }
  if (failed) return Error{Errc::kIo, "read folder " + folder + ": " + failed.message()};
  std::ranges::sort(found.files, {}, &JpegFile::path);
  return found;
}

Result<PdqSignal> fast_signal(const std::vector<std::uint8_t>& bytes) {
  const Error none{Errc::kUnsupported, "hash a file: only every pixel will do"};
  const auto luma = decode::JpegLuma::open(bytes, Limits{});
  if (!luma) return none;
  const int orders = hash::orders_needed(luma->info().width, luma->info().height);
  if (orders == 0) return none;
  const auto blocks = luma->read(orders);
  if (!blocks) return none;
  const auto signal = hash::hash_blocks(*blocks);
  return signal ? Result<PdqSignal>(*signal) : none;
}

Result<PdqSignal> exact_signal(const std::vector<std::uint8_t>& bytes) {
  HashingSink sink;
  auto end = decode::decode_picture(bytes, decode::Format::kJpeg, Limits{}, sink);
  if (!end) return end.error();
  return sink.finish();
}

Status check_jpeg_files(JpegFiles& files, int max_distance) {
  for (JpegFile& file : files.files) {
    auto bytes = read_file(file.path, kMaxFileBytes);
    if (!bytes) return bytes.error();
    file.bytes.assign(bytes->begin(), bytes->end());
    if (auto checked = check(file, max_distance); !checked) return checked;
  }
  files.left_out = std::erase_if(files.files, [](const JpegFile& f) { return f.orders == 0; });
  if (files.files.empty()) {
    return Error{Errc::kNotFound, "measure " + files.name + ": no file for the fast path"};
  }
  return ok();
}

}  // namespace semblance::bench
