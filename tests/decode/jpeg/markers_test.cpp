// SPDX-License-Identifier: Apache-2.0
// What is a JPEG file of the usual kind, and what its markers say.
#include <gtest/gtest.h>

#include <string_view>

#include "decode/jpeg/frame.h"
#include "decode/jpeg/random_scan.h"

namespace semblance::decode::jpeg {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A file put together of segments.
class FileWriter {
 public:
  FileWriter() { marker(0xD8); }

  FileWriter& marker(std::uint8_t code) {
    bytes.push_back(0xFF);
    bytes.push_back(code);
    return *this;
  }

  FileWriter& segment(std::uint8_t code, const Bytes& body) {
    marker(code);
    const std::size_t length = body.size() + 2;
    raw({static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)});
    return raw(body);
  }

  FileWriter& raw(const Bytes& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
    return *this;
  }

  FileWriter& steps(std::uint8_t number, std::uint8_t step) {
    Bytes body(65, step);
    body[0] = number;
    return segment(0xDB, body);
  }

  FileWriter& huffman(std::uint8_t which, const Table& table) {
    Bytes body{which};
    body.insert(body.end(), table.counts.begin(), table.counts.end());
    body.insert(body.end(), table.symbols.begin(), table.symbols.end());
    return segment(0xC4, body);
  }

  FileWriter& tables() {
    return steps(0, 16).huffman(0x00, usual_dc_table()).huffman(0x10, usual_ac_table());
  }

  /// A frame of 40 x 24 pixels; each component: id, sampling, table of quantisation.
  FileWriter& frame(const std::vector<std::array<std::uint8_t, 3>>& components,
                    std::uint8_t code = 0xC0) {
    Bytes body{8, 0, 24, 0, 40, static_cast<std::uint8_t>(components.size())};
    for (const auto& component : components) {
      body.insert(body.end(), component.begin(), component.end());
    }
    return segment(code, body);
  }

  /// A scan of components by id, all of tables 0; first, last, bits; and bytes of code.
  FileWriter& scan(const Bytes& ids, Bytes progression = {0, 63, 0}) {
    Bytes body{static_cast<std::uint8_t>(ids.size())};
    for (const std::uint8_t id : ids) body.insert(body.end(), {id, 0});
    body.insert(body.end(), progression.begin(), progression.end());
    return segment(0xDA, body).raw({1, 2, 0xFF, 0, 3});
  }

  Bytes end() {
    marker(0xD9);
    return bytes;
  }

  Bytes bytes;
};

const std::vector<std::array<std::uint8_t, 3>> kGray = {{1, 0x11, 0}};
const std::vector<std::array<std::uint8_t, 3>> k420 = {{1, 0x22, 0}, {2, 0x11, 0}, {3, 0x11, 0}};

bool is_usual(const Bytes& file) { return parse_frame(file).has_value(); }

Bytes usual_file() { return FileWriter().tables().frame(k420).scan({1, 2, 3}).end(); }

TEST(MarkersTest, ReadsAUsualFile) {
  const Bytes file = usual_file();
  const std::optional<Frame> frame = parse_frame(file);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->width, 40u);
  EXPECT_EQ(frame->height, 24u);
  EXPECT_FALSE(frame->progressive);
  EXPECT_EQ(frame->component_count, 3);
  EXPECT_EQ(frame->max_h, 2);
  EXPECT_EQ(frame->components[0].cols, 5u);
  EXPECT_EQ(frame->components[0].rows, 3u);
  EXPECT_EQ(frame->components[1].cols, 3u);
  EXPECT_EQ(frame->components[1].rows, 2u);
  EXPECT_EQ(frame->components[0].steps[63], 16);
  ASSERT_EQ(frame->scans.size(), 1u);
  const Scan& scan = frame->scans[0];
  EXPECT_EQ(scan.part_count, 3);
  EXPECT_EQ(scan.mcu_cols, 3u);
  EXPECT_EQ(scan.mcu_rows, 2u);
  EXPECT_EQ(scan.restart_interval, 0u);
  EXPECT_EQ(Bytes(scan.entropy.begin(), scan.entropy.end()), (Bytes{1, 2, 0xFF, 0, 3}));
  EXPECT_EQ(scan.parts[2].ac.symbols().size(), usual_ac_table().symbols.size());
}

