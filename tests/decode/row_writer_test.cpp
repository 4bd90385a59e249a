// SPDX-License-Identifier: Apache-2.0
#include "decode/row_writer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "decode/collected_picture.h"

namespace semblance::decode {
namespace {

PictureInfo picture(std::uint32_t width, std::uint32_t height, int channels) {
  PictureInfo info;
  info.width = width;
  info.height = height;
  info.channels = channels;
  return info;
}

TEST(RowWriterTest, GivesNothingUntilARowIsThere) {
  PictureCollector sink;
  RowWriter writer(sink, picture(4, 3, 3));
  EXPECT_FALSE(writer.started());
  EXPECT_EQ(sink.begun, 0);
}

TEST(RowWriterTest, HandsOverEveryRowInOrder) {
  PictureCollector sink;
  RowWriter writer(sink, picture(2, 100, 1));
  for (std::uint8_t y = 0; y < 100; ++y) {
    ASSERT_GE(writer.room(), 1u);
    std::fill_n(writer.row(), writer.row_bytes(), y);
    writer.row_done();
  }
  EXPECT_EQ(writer.left(), 0u);
  writer.finish();
  ASSERT_EQ(sink.row_count, 100u);
  for (std::uint32_t y = 0; y < 100; ++y) EXPECT_EQ(sink.at(1, y)[0], y);
  EXPECT_EQ(sink.begun, 1);
}

TEST(RowWriterTest, FillsRowsThatNeverCameWithZeros) {
  PictureCollector sink;
  RowWriter writer(sink, picture(3, 40, 3));
  std::fill_n(writer.row(), writer.row_bytes(), std::uint8_t{7});
  writer.row_done();
  writer.finish();
  ASSERT_EQ(sink.row_count, 40u);
  EXPECT_EQ(sink.at(2, 0), (ByteVector{7, 7, 7}));
  EXPECT_EQ(sink.at(0, 1), (ByteVector{0, 0, 0}));
  EXPECT_EQ(sink.at(2, 39), (ByteVector{0, 0, 0}));
}

TEST(RowWriterTest, GivesBlankRowsAfterThoseHeld) {
  PictureCollector sink;
  RowWriter writer(sink, picture(1, 60, 1));
  writer.row()[0] = 5;
  writer.row_done();
  writer.give_blank(50);
  writer.row()[0] = 6;
  writer.row_done();
  EXPECT_EQ(writer.left(), 8u);
  writer.give_blank(100);
  ASSERT_EQ(sink.row_count, 60u);
  for (std::uint32_t y = 0; y < 60; ++y) {
    EXPECT_EQ(sink.at(0, y)[0], y == 0 ? 5 : y == 51 ? 6 : 0) << y;
  }
}

TEST(RowWriterTest, GivesForeignRowsWithTheirStrideAndNeverTooMany) {
  PictureCollector sink;
  RowWriter writer(sink, picture(1, 2, 1));
  const std::uint8_t memory[] = {1, 99, 2, 99, 3, 99};
  writer.give(memory, 2, 3);
  writer.finish();
  EXPECT_EQ(sink.pixels, (ByteVector{1, 2}));
}

}  // namespace
}  // namespace semblance::decode
