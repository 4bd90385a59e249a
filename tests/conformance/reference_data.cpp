// SPDX-License-Identifier: Apache-2.0
#include "conformance/reference_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>

#include "core/files.h"
#include "decode/decode.h"

namespace semblance::conformance {
namespace {

class CollectingRows final : public decode::RowSink {
 public:
  explicit CollectingRows(pictures::Picture& into) : into_(into) {}
  void begin(const decode::PictureInfo& info) override {
    into_.width = info.width;
    into_.height = info.height;
    into_.channels = info.channels;
  }
  void rows(const std::uint8_t* first, std::ptrdiff_t stride, std::uint32_t count) override {
    for (std::uint32_t r = 0; r < count; ++r) {
      const std::uint8_t* row = first + static_cast<std::ptrdiff_t>(r) * stride;
      into_.pixels.insert(into_.pixels.end(), row, row + into_.view().stride);
    }
  }

 private:
  pictures::Picture& into_;
};

}  // namespace

std::filesystem::path pdq_folder() {
  return std::filesystem::path(SEMBLANCE_TEST_DATA) / "conformance" / "pdq";
}

// file, mode, width, height, channels, hash, quality, the eight transforms in the order of
// Transform (the first is the hash again), and the quality that came with the transforms.
std::vector<Vector> read_vectors() {
  std::ifstream in(pdq_folder() / "pdq-all-modes.csv");
  std::vector<Vector> vectors;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> fields;
    std::istringstream split(line);
    for (std::string field; std::getline(split, field, ',');) fields.push_back(field);
    if (fields.size() != 16 || (fields[1] != "full" && fields[1] != "cli")) continue;
    Vector vector{fields[0], {}};
    vector.signal.profile = fields[1] == "full" ? PdqProfile::kFull : PdqProfile::kCli512;
    vector.signal.quality = std::stoi(fields[6]);
    EXPECT_EQ(fields[5], fields[7]) << fields[0];
    for (std::size_t t = 0; t < kTransforms; ++t) {
      const Result<Hash256> hash = parse_hash256(fields[7 + t]);
      EXPECT_TRUE(hash) << fields[0];
      if (hash) vector.signal.hashes[t] = *hash;
    }
    vectors.push_back(vector);
  }
  return vectors;
}

pictures::Picture decode_file(const std::string& file) {
  pictures::Picture picture;
  const Result<std::string> text = read_file((pdq_folder() / file).string(), std::size_t{1} << 28);
  EXPECT_TRUE(text) << (text ? "" : text.error().what);
  if (!text) return picture;
  const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t*>(text->data()),
                                            text->size()};
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 4096));
  CollectingRows rows(picture);
  const auto end = decode::decode_picture(bytes, decode::sniff(head), Limits{}, rows);
  EXPECT_TRUE(end) << file << ": " << (end ? "" : end.error().what);
  return picture;
}

}  // namespace semblance::conformance