TEST(MarkersTest, CountsUnitsOfAScanAloneByItsOwnBlocks) {
  const Bytes file = FileWriter().tables().frame(k420).scan({1}).scan({2}).scan({3}).end();
  const std::optional<Frame> frame = parse_frame(file);
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->scans.size(), 3u);
  EXPECT_EQ(frame->scans[0].mcu_cols, 5u);
  EXPECT_EQ(frame->scans[0].mcu_rows, 3u);
  EXPECT_EQ(frame->scans[1].mcu_cols, 3u);
  EXPECT_EQ(frame->scans[2].parts[0].component, 2);
}

TEST(MarkersTest, GivesEachScanTheTablesAndTheIntervalInForce) {
  FileWriter file;
  file.tables().frame(k420).segment(0xDD, {0, 7}).scan({1});
  file.steps(0, 99).huffman(0x00, Table{Bytes(16), {}}).segment(0xDD, {0, 0}).scan({2, 3});
  const Bytes bytes = file.end();
  const std::optional<Frame> frame = parse_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->scans[0].restart_interval, 7u);
  EXPECT_EQ(frame->scans[1].restart_interval, 0u);
  EXPECT_EQ(frame->scans[0].parts[0].dc.symbols().size(), 12u);
  EXPECT_EQ(frame->scans[1].parts[0].dc.symbols().size(), 0u);
  EXPECT_EQ(frame->components[0].steps[0], 16);
  EXPECT_EQ(frame->components[1].steps[0], 99);
}

TEST(MarkersTest, EntropyCodeEndsAtAMarkerThatIsNoRestart) {
  FileWriter file;
  file.tables().frame(kGray).scan({1}).marker(0xD0).raw({9, 0xFF, 0}).marker(0xD7);
  file.raw({5, 0xFF});  // and a byte of filling
  const Bytes bytes = file.end();
  const std::optional<Frame> frame = parse_frame(bytes);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->scans[0].entropy.size(), 5u + 2 + 3 + 2 + 1);
}

TEST(MarkersTest, AFileCutAnywhereIsNotUsual) {
  const Bytes file = usual_file();
  for (std::size_t length = 0; length < file.size(); ++length) {
    EXPECT_FALSE(is_usual(Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length))))
        << length;
  }
  Bytes longer = file;
  longer.insert(longer.end(), {1, 2, 3});  // behind the end, anything may stand
  EXPECT_TRUE(is_usual(longer));
}

TEST(MarkersTest, TakesOnlyFramesOfTheUsualKind) {
  const auto of_frame = [](std::uint8_t code) {
    return is_usual(FileWriter().tables().frame(kGray, code).scan({1}).end());
  };
  EXPECT_TRUE(of_frame(0xC0));
  EXPECT_TRUE(of_frame(0xC1));
  for (const std::uint8_t code :
       Bytes{0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}) {
    EXPECT_FALSE(of_frame(code)) << int{code};
  }
  EXPECT_FALSE(is_usual(FileWriter().tables().frame(kGray).frame(kGray).scan({1}).end()));
  EXPECT_FALSE(is_usual(FileWriter().tables().scan({1}).end()));
  EXPECT_FALSE(is_usual(FileWriter().tables().frame(kGray).end()));
  const auto of_head = [](const Bytes& head) {  // precision, height, width
    Bytes body = head;
    body.insert(body.end(), {1, 1, 0x11, 0});
    return is_usual(FileWriter().tables().segment(0xC0, body).scan({1}).end());
  };
  EXPECT_TRUE(of_head({8, 0, 1, 0xFF, 0xDC}));
  EXPECT_FALSE(of_head({8, 0, 1, 0xFF, 0xDD}));  // wider than the library takes
  EXPECT_FALSE(of_head({8, 0, 0, 0, 1}));        // its height comes later
  EXPECT_FALSE(of_head({12, 0, 1, 0, 1}));
}

TEST(MarkersTest, TakesOnlyLumaFirstAndAtFullResolution) {
  const auto of = [](const std::vector<std::array<std::uint8_t, 3>>& components) {
    Bytes ids;
    for (const auto& component : components) ids.push_back(component[0]);
    return is_usual(FileWriter().tables().frame(components).scan(ids).end());
  };
  EXPECT_TRUE(of({{1, 0x11, 0}, {2, 0x11, 0}, {3, 0x11, 0}}));
  EXPECT_TRUE(of({{1, 0x41, 0}, {2, 0x11, 0}, {3, 0x21, 0}}));
  EXPECT_TRUE(of({{0, 0x22, 0}, {9, 0x11, 0}, {7, 0x11, 0}}));
  EXPECT_TRUE(of({{1, 0x31, 0}, {2, 0x11, 0}, {3, 0x11, 0}}));
  EXPECT_FALSE(of({{1, 0x31, 0}, {2, 0x21, 0}, {3, 0x11, 0}}));  // not a divisor
  EXPECT_FALSE(of({{1, 0x11, 0}, {2, 0x22, 0}, {3, 0x11, 0}}));  // chroma is finer
  EXPECT_FALSE(of({{1, 0x44, 0}, {2, 0x11, 0}, {3, 0x11, 0}}));  // 18 blocks a unit
  EXPECT_FALSE(of({{1, 0x11, 0}, {1, 0x11, 0}, {3, 0x11, 0}}));
  EXPECT_FALSE(of({{1, 0x01, 0}, {2, 0x11, 0}, {3, 0x11, 0}}));
  EXPECT_FALSE(of({{1, 0x15, 0}, {2, 0x11, 0}, {3, 0x11, 0}}));
  EXPECT_FALSE(of({{1, 0x11, 0}, {2, 0x11, 0}}));
  EXPECT_FALSE(of({{1, 0x11, 0}, {2, 0x11, 0}, {3, 0x11, 0}, {4, 0x11, 0}}));
  EXPECT_FALSE(of({{'R', 0x11, 0}, {'G', 0x11, 0}, {'B', 0x11, 0}}));
}

TEST(MarkersTest, GuessesColourAsTheLibraryDoes) {
  const std::vector<std::array<std::uint8_t, 3>> rgb = {
      {'R', 0x11, 0}, {'G', 0x11, 0}, {'B', 0x11, 0}};
  const Bytes jfif{'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  const auto adobe = [](std::uint8_t transform) {
    return Bytes{'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform};
  };
  const auto of = [&](std::uint8_t code, const Bytes& body) {
    FileWriter file;
    file.segment(code, body).tables().frame(rgb);
    return is_usual(file.scan({'R', 'G', 'B'}).end());
  };
  EXPECT_TRUE(of(0xE0, jfif));
  EXPECT_FALSE(of(0xE0, Bytes(jfif.begin(), jfif.end() - 1)));
  EXPECT_FALSE(of(0xE1, jfif));
  EXPECT_TRUE(of(0xEE, adobe(1)));
  EXPECT_FALSE(of(0xEE, adobe(0)));
  EXPECT_FALSE(of(0xEE, adobe(2)));
  EXPECT_FALSE(of(0xEE, {'A', 'd', 'o', 'b', 'e'}));
  // JFIF before Adobe, whatever their order.
  FileWriter both;
  both.segment(0xEE, adobe(0)).segment(0xE0, jfif).tables().frame(k420);
  EXPECT_TRUE(is_usual(both.scan({1, 2, 3}).end()));
}

TEST(MarkersTest, TakesEachComponentOfASequentialFileOnce) {
  const auto of = [](const std::vector<Bytes>& scans) {
    FileWriter file;
    file.tables().frame(k420);
    for (const Bytes& ids : scans) file.scan(ids);
    return is_usual(file.end());
  };
  EXPECT_TRUE(of({{1, 3}, {2}}));
  EXPECT_FALSE(of({{1, 2}}));
  EXPECT_FALSE(of({{1, 2, 3}, {1}}));
  EXPECT_FALSE(of({{2, 1, 3}}));  // not in the order of the frame
  EXPECT_FALSE(of({{1, 2, 4}}));
  EXPECT_FALSE(of({{1, 1, 2}}));
  EXPECT_FALSE(of({{}}));
}

TEST(MarkersTest, TakesOnlyTablesThatAreWhole) {
  const auto of = [](FileWriter file) { return is_usual(file.frame(kGray).scan({1}).end()); };
  const Table dc = usual_dc_table(), ac = usual_ac_table();
  EXPECT_TRUE(of(FileWriter().tables()));
  EXPECT_FALSE(of(FileWriter().huffman(0x00, dc).huffman(0x10, ac)));  // no steps
  EXPECT_FALSE(of(FileWriter().steps(0, 16).huffman(0x00, dc)));
  EXPECT_FALSE(of(FileWriter().steps(0, 16).huffman(0x10, ac)));
  EXPECT_FALSE(of(FileWriter().tables().steps(0, 0)));
  EXPECT_FALSE(of(FileWriter().tables().steps(4, 16)));
  EXPECT_FALSE(of(FileWriter().tables().steps(0x10, 16)));  // of 16 bits
  EXPECT_FALSE(of(FileWriter().tables().huffman(0x04, dc)));
  EXPECT_FALSE(of(FileWriter().tables().huffman(0x20, dc)));
  Table wrong = dc;
  wrong.counts[0] = 2;
  wrong.counts[2] -= 2;
  EXPECT_FALSE(of(FileWriter().tables().huffman(0x00, wrong)));
  EXPECT_TRUE(of(FileWriter().tables().huffman(0x01, wrong)));  // which none uses
  wrong = dc;
  wrong.symbols.pop_back();
  EXPECT_FALSE(of(FileWriter().tables().huffman(0x01, wrong)));
}

TEST(MarkersTest, TakesOnlyScansThatTheStandardAllows) {
  const auto of = [](std::uint8_t code, const std::vector<std::array<std::uint8_t, 3>>& frame,
                     const Bytes& progression) {
    Bytes ids;
    for (const auto& component : frame) ids.push_back(component[0]);
    return is_usual(FileWriter().tables().frame(frame, code).scan(ids, progression).end());
  };
  EXPECT_FALSE(of(0xC0, kGray, {0, 0, 0}));
  EXPECT_FALSE(of(0xC0, kGray, {0, 63, 1}));
  EXPECT_TRUE(of(0xC2, kGray, {0, 0, 0}));
  EXPECT_TRUE(of(0xC2, kGray, {0, 0, 13}));
  EXPECT_FALSE(of(0xC2, kGray, {0, 0, 14}));
  EXPECT_TRUE(of(0xC2, k420, {0, 0, 0x21}));
  EXPECT_FALSE(of(0xC2, k420, {0, 0, 0x31}));
  EXPECT_TRUE(of(0xC2, kGray, {1, 63, 0}));
  EXPECT_FALSE(of(0xC2, k420, {1, 63, 0}));
  EXPECT_FALSE(of(0xC2, kGray, {0, 63, 0}));
  EXPECT_FALSE(of(0xC2, kGray, {5, 4, 0}));
  EXPECT_FALSE(of(0xC2, kGray, {5, 64, 0}));
}

TEST(MarkersTest, ScansAreBounded) {
  const auto of = [](std::size_t scans) {
    FileWriter file;
    file.tables().frame(kGray, 0xC2);
    for (std::size_t i = 0; i < scans; ++i) file.scan({1}, {0, 0, 0});
    return is_usual(file.end());
  };
  EXPECT_TRUE(of(kMaxScans));
  EXPECT_FALSE(of(kMaxScans + 1));
}

TEST(MarkersTest, NothingMayStandBetweenSegments) {
  EXPECT_FALSE(is_usual(FileWriter().raw({0}).tables().frame(kGray).scan({1}).end()));
  EXPECT_FALSE(is_usual(FileWriter().tables().frame(kGray).scan({1}).marker(0xDC).end()));
  EXPECT_FALSE(is_usual(FileWriter().tables().frame(kGray).scan({1}).marker(0x01).end()));
  EXPECT_TRUE(is_usual(FileWriter().raw({0xFF, 0xFF}).tables().frame(kGray).scan({1}).end()));
  EXPECT_TRUE(is_usual(
      FileWriter().segment(0xFE, {1, 2}).tables().frame(kGray).scan({1}).segment(0xE5, {}).end()));
}

}  // namespace
}  // namespace semblance::decode::jpeg
